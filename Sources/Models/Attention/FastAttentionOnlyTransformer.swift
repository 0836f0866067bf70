import Datasets
import Foundation
import Support
import Tensors

/// ``AttentionOnlyTransformer`` in plain loops over one array of weights: passes, gradients and Adam, four times as fast
/// for batches as small as the paper's, since nothing is spent on single operations. One thread; train many side by side.
///
/// ```swift
/// let network = try FastAttentionOnlyTransformer(.init(dimension: 512), using: &generator)
/// let loss = try network.step(sampler.batch(32, using: &generator), sampler.features, learningRate: 2e-4)
/// let outcome = try network.outcome(of: sampler.batch(256, from: .newClasses, using: &generator), sampler.features)
/// ```
public final class FastAttentionOnlyTransformer: @unchecked Sendable {
  typealias Floats = UnsafeMutablePointer<Float>

  public let configuration: AttentionOnlyConfiguration
  let layout: AttentionOnlyLayout
  /// All weights, gradients, and Adam's two means of each; filled up to a multiple of 16.
  let weights, gradient: Floats
  private let (firstMoment, secondMoment): (Floats, Floats)
  private let padded: Int
  /// Steps of Adam so far.
  public private(set) var steps = 0

  private let transposed: TransposedWeights
  private var main, plain: AttentionPass
  private var resolved: (clamps: [AttentionClamp], plan: ClampPlan)?
  private let embedded: EmbeddedExemplars

  /// A fresh one; the same generator gives an ``AttentionOnlyTransformer`` with the same weights.
  ///
  /// - Throws: `CajalError` when sizes do not fit together.
  public convenience init(
    _ configuration: AttentionOnlyConfiguration, using generator: inout RandomGenerator
  ) throws {
    let shape = try configuration.checked()
    self.init(shape, weights: AttentionOnlyLayout(shape).initial(using: &generator))
  }

  /// One with the weights of a laboratory model.
  public convenience init(_ model: AttentionOnlyTransformer) {
    self.init(model.configuration, weights: model.weights)
  }

  private init(_ shape: AttentionOnlyConfiguration, weights given: [Float]) {
    configuration = shape
    layout = AttentionOnlyLayout(shape)
    padded = (layout.count + 15) / 16 * 16
    func zeros(_ count: Int) -> Floats {
      UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        .initializeMemory(as: Float.self, repeating: 0, count: count)
    }
    (weights, gradient) = (zeros(padded), zeros(padded))
    (firstMoment, secondMoment) = (zeros(padded), zeros(padded))
    for (place, weight) in given.enumerated() { weights[place] = weight }
    transposed = TransposedWeights(shape)
    embedded = EmbeddedExemplars(shape)
    (main, plain) = (AttentionPass(shape, capacity: 1), AttentionPass(shape, capacity: 1))
  }

  deinit {
    for memory in [weights, gradient, firstMoment, secondMoment] { memory.deallocate() }
  }

  /// The laboratory model with the present weights.
  public func laboratory() throws -> AttentionOnlyTransformer {
    var unused = RandomGenerator(seed: 0)
    let model = try AttentionOnlyTransformer(configuration, using: &unused)
    model.setWeights(Array(UnsafeBufferPointer(start: weights, count: layout.count)))
    return model
  }
}

extension FastAttentionOnlyTransformer {
  /// What the network says of a batch.
  public struct Outcome: Sendable {
    /// `[B, K]`.
    public let logits: [Float]
    /// The mean cross-entropy at the queries, in nats.
    public let loss: Double
    /// Whether each query's label has the largest logit.
    public let isCorrect: [Bool]
    /// `[B, H, T, T]` for each block. In the last block only the query's rows are computed, unless all were asked for.
    public let patterns: [[Float]]

    public var accuracy: Double { Double(isCorrect.count { $0 }) / Double(max(1, isCorrect.count)) }
  }

