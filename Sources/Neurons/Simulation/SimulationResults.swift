import Foundation
import Recordings
import Support
import Tensors

/// What a simulation recorded, with the parts of all ranks put together.
public struct SimulationResults: Sendable {
  /// Of every population whose spikes were recorded, in their order.
  public let spikes: [SpikeTrains]
  /// Of every variable that was recorded, named `population.variable`.
  public let recordings: [Recording]
  /// Plastic synapses as they are at the end, by name of the projection; the unit is that of the weights.
  public let plastic: [(name: String, unit: String, synapses: SynapseList)]
  /// All synapses, and what they take in memory.
  public let synapses: Int
  public let synapseBytes: Int
}

extension Simulation {
  /// What was recorded so far.
  ///
  /// - Parameter ranks: Those that simulate together, all of which must call this; nil where there is one.
  /// - Returns: On rank 0; nil on the others.
  /// - Throws: `CajalError` if what was recorded could not be kept.
  public func results(on ranks: Ranks? = nil) throws -> SimulationResults? {
    let recorded = network.populations.filter { $0.spikeLimit != nil }.map(\.handle)
    let spikes = try recorded.map { try gathered(spikesOf: $0, ranks) }
    let recordings = try network.traceRecorders.flatMap { recorder in
      try recorder.variables.map { try gathered($0, recorder, ranks) }
    }
    let plastic = try network.projections.filter { $0.plasticity != nil }.map { projection in
      (projection.handle.name, projection.weightUnit, try gathered(synapsesOf: projection.handle, ranks))
    }
    let memory = memory
    let sums = try ranks.map { try [$0.sum(memory.synapses), $0.sum(memory.synapseBytes)] }
    guard ranks?.index ?? 0 == 0 else { return nil }
    return SimulationResults(
      spikes: spikes.compactMap { $0 }, recordings: recordings.compactMap { $0 },
      plastic: plastic.compactMap { name, unit, synapses in synapses.map { (name, unit, $0) } },
      synapses: sums?[0] ?? memory.synapses,
      synapseBytes: sums?[1] ?? memory.synapseBytes)
  }

  private func gathered(spikesOf population: Population, _ ranks: Ranks?) throws -> SpikeTrains? {
    let own = try spikes(of: population)
    guard let ranks else { return own }
    // Every rank has other neurons: a unit's spikes come from one.
    let counts = try gathered((0..<own.count).map { Int32(own[$0].count) }, ranks, together: { $0 })
    let times = try gathered(own.times, ranks, together: { $0 })
    guard let counts, let times else { return nil }
    var units = [[Double]](repeating: [], count: own.count)
    for (counts, times) in zip(counts, times) {
      var place = 0
      for (unit, count) in counts.enumerated() where count > 0 {
        units[unit] += times[place..<place + Int(count)]
        place += Int(count)
      }
    }
    return try SpikeTrains(name: own.name, units, units: own.units, support: own.support)
  }

  private func gathered(_ variable: String, _ recorder: TraceRecorder, _ ranks: Ranks?) throws -> Recording? {
    let own = try recording(of: variable, in: recorder.population)
    let (unit, factor) = network.populations[recorder.population.index].neuronType!.unit(of: variable)
    func named(_ recording: Recording) -> Recording {
      var recording = recording
      recording.name = "\(recorder.population.name).\(variable)"
      // As the model counts: some variables in a unit of their own.
      recording.unit = factor == 1 && unit != NumberDimension.unit ? unit : ""
      return recording
    }
    guard let ranks else { return named(own) }
    let neurons = try gathered(own.neurons.allNames.map { Int32($0)! }, ranks, together: { $0 })
    let series = try gathered(own.activity.transposed(0, 1).contiguous().doubles, ranks, together: { $0 })
    guard let neurons, let series else { return nil }
    var columns: [Int: ArraySlice<Double>] = [:]
    for (neurons, series) in zip(neurons, series) where !neurons.isEmpty {
      let samples = series.count / neurons.count
      for (k, neuron) in neurons.enumerated() {
        columns[Int(neuron)] = series[k * samples..<(k + 1) * samples]
      }
    }
    let order = (recorder.neurons ?? Array(0..<recorder.population.count)).filter { columns[$0] != nil }
    let samples = columns.values.first?.count ?? 0
    let activity = Tensor(order.flatMap { columns[$0]! }, shape: [order.count, samples], as: .float32)
    let interval = recorder.interval / 1000
    return named(
      try Recording(
        name: own.name, activity: activity.transposed(0, 1).contiguous(),
        neurons: NeuronTable(names: order.map(String.init), site: recorder.population.name),
        time: TimeAxis(start: interval, rate: 1 / interval, count: samples), unit: own.unit))
  }

  private func gathered(synapsesOf projection: Projection, _ ranks: Ranks?) throws -> SynapseList? {
    let own = synapses(of: projection)
    guard let ranks else { return own }
    func joined<Value: BitwiseCopyable>(_ values: [Value]) throws -> [Value]? {
      try gathered(values, ranks, together: { $0.flatMap { $0 } })
    }
    let sources = try joined(own.sources)
    let targets = try joined(own.targets)
    let weights = try joined(own.weights)
    let delays = try joined(own.delays)
    guard let sources, let targets, let weights, let delays else { return nil }
    let order = sources.indices.sorted { (sources[$0], targets[$0]) < (sources[$1], targets[$1]) }
    return SynapseList(
      sources: order.map { sources[$0] }, targets: order.map { targets[$0] },
      weights: order.map { weights[$0] }, delays: order.map { delays[$0] })
  }

  private func gathered<Value: BitwiseCopyable, Whole>(
    _ own: [Value], _ ranks: Ranks, together: ([[Value]]) -> Whole
  ) throws -> Whole? {
    let data = own.withUnsafeBytes { Data($0) }
    return try ranks.gather(data).map { all in
      together(
        all.map { data in
          data.withUnsafeBytes { bytes in
            (0..<data.count / MemoryLayout<Value>.stride).map {
              bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.stride, as: Value.self)
            }
          }
        })
    }
  }
}

extension SimulationResults {
  /// Writes everything into a folder: `POPULATION.spikes.npz`, `POPULATION.VARIABLE.npz`, `PROJECTION.weights.csv`.
  ///
  /// - Parameter format: `npz`, `nwb` or `csv`, for spikes and variables.
  /// - Returns: The files.
  /// - Throws: `CajalError` naming a file that cannot be written.
  public func write(to folder: URL, format: String = "npz") throws -> [URL] {
    var files: [URL] = []
    func file(_ name: String, _ end: String) -> URL {
      // Names come from a person, and may hold anything.
      let safe = name.map { $0.isLetter || $0.isNumber || "._- ".contains($0) ? $0 : "_" }
      files.append(folder.appendingPathComponent("\(String(safe)).\(end)"))
      return files.last!
    }
    for trains in spikes { try RecordingFile.write(trains, to: file(trains.name, "spikes.\(format)")) }
    for recording in recordings { try RecordingFile.write(recording, to: file(recording.name, format)) }
    for (name, unit, synapses) in plastic {
      let rows = (0..<synapses.count).map {
        "\(synapses.sources[$0]),\(synapses.targets[$0]),\(synapses.weights[$0])\n"
      }
      let text = "source,target,weight (\(unit))\n" + rows.joined()
      try AtomicFile.write(Data(text.utf8), to: file(name, "weights.csv"))
    }
    return files
  }
}
