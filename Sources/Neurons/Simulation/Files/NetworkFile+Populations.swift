import Foundation
import Recordings
import Support

extension NetworkReader {
  mutating func addNeurons(_ name: String, _ json: LocatedJSON) throws {
    let object = try json.object("a population", keys: ["neurons", "model", "like", "parameters", "start"])
    let count = try object.required("neurons").whole(1...(1 << 30 - 1))
    var (type, start) = try kind(object)
    for (variable, json) in try object["start"]?.members("start values by variable") ?? [] {
      guard type.variables.contains(variable) else {
        throw json.error(
          "is no variable of '\(type.name)'\(suggestion(variable, among: type.variables)); it has \(type.variables.joined(separator: ", "))"
        )
      }
      let (unit, factor) = type.unit(of: variable)
      start[variable] = try json.distribution(in: unit).scaled(by: factor)
    }
    try change(json) { $0.add(name, count, type, start: start) }
  }

  /// The type of a population's neurons, with the start values of another that it is like.
  private func kind(_ object: JSONObject) throws -> (NeuronType, [String: Distribution]) {
    guard let like = object["like"] else { return (try NeuronTypeReader.type(object), [:]) }
    for key in ["model", "parameters"] {
      if let json = object[key] { throw json.error("stands beside 'like', which has a model of its own") }
    }
    let other = try population(like)
    guard case .neurons(let type, let start) = network.populations[other.index].kind else {
      throw like.error("is '\(other.name)', which are sources")
    }
    return (type, start)
  }

  mutating func addSource(_ name: String, _ json: LocatedJSON) throws {
    guard !network.allPopulations.contains(where: { $0.name == name }) else {
      throw json.error("has the name of a population")
    }
    let object = try json.object("a source", keys: ["poisson", "spikes"])
    guard object.members.count == 1 else { throw json.error("needs 'poisson' or 'spikes'") }
    if let poisson = object["poisson"] {
      let parts = try poisson.object("a Poisson source", keys: ["count", "rate", "during"])
      let count = try parts.required("count").whole(1...(1 << 30 - 1))
      let rate = try parts.required("rate").distribution(in: FrequencyDimension.unit)
      let active = try parts["during"]?.stretch()
      try change(json) {
        $0.addPoisson(name, count, rate: Random<FrequencyDimension>(rate), active: active)
      }
    } else if let spikes = object["spikes"] {
      let trains = try times(name, spikes)
      try change(json) { $0.addSpikes(name, at: trains) }
    }
  }

  /// Milliseconds, by source: listed, from a file, or from the person who runs the network.
  private func times(_ name: String, _ json: LocatedJSON) throws -> [[Double]] {
    func milliseconds(_ trains: SpikeTrains) -> [[Double]] {
      (0..<trains.count).map { unit in trains[unit].map { $0 * 1000 } }
    }
    if let given = options.spikes[name] ?? options.onlySpikes { return milliseconds(given) }
    switch json.value {
    case .null: throw json.error("are to be given where the network is run: --data \(name)=FILE")
    case .string(let path):
      let url =
        path.hasPrefix("/") || folder == nil
        ? URL(fileURLWithPath: path) : folder!.appendingPathComponent(path)
      do { return milliseconds(try RecordingFile.readSpikes(url)) } catch let error as CajalError {
        throw json.error("cannot be read: \(error.message)")
      }
    default:
      return try json.list("a list of times for each source, the name of a file, or null").map { train in
        try train.list("a list of times").map { try $0.positive(TimeDimension.self, orZero: true).value }
      }
    }
  }

  /// Data are given for sources that there are.
  func checkData(_ sources: [(key: String, value: LocatedJSON)]) throws {
    let names = sources.filter { source in
      (try? source.value.members(""))?.contains { $0.key == "spikes" } ?? false
    }.map(\.key)
    let there = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
    for name in options.spikes.keys.sorted() where !names.contains(name) {
      throw CajalError(
        "\(root.json.document) has no source of given spikes called '\(name)'\(suggestion(name, among: names)); \(there)"
      )
    }
    guard options.onlySpikes == nil || names.count == 1 else {
      throw CajalError("\(root.json.document): spikes are given without the name of a source; \(there)")
    }
  }
}

extension NeuronType {
  /// In which unit a variable is written, and what it is multiplied by for the model.
  func unit(of variable: String) -> (unit: String, factor: Double) {
    func synaptic(_ receptor: Receptor) -> (String, Double) {
      inputs.first { $0.receptor == receptor }.map { ($0.unit, $0.scale) } ?? (NumberDimension.unit, 1)
    }
    switch variable {
    case "membrane": return (VoltageDimension.unit, 1)
    case "excitation": return synaptic(.excitatory)
    case "inhibition": return synaptic(.inhibitory)
    // Picoamperes in the model.
    case "adaptation": return (CurrentDimension.unit, 1e3)
    default: return (NumberDimension.unit, 1)
    }
  }
}

extension Distribution {
  /// What is drawn, times a factor above zero.
  func scaled(by factor: Double) -> Distribution {
    switch self {
    case .constant(let value): .constant(value * factor)
    case .uniform(let a, let b): .uniform(a * factor, b * factor)
    case .normal(let mean, let deviation, let within):
      .normal(
        mean: mean * factor, deviation: deviation * factor,
        within: within.lowerBound * factor...within.upperBound * factor)
    case .logNormal(let median, let spread): .logNormal(median: median * factor, spread: spread)
    case .values(let values): .values(values.map { $0 * factor })
    }
  }
}
