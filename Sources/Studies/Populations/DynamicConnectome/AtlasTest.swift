import Decomposition
import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support

/// Do neurons of one community respond to each other's stimulation more than others? Against permuted names of the neurons.
struct AtlasTest {
  static let communities = "Communities of motifs agree with measured signal propagation"
  static let paper = "not in the paper; the atlas appeared in the same year"
  static let test =
    "mean size of the response (dFF) of pairs within a community less that of pairs between, and the same for significance (q), averaged over partitions; permuted names"
  static let criterion =
    "larger responses or smaller q within communities, p below 0.05 corrected for both tests"

  private let atlas: Result<WormAtlas, CajalError>
  private let options: DynamicConnectome.Options
  private let lab: Lab

  init(_ atlas: Result<WormAtlas, CajalError>, _ options: DynamicConnectome.Options, _ lab: Lab) {
    (self.atlas, self.options, self.lab) = (atlas, options, lab)
  }

  /// - Parameter partitions: The community of every named neuron, for one or more partitions.
  func report(_ id: String, _ statement: String, names: [String], partitions: [[Int]], what: String) {
    guard let atlas = try? self.atlas.get() else {
      return lab.add(
        Claim(
          notTestable: id, statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
          reason: missing))
    }
    let places = Dictionary(uniqueKeysWithValues: atlas.neurons.enumerated().map { ($1, $0) })
    let known = names.indices.filter { places[names[$0]] != nil }
    let rows = known.map { places[names[$0]]! }
    let labels = partitions.map { partition in known.map { partition[$0] } }.filter { Set($0).count > 1 }
    let pairs = observed(atlas, rows)
    guard !labels.isEmpty, pairs.count > 20 else {
      return lab.add(
        Claim(
          notTestable: id, statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
          reason: labels.isEmpty
            ? "no partition has two communities" : "the atlas observes only \(pairs.count) of the pairs"))
    }
    let own = statistics(pairs, labels, Array(known.indices))
    let generator = lab.generator("atlas \(id)")
    let drawn = parallelMap(min(options.permutations, 9_999)) {
      index -> (response: Double, significance: Double) in
      var stream = generator.split(index)
      return statistics(pairs, labels, stream.permutation(known.count))
    }
    func p(_ isExtreme: ((response: Double, significance: Double)) -> Bool) -> Double {
      Double(1 + drawn.count(where: isExtreme)) / Double(drawn.count + 1)
    }
    let raw = [p { $0.response >= own.response }, p { $0.significance <= own.significance }]
    let adjusted = MultipleComparisons.holm.adjusted(raw)
    lab.measure("atlas.\(id).responseP", raw[0])
    lab.measure("atlas.\(id).significanceP", raw[1])
    lab.add(
      .decided(
        id, statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
        measured:
          "response \(signed(own.response)) dFF (p = \(short(raw[0]))), q \(signed(own.significance)) (p = \(short(raw[1]))); \(known.count) neurons, \(pairs.count) observed pairs, \(what)",
        holds: adjusted.min()! < 0.05, reason: "pairs within communities respond as others do", unless: nil))
  }

  private var missing: String {
    if case .failure(let error) = atlas { return error.message }
    return ""
  }

  private struct Pair: Sendable {
    let a: Int
    let b: Int
    let response: Double
    let significance: Double
  }

  /// Ordered pairs with a measured response.
  private func observed(_ atlas: WormAtlas, _ rows: [Int]) -> [Pair] {
    rows.indices.flatMap { a in
      rows.indices.compactMap { b -> Pair? in
        let at = rows[a] * atlas.count + rows[b]
        guard a != b, atlas.response[at].isFinite, atlas.q[at].isFinite else { return nil }
        return Pair(a: a, b: b, response: abs(atlas.response[at]), significance: atlas.q[at])
      }
    }
  }

  /// Within communities less between them, for names in a given order.
  private func statistics(_ pairs: [Pair], _ labels: [[Int]], _ order: [Int]) -> (
    response: Double, significance: Double
  ) {
    var (response, significance) = (0.0, 0.0)
    for partition in labels {
      var within = (count: 0.0, response: 0.0, significance: 0.0)
      var between = within
      for pair in pairs {
        if partition[order[pair.a]] == partition[order[pair.b]] {
          within = (
            within.count + 1, within.response + pair.response, within.significance + pair.significance
          )
        } else {
          between = (
            between.count + 1, between.response + pair.response, between.significance + pair.significance
          )
        }
      }
      guard within.count > 0, between.count > 0 else { continue }
      response += within.response / within.count - between.response / between.count
      significance += within.significance / within.count - between.significance / between.count
    }
    return (response / Double(labels.count), significance / Double(labels.count))
  }

  private func signed(_ value: Double) -> String { (value < 0 ? "-" : "+") + short(abs(value)) }
}

/// Communities of the wiring diagram, by the same block model, against the atlas. Claim 9.
struct WiringPart {
  private static let statement = "Communities of the wiring diagram agree with measured signal propagation"
  private let options: DynamicConnectome.Options
  private let lab: Lab
  private let atlas: Result<WormAtlas, CajalError>

  init(_ options: DynamicConnectome.Options, _ lab: Lab, _ atlas: Result<WormAtlas, CajalError>) {
    (self.options, self.lab, self.atlas) = (options, lab, atlas)
  }

  func report() throws {
    let test = AtlasTest(atlas, options, lab)
    guard let wiring = try? atlas.get().connectome else {
      return test.report("9", Self.statement, names: [], partitions: [], what: "")
    }
    try lab.progress("communities of the wiring", 0, of: 1)
    let (names, graph) = Self.graph(wiring)
    var generator = lab.generator("wiring")
    let isQuick = lab.size == .quick
    let model = WeightedSBM(restarts: isQuick ? 0 : 2, spectralGroups: isQuick ? 2 : 10)
    let fit = try model.fit(graph, using: &generator)
    lab.measure("wiring.groups", Double(fit.groups))
    test.report(
      "9", Self.statement, names: names, partitions: fit.levels,
      what: "levels of \(fit.levels.map { String(Set($0).count) }.joined(separator: ", ")) communities")
    var table = Table(
      name: "wiring-communities",
      caption: "Communities of the wiring diagram (chemical synapses and gap junctions added).",
      columns: ["neuron"] + fit.levels.indices.map { "level \($0 + 1)" })
    for (index, name) in names.enumerated() {
      table.append([.text(name)] + fit.levels.map { .integer($0[index] + 1) })
    }
    try lab.add(table)
  }

  /// Neurons that have any connection, and the connections without their directions.
  private static func graph(_ wiring: Connectome) -> (names: [String], graph: WeightedGraph) {
    let adjacency = wiring.adjacency
    let degrees = adjacency.degrees()
    let connected = degrees.indices.filter { degrees[$0] > 0 }
    return (connected.map { wiring.neurons[$0] }, WeightedGraph(adjacency.subgraph(connected)))
  }
}
