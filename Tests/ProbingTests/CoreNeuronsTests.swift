import Models
import Probing
import Recordings
import Statistics
import Support
import Tensors
import Testing

struct CoreSelectionTests {
  private let activity: [Float] = [
    // Three tokens of five neurons.
    3, -1, 2, 0, 1,
    -5, 4, 2, 0, 1,
    1, -1, 2, -9, 0,
  ]

  @Test func codeFormNamesOneNumberForAllTokens() {
    // 8 positive entries over 3 tokens: the limit at alpha 0.8 is 2.
    let core = CoreSelection(alpha: 0.8, beta: 0.6).core(activity, neurons: 5)
    #expect(core.limit == 2)
    #expect(core.scores == [2, 1, 3, 0, 0])
    #expect(core.neurons == [0, 1, 2])
    // What no token names is never kept.
    #expect(CoreSelection(alpha: 0.8, beta: 1).core(activity, neurons: 5).neurons == [0, 1, 2])
  }

  @Test func paperFormNamesEachTokensShare() {
    let core = CoreSelection(alpha: 0.5, beta: 0.4, form: .paper).core(activity, neurons: 5)
    // 3, 3 and 2 positive: halves, rounded to even, are 2, 2 and 1.
    #expect(core.scores == [1, 1, 3, 0, 0] && core.limit == nil)
    #expect(core.neurons == [0, 2])
  }

  @Test func sizesRankWithoutSign() {
    #expect(
      CoreSelection(alpha: 0.34, beta: 0.2, score: .absolute).core(activity, neurons: 5).scores
        == [2, 0, 0, 1, 0])
    let mean = CoreSelection(beta: 0.4, score: .meanAbsolute).core(activity, neurons: 5)
    #expect(mean.scores == [3, 2, 2, 3, 2.0 / 3] && mean.neurons == [0, 3])
  }

  @Test func equalOnesFavourTheLowerPosition() {
    let same = [Float](repeating: 1, count: 8)
    #expect(CoreSelection(alpha: 0.5, beta: 0.5).core(same, neurons: 8).neurons == [0, 1, 2, 3])
    #expect(CoreSelection(beta: 0.5).chosen(by: [1, 3, 3, 3, 0, -1]) == [1, 2, 3])
    #expect(CoreSelection(beta: 0.5, score: .meanAbsolute).chosen(by: [-0.0, 0, -2, -1]) == [0, 1])
  }

  /// The plain way: sort every token.
  private func counted(_ activity: [Float], _ neurons: Int, _ selection: CoreSelection) -> [Double] {
    let rows = stride(from: 0, to: activity.count, by: neurons).map { start in
      activity[start..<start + neurons].map { selection.score == .absolute ? abs($0) : $0 }
    }
    let positives = rows.map { $0.count { $0 > 0 } }
    let limit = Int(selection.alpha * Double(positives.reduce(0, +)) / Double(rows.count))
    var counts = [Double](repeating: 0, count: neurons)
    for (row, positive) in zip(rows, positives) {
      let named =
        selection.form == .code
        ? limit : Int((selection.alpha * Double(positive)).rounded(.toNearestOrEven))
      for neuron in row.indices.sorted(by: { (row[$1], $0) < (row[$0], $1) }).prefix(named) {
        counts[neuron] += 1
      }
    }
    return counts
  }

  @Test(arguments: [CoreSelection.Score.signed, .absolute], CoreSelection.Form.allCases)
  func countsAreThoseOfSorting(score: CoreSelection.Score, form: CoreSelection.Form) {
    var generator = RandomGenerator(seed: 3)
    for trial in 0..<60 {
      let neurons = 1 + generator.integer(below: 70)
      let activity = (0..<neurons * (1 + trial % 5)).map { _ in
        // Many equal values, zeros of both signs, and plain ones.
        trial % 2 == 0 ? Float(generator.integer(below: 5) - 2) * 0.5 : Float(generator.normal())
      }
      let selection = CoreSelection(alpha: generator.uniform(), score: score, form: form)
      #expect(selection.core(activity, neurons: neurons).scores == counted(activity, neurons, selection))
    }
  }
}