  /// - Parameter allRows: Whether the last block's patterns are wanted for all tokens.
  /// - Throws: `CajalError` naming a batch or a clamp that does not fit.
  public func outcome(
    of batch: FewShotBatch, _ features: FewShotFeatures, clamps: [AttentionClamp] = [], allRows: Bool = false
  ) throws -> Outcome {
    let plan = try prepare(batch, features, clamps)
    defer { (plain.computesAllRows, main.computesAllRows) = (false, false) }
    (plain.computesAllRows, main.computesAllRows) = (allRows, allRows)
    forward(batch, features, plan)
    let labels = configuration.labels
    let logits = Array(UnsafeBufferPointer(start: main.logits, count: batch.count * labels))
    let targets = batch.targets
    var loss = 0.0
    var isCorrect: [Bool] = []
    for (sequence, target) in targets.enumerated() {
      let row = logits[sequence * labels..<(sequence + 1) * labels]
      let largest = row.max()!
      let total = row.reduce(0.0) { $0 + exp(Double($1 - largest)) }
      loss += log(total) - Double(row[row.startIndex + target] - largest)
      isCorrect.append(row.firstIndex(of: largest)! - row.startIndex == target)
    }
    // With a perfect first block and a copied head, patterns are those of the pass that logits come from.
    let shown = plan.isFirstBlockPerfect && plan.copied != nil ? plain : main
    return Outcome(
      logits: logits, loss: loss / Double(batch.count), isCorrect: isCorrect,
      patterns: shown.pattern.map { Array(UnsafeBufferPointer(start: $0, count: shown.squares)) })
  }

  /// Makes room and resolves the clamps.
  private func prepare(_ batch: FewShotBatch, _ features: FewShotFeatures, _ clamps: [AttentionClamp]) throws
    -> ClampPlan
  {
    try configuration.check(batch, features)
    guard batch.count > 0 else { throw CajalError("a batch without sequences") }
    if resolved?.clamps != clamps { resolved = (clamps, try ClampPlan(clamps, configuration)) }
    if main.capacity < batch.count {
      main = AttentionPass(configuration, capacity: batch.count)
      plain = AttentionPass(configuration, capacity: batch.count)
    }
    (main.count, plain.count) = (batch.count, batch.count)
    return resolved!.plan
  }
}

extension FastAttentionOnlyTransformer {
  private func forward(_ batch: FewShotBatch, _ features: FewShotFeatures, _ plan: ClampPlan) {
    embedded.forward(batch, features, weights, layout, into: main.stream[0])
    if plan.isFirstBlockPerfect {
      forwardWithPerfectFirstBlock(batch, features, plan)
    } else {
      if plan.needsPlainPass { plainForward() }
      let lender = plan.needsPlainPass ? plain : nil
      for block in layout.blocks.indices {
        attend(block, main, plan)
        finish(block, main, plan, lender: lender, batch, features)
      }
      main.readOut(weights, layout)
      if let head = plan.copied { copyForward(head, batch, from: main) }
    }
  }

  @inline(never)
  private func forwardWithPerfectFirstBlock(
    _ batch: FewShotBatch, _ features: FewShotFeatures, _ plan: ClampPlan
  ) {
    shift(main.stream[0], into: plain.stream[1], main)
    attend(1, plain, plan)
    if let head = plan.copied {
      copyForward(head, batch, from: plain)
    } else {
      main.stream[1].update(from: main.stream[0], count: main.tokens * configuration.width)
      attend(1, main, plan)
      finish(1, main, plan, lender: plain, batch, features)
      main.readOut(weights, layout)
    }
  }

  /// The pass without clamps.
  @inline(never)
  private func plainForward() {
    plain.stream[0].update(from: main.stream[0], count: main.tokens * configuration.width)
    for block in layout.blocks.indices {
      let part = layout.blocks[block]
      plain.attend(block, weights, part, temperatures: ones)
      plain.mix(block, weights, part, ablated: none, values: plain.projected[block])
    }
  }

  private var ones: [Float] { Array(repeating: 1, count: configuration.heads) }
  private var none: [Bool] { Array(repeating: false, count: configuration.heads) }

  private func attend(_ block: Int, _ pass: AttentionPass, _ plan: ClampPlan) {
    pass.attend(block, weights, layout.blocks[block], temperatures: plan.temperatures[block])
  }

  /// Patterns are borrowed and given, then values are read. Not inlined: Swift 6.3's optimiser breaks off over the loops together.
  @inline(never)
  private func finish(
    _ block: Int, _ pass: AttentionPass, _ plan: ClampPlan, lender: AttentionPass?, _ batch: FewShotBatch,
    _ features: FewShotFeatures
  ) {
    if let lender, plan.preservesPatterns || plan.isFirstBlockPerfect {
      pass.pattern[block].update(from: lender.pattern[block], count: pass.squares)
    }
    let length = configuration.length
    for (head, pattern) in plan.patterns[block].enumerated() {
      guard let pattern else { continue }
      for sequence in 0..<pass.count {
        for token in pass.firstRow(block)..<length where pattern.isGiven(token, length: length) {
          let row = pattern.row(token, of: sequence, batch, features)
          let place = ((sequence * configuration.heads + head) * length + token) * length
          for other in 0..<length { pass.pattern[block][place + other] = row[other] }
        }
      }
    }
    let values = plan.preservesValues ? (lender ?? pass).projected[block] : pass.projected[block]
    pass.mix(block, weights, layout.blocks[block], ablated: plan.ablated[block], values: values)
  }

