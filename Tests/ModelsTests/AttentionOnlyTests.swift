import Datasets
import Models
import Recordings
import Support
import Tensors
import Testing

/// The laboratory and the fast way, held to each other.
struct AttentionOnlyTests {
  private let head = AttentionHead(1, 1)
  private var rest: AttentionClamp { .ablate([AttentionHead(1, 0), AttentionHead(1, 2)]) }

  private struct Setting {
    let model: AttentionOnlyTransformer
    let sampler: FewShotSampler
    let batch: FewShotBatch
    var features: FewShotFeatures { sampler.features }
  }

  /// - Parameter width: A multiple of 16 takes the vector kernels, others the plain loops.
  private func setting(width: Int = 48, pairs: Int = 2, blocks: Int = 2) throws -> Setting {
    var generator = RandomGenerator(seed: 7)
    let features = FewShotFeatures.made(classes: 12, exemplars: 2, dimension: 20, using: &generator)
    let sampler = try FewShotSampler(
      features, contextPairs: pairs, trainingClasses: 6, testClasses: 4, using: &generator)
    let model = try AttentionOnlyTransformer(
      .init(dimension: 20, contextPairs: pairs, width: width, heads: 3, blocks: blocks), using: &generator)
    // Norms that are not the identity.
    for (name, parameter) in model.parameters where name.hasSuffix("norm.weight") || name.hasSuffix("bias") {
      parameter.value =
        parameter.value.detached() + Tensor.normal([parameter.value.count], deviation: 0.2, using: &generator)
    }
    return Setting(model: model, sampler: sampler, batch: sampler.batch(9, using: &generator))
  }

  private func clampSets() -> [[AttentionClamp]] {
    [
      [], [rest], [.pattern([AttentionHead(0, 0)], .previousToken(strength: 0.8)), rest],
      [.pattern([AttentionHead(0, 2)], .previousToken(labelsOnly: true))],
      [.pattern([head], .induction(strength: 0.9)), rest], [.pattern([head], .match(temperature: 0.3))],
      [.perfectFirstBlock], [.perfectFirstBlock, .perfectMatch(head), rest],
      [.perfectFirstBlock, .perfectCopy(head)], [.perfectCopy(head)],
      [.temperature([head, AttentionHead(0, 1)], 2.5)],
      [.preservePatterns, .ablate([AttentionHead(0, 0)])],
      [.preservePatterns, .preserveValues, .ablate(AttentionHead.all(0..<1, heads: 3))],
      [.preserveValues, .pattern([AttentionHead(0, 1)], .previousToken())],
    ]
  }

  private func compare(_ setting: Setting, _ clamps: [AttentionClamp]) throws {
    let fast = FastAttentionOnlyTransformer(setting.model)
    setting.model.zeroGradients()
    let logits = try setting.model(setting.batch, setting.features, clamps: clamps)
    let loss = logits.crossEntropy(Tensor(setting.batch.targets))
    loss.backward()
    let found = try fast.gradients(of: setting.batch, setting.features, clamps: clamps)
    #expect(abs(found.loss - loss.item) < 1e-5, "\(clamps)")
    let outcome = try fast.outcome(of: setting.batch, setting.features, clamps: clamps)
    #expect(abs(outcome.loss - found.loss) < 1e-5)
    let expected = logits.detached().array(of: Float.self)
    let errors = zip(outcome.logits, expected).map { abs($0 - $1) / max(1, abs($1)) }
    #expect(errors.max()! < 2e-5, "\(clamps)")
    for ((name, parameter), (other, gradient)) in zip(
      setting.model.parameters.sorted { $0.name < $1.name }, found.gradients.sorted { $0.name < $1.name })
    {
      #expect(name == other)
      let exact = parameter.gradient?.array(of: Float.self) ?? [Float](repeating: 0, count: gradient.count)
      let scale = max(1e-3, exact.map { abs($0) }.max()!)
      let worst = zip(exact, gradient.array(of: Float.self)).map { abs($0 - $1) }.max()!
      #expect(worst < 2e-4 * scale, "\(name) with \(clamps): \(worst) of \(scale)")
    }
  }

