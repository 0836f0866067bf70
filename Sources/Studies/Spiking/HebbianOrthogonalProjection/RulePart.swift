import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension HebbianOrthogonalProjection {
  /// Claim 3: other training rules and other ways of the error signal.
  struct RulePart {
    let bench: TrialBench
    let main: MainResults

    private struct Row {
      var name: String
      var plain, kept: Trials
      /// Shown beside the claim, not part of it.
      var isRemark = false
      var forgets: Bool { plain.transfer.mean <= Criteria.forgettingTransfer }
      /// The name as there is room for beside an axis; where no rule is named it is DSR.
      var shortName: String {
        ["DSR, ", " feedback", "feedback ", " rows"].reduce(name) {
          $0.replacingOccurrences(of: $1, with: "")
        }
      }
      var holds: Bool { Criteria.keepsAndForgets(kept, plain) }
    }

    func run() throws {
      let kinds: [(String, LearningRule, Feedback)] = [
        ("BPTT", .bptt(), .backpropagation), ("OTTT", .ottt(), .backpropagation),
        ("DSR, feedback alignment", .dsr(), .alignment),
        ("DSR, sign-symmetric feedback", .dsr(), .signSymmetric),
      ]
      let conditions = kinds.flatMap { name, rule, feedback in
        [
          Condition(label: "\(name), plain", keeping: .nothing, rule: rule, feedback: feedback),
          Condition(label: "\(name), projected", keeping: .hebbian(.init()), rule: rule, feedback: feedback),
        ]
      }
      let remark = Condition(
        label: "DSR, feedback alignment, orthonormal rows", keeping: .hebbian(.init(orthonormalises: true)),
        feedback: .alignment)
      let trials = try bench.run("rules and feedback", conditions + [remark], seeds: bench.options.seeds)
      let aligned = trials.first { $0.condition.feedback == .alignment }!
      let rows =
        [Row(name: "DSR", plain: main.baseline, kept: main.hebbian)]
        + kinds.enumerated().map { Row(name: $1.0, plain: trials[2 * $0], kept: trials[2 * $0 + 1]) }
        + [Row(name: remark.label, plain: aligned, kept: trials.last!, isRemark: true)]
      try report(rows)
      bench.lab.add(claim(rows))
    }

    private func report(_ rows: [Row]) throws {
      var table = Table(
        name: "rules", caption: "Training rules and ways of the error signal, mean over seeds.",
        columns: [
          "rule", "plain ACC", "plain BWT", "projected ACC", "projected BWT",
          "projected, accuracy when just learnt", "longest row of a subspace",
        ])
      for row in rows {
        table.append([
          .text(row.name), .number(row.plain.accuracy.mean), .number(row.plain.transfer.mean),
          .number(row.kept.accuracy.mean), .number(row.kept.transfer.mean), .number(row.kept.plasticity.mean),
          row.kept.longestRowCell,
        ])
        let name = row.name.replacingOccurrences(of: ", ", with: "-").replacingOccurrences(of: " ", with: "-")
        bench.lab.measure("rules.\(name).plain.transfer", row.plain.transfer.mean)
        bench.lab.measure("rules.\(name).projected.transfer", row.kept.transfer.mean)
        bench.lab.measure("rules.\(name).projected.accuracy", row.kept.accuracy.mean)
      }
      try bench.lab.add(table)
      let places = rows.indices.map { Double(rows.count - $0) }
      let lowest =
        (rows.map { min($0.plain.transfer.mean, $0.kept.transfer.mean) }.min()! * 10).rounded(.down) * 10 - 10
      var plot = Plot(
        name: "rules", title: "Forgetting by training rule and feedback",
        caption:
          "Backward transfer, mean and standard deviation over seeds, of plain training and with projection. Rows that name no rule are DSR's. Dotted: plain training should lie left of -10, the projection right of -3.",
        x: .init(
          "backward transfer BWT", unit: "points",
          ticks: stride(from: lowest, through: 20, by: 10).map { ($0, "\(Int($0))") }),
        y: .init(
          "", range: 0.5...(Double(rows.count) + 0.5), ticks: zip(places, rows).map { ($0, $1.shortName) }))
      for (name, pick) in [("plain", \Row.plain), ("projected", \Row.kept)] {
        let spreads = rows.map { $0[keyPath: pick].transfer }
        plot.add(.points, name, x: spreads.map { $0.mean * 100 }, y: places)
        let ends = spreads.flatMap { [($0.mean - $0.deviation) * 100, ($0.mean + $0.deviation) * 100, .nan] }
        plot.add(.line, "", x: ends, y: places.flatMap { [$0, $0, $0] }, colourOf: name)
      }
      plot.marks = [
        .vertical(Criteria.keptTransfer * 100, label: "-3"),
        .vertical(Criteria.forgettingTransfer * 100, label: "-10"),
      ]
      try bench.lab.add(plot)
    }

    private func reason(_ row: Row) -> String {
      let plain =
        row.forgets ? [] : ["plain training forgets only \(row.plain.transfer.points)"]
      let kept =
        row.kept.transfer.mean >= Criteria.keptTransfer
        ? []
        : [
          "the projection forgets \(row.kept.transfer.points), with subspace rows up to \(short(row.kept.longestRow)) long; one is right, and HᵀH overshoots with longer ones"
        ]
      return "with \(row.name) " + (plain + kept).joined(separator: " and ")
    }

    private func claim(_ rows: [Row]) -> Claim {
      let remarks = rows.filter(\.isRemark).map { "\($0.name): projected \($0.kept.text)" }
      let rows = rows.filter { !$0.isRemark }
      let failing = rows.filter { !$0.holds }
      let idle = rows.filter { !$0.forgets }
      return .decided(
        "3", "It does not depend on the training rule or on the way of the error signal.",
        paper: "Works with DSR, BPTT and OTTT, with feedback alignment and sign-symmetric feedback.",
        test:
          "\(main.setting); BPTT at rate \(bench.options.bpttRate), OTTT at \(bench.options.otttRate), feedback alignment at \(bench.options.alignmentRate), BPTT's and OTTT's weights starting √2/√n normal.",
        criterion:
          "for each of the five BWT of the projection is at least -3 points while that of plain training is at most -10",
        measured: rows.map { "\($0.name): projected \($0.kept.text), plain BWT \($0.plain.transfer.points)" }
          .joined(separator: "; ") + ". Beside the claim, " + remarks.joined(separator: "; ") + ".",
        holds: failing.isEmpty,
        reason: failing.map(reason).joined(separator: "; "),
        unless: bench.lab.size == .quick && !idle.isEmpty
          ? "at this size plain training forgets too little with \(idle.map(\.name).joined(separator: ", "))"
          : nil)
    }
  }
}
