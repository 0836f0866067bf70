import Support

/// The neurons of a recording: their names, and what else is known of them.
public struct NeuronTable: Sendable, Equatable {
  public typealias Site = RecordingDescription.Site

  /// Where they were seen: places of a model, electrodes, a brain. Together they have all neurons.
  public private(set) var sites: [Site]
  /// Nil where neurons are numbered by site: `blocks.3.mlp.17`.
  public private(set) var names: [String]?
  /// Further columns: `region`, `cell type`, and whatever a file told.
  public private(set) var table: SampleTable
  /// In micrometres, where known.
  public private(set) var positions: [SIMD3<Double>]?

  /// Neurons of a model, numbered by site.
  public init(sites: [Site]) {
    self.sites = sites
    table = SampleTable()
  }

  /// Named neurons.
  ///
  /// - Throws: `CajalError` naming a name that stands twice.
  public init(
    names: [String], site: String = "neurons", regions: [String]? = nil, cellTypes: [String]? = nil,
    positions: [SIMD3<Double>]? = nil, table: SampleTable = SampleTable()
  ) throws {
    var seen = Set<String>()
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw CajalError("two neurons have the name '\(twice)'")
    }
    self.init(unique: names, site: site, table: table)
    if let regions { self.table.set("region", .texts(regions)) }
    if let cellTypes { self.table.set("cell type", .texts(cellTypes)) }
    precondition(self.table.columns.isEmpty || self.table.count == names.count, "a table of other neurons")
    precondition(positions.map { $0.count == names.count } ?? true, "positions of other neurons")
    self.positions = positions
  }

  private init(unique names: [String], site: String, table: SampleTable) {
    sites = [Site(site, neurons: names.count)]
    self.names = names
    self.table = table
  }

  /// The same neurons at several places.
  func keepingSites(_ sites: [Site]) -> NeuronTable {
    var changed = self
    changed.sites = sites
    return changed
  }

  /// N neurons without names: numbered from 0.
  public init(count: Int, site: String = "neurons") {
    self.init(sites: [Site(site, neurons: count)])
  }

  /// N
  public var count: Int { sites.reduce(0) { $0 + $1.neurons } }
  public var regions: [String]? { table["region"] }
  public var cellTypes: [String]? { table["cell type"] }

  /// The name of a neuron by its column.
  public func name(ofNeuron column: Int) -> String {
    if let names { return names[column] }
    var rest = column
    for site in sites {
      if rest < site.neurons { return "\(site.name).\(rest)" }
      rest -= site.neurons
    }
    preconditionFailure("neuron \(column) of \(count)")
  }

  public var allNames: [String] { names ?? (0..<count).map(name(ofNeuron:)) }

  /// The columns of a site.
  public func columns(of site: String) -> Range<Int>? {
    var start = 0
    for known in sites {
      if known.name == site { return start..<start + known.neurons }
      start += known.neurons
    }
    return nil
  }

  /// The column of a neuron by its name.
  public func column(ofNeuron name: String) -> Int? {
    if let names { return names.firstIndex(of: name) }
    guard let dot = name.lastIndex(of: "."), let index = Int(name[name.index(after: dot)...]),
      let columns = columns(of: String(name[..<dot])), columns.count > index, index >= 0
    else { return nil }
    return columns.lowerBound + index
  }

  /// Some neurons, in this order; they keep their names.
  public func selected(_ columns: [Int]) -> NeuronTable {
    var chosen = NeuronTable(
      unique: columns.map(name(ofNeuron:)), site: sites.count == 1 ? sites[0].name : "neurons",
      table: table.columns.isEmpty ? table : table.selected(columns))
    chosen.positions = positions.map { all in columns.map { all[$0] } }
    return chosen
  }

  /// The same with a column more, or another one.
  public func setting(_ name: String, _ values: SampleTable.Column) -> NeuronTable {
    precondition(values.count == count, "\(values.count) values for \(count) neurons")
    var changed = self
    changed.table.set(name, values)
    return changed
  }
}
