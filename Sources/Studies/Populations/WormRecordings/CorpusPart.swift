import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support
import Tensors

extension WormRecordings {
  /// What the common form keeps, and what it makes comparable.
  struct CorpusPart {
    let bench: Bench

    func run() throws {
      try lossless()
      try comparable()
      try bench.lab.add(summary())
      try bench.lab.add(coverageFigure())
      try bench.lab.add(traceFigure())
      try bench.lab.add(connectivityFigure())
    }

    // MARK: Claim 1

    /// How far the common form lies from the plain z-scores, and how alike correlations are on the common grid.
    private func lossless() throws {
      var (worst, order, masks) = (0.0, 0, 0)
      var alike: [Double] = []
      for (index, worm) in bench.native.worms.enumerated() {
        let raw = bench.raw[index].recording
        let plain = try raw.selected(neurons: keptColumns(raw)).interpolated().recording.zScored()
        worst = max(worst, (worm.native.activity - plain.activity).abs().max().item)
        let slots = worm.labelled.map(\.slot)
        if worm.labelled.contains(where: { worm.slots[$0.slot] != worm.assignments[$0.column].name }) {
          order += 1
        }
        let inSlots = worm.inSlots(\.native)
        let recorded = (inSlots * inSlots).sum(axis: 0).doubles.map { $0 > 0 }
        if recorded != worm.mask || Set(slots).count != slots.count { masks += 1 }
        alike.append(correlationOfCorrelations(worm.native, bench.corpus.worms[index].calcium))
      }
      let least = alike.min() ?? .nan
      bench.lab.measure("form.largestError", worst, unit: "z")
      bench.lab.measure("form.correlationKept.median", median(alike))
      bench.lab.measure("form.correlationKept.least", least)
      bench.lab.add(
        .decided(
          "1",
          "The common form keeps what recordings say: z-scores at their own times are unchanged, names and masks are right, and a common rate keeps correlations",
          paper: "a property of the data product",
          test:
            "\(bench.native.worms.count) recordings against their own z-scores; pairwise correlations at \(bench.options.step) s against those at their own times",
          criterion:
            "no value differs by more than 1e-6; every mask and name right; correlations of correlations at least 0.98 in every worm",
          measured: String(
            format:
              "largest difference %.1e; %d wrong masks, %d wrong names; correlations kept at %.4f (median), %.4f (least)",
            worst, masks, order, median(alike), least),
          holds: worst < 1e-6 && masks == 0 && order == 0 && least >= 0.98,
          reason: least < 0.98
            ? "frames further apart than the grid are drawn on lines, which smooths; frames nearer are averaged, which takes off what changes fast"
            : "values, names or masks differ", unless: nil))
    }

    private func keptColumns(_ recording: Recording) -> [Int] {
      let missing = recording.activity.to(.float64).isNaN().to(.int64).sum(axes: [0]).integers
      return missing.indices.filter { missing[$0] < recording.sampleCount }
    }

    private func correlationOfCorrelations(_ a: Recording, _ b: Recording) -> Double {
      let n = a.neuronCount
      let (x, y) = (a.correlationMatrix().doubles, b.correlationMatrix().doubles)
      let pairs = (0..<n).flatMap { i in (i + 1..<max(i + 1, n)).map { i * n + $0 } }
      return Correlation.pearson(pairs.map { x[$0] }, pairs.map { y[$0] }).coefficient
    }

    private func median(_ values: [Double]) -> Double { Percentile.median(values.filter { !$0.isNaN }) }

    // MARK: Claim 2

