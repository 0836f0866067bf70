import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension HebbianOrthogonalProjection {
  /// What the main part shows.
  struct MainFigures {
    let bench: TrialBench
    let results: MainResults
    private var options: Options { bench.options }

    func draw() throws {
      try matrix(results.baseline, "plain", "plain training")
      try matrix(results.hebbian, "projected", "Hebbian projection")
      try firstTask()
      try explained()
      try angles()
    }

    /// One scale of colours for both matrices.
    private var colours: ClosedRange<Double> {
      let all = [results.baseline, results.hebbian].flatMap { trials in
        trials.trials.flatMap { $0.outcome.accuracies.flatMap { $0 } }
      }
      let top = max(10, (all.max()! * 10).rounded(.up) * 10)
      return min((all.min()! * 10).rounded(.down) * 10, top - 10)...top
    }

    /// Accuracy on every task after every task, mean over seeds.
    private func matrix(_ trials: Trials, _ name: String, _ title: String) throws {
      let count = options.tasks
      let means = (0..<count).map { after in
        (0..<count).map { task -> Double in
          guard task <= after else { return .nan }
          return Spread(trials.trials.map { $0.outcome.accuracies[after][task] }).mean * 100
        }
      }
      let edges = 0.5...(Double(count) + 0.5)
      let ticks = (1...count).map { (position: Double($0), label: "\($0)") }
      var plot = Plot(
        name: "accuracy-matrix-\(name)", title: "Accuracy on each task after each task: \(title)",
        caption:
          "Test accuracy (%) on the task at the bottom after learning up to the task at the left, mean over \(trials.trials.count) seeds. Down a column one sees a task being forgotten, or not.",
        x: .init("tested on task", range: edges, ticks: ticks),
        y: .init("after learning task", range: edges, ticks: ticks))
      plot.heatMap = .init(rows: means, x: edges, y: edges, label: "accuracy (%)", range: colours)
      try bench.lab.add(plot)
      var table = Table(
        name: "accuracy-matrix-\(name)",
        caption: "Accuracy after each task (rows) on each task (columns), \(title), mean over seeds.",
        columns: ["after task"] + (1...count).map { "task \($0)" })
      for (after, row) in means.enumerated() {
        table.append([.integer(after + 1)] + row.map { $0.isFinite ? .number($0 / 100) : .missing })
      }
      try bench.lab.add(table)
    }

    private func firstTask() throws {
      var plot = Plot(
        name: "first-task", title: "What becomes of the first task",
        caption:
          "Test accuracy on the first task while the others are learnt, mean and standard deviation over \(options.seeds) seeds. Joint training sees all tasks from the start, with as many batches in all.",
        x: .init("epochs of one task's images", range: 0...(Double(options.tasks * options.epochs) * 1.02)),
        y: .init("accuracy on task 1", unit: "%"))
      for trials in [results.baseline, results.hebbian, results.joint] {
        let count = trials.trials[0].firstTask.count
        // An epoch of joint training goes over all tasks.
        let step = trials.condition.keeping == .joint ? options.tasks : 1
        let spreads = (0..<count).map { epoch in Spread(trials.trials.map { $0.firstTask[epoch] * 100 }) }
        plot.add(
          .linePoints, trials.condition.label, x: (1...count).map { Double($0 * step) },
          y: spreads.map(\.mean),
          error: options.seeds > 1 ? spreads.map(\.deviation) : nil)
      }
      for task in 1..<options.tasks {
        plot.marks.append(.vertical(Double(task * options.epochs), label: "task \(task + 1)"))
      }
      try bench.lab.add(plot)
    }

    private func explained() throws {
      var plot = Plot(
        name: "explained-variance", title: "What the subspace neurons hold of the activity",
        caption:
          "Share of the squared presynaptic activity held by the rows' span after the first task, cumulated over its directions in their best order, and the most possible (dashed), mean over seeds. Layer 3 is the head.",
        x: .init("directions"), y: .init("share of squared activity", unit: "%"))
      for layer in results.hebbian.trials[0].subspaces.indices {
        let qualities = results.hebbian.trials.map { $0.subspaces[layer] }
        let x = qualities[0].explained.indices.map { Double($0 + 1) }
        let mean = { (pick: (SubspaceQuality) -> [Double]) in
          x.indices.map { index in Spread(qualities.map { pick($0)[index] * 100 }).mean }
        }
        plot.add(.line, "layer \(layer + 1)", x: x, y: mean(\.explained))
        plot.add(
          .dashed, "layer \(layer + 1), most", x: x, y: mean(\.optimal), colourOf: "layer \(layer + 1)")
      }
      try bench.lab.add(plot)
    }

    private func angles() throws {
      var plot = Plot(
        name: "principal-angles", title: "Angles between the rows' span and the principal subspace",
        caption:
          "Principal angles after the first task, from the smallest, mean over seeds; 0° is a common direction, 90° one that was missed. Layer 3 is the head.",
        x: .init("share of directions", unit: "%"),
        y: .init("principal angle", unit: "degrees", range: 0...92))
      var table = Table(
        name: "subspaces", caption: "Rows and principal subspace after the first task.",
        columns: [
          "layer", "seed", "rows", "mean squared cosine", "share held", "most possible",
          "reconstruction error",
          "least error", "departure from orthonormal",
        ])
      for layer in results.hebbian.trials[0].subspaces.indices {
        let qualities = results.hebbian.trials.map { $0.subspaces[layer] }
        let count = qualities[0].cosines.count
        plot.add(
          .linePoints, "layer \(layer + 1)", x: (1...count).map { Double($0) * 100 / Double(count) },
          y: (0..<count).map { index in
            Spread(qualities.map { acos(min(1, $0.cosines[index])) * 180 / .pi }).mean
          })
        for (seed, quality) in qualities.enumerated() {
          table.append([
            .integer(layer + 1), .integer(seed), .integer(count), .number(quality.meanSquaredCosine),
            .number(quality.explained.last ?? 0), .number(quality.optimal.last ?? 0),
            .number(quality.reconstructionError), .number(quality.optimalError),
            .number(quality.orthonormalityError),
          ])
        }
      }
      try bench.lab.add(plot)
      try bench.lab.add(table)
    }
  }
}
