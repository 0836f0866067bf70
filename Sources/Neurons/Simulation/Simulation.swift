import Foundation
import Recordings
import Support
import Tensors

/// In which numbers a network is simulated.
public enum Precision: String, Sendable, CaseIterable, Codable {
  case single, double
}

/// A ``Network`` that runs.
///
/// Same network, seed and precision: same spikes, whatever the number of threads and ranks. A step k takes the time from
/// `k · step` on; its spikes stand at that time, and arrive in the step `k + delay / step`.
public final class Simulation {
  enum Engine {
    case single(NetworkEngine<Float>)
    case double(NetworkEngine<Double>)
  }
  let engine: Engine
  public let network: Network
  public let precision: Precision

  /// Builds the network.
  ///
  /// - Parameter threads: As many as there are cores, fewer for small networks, if nil.
  /// - Throws: `CajalError` naming what cannot be, and why.
  public convenience init(_ network: Network, precision: Precision = .single, threads: Int? = nil) throws {
    try self.init(network, precision: precision, threads: threads, exchange: nil)
  }

  init(_ network: Network, precision: Precision, threads: Int?, exchange: (any SpikeExchange)?) throws {
    try network.validate()
    let neurons = network.populations.reduce(0) { $0 + ($1.neuronType == nil ? 0 : $1.handle.count) }
    // Threads that have less to do than this wait for each other more than they work.
    let threads = threads ?? max(1, min(Threads.count, neurons / 4000))
    guard (1...1024).contains(threads) else { throw CajalError("a simulation on \(threads) threads") }
    (self.network, self.precision) = (network, precision)
    engine =
      switch precision {
      case .single: .single(try NetworkEngine(network, threads: threads, exchange: exchange))
      case .double: .double(try NetworkEngine(network, threads: threads, exchange: exchange))
      }
  }

  /// The time simulated.
  public var time: Time { Time(Double(steps) * network.step.value) }

  /// Steps taken.
  public var steps: Int {
    switch engine {
    case .single(let engine): engine.now
    case .double(let engine): engine.now
    }
  }

  /// Goes on for some time, a whole number of steps (the nearest).
  ///
  /// - Parameter goesOn: Asked some times a second with the time reached; false ends the run, and what was recorded stays.
  /// - Returns: Whether the run came to its end.
  /// - Throws: `CajalError` where recorded spikes could not be kept, or a rank was lost.
  @discardableResult
  public func run(for duration: Time, goesOn: @escaping (Time) -> Bool = { _ in true }) throws -> Bool {
    let steps = (duration.value / network.step.value).rounded()
    guard steps >= 0, steps < 1e15 else { throw CajalError("a run for \(duration)") }
    let milliseconds = network.step.value
    let ask = { (step: Int) in goesOn(Time(Double(step) * milliseconds)) }
    switch engine {
    case .single(let engine): return try engine.run(Int(steps), ask)
    case .double(let engine): return try engine.run(Int(steps), ask)
    }
  }

  /// The spikes of a population that are recorded: step and neuron in turn, ordered by both.
  private func events(_ population: Population) throws -> [(step: Int32, neuron: Int32)] {
    let stores =
      switch engine {
      case .single(let engine): engine.populations[population.index].stores
      case .double(let engine): engine.populations[population.index].stores
      }
    guard !stores.isEmpty else { throw CajalError("the spikes of '\(population.name)' are not recorded") }
    return try stores.flatMap { store in
      let all = try store.all()
      return stride(from: 0, to: all.count, by: 2).map { (step: all[$0], neuron: all[$0 + 1]) }
    }
  }

  /// The spikes of a population so far, times in seconds; on several ranks those of this rank's neurons.
  ///
  /// - Throws: `CajalError` if they are not recorded, or could not be kept.
  public func spikes(of population: Population) throws -> SpikeTrains {
    var times = [[Double]](repeating: [], count: population.count)
    let step = network.step.value / 1000
    for event in try events(population) { times[Int(event.neuron)].append(Double(event.step) * step) }
    return try SpikeTrains(
      name: population.name, times, units: NeuronTable(count: population.count, site: population.name),
      support: Epochs(from: 0, to: max(step, Double(steps) * step)))
  }

  /// How many spikes a population has fired so far, of those recorded.
  public func spikeCount(of population: Population) throws -> Int { try events(population).count }

  /// A recorded variable: `[S, N]`, times in seconds at the ends of the steps.
  ///
  /// - Throws: `CajalError` if it is not recorded.
  public func recording(of variable: String, in population: Population) throws -> Recording {
    guard
      let index = network.traceRecorders.firstIndex(where: {
        $0.population == population && $0.variables.contains(variable)
      })
    else { throw CajalError("'\(variable)' of '\(population.name)' is not recorded") }
    let recorder = network.traceRecorders[index]
    let place = recorder.variables.firstIndex(of: variable)!
    let (series, neurons) =
      switch engine {
      case .single(let engine): (engine.traces[index].series(place), engine.traces[index].neurons)
      case .double(let engine): (engine.traces[index].series(place), engine.traces[index].neurons)
      }
    let interval = recorder.interval / 1000
    return try Recording(
      name: population.name, activity: Tensor(series.values, shape: [series.times, neurons.count]),
      neurons: NeuronTable(names: neurons.map(String.init), site: population.name),
      time: TimeAxis(start: interval, rate: 1 / interval, count: series.times), unit: variable)
  }

  /// A variable of all neurons (of this rank) as it is now.
  ///
  /// - Throws: `CajalError` if the neurons have no such variable.
  public func values(of variable: String, in population: Population) throws -> [Double] {
    guard let type = network.populations[population.index].neuronType,
      let index = type.variables.firstIndex(of: variable)
    else { throw CajalError("'\(population.name)' has no variable '\(variable)'") }
    switch engine {
    case .single(let engine):
      let own = engine.populations[population.index]
      return (0..<own.count).map { Double(own.variables[index][$0]) }
    case .double(let engine):
      let own = engine.populations[population.index]
      return (0..<own.count).map { own.variables[index][$0] }
    }
  }
}
