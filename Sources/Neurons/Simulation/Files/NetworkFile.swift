import Datasets
import Foundation
import Recordings
import Support

/// A network written down as a file: populations, connections, inputs and what to record (JSON; `docs/simulate.md`), or a
/// graph of NIR.
///
/// ```swift
/// let file = try NetworkFile(contentsOf: URL(fileURLWithPath: "cuba.json"))
/// let simulation = try Simulation(file.network, precision: file.precision)
/// try simulation.run(for: file.duration ?? 1.s)
/// ```
public struct NetworkFile: Sendable {
  /// What a person may want otherwise than the file says.
  public struct Options: Sendable {
    public var seed: UInt64?
    public var precision: Precision?
    /// Of graphs of NIR, which have none.
    public var step: Time?
    /// Spikes of sources, by name, instead of what the file says.
    public var spikes: [String: SpikeTrains] = [:]
    /// Spikes of the one source whose spikes are given; nil if there are several.
    public var onlySpikes: SpikeTrains?

    public init() {}
  }

  public let name: String
  public let network: Network
  public let precision: Precision
  /// How long to simulate, if the file says.
  public let duration: Time?

  /// Reads a file; NIR is known by its extension, `.nir`.
  ///
  /// - Throws: `CajalError` naming the file, where in it the mistake is, and what was expected.
  public init(contentsOf url: URL, _ options: Options = Options()) throws {
    guard url.pathExtension.lowercased() != "nir" else {
      self = try NetworkFile(NIRGraph(contentsOf: url), named: url.lastPathComponent, options)
      return
    }
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw CajalError("there is no file \(url.path), or it cannot be read")
    }
    try self.init(json: data, named: url.lastPathComponent, folder: url.deletingLastPathComponent(), options)
  }

  /// Reads a text in JSON.
  ///
  /// - Parameters:
  ///   - name: What messages call it.
  ///   - folder: From where files are looked for that it names.
  public init(json data: Data, named name: String, folder: URL? = nil, _ options: Options = Options()) throws
  {
    let root = try LocatedJSON(data, document: name)
    var reader = try NetworkReader(root, folder, options)
    try reader.read()
    self.init(
      name: try reader.root["name"]?.text("a name") ?? (name as NSString).deletingPathExtension,
      network: reader.network, precision: try reader.precision(),
      duration: try reader.root["duration"]?.positive(TimeDimension.self))
  }

  init(name: String, network: Network, precision: Precision, duration: Time?) {
    (self.name, self.network, self.precision, self.duration) = (name, network, precision, duration)
  }
}

/// Makes a network of a file, part by part; each part is checked as soon as it is there, so that errors name its line.
struct NetworkReader {
  let root: JSONObject
  let folder: URL?
  let options: NetworkFile.Options
  var network: Network

  init(_ json: LocatedJSON, _ folder: URL?, _ options: NetworkFile.Options) throws {
    root = try json.object(
      "a network",
      keys: [
        "name", "step", "duration", "seed", "precision", "populations", "sources", "connections", "inputs",
        "record",
      ])
    (self.folder, self.options) = (folder, options)
    let step = try root.required("step").positive(TimeDimension.self)
    network = Network(step: step, seed: try options.seed ?? root["seed"]?.unsigned() ?? 1)
  }

  mutating func read() throws {
    let populations = try root.required("populations")
    let neurons = try populations.members("populations by name")
    guard !neurons.isEmpty else { throw populations.error("are none") }
    for (name, json) in neurons { try addNeurons(name, json) }
    let sources = try root["sources"]?.members("sources by name") ?? []
    for (name, json) in sources { try addSource(name, json) }
    try checkData(sources)
    for json in try root["connections"]?.list("a list of connections") ?? [] { try connect(json) }
    for json in try root["inputs"]?.list("a list of inputs") ?? [] { try addInput(json) }
    try record()
  }

  func precision() throws -> Precision {
    let name = try root["precision"]?.choice(of: Precision.allCases.map(\.rawValue))
    return options.precision ?? name.flatMap { Precision(rawValue: $0) } ?? .single
  }

  /// Changes the network; what cannot be then is said of this place in the file.
  mutating func change(_ json: LocatedJSON, _ body: (inout Network) throws -> Void) throws {
    var changed = network
    do {
      try body(&changed)
      try changed.validate()
    } catch let error as CajalError {
      throw json.error("cannot be: \(error.message)")
    }
    network = changed
  }

  /// The population of this name.
  func population(_ json: LocatedJSON) throws -> Population {
    let name = try json.text("the name of a population")
    guard let found = network.population(named: name) else {
      let names = network.allPopulations.map(\.name)
      throw json.error(
        "is '\(name)'\(suggestion(name, among: names)); there are \(names.joined(separator: ", "))")
    }
    return found
  }

  /// One population, or several in a list.
  func populations(_ json: LocatedJSON) throws -> [Population] {
    guard let list = json.array else { return [try population(json)] }
    guard !list.isEmpty else { throw json.error("names no population") }
    return try list.map(population)
  }

  /// The neurons of a population that is not one of sources.
  func neuronType(of population: Population, _ json: LocatedJSON) throws -> NeuronType {
    guard let type = network.populations[population.index].neuronType else {
      throw json.error("is '\(population.name)', which are sources; expected neurons")
    }
    return type
  }

  /// An input of these neurons.
  func input(_ json: LocatedJSON?, of type: NeuronType, default receptor: Receptor, _ place: LocatedJSON)
    throws
    -> NeuronType.Input
  {
    let names = type.inputs.map(\.receptor.rawValue)
    let name = try json?.choice(of: names) ?? receptor.rawValue
    guard let input = type.inputs.first(where: { $0.receptor.rawValue == name }) else {
      throw place.error(
        "needs a receptor: neurons of type '\(type.name)' have no \(name) one, but \(names.joined(separator: ", "))"
      )
    }
    return input
  }
}