  /// Tokens 1 to T - 2 take the place of those after them, as a perfect first block would write.
  private func shift(_ from: Floats, into to: Floats, _ pass: AttentionPass) {
    let (width, length) = (configuration.width, configuration.length)
    for sequence in 0..<pass.count {
      for token in 0..<length {
        let source = sequence * length + (token == 0 || token == length - 1 ? token : token - 1)
        (to + (sequence * length + token) * width).update(from: from + source * width, count: width)
      }
    }
  }

  /// The gradient of the stream that was shifted, added to that of the embedding.
  private func shiftBack(_ from: Floats, addingTo to: Floats, _ pass: AttentionPass) {
    let (width, length) = (configuration.width, configuration.length)
    for sequence in 0..<pass.count {
      for token in 0..<length {
        let source = sequence * length + (token == 0 || token == length - 1 ? token : token - 1)
        AttentionLoops.add(to + source * width, 1, from + (sequence * length + token) * width, width)
      }
    }
  }

  /// Where the score of a pair lies that the query gives its label.
  private func scorePlace(_ head: AttentionHead, _ sequence: Int, _ pair: Int) -> Int {
    let length = configuration.length
    return ((sequence * configuration.heads + head.head) * length + length - 1) * length + 2 * pair + 1
  }

  @inline(never)
  private func copyForward(_ head: AttentionHead, _ batch: FewShotBatch, from pass: AttentionPass) {
    let labels = configuration.labels
    for sequence in 0..<batch.count {
      for label in 0..<labels { main.logits[sequence * labels + label] = -1e9 }
      for pair in 0..<batch.contextPairs {
        let label = batch.labels[sequence * batch.contextPairs + pair]
        main.logits[sequence * labels + label] =
          pass.scores[head.block][scorePlace(head, sequence, pair)]
      }
    }
  }
}

extension FastAttentionOnlyTransformer {
  /// One step of Adam on a batch: gradients flow past what clamps replace.
  ///
  /// - Returns: The loss before the step, in nats.
  /// - Throws: `CajalError` naming a batch or a clamp that does not fit.
  @discardableResult
  public func step(
    _ batch: FewShotBatch, _ features: FewShotFeatures, clamps: [AttentionClamp] = [], learningRate: Double,
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) throws -> Double {
    let loss = try fillGradient(batch, features, clamps)
    steps += 1
    let rate = Float(learningRate / (1 - pow(beta1, Double(steps))))
    let scale = Float(1 / (1 - pow(beta2, Double(steps))).squareRoot())
    let (b1, b2, tiny) = (Float(beta1), Float(beta2), Float(epsilon))
    let (w, g, m, v) = (weights, gradient, firstMoment, secondMoment)
    for place in 0..<padded {
      let change = g[place]
      let mean = b1 * m[place] + (1 - b1) * change
      let square = b2 * v[place] + (1 - b2) * change * change
      m[place] = mean
      v[place] = square
      w[place] -= rate * mean / (square.squareRoot() * scale + tiny)
    }
    return loss
  }

  /// The loss and the gradient of every weight, by the names and in the shapes of the laboratory model.
  ///
  /// - Throws: `CajalError` naming a batch or a clamp that does not fit.
  public func gradients(
    of batch: FewShotBatch, _ features: FewShotFeatures, clamps: [AttentionClamp] = []
  ) throws -> (loss: Double, gradients: NamedTensors) {
    let loss = try fillGradient(batch, features, clamps)
    let named = layout.entries.map { entry -> (name: String, tensor: Tensor) in
      let count = entry.shape.reduce(1, *)
      let numbers = Array(UnsafeBufferPointer(start: gradient + entry.start, count: count))
      guard entry.isTransposed else { return (entry.name, Tensor(numbers, shape: entry.shape)) }
      return (entry.name, Tensor(numbers, shape: entry.shape.reversed()).transposed(0, 1).contiguous())
    }
    return (loss, named)
  }

