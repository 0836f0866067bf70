import Foundation
import Models
import Recordings
import Support
import Tensors
import Testing

@Suite(.serialized) struct DragonHatchlingTests {
  private func shape(
    width: Int = 32, heads: Int = 2, neurons: Int = 48, layers: Int = 3, dropout: Double = 0
  ) -> DragonHatchlingConfiguration {
    DragonHatchlingConfiguration(
      vocabulary: 23, width: width, heads: heads, neuronsPerHead: neurons, layers: layers, dropout: dropout)
  }

  /// A model with weights large enough that activity differs.
  private func model(_ shape: DragonHatchlingConfiguration, seed: UInt64 = 3) -> DragonHatchling {
    var generator = RandomGenerator(seed: seed)
    let model = DragonHatchling(shape, using: &generator)
    for (_, parameter) in model.parameters { parameter.value = parameter.value.detached() * 12 }
    model.evaluate()
    return model
  }

  private func tokens(_ count: Int, _ length: Int, seed: UInt64 = 5) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor.integers([count, length], in: 0..<23, using: &generator)
  }

  private func largest(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item }

  /// Attached to nothing that is read, so that the model takes its open way.
  private func openly<Result>(_ body: () -> Result) -> Result {
    withInstruments(ActivityRecorder("nothing"), body: body)
  }

  @Test(arguments: [0, 1, 2, 3]) func kernelsEqualOperationsOnTensors(_ variant: Int) {
    var shape = shape(
      width: variant == 3 ? 80 : 32, heads: variant == 1 ? 1 : 2, dropout: variant == 2 ? 0.3 : 0)
    shape.readsItself = variant == 1
    shape.gatesByActivity = variant != 2
    shape.sharesLayers = variant != 3
    let (model, rows) = (model(shape), tokens(5, 21 + variant))
    model.train(variant == 2)
    func outcome() -> (logits: Tensor, gradients: [Tensor]) {
      model.reseed(RandomGenerator(seed: 1))
      model.zeroGradients()
      let logits = model(rows.narrowed(1, from: 0, to: rows.size(1) - 1))
      model.reseed(RandomGenerator(seed: 1))
      model.surprise(rows).backward()
      return (logits.detached(), model.parameters.map { $0.parameter.gradient!.cloned() })
    }
    let (fused, open) = (outcome(), openly(outcome))
    #expect(largest(fused.logits, open.logits) < 2e-3 * open.logits.abs().max().item)
    for ((a, b), (name, _)) in zip(zip(fused.gradients, open.gradients), model.parameters) {
      #expect(largest(a, b) < 2e-3 * max(b.abs().max().item, 1e-6), "\(name)")
    }
  }

  @Test func gradientsAreSlopes() {
    let (model, rows) = (model(shape(layers: 2)), tokens(2, 9))
    model.zeroGradients()
    model.surprise(rows).backward()
    for (name, parameter) in model.parameters {
      let gradient = parameter.gradient!
      let place = gradient.flattened().abs().argmax(axis: 0).integers[0]
      let slope = gradient.floats[place]
      let values = parameter.value.detached().flattened()
      let (before, step) = (values[place].item, 1e-2)
      func loss(_ value: Double) -> Double {
        values[place] = Tensor(value)
        return withoutGradients { model.surprise(rows).item }
      }
      let numeric = (loss(before + step) - loss(before - step)) / (2 * step)
      _ = loss(before)
      #expect(abs(numeric - Double(slope)) < 0.05 * abs(numeric) + 2e-3, "\(name)")
    }
  }

  @Test func firstPositionReadsNothingAndLaterOnesAreNotSeen() {
    let (model, rows) = (model(shape()), tokens(1, 12))
    let changed = rows.cloned()
    changed[0, 8..<9] = Tensor([(rows.integers[8] + 1) % 23])
    let (a, b) = withoutGradients { (model(rows), model(changed)) }
    #expect(largest(a[0, 0..<8], b[0, 0..<8]) == 0)
    #expect(largest(a[0, 8..<12], b[0, 8..<12]) > 1e-3)
  }

  // The recurrent form.

  @Test(arguments: [0, 1, 2, 3, 4]) func recurrentFormEqualsParallelForm(_ variant: Int) throws {
    var shape = shape(width: variant == 1 ? 24 : 32)
    if variant == 2 { (shape.residual, shape.heads) = (.neurons, 2) }
    shape.readsItself = variant == 3
    shape.gatesByActivity = variant != 3
    shape.sharesLayers = variant != 4
    let (model, rows) = (model(shape), tokens(1, 150))
    let parallel = withoutGradients { model(rows) }.floats
    // One after the other, and in pieces.
    for calls in [150, 1] {
      let session = try DragonHatchlingSession(model)
      let each = 150 / calls
      let all = (0..<calls).flatMap {
        session.logits(feeding: Array(rows.integers[$0 * each..<($0 + 1) * each]))
      }.flatMap { $0 }
      let scale = parallel.map(abs).max()!
      let difference = zip(all, parallel).map { abs($0 - $1) }.max()!
      #expect(difference < 2e-3 * scale, "in \(calls) calls: \(difference) of \(scale)")
      #expect(session.position == 150)
      #expect(session.stateCount == shape.layers * shape.neurons * (variant == 1 ? 32 : shape.width))
    }
  }

  @Test func sessionsForgetAndGenerateTheSame() throws {
    let session = try DragonHatchlingSession(model(shape()))
    func written() -> [Int] {
      var generator = RandomGenerator(seed: 9)
      session.reset()
      session.feed([1, 2, 3])
      return session.generate(40, sampler: Sampler(temperature: 1, topK: 3), using: &generator)
    }
    let first = written()
    #expect(first == written() && first.count == 40 && session.position == 43)
    #expect(session.activeShares.count == 3)
    #expect(
      session.activeShares.allSatisfy { $0.activity > 0 && $0.activity < 1 && $0.neurons <= $0.activity })
    var softmax = shape()
    softmax.attention = .softmax
    #expect(throws: CajalError.self) { _ = try DragonHatchlingSession(self.model(softmax)) }
  }

  // Variants.

  @Test func variantsDifferAndLearn() {
    let rows = tokens(4, 17)
    let plain = withoutGradients { model(shape())(rows) }
    for variant in 0..<4 {
      var shape = shape()
      switch variant {
      case 0: shape.attention = .softmax
      case 1: shape.residual = .neurons
      case 2: shape.gatesByActivity = false
      default: shape.readsItself = true
      }
      let model = model(shape)
      #expect(largest(withoutGradients { model(rows) }, plain) > 1e-3, "\(variant)")
      model.surprise(rows).backward()
      for (name, parameter) in model.parameters {
        let gradient = parameter.gradient!.abs().sum().item
        #expect(gradient.isFinite && gradient > 0, "\(name) of variant \(variant)")
      }
    }
    // Without gradients through attention the values are the same.
    var detached = shape()
    detached.detachesAttention = true
    #expect(largest(withoutGradients { model(detached)(rows) }, plain) < 1e-3)
  }

  @Test func wrongSizesAreNamed() throws {
    var odd = shape(neurons: 47)
    #expect(throws: CajalError.self) { _ = try odd.checked() }
    odd = shape()
    odd.normalises = false
    #expect(throws: CajalError.self) { _ = try odd.checked() }
    let error = #expect(throws: CajalError.self) {
      _ = try DragonHatchling(self.shape(), weights: self.model(self.shape(neurons: 32)).state)
    }
    #expect(error?.message.contains("frequencies") == true)
  }

  // Merging.

  @Test func mergingAModelWithSilenceChangesNothing() throws {
    let (a, rows) = (model(shape()), tokens(2, 15))
    let silent = try a.copy()
    for parameter in silent.encoder + silent.gate + silent.decoder {
      parameter.value = parameter.value.detached() * 0
    }
    let merged = try DragonHatchling.merging(a, silent)
    #expect(merged.configuration.neuronsPerHead == 96 && merged.frequencies.value.count == 96)
    merged.evaluate()
    let (one, two) = withoutGradients { (a(rows), merged(rows)) }
    #expect(largest(one, two) < 1e-3 * one.abs().max().item)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "merged-\(ProcessInfo.processInfo.processIdentifier).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try merged.save(to: file)
    let again = try DragonHatchling(merged.configuration, weights: TensorFile.read(file))
    again.evaluate()
    #expect(largest(withoutGradients { again(rows) }, two) == 0)
    #expect(throws: CajalError.self) { _ = try DragonHatchling.merging(a, self.model(self.shape(width: 16))) }
  }

  // Graph and synapses.

  @Test func graphFormEqualsLowRankForm() throws {
    var shape = shape(width: 8, heads: 1, neurons: 20, layers: 2)
    (shape.residual, shape.normalises) = (.neurons, false)
    var generator = RandomGenerator(seed: 4)
    let model = DragonHatchling(shape, using: &generator)
    for (_, parameter) in model.parameters { parameter.value = parameter.value.detached() * 15 }
    model.evaluate()
    let rows = tokens(1, 10)
    let logits = withoutGradients { model(rows) }.doubles
    let graph = try DragonHatchlingGraph(model)
    var state = graph.start()
    let scale = logits.map(abs).max()!
    for (t, token) in rows.integers.enumerated() {
      let own = graph.step(token, &state)
      for v in 0..<23 { #expect(abs(own[v] - logits[t * 23 + v]) < 1e-3 * scale) }
    }
    #expect(graph.xExcitatory.count + graph.xInhibitory.count == 400)
    #expect(
      graph.yExcitatory.weights.allSatisfy { $0 > 0 } && graph.yInhibitory.weights.allSatisfy { $0 > 0 })
    #expect(throws: CajalError.self) { _ = try DragonHatchlingGraph(self.model(self.shape())) }
  }

  @Test func synapsesAreWhatAttentionReads() throws {
    // The course of a synapse ends where the whole matrix says, and its growth is Hebbian.
    let model = model(shape())
    let text = tokens(1, 18).integers
    let trace = model.synapseTraces([text, Array(text.prefix(7))], layer: 2)[0]
    let whole = trace.final(rows: 1, columns: 0)
    for (i, j) in [(0, 0), (5, 11), (17, 30), (40, 47)] {
      let course = trace.course(48 + i, j)
      #expect(course.count == 18)
      #expect(abs(course[17] - whole[i, j].item) < 1e-3 * max(1, abs(course[17])))
    }
    let first = trace.course(50, 3)[0]
    let expected = trace.postsynaptic[0, 50].item * trace.presynaptic[0, 3].item
    #expect(abs(first - expected) < 1e-5 * max(1, abs(expected)))
  }
}

