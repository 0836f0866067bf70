import Figures
import Neurons
import StudyCore
import Support

extension LearnedDelays {
  /// Claim 4: accuracy against the number of trained parameters.
  struct WidthPart {
    let options: Options
    let lab: Lab

    func run() throws {
      let tasks = (0..<options.seeds).map { motifs(.timing, options, lab, seed: $0) }
      let plain = options.plainWidths.map { ("none \($0)", DelayedNetwork.Synapses.undelayed, $0) }
      let delayed = options.plainWidths.map { width in
        let half = halfWidth(width, inputs: tasks[0].channels, outputs: tasks[0].classes)
        return ("learned \(half)", DelayedNetwork.Synapses.learned, half)
      }
      let jobs = (0..<options.seeds).flatMap { seed in
        (delayed + plain).map { name, synapses, hidden in
          var training = options.training(epochs: options.epochs)
          training.evaluationInterval = 0
          return Job(
            name: name,
            configuration: options.motifNetwork(
              synapses, hidden, channels: tasks[0].channels, classes: tasks[0].classes),
            training: training, seed: seed)
        }
      }
      let trained = try train(jobs, tasks, "widths", lab)
      func points(_ names: [String]) -> [(parameters: Int, accuracy: Spread)] {
        names.map { name in
          (trained.first { $0.name == name }!.parameters, trained.spread(name, \.tunedAccuracy))
        }.sorted { $0.parameters < $1.parameters }
      }
      let (with, without) = (points(delayed.map(\.0)), points(plain.map(\.0)))
      try lab.add(plot(with, without))
      try lab.add(table(with, without))
      add(with, without)
    }

    private typealias Points = [(parameters: Int, accuracy: Spread)]

    private func add(_ with: Points, _ without: Points) {
      let pairs = zip(without, with).map { plain, delayed in
        (plain: plain, gain: delayed.accuracy.mean - plain.accuracy.mean, parameters: delayed.parameters)
      }
      let worst = pairs.min { $0.gain < $1.gain }
      let obstacle =
        options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil
      lab.add(
        .decided(
          "4", "With delays half the parameters do as well",
          paper: "better than larger networks without delays",
          test: "widths of both kinds; delays rounded and tuned",
          criterion:
            "for every network without delays, the widest one with delays and at most half its parameters is at least as accurate",
          measured: worst.map {
            "least gain \(Spread([$0.gain]).mean.formattedPoints): \($0.parameters) parameters with delays against \($0.plain.parameters) without (\($0.plain.accuracy.percent))"
          } ?? "no pair", holds: pairs.allSatisfy { $0.gain >= 0 },
          reason:
            "it holds for \(pairs.filter { $0.gain >= 0 }.map { "\($0.plain.parameters)" }.joined(separator: ", ")) parameters without delays, and not for the smaller networks: a few neurons cannot hold ten templates, whatever their delays",
          unless: obstacle))
    }

    private func plot(_ with: Points, _ without: Points) -> Plot {
      var plot = Plot(
        name: "parameters", title: "Accuracy by trained parameters",
        caption: "Motifs by timing, mean and standard deviation over seeds; delays rounded and tuned.",
        x: .init("trained parameters", scale: .log), y: .init("accuracy", range: 0...1))
      for (label, points) in [("learned delays", with), ("no delays", without)] {
        plot.add(
          .linePoints, label, x: points.map { Double($0.parameters) }, y: points.map(\.accuracy.mean),
          error: points.map(\.accuracy.deviation))
      }
      return plot
    }

    private func table(_ with: Points, _ without: Points) -> Table {
      var table = Table(
        name: "widths", caption: "Accuracy by width, delays rounded and tuned.",
        columns: ["network", "trained parameters", "accuracy", "standard deviation"])
      for (label, points) in [("learned delays", with), ("no delays", without)] {
        for point in points {
          table.append([
            .text(label), .integer(point.parameters), .number(point.accuracy.mean),
            .number(point.accuracy.deviation),
          ])
        }
      }
      return table
    }
  }
}

extension Double {
  /// "+4.3 points", of a share.
  fileprivate var formattedPoints: String { "\(self < 0 ? "-" : "+")\(short(abs(self) * 100)) points" }
}