  private func fillGradient(_ batch: FewShotBatch, _ features: FewShotFeatures, _ clamps: [AttentionClamp])
    throws -> Double
  {
    let plan = try prepare(batch, features, clamps)
    forward(batch, features, plan)
    gradient.update(repeating: 0, count: padded)
    transposed.fill(weights, layout)
    main.clearGradients()
    if plan.needsPlainPass || plan.isFirstBlockPerfect { plain.clearGradients() }
    let (loss, logitGradient) = lossGradient(batch)
    logitGradient.withUnsafeBufferPointer { pointer in
      let above = UnsafeMutablePointer(mutating: pointer.baseAddress!)
      backward(above, batch, plan)
    }
    embedded.backward(batch, main.streamGradient, gradient, layout)
    return loss
  }

  /// The mean cross-entropy and its gradient by logits `[B, K]`.
  private func lossGradient(_ batch: FewShotBatch) -> (loss: Double, gradient: [Float]) {
    let labels = configuration.labels
    var result = [Float](repeating: 0, count: batch.count * labels)
    var loss = 0.0
    let share = 1 / Float(batch.count)
    for (sequence, target) in batch.targets.enumerated() {
      let row = main.logits + sequence * labels
      var largest = row[0]
      for label in 1..<labels { largest = max(largest, row[label]) }
      var total: Float = 0
      for label in 0..<labels { total += exp(row[label] - largest) }
      loss += Double(log(total) - (row[target] - largest))
      for label in 0..<labels {
        result[sequence * labels + label] =
          (exp(row[label] - largest) / total - (label == target ? 1 : 0)) * share
      }
    }
    return (loss / Double(batch.count), result)
  }

  private func backward(_ logitGradient: Floats, _ batch: FewShotBatch, _ plan: ClampPlan) {
    let last = configuration.blocks - 1
    let scored = plan.isFirstBlockPerfect ? plain : main
    if let head = plan.copied {
      for sequence in 0..<batch.count {
        for pair in 0..<batch.contextPairs {
          let label = batch.labels[sequence * batch.contextPairs + pair]
          scored.scoreGradient[head.block][scorePlace(head, sequence, pair)] +=
            logitGradient[sequence * configuration.labels + label]
        }
      }
    } else {
      main.readOutBack(
        logitGradient, weights, gradient, layout, transposed: transposed.unembedding)
    }
    if plan.isFirstBlockPerfect {
      if plan.copied == nil {
        mixBack(1, main, plan, lender: plain)
        attendBack(1, main, plan.temperatures[1])
      }
      attendBack(1, plain, plan.temperatures[1])
      return shiftBack(plain.streamGradient, addingTo: main.streamGradient, main)
    }
    let lender = plan.needsPlainPass ? plain : nil
    for block in layout.blocks.indices.reversed() {
      if plan.copied == nil || block < last { mixBack(block, main, plan, lender: lender) }
      attendBack(block, main, plan.temperatures[block])
    }
    if plan.needsPlainPass { plainBackward() }
  }

  /// Gradients that came to the pass without clamps through what was borrowed from it.
  private func plainBackward() {
    let last = configuration.blocks - 1
    for block in layout.blocks.indices.reversed() {
      if block < last {
        plain.mixBack(
          block, gradient, layout.blocks[block], transposed: transposed.outputs[block], ablated: none,
          values: plain.projected[block], patterns: plain.patternGradient[block],
          valueTarget: plain.projectedGradient[block]
        ) { _, _ in false }
      }
      attendBack(block, plain, ones)
    }
    AttentionLoops.add(main.streamGradient, 1, plain.streamGradient, main.tokens * configuration.width)
  }

  private func mixBack(_ block: Int, _ pass: AttentionPass, _ plan: ClampPlan, lender: AttentionPass?) {
    let borrowsPatterns = plan.preservesPatterns || plan.isFirstBlockPerfect
    let patternOwner = borrowsPatterns ? lender ?? pass : pass
    let valueOwner = plan.preservesValues ? lender ?? pass : pass
    let length = configuration.length
    pass.mixBack(
      block, gradient, layout.blocks[block], transposed: transposed.outputs[block],
      ablated: plan.ablated[block], values: valueOwner.projected[block],
      patterns: patternOwner.patternGradient[block], valueTarget: valueOwner.projectedGradient[block]
    ) { head, token in plan.patterns[block][head]?.isGiven(token, length: length) ?? false }
  }

  private func attendBack(_ block: Int, _ pass: AttentionPass, _ temperatures: [Float]) {
    pass.attendBack(
      block, weights, gradient, layout.blocks[block], transposed: transposed.projections[block],
      temperatures: temperatures)
  }
}
