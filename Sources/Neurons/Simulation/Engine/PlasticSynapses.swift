import Foundation

/// What plastic synapses know besides their weights: when their sources fired last, and the spikes of their targets.
final class PlasticSynapses<Scalar: SimulationScalar>: SpikeListener, @unchecked Sendable {
  let plasticity: Plasticity
  private(set) var table: SynapseTable<Scalar>
  let buffer: InputBuffer<Scalar>
  let parts: [PlasticPart<Scalar>]
  let presynaptic: TraceDecay<Scalar>
  let postsynaptic: TraceDecay<Scalar>
  private let kernel: PlasticityKernel<Scalar>
  private let bounds: [Int]
  /// Steps from a postsynaptic spike until the synapse knows of it, where that is the same for all; the longest otherwise.
  let backward: Int
  /// Steps from a presynaptic spike until it is at the synapse.
  let forward: Int
  let eligibility: EligibilityDecay?
  let isAxonal: Bool
  /// From the weights' unit, which is the rule's, to the model's.
  let scale: Scalar
  /// By partition, where efficacies change with use.
  let efficacies: [SourceEfficacies<Scalar>]

  init(
    _ plasticity: Plasticity, _ table: SynapseTable<Scalar>, _ buffer: InputBuffer<Scalar>, scale: Double,
    efficacies: [SourceEfficacies<Scalar>], sources: Int, bounds: [Int], step: Double
  ) {
    (self.scale, self.efficacies) = (Scalar(scale), efficacies)
    (self.plasticity, self.table, self.buffer, self.bounds) = (plasticity, table, buffer, bounds)
    let rule = plasticity.rule
    presynaptic = TraceDecay(rule.presynaptic, step: step)
    postsynaptic = TraceDecay(rule.postsynaptic, step: step)
    kernel =
      (Scalar.self == Float.self ? rule.singleKernel as Any : rule.doubleKernel as Any)
      as! PlasticityKernel<Scalar>
    isAxonal = plasticity.delayLocation == .axonal
    backward = isAxonal ? 0 : table.longestDelay
    forward = isAxonal ? table.delay - 1 : 0
    eligibility = plasticity.eligibility.map {
      EligibilityDecay(timeConstant: $0.timeConstant.value, step: step)
    }
    let decay = postsynaptic
    parts = bounds.indices.dropLast().map { p in
      PlasticPart(
        sources: sources, firstTarget: bounds[p] - bounds[0],
        history: SpikeHistory(neurons: bounds[p + 1] - bounds[p], decay: decay))
    }
    if eligibility != nil { for block in table.blocks { block.addEligibility() } }
  }

  /// Takes other synapses in place of those there were; all of them know of all spikes so far.
  func replace(_ table: SynapseTable<Scalar>, eligibilities: [Scalar]?) {
    self.table = table
    guard let eligibilities else { return }
    var k = 0
    for block in table.blocks {
      block.addEligibility()
      for own in 0..<block.count {
        block.eligibilities![own] = eligibilities[k]
        k += 1
      }
    }
  }

  func fired(_ partition: Int, _ now: Int, _ neurons: UnsafePointer<Int32>, _ count: Int) {
    let (history, first) = (parts[partition].history, bounds[partition])
    for k in 0..<count { history.append(Int(neurons[k]) - first, now) }
  }

  /// Spikes of the step `now` leave their sources.
  func deliver(_ spikes: UnsafeBufferPointer<Int32>, _ partition: Int, _ now: Int) {
    if forward == 0 {
      kernel.deliver(self, spikes, partition, now)
    } else {
      parts[partition].hold(spikes, until: now + forward)
    }
  }

  /// At the end of a step, after its spikes have left.
  func endStep(_ partition: Int, _ now: Int) {
    let part = parts[partition]
    if forward > 0 {
      part.release(now) { kernel.deliver(self, $0, partition, now) }
    }
    if part.history.isLong { settle(partition, upTo: now) }
    if let eligibility, Double(now - part.eligibilityStep) * eligibility.rate > 20 {
      renew(partition, now, eligibility)
    }
  }

  /// Has all synapses of a partition learn of all postsynaptic spikes that have reached them by a step.
  func settle(_ partition: Int, upTo now: Int) {
    kernel.settle(self, partition, now)
    parts[partition].history.forget(upTo: now - backward)
  }

