import Figures
import Neurons
import StudyCore
import Support

extension HebbianOrthogonalProjection {
  /// Subspace sizes, the rule without momentum, exact orthonormality, singular vectors, replay. No claim of the paper.
  struct AblationPart {
    let bench: TrialBench
    let main: MainResults
    private var options: Options { bench.options }
    private var seeds: Int { min(options.ablationSeeds, options.seeds) }

    func run() throws {
      let hebbian = Condition.Keeping.hebbian(.init())
      let others = [
        Condition(label: "no momentum", keeping: .hebbian(.init(momentum: 0))),
        Condition(label: "made orthonormal", keeping: .hebbian(.init(orthonormalises: true))),
        Condition(label: "singular vectors (GPM)", keeping: .singularVectors),
        Condition(label: "replay", keeping: .replay(perClass: options.replayPerClass)),
      ]
      let sized = options.sizeFactors.sorted().map {
        Condition(label: "subspaces × \($0)", keeping: hebbian, sizeFactor: $0)
      }
      let trials = try bench.run("ablations", others + sized, seeds: seeds)
      try report(Array(trials[..<others.count]), sized: Array(trials[others.count...]))
      try sizeFigure(Array(trials[others.count...]))
    }

    private func report(_ others: [Trials], sized: [Trials]) throws {
      var table = Table(
        name: "ablations",
        caption:
          "Other ways to keep old tasks and other subspaces; mean and deviation over seeds, \(main.setting).",
        columns: [
          "training", "seeds", "ACC", "deviation", "BWT", "deviation of BWT", "accuracy when just learnt",
          "longest row of a subspace",
        ])
      for trials in [main.baseline, main.hebbian, main.joint] + others + sized {
        let isJoint = trials.condition.keeping == .joint
        table.append([
          .text(trials.condition.label), .integer(trials.trials.count), .number(trials.accuracy.mean),
          .number(trials.accuracy.deviation), isJoint ? .missing : .number(trials.transfer.mean),
          isJoint ? .missing : .number(trials.transfer.deviation), .number(trials.plasticity.mean),
          trials.longestRowCell,
        ])
      }
      for trials in others + sized {
        let name = trials.condition.label.replacingOccurrences(of: " ", with: "-")
        bench.lab.measure("ablation.\(name).accuracy", trials.accuracy.mean)
        bench.lab.measure("ablation.\(name).transfer", trials.transfer.mean)
      }
      try bench.lab.add(table)
    }

    /// Stability against plasticity as the subspaces grow.
    private func sizeFigure(_ sized: [Trials]) throws {
      let rows = (sized + [main.hebbian]).sorted { $0.condition.sizeFactor < $1.condition.sizeFactor }
      let x = [0] + rows.map(\.condition.sizeFactor)
      let all = [main.baseline] + rows
      // The lowest and highest seed: a training that collapses makes a deviation meaningless.
      func range(_ values: [Double]) -> ClosedRange<Double> { values.min()! * 100...values.max()! * 100 }
      var plot = Plot(
        name: "subspace-size", title: "Stability and plasticity by subspace size",
        caption:
          "Accuracy over all tasks in the end and on each task when it was just learnt, mean and range over seeds, by subspace size (1: \(options.firstRows) rows by layer, then \(options.laterRows) a task; 0: no projection). The gap is what is forgotten; the second curve falls as protected directions leave less to learn with.",
        x: .init("subspace size, times the usual"), y: .init("accuracy", unit: "%"))
      for (name, pick) in [
        ("in the end (ACC)", \ContinualOutcome.averageAccuracy), ("just learnt", \.learningAccuracy),
      ] {
        let values = all.map { $0.trials.map { $0.outcome[keyPath: pick] } }
        plot.add(
          .linePoints, name, x: x, y: values.map { Spread($0).mean * 100 },
          intervals: seeds > 1 ? values.map(range) : nil)
      }
      plot.add(
        .dashed, "joint training", x: [0, x.last!],
        y: Array(repeating: main.joint.accuracy.mean * 100, count: 2))
      try bench.lab.add(plot)
    }
  }
}

extension HebbianOrthogonalProjection.Trials {
  /// The longest row for a table; nothing where there are no subspaces.
  var longestRowCell: Table.Cell {
    longestRow == 0 ? .missing : longestRow.isFinite ? .number(longestRow) : .text("not finite")
  }
}
