import Dispatch
import Foundation
import Recordings
import Support
import Synchronization

/// Ranks of a program that run one network together; nil where there is one.
protocol SpikeExchange: Sendable {
  var rank: Int { get }
  var count: Int { get }
  /// The messages of all ranks, in their order.
  func exchange(_ message: [Int32]) throws -> [[Int32]]
}

/// A network while it runs.
///
/// Time is cut into intervals as long as the shortest delay. Within one, every partition advances its neurons alone and
/// notes their spikes; then all partitions (and ranks) see all spikes, in order of step, population and neuron, and each
/// adds what ends on its own neurons. So the sums are formed in one order, however neurons are split.
final class NetworkEngine<Scalar: SimulationScalar>: @unchecked Sendable {
  let network: Network
  let partitioning: Partitioning
  let populations: [EnginePopulation<Scalar>]
  private(set) var projections: [EngineProjection<Scalar>] = []
  private(set) var traces: [TraceStore<Scalar>] = []
  private var adaptations: [EngineAdaptation<Scalar>] = []
  /// Steps of an interval.
  let interval: Int
  /// Steps taken.
  private(set) var now = 0
  private let exchange: (any SpikeExchange)?
  /// Two sets, used in turn: while some threads still read one, others write the next. Partitions of all ranks.
  private let lists: [[SpikeList]]
  private let barrier: SpinBarrier

  init(_ network: Network, threads: Int, exchange: (any SpikeExchange)?) throws {
    self.network = network
    self.exchange = exchange
    partitioning = Partitioning(ranks: exchange?.count ?? 1, rank: exchange?.rank ?? 0, threads: threads)
    let step = network.step.value
    let generator = RandomGenerator(seed: network.seed)
    let partitioning = self.partitioning
    let populations = try network.populations.enumerated().map {
      try EnginePopulation<Scalar>(
        $1, step: step, partitioning: partitioning, generator: generator.split(3 * $0))
    }
    self.populations = populations
    let tables = network.projections.enumerated().map { index, projection in
      Self.table(projection, populations, step, generator.split(3 * index + 1))
    }
    for (projection, table) in zip(network.projections, tables) {
      populations[projection.target.index].prepare(input: projection.input!, delay: table.longestDelay)
    }
    // A spike that is at the synapse late acts on the membrane in the next step.
    let isPlasticBefore = network.projections.contains { $0.plasticity?.delayLocation == .axonal }
    interval = isPlasticBefore ? 1 : tables.map(\.shortestDelay).min() ?? 64
    barrier = SpinBarrier(threads)
    lists = (0..<2).map { _ in (0..<partitioning.ranks * threads).map { _ in SpikeList() } }
    for (index, stimulus) in network.stimuli.enumerated() {
      Self.add(stimulus, to: populations[stimulus.target.index], step, generator.split(3 * index + 2))
    }
    adaptations = network.adaptations.enumerated().map {
      EngineAdaptation($1, network, populations, generator: generator.split(-1 - $0))
    }
    projections = zip(network.projections, tables).map {
      let target = populations[$0.target.index]
      return EngineProjection(
        $0, $1, target.buffers[$0.input!]!, bounds: target.bounds, step: step)
    }
    for projection in projections {
      if let plastic = projection.plastic {
        populations[projection.description.target.index].listeners.append(plastic)
      }
    }
    traces = try network.traceRecorders.map {
      try TraceStore($0, populations[$0.population.index], step: step)
    }
  }

  private static func table(
    _ projection: ProjectionDescription, _ populations: [EnginePopulation<Scalar>], _ step: Double,
    _ generator: RandomGenerator
  ) -> SynapseTable<Scalar> {
    let target = populations[projection.target.index]
    let recipe = SynapseRecipe(
      rule: projection.rule, sources: projection.source.count, targets: projection.target.count,
      isRecurrent: projection.source == projection.target, weight: projection.weight,
      scale: projection.storedScale,
      delay: projection.delay,
      step: step, generator: generator,
      isPlastic: projection.plasticity != nil)
    return SynapseTable(recipe, bounds: target.bounds)
  }

  private static func add(
    _ stimulus: Stimulus, to population: EnginePopulation<Scalar>, _ step: Double,
    _ generator: RandomGenerator
  ) {
    let type = population.description.neuronType!
    let input = type.input(stimulus.receptor)!
    population.prepare(input: input, delay: 1)
    population.stimuli.append(
      EngineStimulus(
        stimulus, input: input, scale: type.inputs[input].scale, step: step, bounds: population.bounds,
        generator: generator))
  }

