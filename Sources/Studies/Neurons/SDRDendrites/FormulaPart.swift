import Figures
import Foundation
import Neurons
import StudyCore

/// Claims 1 and 2: the formula is exact, and both sparsity and dimension are needed.
struct FormulaPart {
  private let options: SDRDendrites.Options
  private let lab: Lab
  private let s = 24
  private let theta = 12
  private static let settings = [(300, 64), (500, 64), (700, 64), (500, 128), (900, 128), (1500, 256)]

  /// The curves need fewer trials than the check.
  private var curveTrials: Int { max(1000, options.trials / 10) }

  private struct Point {
    var n: Int
    var a: Int
    var exact: Double
    var trials: BinomialEstimate
    var agrees: Bool { trials.interval().contains(exact) }
  }

  init(_ options: SDRDendrites.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let points = try Self.settings.map { try simulate($0.0, $0.1, options.trials) }
    try lab.add(table("formula-check", points))
    lab.add(exactness(points))
    var curves: [(label: String, active: (Int) -> Int, points: [Point])] = []
    for (label, active) in Self.curves {
      let small = stride(from: 300, through: 900, by: 200).filter { active($0) <= $0 / 2 }
      curves.append((label, active, try small.map { try simulate($0, active($0), curveTrials) }))
    }
    let simulated = curves.flatMap(\.points)
    try lab.add(table("dimension-check", simulated))
    try lab.add(figure(curves))
    lab.add(dimension(dense: [curves[3].points, curves[4].points], simulated))
    try lab.add(synapseFigure())
  }

  private static var curves: [(String, (Int) -> Int)] {
    [
      ("a = 64", { _ in 64 }), ("a = 128", { _ in 128 }), ("a = 256", { _ in 256 }), ("a = n/4", { $0 / 4 }),
      ("a = n/2", { $0 / 2 }),
    ]
  }

  private func exact(_ n: Int, _ a: Int) -> Double {
    RecognitionTheory.falsePositive(n: n, a: a, s: s, theta: theta)
  }

  private func simulate(_ n: Int, _ a: Int, _ trials: Int) throws -> Point {
    var generator = lab.generator("formula n=\(n) a=\(a) \(trials)")
    let histogram = try RecognitionTrials.randomPatterns(
      n: n, a: a, s: s, trials: trials, using: &generator
    ) { try lab.progress("random patterns, n = \(n), a = \(a)", $0, of: trials, unit: "trials") }
    let point = Point(n: n, a: a, exact: exact(n, a), trials: histogram.firing(theta: theta))
    lab.measure("falsePositive.n\(n).a\(a)", point.trials.rate)
    return point
  }

  private func table(_ name: String, _ points: [Point]) -> Table {
    var table = Table(
      name: name,
      caption:
        "False-positive rate of a segment with 24 synapses and threshold 12: exact, and counted on explicit random sets.",
      columns: ["n", "a", "exact", "counted", "events", "trials", "99 % low", "99 % high"])
    for point in points {
      let range = point.trials.interval()
      table.append([
        .integer(point.n), .integer(point.a), .number(point.exact), .number(point.trials.rate),
        .integer(point.trials.events), .integer(point.trials.trials), .number(range.lowerBound),
        .number(range.upperBound),
      ])
    }
    return table
  }

  private func exactness(_ points: [Point]) -> Claim {
    let agreeing = points.filter(\.agrees)
    let errors = points.filter { $0.trials.events >= 200 }.map { abs(log10($0.trials.rate / $0.exact)) }
    let worst = errors.max() ?? .infinity
    lab.measure("formula.settingsWithinInterval", Double(agreeing.count))
    lab.measure("formula.worstLog10Error", worst)
    let holds = agreeing.count >= 5 && worst < 0.05
    return Claim(
      "1", "The formula for false positives is exact.",
      paper:
        "theory 1.0946e-3 and simulation 1.093e-3 at n = 300, a = 64; 2.5026e-5 and 2.585e-5 at n = 900, a = 128",
      test:
        "\(options.trials) random patterns, drawn cell by cell, against a random segment in each of six settings (s = 24, theta = 12).",
      criterion:
        "the exact rate lies in the 99 % Wilson interval in at least 5 of 6 settings, and |log10| of the ratio is below 0.05 wherever at least 200 events were counted",
      measured: points.map {
        "n = \($0.n), a = \($0.a): exact \(short($0.exact)), counted \(short($0.trials))"
      }.joined(separator: "; ") + "; largest |log10| error \(short(worst)) over \(errors.count) settings",
      holds: holds,
      reason: holds ? nil : "\(agreeing.count) of 6 settings agree; largest |log10| error \(short(worst))")
  }