    /// Sources are the laboratories; of one laboratory alone, copies at other rates, gains and spellings stand for others.
    private func comparable() throws {
      var before: [String: [Double]] = [:]
      var after: [String: [Double]] = [:]
      var homogeniser = WormHomogeniser()
      homogeniser.step = bench.options.step
      let entries = bench.corpus.sources.count > 1 ? bench.raw : try copies()
      for (index, entry) in entries.enumerated() {
        try bench.lab.progress("time scales", index, of: entries.count, unit: "worms")
        before[entry.source, default: []] += halfDecays(entry.recording)
        after[entry.source, default: []] += halfDecays(try homogeniser(entry.recording).calcium)
      }
      func ratio(_ groups: [String: [Double]]) -> Double {
        let medians = groups.values.map(median).filter { $0 > 0 }
        return (medians.max() ?? .nan) / (medians.min() ?? .nan)
      }
      let (first, second) = (ratio(before), ratio(after))
      bench.lab.measure("timeScale.ratioBefore", first)
      bench.lab.measure("timeScale.ratioAfter", second)
      bench.lab.add(
        .decided(
          "2", "Laboratories become comparable: their neurons change on like time scales",
          paper: "a property of the data product",
          test:
            "samples until the autocorrelation halves, median over neurons, of \(before.count) \(bench.corpus.sources.count > 1 ? "laboratories" : "copies of the recordings at other rates and gains"), as recorded and on the common grid",
          criterion: "the largest median at most twice the smallest, and less than before",
          measured: String(format: "ratio of the medians %.2f before, %.2f after", first, second),
          holds: second <= 2 && second < first,
          reason: "frames of more than the common step are smooth on its grid by construction", unless: nil))
      try bench.lab.add(timeScaleFigure(before, after))
    }

    /// Copies of real recordings as other laboratories might have made them.
    private func copies() throws -> [(source: String, recording: Recording)] {
      var copies: [(source: String, recording: Recording)] = []
      for step in [0.25, 0.5, 1, 2] {
        for entry in bench.raw.prefix(4) {
          let filled = entry.recording.interpolated().recording
          let coarse = try filled.resampled(step: step)
          copies.append(("every \(step) s", coarse.replacing(activity: coarse.activity * (7 * step) + 100)))
        }
      }
      return copies
    }

    /// Samples until the autocorrelation of each neuron falls to one half, on lines between lags.
    private func halfDecays(_ recording: Recording) -> [Double] {
      let series = recording.interpolated().recording.series()
      let n = recording.neuronCount
      let values = series.doubles
      let count = recording.sampleCount
      return parallelMap(n) { neuron in
        let own = values[neuron * count..<(neuron + 1) * count]
        let mean = own.reduce(0, +) / Double(count)
        let centred = own.map { $0 - mean }
        let power = centred.reduce(0) { $0 + $1 * $1 }
        guard power > 0 else { return .nan }
        var last = 1.0
        for lag in 1..<max(2, count / 4) {
          var sum = 0.0
          for index in 0..<count - lag { sum += centred[index] * centred[index + lag] }
          let value = sum / power
          if value < 0.5 { return Double(lag - 1) + (last - 0.5) / (last - value) }
          last = value
        }
        return .nan
      }.filter { !$0.isNaN }
    }

    private func timeScaleFigure(_ before: [String: [Double]], _ after: [String: [Double]]) -> Plot {
      let names = before.keys.sorted { $0.localizedStandardCompare($1) == .orderedAscending }
      var plot = Plot(
        name: "time-scales", title: "How fast neurons change, by source",
        caption:
          "Samples until the autocorrelation halves: the median over neurons with its quartiles, as recorded and on the common grid.",
        x: .init(
          "source",
          ticks: names.enumerated().map {
            (Double($0), $1.replacingOccurrences(of: "made laboratory", with: "lab"))
          }),
        y: .init("half decay", unit: "samples", scale: .log))
      for (label, groups, shift) in [("as recorded", before, -0.12), ("common grid", after, 0.12)] {
        let sorted = names.map { groups[$0]!.sorted() }
        plot.add(
          .points, label, x: names.indices.map { Double($0) + shift }, y: sorted.map { $0[$0.count / 2] },
          intervals: sorted.map { $0[$0.count / 4]...$0[3 * $0.count / 4] })
      }
      return plot
    }

    // MARK: What the corpus holds

    private func summary() -> Table {
      var table = Table(
        name: "corpus", caption: "The recordings, by source.",
        columns: [
          "source", "worms", "samples", "step as recorded (s)", "duration (s)", "neurons a worm",
          "named a worm",
        ])
      for row in bench.corpus.summary {
        table.append([
          .text(row.source), .integer(row.worms), .integer(row.samples), .number(row.nativeStep),
          .number(row.duration), .number(row.neurons), .number(row.labelled),
        ])
      }
      let coverage = bench.corpus.coverage
      bench.lab.measure("corpus.worms", Double(bench.corpus.worms.count))
      bench.lab.measure("corpus.neuronsInFourWorms", Double(coverage.count { $0 >= 4 }))
      bench.lab.measure("corpus.neuronsSeen", Double(coverage.count { $0 > 0 }))
      return table
    }

