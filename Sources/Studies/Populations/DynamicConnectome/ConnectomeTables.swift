import Decomposition
import Figures
import StudyCore
import Support

/// A decomposition as tables: time courses, animals, pairs, communities, description lengths, and a summary of each component.
struct ConnectomeTables {
  private let lab: Lab
  private let prefix: String
  private let names: [String]
  private let animals: [String]

  init(_ lab: Lab, prefix: String, names: [String], animals: [String]) {
    (self.lab, self.prefix, self.names, self.animals) = (lab, prefix, names, animals)
  }

  func add(
    _ factors: CPFactors, _ reports: [MotifReport], _ communities: [MotifCommunities], times: [Double],
    pairs: NeuronPairs, windows: [MotifReport.Window]
  ) throws {
    let components = reports.map { "component \($0.component + 1)" }
    func columns(_ axis: Int) -> [[Double]] {
      reports.map { factors.column(axis: axis, component: $0.component) }
    }
    try matrix(
      "time", "Time courses of the components.", ["time (s)"] + components, times.map { .number($0) },
      columns(0))
    try matrix(
      "animals", "Weights of the animals.", ["animal"] + components, animals.map { .text($0) }, columns(1))
    try matrix(
      "pairs", "Affinities of the pairs.", ["pair"] + components,
      pairs.all.map { .text("\(names[$0.0])-\(names[$0.1])") }, columns(2))
    try self.communities(reports, communities)
    try lengths(reports, communities)
    try summary(reports, windows)
  }

  private func matrix(
    _ name: String, _ caption: String, _ heads: [String], _ first: [Table.Cell], _ columns: [[Double]]
  ) throws {
    var table = Table(name: "\(prefix)-\(name)", caption: caption, columns: heads)
    for (row, cell) in first.enumerated() { table.append([cell] + columns.map { .number($0[row]) }) }
    try lab.add(table)
  }

  private func communities(_ reports: [MotifReport], _ communities: [MotifCommunities]) throws {
    var table = Table(
      name: "\(prefix)-communities",
      caption: "The community of every neuron in each component, level by level.",
      columns: ["component", "level", "community", "neuron"])
    for (report, found) in zip(reports, communities) {
      for (level, labels) in found.fit.levels.enumerated() {
        for neuron in labels.indices.sorted(by: { (labels[$0], $0) < (labels[$1], $1) }) {
          table.append([
            .integer(report.component + 1), .integer(level + 1), .integer(labels[neuron] + 1),
            .text(names[neuron]),
          ])
        }
      }
    }
    try lab.add(table)
  }

  private func lengths(_ reports: [MotifReport], _ communities: [MotifCommunities]) throws {
    var table = Table(
      name: "\(prefix)-description-lengths",
      caption: "Description lengths of the components' graphs by threshold; the chosen one is marked.",
      columns: [
        "component", "threshold", "edges", "kind", "groups", "levels", "description length (nats)",
        "per edge (nats)",
        "chosen",
      ])
    for (report, found) in zip(reports, communities) {
      for (index, attempt) in found.attempts.enumerated() {
        table.append([
          .integer(report.component + 1), .number(attempt.threshold), .integer(attempt.edges),
          .text(attempt.fit.isDegreeCorrected ? "degree-corrected" : "not degree-corrected"),
          .integer(attempt.fit.groups), .integer(attempt.fit.levels.count),
          .number(attempt.fit.descriptionLength.total), .number(attempt.lengthPerEdge),
          .text(index == found.chosen ? (found.hasStructure ? "yes" : "no structure") : ""),
        ])
      }
    }
    try lab.add(table)
  }

  private func summary(_ reports: [MotifReport], _ windows: [MotifReport.Window]) throws {
    var table = Table(
      name: "\(prefix)-summary",
      caption: "The components: when, in how many animals, in which neurons and pairs.",
      columns: ["component", "peaks (s)", "animals taking part"] + windows.map { "overlap with \($0.name)" }
        + ["neurons of the largest strength", "pairs of the largest affinity"])
    for report in reports {
      let peaks = report.peaks.prefix(4).map { short($0) }.joined(separator: ", ")
      table.append(
        [.integer(report.component + 1), .text(peaks), .number(report.participation)]
          + report.overlap.map { .number($0) } + [
            .text(report.neurons.map { names[$0.neuron] }.joined(separator: ", ")),
            .text(report.pairs.map { "\(names[$0.a])-\(names[$0.b])" }.joined(separator: ", ")),
          ])
    }
    try lab.add(table)
  }
}
