import Foundation
import Support

/// What the synapses of a projection are drawn from.
struct SynapseRecipe: Sendable {
  let rule: ConnectionRule
  let sources, targets: Int
  /// Whether source and target population are the same.
  let isRecurrent: Bool
  let weight: Distribution
  /// From the weight's unit to the model's.
  let scale: Double
  /// Milliseconds.
  let delay: Distribution
  let step: Double
  let generator: RandomGenerator
  /// Whether every synapse needs a weight of its own, even if they begin the same.
  let isPlastic: Bool
}

extension SynapseTable {
  /// Draws the synapses that end in the partitions of this rank; every rank draws the same network.
  ///
  /// - Parameter bounds: Where the partitions begin in the target population, and behind them where the last ends.
  init(_ recipe: SynapseRecipe, bounds: [Int]) {
    partitions = bounds.count - 1
    blockSize = max(1, min(recipe.sources, 1 + recipe.sources / 64))
    weight = Scalar((recipe.weight.constant ?? 0) * recipe.scale)
    delay = recipe.delay.constant.map { recipe.steps($0) } ?? 0
    let explicit = recipe.explicitConnectivity
    let incoming = SynapseBuilder<Scalar>.incoming(recipe, bounds: bounds)
    let (size, count) = (blockSize, recipe.sources)
    blocks = parallelMap((count + size - 1) / size) { index in
      var builder = SynapseBuilder<Scalar>(recipe, bounds: bounds, explicit: explicit, incoming: incoming)
      return builder.block(index * size..<min(count, (index + 1) * size))
    }
    var (shortest, longest) = (delay, delay)
    if recipe.delay.constant == nil {
      (shortest, longest) = (Int.max, 0)
      for block in blocks {
        for k in 0..<block.count {
          shortest = min(shortest, Int(block.delays![k]))
          longest = max(longest, Int(block.delays![k]))
        }
      }
      // What bounds say must hold on ranks without synapses, too.
      shortest = min(shortest, max(1, recipe.delay.bounds.least.map { recipe.steps($0) } ?? 1))
    }
    (shortestDelay, longestDelay) = (max(1, shortest), max(1, longest))
  }
}

extension SynapseRecipe {
  func steps(_ milliseconds: Double) -> Int { max(1, Int((milliseconds / step).rounded())) }

  var explicitConnectivity: Connectivity? {
    switch rule {
    case .synapses(let connectivity): return connectivity
    case .drawn(let draw):
      var generator = generator.split(-1)
      return draw(sources, targets, &generator)
    default: return nil
    }
  }
}

/// Draws rows of synapses and keeps those that end here.
private struct SynapseBuilder<Scalar: SimulationScalar> {
  let recipe: SynapseRecipe
  let bounds: [Int]
  let explicit: Connectivity?
  let incoming: Incoming?
  var row: [Int32] = []
  var starts: [Int32] = [0]
  var targets: [Int32] = []
  var weights: [Scalar]
  var delays: [UInt16]
  let drawsWeights, drawsDelays: Bool

  /// Synapses drawn target by target, turned round: by source.
  struct Incoming: @unchecked Sendable {
    let starts: [Int]
    let targets: [Int32]
    let weights: [Scalar]
    let delays: [UInt16]
  }

  init(_ recipe: SynapseRecipe, bounds: [Int], explicit: Connectivity?, incoming: Incoming?) {
    (self.recipe, self.bounds, self.explicit, self.incoming) = (recipe, bounds, explicit, incoming)
    drawsWeights = recipe.weight.constant == nil || recipe.isPlastic
    drawsDelays = recipe.delay.constant == nil
    (weights, delays) = ([], [])
  }

  mutating func block(_ sources: Range<Int>) -> SynapseBlock<Scalar> {
    let partitions = bounds.count - 1
    let share = Double(bounds[partitions] - bounds[0]) / Double(max(1, recipe.targets))
    let expected =
      Double(sources.count) * recipe.rule.expectedRow(targets: recipe.targets, sources: recipe.sources)
      * share
    let room = Int(expected + 4 * expected.squareRoot() + 16)
    starts.reserveCapacity(sources.count * partitions + 1)
    targets.reserveCapacity(room)
    if drawsWeights { weights.reserveCapacity(room) }
    if drawsDelays { delays.reserveCapacity(room) }
    for source in sources { add(source) }
    precondition(targets.count < Int(Int32.max), "more than 2³¹ synapses in a block")
    return SynapseBlock(
      firstSource: sources.lowerBound, starts: starts, sources: sources.count, targets: targets,
      weights: drawsWeights ? weights : nil, delays: drawsDelays ? delays : nil)
  }

