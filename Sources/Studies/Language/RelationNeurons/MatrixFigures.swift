import Figures
import Foundation
import Models
import Probing
import Recordings
import StudyCore
import Support

extension RelationNeurons.MatrixPart {
  typealias Bench = RelationNeurons.Bench

  /// Names of relations as ticks of an axis.
  static func ticks(_ relations: [Relation]) -> [(position: Double, label: String)] {
    relations.enumerated().map { (Double($0) + 0.5, $1.name) }
  }

  func dropMap(_ result: Result) -> Plot {
    let relations = bench.relations
    let extent = 0...Double(relations.count)
    var plot = Plot(
      name: "drops", title: "What each relation loses",
      caption:
        "Fall of the log probability of right answers (red; blue: rise) when the \(bench.topCount) experts of a relation are switched off. Specific experts show as a red diagonal.",
      x: .init("relation that is asked for", range: extent, ticks: Self.ticks(relations)),
      y: .init("experts switched off", range: extent, ticks: Self.ticks(relations)))
    plot.heatMap = .init(
      rows: result.experts.meanLogProbabilityDrops, x: extent, y: extent, label: "fall (nats)",
      isDiverging: true)
    return plot
  }

  /// Where the experts lie, against what chance would give.
  func blockFigure(_ result: Result) -> Plot {
    let blocks = bench.model.decoder.configuration.blocks
    var plot = Plot(
      name: "blocks", title: "Where experts lie",
      caption:
        "Share of a relation's \(bench.topCount) experts in each block. Neurons drawn at random would lie on the dotted line.",
      x: .init("block"), y: .init("share of experts", unit: "%"))
    for (r, set) in result.sets.enumerated() {
      plot.add(
        .line, bench.relations[r].name, x: (0..<blocks).map(Double.init),
        y: set.blocks.map { 100 * Double($0.count) / Double(set.count) })
    }
    plot.marks = [.horizontal(100 / Double(blocks), label: "chance")]
    return plot
  }

  func table(_ result: Result, _ rows: [Summary]) -> Table {
    var table = Table(
      name: "drops",
      caption:
        "Experts of each relation switched off: mean fall of the log probability on held-out entities (95% interval over facts), and exact answers.",
      columns: [
        "relation", "facts", "fall (nats)", "low", "high", "fall in others", "fall with random neurons",
      ]
        + ["exact before (%)", "exact after (%)", "relative drop (%)"])
    for (r, row) in rows.enumerated() {
      let drop = result.experts.relativeDrops[r][r]
      table.append([
        .text(row.relation.name), .integer(bench.knowledge.evaluation[r].count), .number(row.own.estimate),
        .number(row.own.low), .number(row.own.high), .number(row.others), .number(row.random),
        .number(100 * row.accuracy), .number(100 * result.experts.accuracyAfter[r][r]),
        drop.isFinite ? .number(100 * drop) : .missing,
      ])
    }
    return table
  }

  /// What the experts mean for text that asks for no relation: a check that the model still works.
  func plainText(_ result: Result) throws {
    let text = bench.model.tokenizer.encode(try StudyTexts.text("plain-english.txt"))
    let part = Array(text.prefix(bench.lab.size == .quick ? 48 : 200))
    func loss() -> Double { -Spread(bench.model.decoder.logLikelihoods([part])[0]).mean }
    let before = loss()
    var table = Table(
      name: "plain-text",
      caption:
        "Mean negative log likelihood a token of plain English text (nats); \(short(before)) with all neurons.",
      columns: ["neurons switched off", "rise (nats)"])
    var rises: [Double] = []
    for (r, set) in result.sets.enumerated() {
      let instruments = set.deactivations(
        bench.deactivation, neurons: bench.model.decoder.configuration.neurons)
      rises.append(withInstruments(instruments, body: loss) - before)
      table.append([.text("experts of \(bench.relations[r].name)"), .number(rises[r])])
      try bench.lab.progress("plain text", r + 1, of: result.sets.count, unit: "sets")
    }
    bench.lab.measure("plainText.rise", Spread(rises).mean, unit: "nats")
    try bench.lab.add(table)
  }
}