  @Test func gradientsAreAutogradsUnderEveryClamp() throws {
    let setting = try setting()
    for clamps in clampSets() { try compare(setting, clamps) }
  }

  @Test func otherShapesAgreeToo() throws {
    for (width, pairs) in [(18, 2), (48, 3), (18, 3)] {
      let setting = try setting(width: width, pairs: pairs)
      for clamps in [[], [.perfectFirstBlock, rest], [.pattern([head], .induction(strength: 0.7))]] {
        try compare(setting, clamps)
      }
    }
    let three = try setting(blocks: 3)
    try compare(three, [.preservePatterns, .ablate([AttentionHead(1, 1)])])
  }

  @Test func gradientsAreFiniteDifferences() throws {
    let setting = try setting()
    let clamps: [AttentionClamp] = [.perfectFirstBlock, rest]
    let gradients = try FastAttentionOnlyTransformer(setting.model)
      .gradients(of: setting.batch, setting.features, clamps: clamps).gradients
    let given = Dictionary(gradients.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    for (name, place) in [
      ("blocks.1.projection.weight", 60), ("embedding.weight", 33), ("labels.weight", 5), ("norm.weight", 3),
    ] {
      let parameter = setting.model.parameters.first { $0.name == name }!.parameter
      let numbers = parameter.value.detached().array(of: Float.self)
      let losses = try [Float(0.02), -0.02].map { change in
        var changed = numbers
        changed[place] += change
        parameter.value = Tensor(changed, shape: parameter.value.shape)
        return try FastAttentionOnlyTransformer(setting.model)
          .outcome(of: setting.batch, setting.features, clamps: clamps).loss
      }
      parameter.value = Tensor(numbers, shape: parameter.value.shape)
      let slope = (losses[0] - losses[1]) / 0.04
      let exact = Double(given[name]!.array(of: Float.self)[place])
      let tolerance = 2e-3 + 0.02 * abs(slope)
      #expect(abs(slope - exact) < tolerance, "\(name): \(slope), \(exact)")
    }
  }

  @Test func clampsDoWhatTheySay() throws {
    let setting = try setting()
    let fast = FastAttentionOnlyTransformer(setting.model)
    func outcome(_ clamps: [AttentionClamp]) throws -> FastAttentionOnlyTransformer.Outcome {
      try fast.outcome(of: setting.batch, setting.features, clamps: clamps, allRows: true)
    }
    let length = setting.batch.length
    let matched = try outcome([.perfectMatch(head)])
    for sequence in 0..<setting.batch.count {
      let place = ((sequence * 3 + 1) * length + length - 1) * length
      var expected = [Float](repeating: 0, count: length)
      expected[setting.batch.answerPosition(sequence)] = 1
      #expect(Array(matched.patterns[1][place..<place + length]) == expected)
    }
    // Rows of every pattern sum to one.
    let plain = try outcome([])
    for row in stride(from: 0, to: plain.patterns[0].count, by: length) {
      #expect(abs(plain.patterns[0][row..<row + length].reduce(0, +) - 1) < 1e-5)
    }
    // What is preserved is the same; a hard match at a query seen before is the perfect one.
    #expect(try outcome([.preservePatterns, .preserveValues]).logits == plain.logits)
    #expect(try outcome([.pattern([head], .match(temperature: 0))]).logits == matched.logits)
    // The first block does not learn where it is replaced; the second's projections do.
    let gradients = try fast.gradients(
      of: setting.batch, setting.features, clamps: [.perfectFirstBlock, .perfectCopy(head)]
    ).gradients
    for (name, gradient) in gradients {
      let unread = ["blocks.0", "unembedding", "norm", "blocks.1.output", "labels"]
      let isUnread = unread.contains { name.hasPrefix($0) }
      #expect((gradient.abs().max().item == 0) == isUnread, "\(name)")
    }
    let copied = try outcome([.perfectCopy(head)])
    for sequence in 0..<setting.batch.count {
      let row = copied.logits[sequence * 5..<(sequence + 1) * 5]
      #expect(row.count { $0 == -1e9 } == 3)
    }
  }

  @Test func sitesAreTapped() throws {
    let setting = try setting()
    let recorder = ActivityRecorder("**")
    _ = try withInstruments(recorder) { try setting.model(setting.batch, setting.features) }
    let sites = recorder.taken()
    let parts = [
      "norm", "attention.query", "attention.key", "attention.value", "attention.scores",
      "attention.pattern", "attention.heads", "attention", "residual",
    ]
    var names: Set<String> = ["embedding", "norm", "logits"]
    for block in 0..<2 { names.formUnion(parts.map { "blocks.\(block).\($0)" }) }
    #expect(Set(sites.keys) == names)
    let patterns = sites["blocks.0.attention.pattern"]!.array(of: Float.self)
    let fast = try FastAttentionOnlyTransformer(setting.model).outcome(
      of: setting.batch, setting.features, allRows: true)
    #expect(zip(patterns, fast.patterns[0]).allSatisfy { abs($0 - $1) < 1e-5 })
    // A perturbation through the tap is an ablation of values.
    let silenced = try withInstruments(
      Perturbation(.ablate, at: "blocks.0.attention.heads", neurons: [2], axis: 2)
    ) { try setting.model(setting.batch, setting.features) }
    let ablated = try FastAttentionOnlyTransformer(setting.model).outcome(
      of: setting.batch, setting.features, clamps: [.ablate([AttentionHead(0, 2)])])
    let through = silenced.detached().array(of: Float.self)
    #expect(zip(through, ablated.logits).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func weightsGoThereAndBack() throws {
    let setting = try setting()
    let again = try FastAttentionOnlyTransformer(setting.model).laboratory()
    for (a, b) in zip(setting.model.state, again.state) {
      #expect(a.name == b.name && a.tensor.array(of: Float.self) == b.tensor.array(of: Float.self))
    }
    var (one, two) = (RandomGenerator(seed: 4), RandomGenerator(seed: 4))
    let shape = AttentionOnlyConfiguration(dimension: 6, width: 16, heads: 2)
    let fast = try FastAttentionOnlyTransformer(shape, using: &one).laboratory()
    let slow = try AttentionOnlyTransformer(shape, using: &two)
    #expect(
      fast.embedding.weight.value.array(of: Float.self) == slow.embedding.weight.value.array(of: Float.self))
    let table = slow.labels.weight.value.array(of: Float.self)
    #expect(table.allSatisfy { abs($0) <= 0.04 })
    #expect(slow.blocks[0].norm.weight.value.sum().item == 16)
  }