struct CoreOverlapTests {
  @Test func closedForms() {
    #expect(CoreOverlap.similarity([1, 2, 3], [2, 3, 4, 5]) == 0.4)
    #expect(CoreOverlap.kept([1, 2, 3], of: [2, 3, 4, 5]) == 0.5)
    #expect(CoreOverlap.shared([], [1]) == 0)
    let set = NeuronSet(blocks: [[0, 2], [1]])
    #expect(set.complement(neurons: 3, in: 0..<1).blocks == [[1], []])
  }
}

struct KMeansTests {
  private func blobs(_ generator: inout RandomGenerator) -> (vectors: [[Double]], labels: [Int]) {
    let labels = (0..<60).map { $0 % 3 }
    let vectors = labels.map { [Double($0) * 10 + generator.normal(), generator.normal()] }
    return (vectors, labels)
  }

  @Test func separateGroupsAreFound() {
    var generator = RandomGenerator(seed: 1)
    let (vectors, labels) = blobs(&generator)
    let fit = KMeans.fit(vectors, count: 3, using: &generator)
    #expect(KMeans.purity(fit.labels, labels: labels) == 1)
    var (first, second) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
    #expect(
      KMeans.fit(vectors, count: 4, using: &first) == KMeans.fit(vectors, count: 4, using: &second))
    #expect(KMeans.nearest([19, 0], [[0, 0], [20, 0], [20, 0]]) == 1)
  }

  @Test func elbowAndPurity() {
    // The curve bends most at 3; four at least.
    #expect(KMeans.elbow([100, 60, 20, 18, 16], least: 1) == 3)
    #expect(KMeans.elbow([100, 60, 20, 18, 16]) == 4)
    #expect(KMeans.purity([0, 0, 0, 1], labels: [5, 5, 6, 6]) == 0.75)
    var generator = RandomGenerator(seed: 1)
    #expect(KMeans.fit([[1], [3]], count: 1, using: &generator).inertia == 2)
  }
}

struct CoreClustersTests {
  private let selection = CoreSelection(beta: 0.5, score: .meanAbsolute)
  /// Texts of two topics, two blocks of four neurons.
  private func texts(_ labelled: Bool = true) -> [CoreClusters.Text] {
    (0..<6).map { index in
      let topic = index % 2
      let scores: [Double] = topic == 0 ? [9, 8, 1, 0] : [0, 1, 8, 9]
      return .init(scores: [scores, scores.reversed()], label: labelled ? ["a", "b"][topic] : nil)
    }
  }

  @Test func clustersHaveTheirCores() throws {
    var generator = RandomGenerator(seed: 1)
    for grouping in [CoreClusters.Grouping.labels, .kMeans(2)] {
      let clusters = try CoreClusters(
        fitting: texts(), reference: 0, selection: selection, gamma: 0.5, by: grouping, using: &generator)
      let first = clusters.predict([7, 7, 0, 0])
      #expect(clusters.assigned == (0..<6).map { $0 % 2 == 0 ? first : 1 - first })
      // Three neurons have scores: half of them is one.
      #expect(clusters.cores[first].blocks == [[0], [3]])
      #expect(clusters.centroids[first] == [1, 1, 0, 0])
    }
  }

  @Test func whatCannotBeClusteredIsNamed() {
    var generator = RandomGenerator(seed: 1)
    for (texts, grouping) in [
      ([], CoreClusters.Grouping.labels), (texts(false), .labels), (texts(), .kMeans(7)),
    ] {
      #expect(throws: CajalError.self) {
        try CoreClusters(
          fitting: texts, reference: 0, selection: selection, gamma: 0.5, by: grouping, using: &generator)
      }
    }
  }
}

struct SparseFeedForwardTests {
  @Test func leftOutNeuronsAreAsZero() {
    var generator = RandomGenerator(seed: 2)
    let (gate, up) = (
      Tensor.normal([12, 5], .float64, using: &generator),
      Tensor.normal([12, 5], .float64, using: &generator)
    )
    let down = Tensor.normal([5, 12], .float64, using: &generator)
    let bias = Tensor.normal([5], .float64, using: &generator)
    let x = Tensor.normal([3, 5], .float64, using: &generator)
    let kept = [0, 3, 4, 11]
    let mask = Tensor((0..<12).map { kept.contains($0) ? 1.0 : 0.0 })
    let gated = (x.linear(gate).silu() * x.linear(up) * mask).linear(down)
    #expect(SparseFeedForward(gate: gate, up: up, down: down, neurons: kept)(x).isClose(to: gated))
    let rectified = (x.linear(up).relu() * mask).linear(down, bias)
    #expect(
      SparseFeedForward(rectified: up, upBias: nil, down: down, downBias: bias, neurons: kept)(x)
        .isClose(to: rectified))
  }
}