  /// Counts eligibilities from another step on, before the numbers grow too large.
  private func renew(_ partition: Int, _ now: Int, _ eligibility: EligibilityDecay) {
    let part = parts[partition]
    let factor = Scalar(eligibility.factor(now - part.eligibilityStep))
    table.forEachRow(partition) { _, block, range in
      for k in range { block.eligibilities![k] *= factor }
    }
    part.eligibilityStep = now
  }

  /// Turns eligibilities into weights: `w ← w + factor · c`, within the rule's bounds; a factor for all, or for each target.
  func reinforce(_ partition: Int, now: Int, _ factor: (Int) -> Double) {
    guard let eligibility else { return }
    let part = parts[partition]
    settle(partition, upTo: now - 1)
    let decayed = eligibility.factor(now - part.eligibilityStep)
    let (least, most) = (Scalar(plasticity.rule.bounds.lowerBound), Scalar(plasticity.rule.bounds.upperBound))
    table.forEachRow(partition) { _, block, range in
      for k in range {
        let change = Scalar(factor(Int(block.targets[k])) * decayed) * block.eligibilities![k]
        block.weights![k] = min(most, max(least, block.weights![k] + change))
      }
    }
  }
}

/// How eligibilities decay.
struct EligibilityDecay: Sendable {
  /// A step's share of the time constant.
  let rate: Double
  init(timeConstant: Double, step: Double) { rate = step / timeConstant }
  @inline(__always) func factor(_ steps: Int) -> Double { exp(-Double(steps) * rate) }
}

/// The plastic synapses of one partition: what their sources and targets did.
final class PlasticPart<Scalar: SimulationScalar>: @unchecked Sendable {
  /// The step of each source's last spike at the synapse, and the traces just after it.
  let lastSteps: UnsafeMutablePointer<Int32>
  let traces: UnsafeMutablePointer<TraceValues<Scalar>>
  /// Within the rank's part of the target population.
  let firstTarget: Int
  let history: SpikeHistory<Scalar>
  /// The step that stored eligibilities are counted from.
  var eligibilityStep = 0
  /// Spikes on their way to the synapse.
  private var held: [Int32] = []
  private var arrivals: [(step: Int, count: Int)] = []
  private let sources: Int
  static var never: Int32 { -1 << 30 }

  init(sources: Int, firstTarget: Int, history: SpikeHistory<Scalar>) {
    (self.sources, self.firstTarget, self.history) = (sources, firstTarget, history)
    lastSteps = .aligned(sources)
    lastSteps.update(repeating: Self.never, count: sources)
    traces = .allocate(capacity: max(1, sources))
    traces.initialize(repeating: TraceValues(0), count: sources)
  }

  /// What is known of sources and targets.
  var bytes: Int {
    sources * (4 + MemoryLayout<TraceValues<Scalar>>.stride)
      + history.neurons * (8 + history.capacity * MemoryLayout<SpikeHistory<Scalar>.Entry>.stride)
  }

  deinit {
    lastSteps.deallocate()
    traces.deallocate()
  }

  func hold(_ spikes: UnsafeBufferPointer<Int32>, until step: Int) {
    held.append(contentsOf: spikes)
    arrivals.append((step, spikes.count))
  }

  func release(_ now: Int, _ body: (UnsafeBufferPointer<Int32>) -> Void) {
    var (taken, lists) = (0, 0)
    held.withUnsafeBufferPointer { held in
      while lists < arrivals.count, arrivals[lists].step <= now {
        body(UnsafeBufferPointer(rebasing: held[taken..<taken + arrivals[lists].count]))
        taken += arrivals[lists].count
        lists += 1
      }
    }
    held.removeFirst(taken)
    arrivals.removeFirst(lists)
  }
}

extension SynapseTable {
  /// Every source's synapses in a partition.
  func forEachRow(_ partition: Int, _ body: (Int, SynapseBlock<Scalar>, Range<Int>) -> Void) {
    for block in blocks {
      for source in 0..<block.sources {
        let place = source * partitions + partition
        let range = Int(block.starts[place])..<Int(block.starts[place + 1])
        if !range.isEmpty { body(block.firstSource + source, block, range) }
      }
    }
  }
}