  @Test func trainingLearnsAndRepeats() throws {
    let setting = try setting()
    func losses() throws -> [Double] {
      var generator = RandomGenerator(seed: 3)
      let network = FastAttentionOnlyTransformer(setting.model)
      var seen: [Int] = []
      let training = FewShotTraining(iterations: 60, batch: 16, learningRate: 3e-3, interval: 25)
      let losses = try training.run(network, setting.sampler, using: &generator) { step, network in
        seen.append(step)
        return step == network.steps
      }
      #expect(seen == [0, 25, 50, 60])
      return losses
    }
    let (first, second) = (try losses(), try losses())
    #expect(first == second && first.count == 60)
    let (early, late) = (Array(first.prefix(10)), Array(first.suffix(10)))
    #expect(Spread(late).mean < 0.8 * Spread(early).mean)
    var generator = RandomGenerator(seed: 3)
    let stopped = try FewShotTraining(iterations: 60, interval: 20).run(
      FastAttentionOnlyTransformer(setting.model), setting.sampler, using: &generator
    ) { step, _ in step < 20 }
    #expect(stopped.count == 20)
  }

  /// One step of Adam, beside the optimiser of the room of tensors.
  @Test func stepsAreAdams() throws {
    let setting = try setting()
    let fast = FastAttentionOnlyTransformer(setting.model)
    let optimiser = Adam(setting.model, learningRate: 1e-3)
    for _ in 0..<3 {
      optimiser.zeroGradients()
      try setting.model(setting.batch, setting.features).crossEntropy(Tensor(setting.batch.targets))
        .backward()
      optimiser.step()
      try fast.step(setting.batch, setting.features, learningRate: 1e-3)
    }
    for (a, b) in zip(setting.model.state, try fast.laboratory().state) {
      let worst = zip(a.tensor.array(of: Float.self), b.tensor.array(of: Float.self)).map { abs($0 - $1) }
        .max()!
      // Where a gradient is next to nothing, its sign decides a whole step.
      #expect(worst < 1e-3, "\(a.name): \(worst)")
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let setting = try setting()
    func problem(_ clamps: [AttentionClamp]) -> String {
      let error = #expect(throws: CajalError.self) {
        _ = try setting.model(setting.batch, setting.features, clamps: clamps)
      }
      return error?.message ?? ""
    }
    #expect(problem([.ablate([AttentionHead(2, 0)])]).contains("2.0"))
    #expect(problem([.perfectCopy(AttentionHead(0, 0))]).contains("0.0"))
    #expect(problem([.pattern([head], .induction(strength: 2))]).contains("2.0"))
    #expect(problem([.temperature([head], 0)]).contains("temperature"))
    #expect(problem([.perfectFirstBlock, .preservePatterns]).contains("preserve"))
    #expect(throws: CajalError.self) { try AttentionOnlyConfiguration(width: 10, heads: 3).checked() }
    let other = FewShotBatch(contextPairs: 2, exemplars: [0, 1, 99], labels: [0, 1], matches: [0])
    #expect(throws: CajalError.self) {
      _ = try FastAttentionOnlyTransformer(setting.model).outcome(of: other, setting.features)
    }
    #expect(throws: CajalError.self) {
      let empty = FewShotBatch(contextPairs: 2, exemplars: [], labels: [], matches: [])
      _ = try FastAttentionOnlyTransformer(setting.model).outcome(of: empty, setting.features)
    }
  }
}

