import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support

extension WormRecordings {
  /// How well the next moment is told by the last ones.
  struct PredictionPart {
    let bench: Bench
    private static let horizons = [1, 3, 10]

    /// Errors by model: worms × horizons.
    private typealias Errors = [(model: String, byWorm: [[Double]])]

    func run() throws {
      let common = try errors(bench.corpus, "at \(bench.options.step) s")
      let own = try errors(bench.native, "at own times")
      let grid = ("common grid", common)
      let native = ("own times", own)
      try bench.lab.add(table([grid, native]))
      try bench.lab.add(figure([grid, native]))
      claim(common, own)
    }

    private func errors(_ corpus: WormCorpus, _ name: String) throws -> Errors {
      let sequences = corpus.worms.filter { $0.labelledCount > 3 }.map {
        NextStepPrediction.Sequence($0.inSlots(\.calcium), mask: $0.mask).split(1 - bench.options.testShare)
      }.filter { $0.rest.values.size(0) > 20 && $0.first.values.size(0) > 20 }
      guard !sequences.isEmpty else {
        throw CajalError("no recording has enough samples and names for predictions")
      }
      let one = NextStepPrediction.SharedAutoregression(sequences.map(\.first), lags: 1)
      let three = NextStepPrediction.SharedAutoregression(sequences.map(\.first), lags: 3)
      var errors: Errors = [
        ("persistence", []), ("one lag", []), ("three lags", []), ("linear map", []),
        ("map of rank \(bench.options.rank)", []),
      ]
      for (index, sequence) in sequences.enumerated() {
        try bench.lab.progress("prediction \(name)", index, of: sequences.count, unit: "worms")
        let full = NextStepPrediction.LinearMap(sequence.first, alpha: 1)
        let low = NextStepPrediction.LinearMap(sequence.first, alpha: 1, rank: bench.options.rank)
        errors[0].byWorm.append(
          Self.horizons.map { NextStepPrediction.persistence(sequence.rest, horizon: $0) })
        errors[1].byWorm.append(Self.horizons.map { one.error(sequence.rest, horizon: $0) })
        errors[2].byWorm.append(Self.horizons.map { three.error(sequence.rest, horizon: $0) })
        errors[3].byWorm.append(Self.horizons.map { full.error(sequence.rest, horizon: $0) })
        errors[4].byWorm.append(Self.horizons.map { low.error(sequence.rest, horizon: $0) })
      }
      return errors
    }

    /// Of the error over that of persistence, by worm, one sample ahead.
    private func gain(_ errors: Errors, _ model: Int) -> Double {
      Percentile.median(zip(errors[model].byWorm, errors[0].byWorm).map { $0[0] / $1[0] - 1 })
    }

    private func claim(_ common: Errors, _ own: Errors) {
      let (one, three) = (gain(common, 1), gain(common, 2))
      let (nativeOne, nativeThree) = (gain(own, 1), gain(own, 2))
      for (name, errors) in [("common", common), ("native", own)] {
        for (index, entry) in errors.enumerated() {
          let key = ["persistence", "oneLag", "threeLags", "map", "lowRank"][index]
          bench.lab.measure(
            "prediction.\(name).\(key)", Percentile.median(entry.byWorm.map { $0[0] }), unit: "z²")
        }
      }
      bench.lab.add(
        .decided(
          "3", "Persistence is hard to beat with one sample, easily with three",
          paper:
            "persistence 0.0354, the best models of the companion paper 0.0353; elsewhere on the corpus one lag -1 %, three lags -30 %",
          test:
            "mean squared error of the next sample on the last \(Int(100 * bench.options.testShare)) % of \(common[0].byWorm.count) worms, medians of the change against persistence; the same at the recordings' own times as a control",
          criterion: "at the common rate one lag within 5 % of persistence, three lags at least 20 % better",
          measured: String(
            format:
              "common rate: persistence %.4f, one lag %+.1f %%, three lags %+.1f %%, linear map %+.1f %%, of rank %d %+.1f %%; own times: persistence %.4f, one lag %+.1f %%, three lags %+.1f %%",
            Percentile.median(common[0].byWorm.map { $0[0] }), 100 * one, 100 * three, 100 * gain(common, 3),
            bench.options.rank,
            100 * gain(common, 4), Percentile.median(own[0].byWorm.map { $0[0] }), 100 * nativeOne,
            100 * nativeThree),
          holds: abs(one) <= 0.05 && three <= -0.2,
          reason: "frames of this corpus lie on its grid in another way than those of the paper",
          unless: bench.obstacle))
      if bench.isReal {
        bench.lab.note(
          String(
            format:
              "Of the gain of three lags at the common rate (%.0f %%) the frames themselves give %.0f %%; the rest comes from drawing lines between them.",
            -100 * three, -100 * nativeThree))
      }
    }

    private func table(_ parts: [(String, Errors)]) -> Table {
      var table = Table(
        name: "prediction",
        caption: "Mean squared errors (z²), medians over worms, and relative to persistence.",
        columns: ["times", "model"] + Self.horizons.flatMap { ["\($0) ahead", "\($0) ahead, relative"] })
      for (name, errors) in parts {
        for entry in errors {
          let cells = Self.horizons.indices.flatMap { at -> [Table.Cell] in
            [
              .number(Percentile.median(entry.byWorm.map { $0[at] })),
              .number(Percentile.median(zip(entry.byWorm, errors[0].byWorm).map { $0[at] / $1[at] })),
            ]
          }
          table.append([.text(name), .text(entry.model)] + cells)
        }
      }
      return table
    }

    private func figure(_ parts: [(String, Errors)]) -> Plot {
      let models = parts[0].1.map(\.model)
      var plot = Plot(
        name: "prediction", title: "The next sample, told by those before",
        caption: "Error one sample ahead over that of persistence, by worm: median and quartiles.",
        x: .init("", ticks: models.enumerated().map { (Double($0), $1) }),
        y: .init("error relative to persistence"))
      plot.marks = [.horizontal(1, label: "persistence")]
      for (index, part) in parts.enumerated() {
        let sorted = part.1.map { entry in zip(entry.byWorm, part.1[0].byWorm).map { $0[0] / $1[0] }.sorted()
        }
        plot.add(
          .points, part.0, x: models.indices.map { Double($0) + 0.16 * Double(index) - 0.08 },
          y: sorted.map { $0[$0.count / 2] },
          intervals: sorted.map { $0[$0.count / 4]...$0[3 * $0.count / 4] })
      }
      return plot
    }
  }
}
