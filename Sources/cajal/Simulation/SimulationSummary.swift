import Foundation
import Neurons
import Recordings
import StudyCore
import Support

/// What a simulation did, for people and for programs.
struct SimulationSummary: Encodable {
  struct Group: Encodable {
    let name: String
    let neurons: Int
    let spikes: Int
    /// Spikes per second and neuron.
    let rate: Double
    /// Mean over neurons with at least five spikes.
    let variationOfIntervals: Double?
    /// The share of neurons that fired at all.
    let active: Double
  }
  struct Weights: Encodable {
    let projection: String
    let unit: String
    let synapses: Int
    let least, mean, largest: Double
  }

  let name: String
  /// Neurons that are simulated, without sources.
  let neurons: Int
  let synapses: Int
  let bytesPerSynapse: Double
  /// Milliseconds.
  let step: Double
  /// Seconds of the network's time.
  let simulated: Double
  let seed: UInt64
  let precision: Precision
  let ranks: Int
  let populations: [Group]
  let weights: [Weights]
  /// Seconds of ours.
  var building = 0.0
  var simulating = 0.0
  var files: [String] = []

  init(_ file: NetworkFile, _ simulation: Simulation, _ results: SimulationResults, ranks: Int) {
    name = file.name
    neurons = simulation.network.neuronCount
    synapses = results.synapses
    bytesPerSynapse = synapses == 0 ? 0 : Double(results.synapseBytes) / Double(synapses)
    (step, simulated) = (file.network.step.value, simulation.time.value / 1000)
    (seed, precision, self.ranks) = (file.network.seed, file.precision, ranks)
    populations = results.spikes.map(Self.group)
    weights = results.plastic.filter { $0.synapses.count > 0 }.map { name, unit, synapses in
      let values = synapses.weights
      return Weights(
        projection: name, unit: unit, synapses: values.count, least: values.min()!,
        mean: values.reduce(0, +) / Double(values.count), largest: values.max()!)
    }
  }

  private static func group(_ trains: SpikeTrains) -> Group {
    let variations = trains.statistics.filter { $0.spikes >= 5 }.map(\.coefficientOfVariation)
    let duration = trains.support.duration
    return Group(
      name: trains.name, neurons: trains.count, spikes: trains.spikeCount,
      rate: duration > 0 ? Double(trains.spikeCount) / Double(trains.count) / duration : 0,
      variationOfIntervals: variations.isEmpty ? nil : variations.reduce(0, +) / Double(variations.count),
      active: Double((0..<trains.count).filter { !trains[$0].isEmpty }.count) / Double(trains.count))
  }

  /// Seconds of ours that a second of the network's takes.
  var slowness: Double { simulated > 0 ? simulating / simulated : .nan }

  func print(_ folder: URL?) {
    let width = max(10, populations.map(\.name.count).max() ?? 0)
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    Swift.print(
      "\(pad("population", width)) \(right("neurons", 9)) \(right("spikes", 10)) \(right("Hz", 8)) \(right("CV", 6)) \(right("active", 8))"
    )
    for group in populations {
      let variation = group.variationOfIntervals.map { String(format: "%.2f", $0) } ?? "–"
      Swift.print(
        "\(pad(group.name, width)) \(right("\(group.neurons)", 9)) \(right("\(group.spikes)", 10)) \(right(NumberText.short(group.rate), 8)) \(right(variation, 6)) \(right(String(format: "%.0f %%", 100 * group.active), 8))"
      )
    }
    for weight in weights {
      Swift.print(
        "\(weight.projection): \(weight.synapses) plastic synapses, \(NumberText.short(weight.least)) to \(NumberText.short(weight.largest)) \(weight.unit), mean \(NumberText.short(weight.mean))"
      )
    }
    say(
      "\(neurons) neurons, \(synapses) synapses (\(NumberText.short(bytesPerSynapse)) bytes each); \(NumberText.short(simulated)) s in \(NumberText.duration(simulating)), \(NumberText.short(slowness)) of real time\(ranks > 1 ? ", \(ranks) ranks" : "")"
    )
    if let folder {
      Swift.print("\nReport: \(folder.appendingPathComponent("report.html").path)")
    } else {
      say("--out DIR writes a report with pictures, and what was recorded")
    }
  }
}
