import Figures
import Neurons
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Angles, ablations and weights of claim 4, as tables and figures.
  struct GeometryReport {
    let bench: Bench
    let learners: [Learner]
    let outcomes: [[GeometryPart.Outcome]]
    private var lab: Lab { bench.lab }

    private static var ablations: [(String, KeyPath<GeometryPart.Outcome, GeometryPart.Answers>)] {
      [
        ("intact", \.intact), ("no identity axis", \.withoutIdentity), ("no when axis", \.withoutWhen),
        ("no random axis", \.withoutRandom),
      ]
    }

    func write() throws {
      try lab.add(angleTable)
      try lab.add(ablationTable)
      try lab.add(angleFigure)
      try lab.add(ablationFigure)
      try lab.add(weightFigure)
    }

    private var randomAngle: Spread {
      var generator = lab.generator("random angles")
      let count = outcomes[0][0].readout.when.count
      func vector() -> [Double] { (0..<count).map { _ in generator.normal() } }
      return Spread((0..<1_000).map { _ in ReadoutGeometry.subspaceAngle(vector(), vector()) })
    }

    private var angleTable: Table {
      var table = Table(
        name: "angles",
        caption:
          "Angles between the axes of readouts, degrees, mean and deviation over \(bench.options.seeds) reservoirs. Random axes of as many numbers: \(randomAngle.text(1)).",
        columns: [
          "learner", "when : A - B", "deviation", "when : A + B", "deviation of sum", "one cue, when : A - B",
          "deviation with one cue",
        ])
      for (learner, seeds) in zip(learners, outcomes) {
        let spreads = [Spread(seeds.map(\.identity)), Spread(seeds.map(\.sum)), Spread(seeds.map(\.single))]
        table.append(
          [.text(learner.label)] + spreads.flatMap { [.number($0.mean), .number($0.deviation)] })
      }
      return table
    }

    private var ablationTable: Table {
      var table = Table(
        name: "ablations",
        caption:
          "Amplitudes of A and B behind each cue (0.8 : 0.2 and 0.2 : 0.8) with an axis taken out of the readouts, and peaks in ms; mean over reservoirs.",
        columns: [
          "learner", "readouts", "cue 1: A", "cue 1: B", "cue 2: A", "cue 2: B", "peak of when",
          "peak of A + B",
        ])
      for (learner, seeds) in zip(learners, outcomes) {
        for (name, path) in Self.ablations {
          let answers = seeds.map { $0[keyPath: path] }
          func mean(_ cue: Int, _ outcome: Int) -> Table.Cell {
            .number(Spread(answers.map { $0.amplitudes[cue][outcome] }).mean)
          }
          let peaks = answers.flatMap { $0.peaks.compactMap { $0 } }
          table.append([
            .text(learner.label), .text(name), mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1),
            peaks.isEmpty ? .missing : .number(Spread(peaks).mean),
            .number(Spread(answers.flatMap(\.sumPeaks)).mean),
          ])
        }
      }
      return table
    }

    private var angleFigure: Plot {
      let names = ["when : A - B", "when : A + B", "one cue: when : A - B", "random axes"]
      var plot = Plot(
        name: "angles", title: "Angles between readouts",
        caption:
          "Angle between the axis of \"when\" and those of identity (A - B) and of the sum, mean and standard deviation over reservoirs, local rule; identity with one cue, where it is another \"when\"; and random axes of as many numbers. Dotted: 75 degrees.",
        x: .init("", range: 0.4...4.6, ticks: names.enumerated().map { (Double($0 + 1), $1) }),
        y: .init("angle", unit: "degrees", range: 0...100))
      let seeds = outcomes[0]
      let spreads = [
        Spread(seeds.map(\.identity)), Spread(seeds.map(\.sum)), Spread(seeds.map(\.single)), randomAngle,
      ]
      plot.marks = [.horizontal(75, label: "")]
      plot.add(.bars, "", x: [1, 2, 3, 4], y: spreads.map(\.mean), error: spreads.map(\.deviation))
      return plot
    }

    private var ablationFigure: Plot {
      var plot = Plot(
        name: "ablations", title: "Readouts without an axis",
        caption:
          "Amplitudes of \"what\" A and B behind cue 1 (A probable) and cue 2 (B probable), mean and standard deviation over reservoirs, with w_A - w_B (identity), w_W (when) or a random axis taken out of the readouts.",
        x: .init(
          "", range: -0.2...11.2,
          ticks: Self.ablations.enumerated().map { (Double($0) * 3 + 1, $1.0) }),
        y: .init("amplitude", range: -0.5...1.1))
      for cue in 0..<2 {
        for outcome in 0..<2 {
          let place = Double(cue) * 1.1 + Double(outcome) * 0.45
          let spreads = Self.ablations.map { entry in
            Spread(outcomes[0].map { $0[keyPath: entry.1].amplitudes[cue][outcome] })
          }
          let x = spreads.indices.map { Double($0) * 3 + 0.25 + place }
          plot.add(
            .points, "cue \(cue + 1), \(outcome == 0 ? "A" : "B")", x: x, y: spreads.map(\.mean),
            error: bench.options.seeds > 1 ? spreads.map(\.deviation) : nil)
        }
      }
      plot.marks = [.horizontal(0, label: "")]
      return plot
    }

    private var weightFigure: Plot {
      let readout = outcomes[0][0].readout
      let difference = zip(readout.what[0], readout.what[1]).map { $0 - $1 }
      let excitatory = Int((0.8 * Double(bench.options.neurons)).rounded())
      var plot = Plot(
        name: "weights", title: "Each neuron's weights",
        caption:
          "Weight of every neuron in \"when\" and in the identity axis w_A - w_B, one reservoir, local rule, two cues: a neuron tells time, identity or both.",
        x: .init("weight in \"when\""), y: .init("weight in A - B"))
      for (name, range) in [
        ("excitatory", 0..<excitatory), ("inhibitory", excitatory..<readout.when.count - 1),
      ] {
        plot.add(.points, name, x: Array(readout.when[range]), y: Array(difference[range]))
      }
      return plot
    }
  }
}