  private mutating func add(_ source: Int) {
    if let incoming {
      addIncoming(source, incoming)
      return
    }
    var generator = recipe.generator.split(source)
    let others = recipe.isRecurrent ? recipe.targets - 1 : recipe.targets
    var skipsSelf = false
    var firstSynapse = 0
    switch recipe.rule {
    case .all(let toSelf):
      skipsSelf = !toSelf && recipe.isRecurrent
      row = Array(0..<Int32(skipsSelf ? others : recipe.targets))
      firstSynapse = source * row.count
    case .oneToOne:
      row = [Int32(source)]
      firstSynapse = source
    case .fixedProbability(let p, let toSelf):
      skipsSelf = !toSelf && recipe.isRecurrent
      generator.drawEach(p, below: skipsSelf ? others : recipe.targets, into: &row)
    case .fixedOutDegree(let degree, let toSelf):
      skipsSelf = !toSelf && recipe.isRecurrent
      generator.drawSubset(degree, of: skipsSelf ? others : recipe.targets, into: &row)
    case .synapses, .drawn:
      let range = explicit!.synapses(of: source)
      row = Array(explicit!.target[range])
      firstSynapse = range.lowerBound
    case .fixedInDegree: break
    }
    // Without synapses to oneself, targets from the source's own on move up by one.
    if skipsSelf { for k in row.indices where row[k] >= Int32(source) { row[k] += 1 } }
    keep(firstSynapse, &generator)
  }

  /// Draws weights and delays for the whole row, and keeps what ends here, partition by partition.
  private mutating func keep(_ firstSynapse: Int, _ generator: inout RandomGenerator) {
    var partition = 0
    for (k, target) in row.enumerated() {
      let w = recipe.weight.draw(firstSynapse + k, using: &generator)
      let d = recipe.delay.draw(firstSynapse + k, using: &generator)
      guard Int(target) >= bounds[0] else { continue }
      // Later synapses belong to other ranks, which draw their numbers themselves.
      guard Int(target) < bounds[bounds.count - 1] else { break }
      append(target, in: &partition)
      if drawsWeights { weights.append(Scalar(w * recipe.scale)) }
      if drawsDelays { delays.append(UInt16(clamping: recipe.steps(d))) }
    }
    endRow(in: partition)
  }

  private mutating func addIncoming(_ source: Int, _ incoming: Incoming) {
    var partition = 0
    for k in incoming.starts[source]..<incoming.starts[source + 1] {
      append(incoming.targets[k], in: &partition)
      if drawsWeights { weights.append(incoming.weights[k]) }
      if drawsDelays { delays.append(incoming.delays[k]) }
    }
    endRow(in: partition)
  }

  /// One more target of a row; partitions that lie before its own end here.
  private mutating func append(_ target: Int32, in partition: inout Int) {
    while Int(target) >= bounds[partition + 1] {
      starts.append(Int32(targets.count))
      partition += 1
    }
    targets.append(target - Int32(bounds[0]))
  }

  /// Ends a row in its last partition that has synapses, and in those behind.
  private mutating func endRow(in partition: Int) {
    for _ in partition..<bounds.count - 1 { starts.append(Int32(targets.count)) }
  }

  /// Fixed in-degrees: drawn for the targets of this rank, then sorted by source.
  static func incoming(_ recipe: SynapseRecipe, bounds: [Int]) -> Incoming? {
    guard case .fixedInDegree(let degree, let toSelf) = recipe.rule else { return nil }
    let mine = bounds[0]..<bounds[bounds.count - 1]
    let skipsSelf = !toSelf && recipe.isRecurrent
    let drawsWeights = recipe.weight.constant == nil || recipe.isPlastic
    let drawsDelays = recipe.delay.constant == nil
    /// Sources of a target, ascending, and the stream that weights and delays come from.
    @Sendable func drawn(_ target: Int, _ chosen: inout [Int32]) -> RandomGenerator {
      var generator = recipe.generator.split(target)
      generator.drawSubset(degree, of: skipsSelf ? recipe.sources - 1 : recipe.sources, into: &chosen)
      if skipsSelf { for k in chosen.indices where chosen[k] >= Int32(target) { chosen[k] += 1 } }
      return generator
    }
    var starts = [Int](repeating: 0, count: recipe.sources + 1)
    var chosen: [Int32] = []
    for target in mine {
      _ = drawn(target, &chosen)
      for source in chosen { starts[Int(source) + 1] += 1 }
    }
    for source in 0..<recipe.sources { starts[source + 1] += starts[source] }
    let count = starts[recipe.sources]
    var place = starts
    var targets = [Int32](repeating: 0, count: count)
    var weights = [Scalar](repeating: 0, count: drawsWeights ? count : 0)
    var delays = [UInt16](repeating: 1, count: drawsDelays ? count : 0)
    for target in mine {
      var generator = drawn(target, &chosen)
      for source in chosen {
        let k = place[Int(source)]
        place[Int(source)] += 1
        targets[k] = Int32(target)
        let w = recipe.weight.draw(0, using: &generator)
        let d = recipe.delay.draw(0, using: &generator)
        if drawsWeights { weights[k] = Scalar(w * recipe.scale) }
        if drawsDelays { delays[k] = UInt16(clamping: recipe.steps(d)) }
      }
    }
    return Incoming(starts: starts, targets: targets, weights: weights, delays: delays)
  }
}
