import Foundation
import Support
import Tensors

extension SynapticRecordings {
  /// Reads files of NeuronIO (Beniaguev et al., 2021): pickles of simulations of a cortical pyramidal cell.
  ///
  /// Each holds `Results.listOfSingleSimulationDicts` (or such a list itself); of each simulation are read `exInputSpikeTimes` and
  /// `inhInputSpikeTimes` (for each segment the times in ms of the events at its synapse), `outputSpikeTimes` in ms and
  /// `somaVoltageLowRes` in mV, one number a ms.
  /// - Throws: `CajalError` naming the file, the simulation and the entry that is missing or damaged.
  public init(neuronIO urls: [URL]) throws {
    var recordings: [SynapticRecording] = []
    for url in urls {
      let root = try PickledData.read(url)
      let list =
        root["Results"]["listOfSingleSimulationDicts"].items ?? root["listOfSingleSimulationDicts"].items
        ?? root.items
      guard let list, !list.isEmpty else {
        throw CajalError("\(url.path) holds no list of simulations under Results.listOfSingleSimulationDicts")
      }
      for (number, simulation) in list.enumerated() {
        do { recordings.append(try SynapticRecording(neuronIO: simulation)) } catch {
          throw CajalError("\(url.path), simulation \(number): \(error)")
        }
      }
    }
    let fingerprints = try urls.map { try Fingerprint.ofFile($0) }
    try self.init(
      name: urls.count == 1 ? urls[0].lastPathComponent : "\(urls.count) files of NeuronIO",
      recordings: recordings,
      fingerprint: urls.count == 1
        ? fingerprints[0] : Fingerprint.of(Data(fingerprints.joined(separator: "\n").utf8)))
  }

  /// Reads one file, or every `.p` and `.pkl` file of a folder, in order of their names.
  public init(neuronIO path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CajalError("cannot read \(path)")
    }
    guard isFolder.boolValue else {
      try self.init(neuronIO: [URL(fileURLWithPath: path)])
      return
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let files = names.filter { $0.hasSuffix(".p") || $0.hasSuffix(".pkl") || $0.hasSuffix(".pickle") }
      .sorted()
    guard !files.isEmpty else { throw CajalError("\(path) holds no pickle (.p, .pkl) of NeuronIO") }
    try self.init(neuronIO: files.map { URL(fileURLWithPath: path).appendingPathComponent($0) })
  }
}

extension SynapticRecording {
  fileprivate init(neuronIO simulation: PickledData) throws {
    guard let voltage = simulation["somaVoltageLowRes"].numbers, !voltage.isEmpty else {
      throw CajalError("somaVoltageLowRes should hold numbers")
    }
    let steps = voltage.count
    guard let spikes = simulation["outputSpikeTimes"].numbers else {
      throw CajalError("outputSpikeTimes should hold times")
    }
    let (excitatory, inhibitory) = (
      try Self.times(simulation, "exInputSpikeTimes"), try Self.times(simulation, "inhInputSpikeTimes")
    )
    var events: [(time: Int, input: Int, value: Float)] = []
    for (offset, value, sources) in [(0, Float(1), excitatory), (excitatory.count, Float(-1), inhibitory)] {
      for (segment, times) in sources.enumerated() {
        for time in times where time >= 0 && time < Double(steps) {
          events.append((Int(time), offset + segment, value))
        }
      }
    }
    var fired = [Bool](repeating: false, count: steps)
    for time in spikes where time >= 0 && time < Double(steps) { fired[Int(time)] = true }
    try self.init(
      events: SynapticEvents(
        steps: steps, inputs: excitatory.count + inhibitory.count, sequences: [events]),
      spikes: fired, voltage: voltage.map { Float($0) })
  }

  /// Times by segment: from a dictionary whose keys are the segments' numbers, or from a list.
  private static func times(_ simulation: PickledData, _ key: String) throws -> [[Double]] {
    let entry = simulation[key]
    if let items = entry.items {
      let lists = items.map(\.numbers)
      guard !lists.isEmpty, lists.allSatisfy({ $0 != nil }) else {
        throw CajalError("\(key) should hold a list of times for each segment")
      }
      return lists.map { $0! }
    }
    guard let entries = entry.entries, !entries.isEmpty else { throw CajalError("\(key) is missing") }
    var result = [[Double]?](repeating: nil, count: entries.count)
    for (name, value) in entries {
      guard let segment = name.integer, result.indices.contains(segment), let times = value.numbers else {
        throw CajalError("\(key) should hold times for each of the segments 0..<\(entries.count)")
      }
      result[segment] = times
    }
    guard result.allSatisfy({ $0 != nil }) else {
      throw CajalError("\(key) names a segment twice, and another of 0..<\(entries.count) not at all")
    }
    return result.map { $0! }
  }
}