@Suite struct GPTTests {
  @Test func tokenByTokenEqualsAllAtOnce() throws {
    var generator = RandomGenerator(seed: 2)
    let shape = GPT.Configuration(vocabulary: 19, width: 24, blocks: 2, heads: 3, contextLength: 32)
    let model = GPT(shape, using: &generator)
    for (_, parameter) in model.parameters where parameter.value.rank > 1 {
      parameter.value = parameter.value.detached() * 8
    }
    model.evaluate()
    #expect(model.parameterCount == shape.parameterCount)
    let rows = Tensor.integers([1, 20], in: 0..<19, using: &generator)
    let whole = withoutGradients { model(rows) }.floats
    let cache = GPT.Cache(shape)
    let own = rows.integers.flatMap { model.step($0, cache) }
    #expect(zip(own, whole).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(cache.stateCount == 20 * 2 * 2 * 24)
  }

  @Test func widthIsFoundByParameters() {
    let shape = GPT.Configuration.matching(parameters: 229_376, blocks: 4, heads: 4, contextLength: 96)
    #expect(shape.width == 64 && shape.parameterCount == 238_976)
    #expect(GPT.Configuration.matching(parameters: 10, blocks: 1, heads: 2, contextLength: 8).width == 2)
  }

  @Test func trainingLearnsACycle() throws {
    var generator = RandomGenerator(seed: 3)
    let models: [any NextTokenModel] = [
      GPT(.init(vocabulary: 6, width: 16, blocks: 1, heads: 2, contextLength: 16), using: &generator),
      DragonHatchling(
        .init(vocabulary: 6, width: 16, heads: 2, neuronsPerHead: 16, layers: 2, dropout: 0),
        using: &generator),
    ]
    for model in models {
      var training = NextTokenTraining(steps: 60, learningRate: 1e-2, warmUp: 5, finalShare: 0.1)
      training.clippingNorm = 1
      var seen = 0
      let losses = training.run(model, using: &generator) { step, _ in
        seen = step
      } batch: { random in
        let rows = (0..<8).flatMap { _ -> [Int] in
          let start = random.integer(below: 6)
          return (0..<13).map { (start + $0) % 6 }
        }
        return Tensor(rows, shape: [8, 13])
      }
      #expect(losses[0] > 1.5 && losses[59] < 0.2 && seen == 60)
      #expect(!model.isTraining)
    }
  }
}