  private func dimension(dense: [[Point]], _ simulated: [Point]) -> Claim {
    let falls = [64, 128].map { log10(exact(300, $0) / exact(4000, $0)) }
    let denseRates = [4, 2].map { divisor in
      stride(from: 300, through: 4000, by: 100).map { exact($0, $0 / divisor) }
    }
    let denseRatio = denseRates.map { $0.max()! / $0.min()! }.max()!
    let countedRatio = dense.map { points in
      let rates = points.map(\.trials.rate)
      return rates.max()! / max(rates.min()!, .leastNonzeroMagnitude)
    }.max()!
    let share = Double(simulated.filter(\.agrees).count) / Double(simulated.count)
    lab.measure("dimension.decades.a64", falls[0])
    lab.measure("dimension.decades.a128", falls[1])
    lab.measure("dimension.denseRatio", denseRatio)
    lab.measure("dimension.simulatedAgreement", share)
    let holds = falls.allSatisfy { $0 > 10 } && denseRatio < 2 && countedRatio < 2 && share >= 0.9
    return Claim(
      "2",
      "Sparsity and dimension are both needed: false positives vanish with n at constant a, not at constant density.",
      paper: "a = 64 falls from 1.09e-3 at n = 300 ever faster; a curve called a = n/2 stays at 5e-3 to 7e-3",
      test:
        "Exact curves from n = 300 to 4000 (s = 24, theta = 12); \(curveTrials) explicit patterns at n = 300, 500, 700, 900.",
      criterion:
        "a = 64 and a = 128 fall by more than 10 decades, a = n/2 and a = n/4 change by less than a factor 2 (exact and counted), and 90 % of the counted rates agree within 99 %",
      measured:
        "\(short(falls[0])) and \(short(falls[1])) decades; dense codes by at most a factor \(short(denseRatio)), counted \(short(countedRatio)), "
        + "staying at \(short(exact(4000, 2000))) for a = n/2 and \(short(exact(4000, 1000))) for a = n/4, which is what the published curve shows; "
        + "\(simulated.filter(\.agrees).count) of \(simulated.count) counted rates agree",
      holds: holds,
      reason: holds
        ? nil
        : "decades \(falls.map(short)), dense factors \(short(denseRatio)) and \(short(countedRatio)), agreement \(short(share))"
    )
  }

  private func figure(_ curves: [(label: String, active: (Int) -> Int, points: [Point])]) -> Plot {
    var plot = Plot(
      name: "false-positives-by-n", title: "False positives vanish with the population, if it is sparse",
      caption:
        "Rate at which a random pattern fires a segment with 24 synapses and threshold 12. Lines: exact; marks: "
        + "counted on explicit random sets, with 99 % intervals. With half of the cells active, more cells do not help.",
      x: .init("cells n"), y: .init("false-positive rate", scale: .log, range: 1e-15...1))
    for curve in curves {
      let cells = stride(from: 300, through: 4000, by: 50).filter { curve.active($0) <= $0 / 2 }
      plot.add(
        .line, curve.label, x: cells.map(Double.init), y: cells.map { exact($0, curve.active($0)) })
    }
    for curve in curves {
      let seen = curve.points.filter { $0.trials.events > 0 }
      plot.add(
        .points, "\(curve.label), counted", x: seen.map { Double($0.n) }, y: seen.map(\.trials.rate),
        intervals: seen.map { $0.trials.interval() }, colourOf: curve.label)
    }
    return plot
  }

  private func synapseFigure() -> Plot {
    var plot = Plot(
      name: "false-positives-by-s", title: "A few more synapses, far fewer errors",
      caption:
        "Exact false-positive rate over the number of synapses when half of them must be active. In sparse populations it "
        + "falls exponentially; with a quarter of the cells active it hardly does.",
      x: .init("synapses s on a segment (θ = s/2)"), y: .init("false-positive rate", scale: .log))
    let counts = stride(from: 2, through: 30, by: 2)
    for (n, a) in [(4000, 32), (4000, 128), (16_000, 512), (16_000, 4000)] {
      plot.add(
        .linePoints, "n = \(n), a = \(a)", x: counts.map(Double.init),
        y: counts.map { RecognitionTheory.falsePositive(n: n, a: a, s: $0, theta: $0 / 2) })
    }
    return plot
  }
}