struct CoreMaskTests {
  private let shape = DecoderConfiguration(vocabulary: 40, width: 32, blocks: 3, heads: 2, neurons: 64)

  private func decoder() -> Models.Decoder {
    var generator = RandomGenerator(seed: 4)
    let model = Models.Decoder(shape, using: &generator)
    // Larger weights, so that neurons matter.
    withoutGradients { for (_, parameter) in model.parameters { parameter.value.multiply(inPlace: 8) } }
    return model
  }

  @Test func sparseContinuationsLeaveThePromptAlone() {
    let model = decoder()
    var generator = RandomGenerator(seed: 5)
    let cores = (0..<2).map { _ in
      NeuronSet(blocks: (0..<3).map { _ in generator.subset(20, of: 64) })
    }
    let tokens = (0..<2).map { _ in (0..<9).map { _ in generator.integer(below: 40) } }
    withoutGradients {
      let dense = model(Models.Decoder.batch(tokens))
      let mask = CoreMask(cores, neurons: 64, blocks: 1..<3, from: 5)
      let sparse = withInstruments(mask) { model(Models.Decoder.batch(tokens)) }
      #expect(sparse[0..., 0..<5].isClose(to: dense[0..., 0..<5]))
      #expect(!sparse[0..., 5..<9].isClose(to: dense[0..., 5..<9]))
      // Text by text the same as silencing all others from there on.
      for (row, core) in cores.enumerated() {
        let others = core.complement(neurons: 64, in: 1..<3).perturbations(.ablate, positions: 5..<9)
        let alone = withInstruments(others) { model(Models.Decoder.batch([tokens[row]])) }
        #expect(alone[0].isClose(to: sparse[row], relative: 1e-4, absolute: 1e-4))
      }
      let whole = CoreMask(largest: 1, blocks: 0..<3, from: 0)
      let same = withInstruments(whole) { model(Models.Decoder.batch(tokens)) }
      #expect(same.isClose(to: dense))
    }
  }

  @Test func engineAndLaboratoryAgree() throws {
    let model = decoder()
    let engine = try InferenceModel(model)
    let session = InferenceSession(engine, capacity: 64, threads: 1)
    let inference = CoreInference(
      session, selection: CoreSelection(beta: 0.5, score: .meanAbsolute), blocks: 1..<3)
    let tokens = (0..<24).map { ($0 * 7 + 3) % 40 }
    let statistics = try inference.prefill(Array(tokens[..<16]))
    #expect(statistics.bytesPerToken < statistics.denseBytesPerToken)
    #expect(abs(statistics.keptShare - (64 + 2 * 32) / 192.0) < 1e-9)
    let core = try #require(inference.core)
    // The same neurons as the laboratory's activity gives, but for rounding.
    let expected = CoreActivity(of: Array(tokens[..<16]), in: model).core(inference.selection)
    let shared = (1..<3).map { CoreOverlap.similarity(core.blocks[$0], expected.blocks[$0]) }
    #expect(shared.allSatisfy { $0 > 0.8 }, "\(shared)")
    try session.feed(Array(tokens[16...]))
    let mask = CoreMask([core], neurons: 64, blocks: 1..<3, from: 16)
    let laboratory = withoutGradients {
      withInstruments(mask) { model.lastLogits([tokens])[0].doubles }
    }
    let scale = laboratory.map(abs).max()!
    for (a, b) in zip(session.logits, laboratory) { #expect(abs(Double(a) - b) < 0.1 * scale) }
  }

  @Test func oneTokenStaysDense() throws {
    let session = InferenceSession(try InferenceModel(decoder()), capacity: 64, threads: 1)
    let inference = CoreInference(session, selection: CoreSelection())
    #expect(try inference.prefill([3]).keptShare == 1 && inference.core == nil)
    var generator = RandomGenerator(seed: 1)
    let written = try inference.decode(limit: 5, using: &generator)
    #expect(written.tokens.count == 5)
    #expect(throws: CajalError.self) { try inference.prefill([]) }
  }
}