  /// Takes so many steps.
  ///
  /// - Parameter goesOn: Asked some times a second with the steps taken; false ends the run after an interval.
  /// - Returns: Whether all steps were taken.
  func run(_ steps: Int, _ goesOn: @escaping (Int) -> Bool) throws -> Bool {
    let end = now + steps
    while now < end {
      // Up to where something adapts next.
      let stretch = adaptations.map { $0.steps - now % $0.steps }.min() ?? end - now
      guard try run(to: min(end, now + stretch), goesOn) else { return false }
      for adaptation in adaptations where now % adaptation.steps == 0 { try adaptation.apply(to: self) }
    }
    return true
  }

  private func run(to end: Int, _ goesOn: @escaping (Int) -> Bool) throws -> Bool {
    let control = RunControl()
    let asks = UncheckedBox(goesOn)
    onThreads(partitioning.threads) { partition in
      withoutSubnormals { self.run(partition, until: end, asks.value, control) }
    }
    if let error = control.failure.withLock({ $0 }) { throw error }
    return now == end
  }

  /// What one thread does.
  private func run(_ partition: Int, until end: Int, _ goesOn: (Int) -> Bool, _ control: RunControl) {
    var step = now
    var turn = 0
    var asked = ContinuousClock.now
    let mine = partitioning.rank * partitioning.threads + partition
    barrier.wait()
    while step < end {
      let length = min(interval, end - step)
      let lists = self.lists[turn & 1]
      update(partition, step, length, lists[mine])
      if partition == 0, turn & 63 == 0, ContinuousClock.now - asked > .milliseconds(100) {
        asked = .now
        // Ranks must end together: with several, only the end of the run ends it.
        if !goesOn(step), exchange == nil { control.stop(at: turn) }
      }
      barrier.wait()
      if exchange != nil {
        if partition == 0 { control.note(at: turn) { try exchangeSpikes(lists) } }
        barrier.wait()
      }
      if control.failed(at: turn) { break }
      deliver(partition, step, length, lists)
      step += length
      if control.stops(at: turn) { break }
      turn += 1
    }
    barrier.wait()
    if partition == 0 { now = step }
  }

  @inline(__always)
  private func update(_ partition: Int, _ start: Int, _ length: Int, _ list: SpikeList) {
    list.clear()
    for step in start..<start + length {
      for population in populations { population.advance(partition, step, list) }
      for trace in traces { trace.keep(partition, step) }
    }
  }

  @inline(__always)
  private func deliver(_ partition: Int, _ start: Int, _ length: Int, _ lists: [SpikeList]) {
    for step in 0..<length {
      for projection in projections {
        for list in lists {
          let spikes = list.spikes(step, projection.source, of: populations.count)
          if !spikes.isEmpty { projection.deliver(spikes, partition, start + step) }
        }
        projection.plastic?.endStep(partition, start + step)
      }
    }
  }

  private func exchangeSpikes(_ lists: [SpikeList]) throws {
    let (threads, rank) = (partitioning.threads, partitioning.rank)
    var message: [Int32] = []
    for list in lists[rank * threads..<(rank + 1) * threads] { list.packed(into: &message) }
    for (other, message) in try exchange!.exchange(message).enumerated() where other != rank {
      var place = 0
      for list in lists[other * threads..<(other + 1) * threads] { place = list.unpack(message, from: place) }
    }
  }
}

/// Why a run ends before its end. Threads may be an interval apart, so that a stop names the interval it is for.
private final class RunControl: Sendable {
  private let lastTurn = Atomic<Int>(Int.max)
  private let failedTurn = Atomic<Int>(Int.max)
  let failure = Mutex<(any Error)?>(nil)

  func stop(at turn: Int) { lastTurn.store(turn, ordering: .relaxed) }
  func stops(at turn: Int) -> Bool { lastTurn.load(ordering: .relaxed) <= turn }
  func failed(at turn: Int) -> Bool { failedTurn.load(ordering: .relaxed) <= turn }
  func note(at turn: Int, _ body: () throws -> Void) {
    do { try body() } catch {
      failure.withLock { $0 = error }
      failedTurn.store(turn, ordering: .relaxed)
    }
  }
}

/// Runs a body on so many threads that all run at once, as they wait for each other; returns when all are done.
private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  guard count > 1 else { return body(0) }
  let done = DispatchGroup()
  for index in 1..<count {
    done.enter()
    let thread = Thread {
      body(index)
      done.leave()
    }
    thread.stackSize = 1 << 21
    thread.start()
  }
  body(0)
  done.wait()
}

private struct UncheckedBox<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