struct RankOneLearningTests {
  @Test func lossAndGradientAreThoseOfTheTensor() throws {
    var generator = RandomGenerator(seed: 2)
    let learning = RankOneLearning(dimension: 3, using: &generator)
    func brute(_ vectors: [[Double]]) -> Double {
      var sum = 0.0
      for i in 0..<3 {
        for j in 0..<3 {
          for k in 0..<3 {
            let difference =
              learning.target[0][i] * learning.target[1][j] * learning.target[2][k]
              - vectors[0][i] * vectors[1][j] * vectors[2][k]
            sum += difference * difference / 54
          }
        }
      }
      return sum
    }
    #expect(abs(learning.loss(learning.start) - brute(learning.start)) < 1e-12)
    for vector in 0..<3 {
      let gradient = learning.gradient(learning.start, vector)
      for place in 0..<3 {
        let losses = [1e-5, -1e-5].map { change in
          var vectors = learning.start
          vectors[vector][place] += change
          return brute(vectors)
        }
        let slope = (losses[0] - losses[1]) / 2e-5
        #expect(abs(gradient[place] - slope) < 1e-8)
      }
    }
  }

  @Test func clampedVectorsStayAndTheTruthIsAFixedPoint() throws {
    var generator = RandomGenerator(seed: 2)
    let learning = RankOneLearning(dimension: 4, using: &generator)
    let course = learning.run(steps: 30, clamped: [1, 2])
    #expect(course.vectors[1] == learning.target[1] && course.vectors[2] == learning.target[2])
    #expect(
      course.losses.count == 31 && zip(course.losses, course.losses.dropFirst()).allSatisfy { $0 >= $1 })
    let done = try RankOneLearning(target: learning.target, start: learning.target).run(steps: 5)
    #expect(done.losses.allSatisfy { abs($0) < 1e-12 })
    #expect(abs(done.angles[0]) < 1e-12)
    #expect(throws: CajalError.self) { try RankOneLearning(target: [[1], [1]], start: [[1], [1]]) }
  }
}