    private func coverageFigure() -> Plot {
      let worms = bench.corpus.worms
      let coverage = bench.corpus.coverage
      let order = coverage.indices.filter { coverage[$0] > 0 }.sorted {
        (-coverage[$0], $0) < (-coverage[$1], $1)
      }
      let step = max(1, order.count / 22)
      var plot = Plot(
        name: "coverage", title: "Which neurons are named in which worm",
        caption:
          "Neurons from the most to the least often named; \(coverage.count { $0 >= 4 }) are named in at least four worms.",
        x: .init(
          "neuron",
          ticks: stride(from: 0, to: order.count, by: step).map {
            (Double($0) + 0.5, worms[0].slots[order[$0]])
          }),
        y: .init("worm"))
      plot.heatMap = .init(
        rows: worms.map { worm in order.map { worm.mask[$0] ? 1 : 0 } }, x: 0...Double(max(1, order.count)),
        y: 0...Double(worms.count), label: "named", range: 0...1)
      return plot
    }

    /// One neuron as it was recorded, smoothed, and on the common grid.
    private func traceFigure() -> Plot {
      let shown = bench.native.worms.firstIndex { $0.labelledCount > 0 } ?? 0
      let (own, common) = (bench.native.worms[shown], bench.corpus.worms[shown])
      let column = own.labelled.first { ["AVAL", "AVAR", "RIBL"].contains(own.slots[$0.slot]) }?.column ?? 0
      let name = own.assignments[column].name ?? own.assignments[column].raw
      func part(_ recording: Recording) -> (x: [Double], y: [Double]) {
        let piece = recording.restricted(
          to: Epochs(from: recording.time!.start, to: recording.time!.start + 90))
        return (piece.time!.values, piece.selected(neurons: [column]).activity.doubles)
      }
      var plot = Plot(
        name: "trace", title: "\(name) of \(own.name), brought to the common form",
        caption:
          "z-scores as recorded, smoothed by a Gaussian of \(bench.options.sigma) samples, and on a grid of \(bench.options.step) s.",
        x: .init("time", unit: "s"), y: .init("calcium", unit: "z"))
      let (raw, smooth, grid) = (part(own.native), part(own.smoothCalcium), part(common.calcium))
      plot.add(.linePoints, "as recorded", x: raw.x, y: raw.y)
      plot.add(.points, "common grid", x: grid.x, y: grid.y)
      plot.add(.line, "smoothed", x: smooth.x, y: smooth.y)
      return plot
    }

    /// Correlations of the neurons that most worms have, sorted by their first principal axis.
    private func connectivityFigure() -> Plot {
      let connectivity = FunctionalConnectivity(bench.native)
      let coverage = bench.native.coverage
      let chosen = coverage.indices.sorted { (-coverage[$0], $0) < (-coverage[$1], $1) }.prefix(48).filter {
        coverage[$0] > 0
      }
      let count = connectivity.neurons.count
      func value(_ a: Int, _ b: Int) -> Double {
        a == b
          ? 1 : connectivity.correlation[a * count + b].isNaN ? 0 : connectivity.correlation[a * count + b]
      }
      let matrix = Tensor(
        chosen.flatMap { a in chosen.map { value(a, $0) } }, shape: [chosen.count, chosen.count])
      let axis = matrix.eigh().vectors[.all, chosen.count - 1].doubles
      let order = chosen.indices.sorted { axis[$0] < axis[$1] }.map { chosen[$0] }
      return Plot.neuronMatrix(
        name: "connectivity", title: "Neurons that go together, over \(bench.native.worms.count) worms",
        caption:
          "Correlations at the recordings' own times, averaged over worms (Fisher's z); the \(order.count) neurons that most worms have.",
        rows: order.map { a in order.map { value(a, $0) } }, neurons: order.map { connectivity.neurons[$0] },
        label: "correlation", range: -1...1)
    }
  }
}
