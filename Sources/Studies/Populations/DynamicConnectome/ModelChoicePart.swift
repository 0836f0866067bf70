import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Does the shorter description tell which kind of model drew a graph? Claim 2.
struct ModelChoicePart {
  private let options: DynamicConnectome.Options
  private let lab: Lab

  init(_ options: DynamicConnectome.Options, _ lab: Lab) { (self.options, self.lab) = (options, lab) }

  private func model(_ isCorrected: Bool) -> PlantedGraphs {
    PlantedGraphs(
      groups: 4, size: 30, inside: (0.4, 2), between: (0.1, 1), propensityExponent: isCorrected ? 2 : nil)
  }

  func report() throws {
    var table = Table(
      name: "model-choice",
      caption: "Description lengths of both kinds of model for graphs drawn from either.",
      columns: [
        "drawn from", "graph", "chosen", "shorter (nats)", "longer (nats)", "groups", "mutual information",
      ])
    var right: [Int] = []
    for isCorrected in [false, true] {
      try lab.progress("graphs of both kinds", isCorrected ? 1 : 0, of: 2, unit: "kinds")
      let (drawn, generator, blocks) = (
        model(isCorrected), lab.generator("kinds \(isCorrected)"), options.blockModel
      )
      let fits = try parallelMap(options.graphs) { index -> (fit: WeightedSBM.Fit, agreement: Double) in
        var stream = generator.split(index)
        let (graph, labels) = try drawn.draw(using: &stream)
        let fit = try blocks.fit(graph, using: &stream)
        return (fit, PartitionComparison(labels, fit.labels).normalisedMutualInformation)
      }
      right.append(fits.count { $0.fit.isDegreeCorrected == isCorrected })
      for (index, entry) in fits.enumerated() {
        table.append([
          .text(name(isCorrected)), .integer(index + 1), .text(name(entry.fit.isDegreeCorrected)),
          .number(entry.fit.descriptionLength.total), .number(entry.fit.otherKind ?? .nan),
          .integer(entry.fit.groups), .number(entry.agreement),
        ])
      }
    }
    try lab.add(table)
    try profile()
    lab.measure("kinds.plain", Double(right[0]) / Double(options.graphs))
    lab.measure("kinds.corrected", Double(right[1]) / Double(options.graphs))
    lab.add(
      .decided(
        "2", "The shorter description tells whether degrees vary within groups",
        paper: "degree correction is chosen by description length",
        test:
          "graphs of 4 groups of 30 nodes drawn with equal propensities, and with a power law of exponent 2 within groups",
        criterion: "the generating kind is chosen for at least 80 % of the graphs of either kind",
        measured: "\(right[0]) of \(options.graphs) plain, \(right[1]) of \(options.graphs) degree-corrected",
        holds: right.allSatisfy { Double($0) >= 0.8 * Double(options.graphs) },
        reason: "the other kind describes some graphs more briefly", unless: nil))
  }

  private func name(_ isCorrected: Bool) -> String {
    isCorrected ? "degree-corrected" : "not degree-corrected"
  }

  /// Description length against the number of groups, for one graph of each kind under its own model.
  private func profile() throws {
    var plot = Plot(
      name: "description-length", title: "Description length against the number of groups",
      caption:
        "The shortest description found for each number of groups, above the shortest of all, for one graph of each kind with four planted groups.",
      x: .init("groups", range: 0...20),
      y: .init("description length above the least", unit: "nats", range: 0...400))
    plot.marks = [.vertical(4, label: "planted")]
    for isCorrected in [false, true] {
      var generator = lab.generator("profile \(isCorrected)")
      let graph = try model(isCorrected).draw(using: &generator).graph
      var blocks = options.blockModel
      blocks.kind = isCorrected ? .degreeCorrected : .notDegreeCorrected
      blocks.isNested = false
      let profile = try blocks.fit(graph, using: &generator).profile.filter { $0.groups <= 20 }
      let least = profile.map(\.descriptionLength).min() ?? 0
      plot.add(
        .linePoints, name(isCorrected), x: profile.map { Double($0.groups) },
        y: profile.map { $0.descriptionLength - least })
    }
    try lab.add(plot)
  }
}
