import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Do instantaneous affinities time short bursts better than sliding-window correlation? Claim 5.
struct BurstPart {
  private let options: DynamicConnectome.Options
  private let lab: Lab
  private static let window = 30.0

  /// One motif of bursts, by both.
  private struct Overlap: Sendable {
    let affinity: Double
    let window: Double
    /// At the threshold that suits each course best.
    let bestAffinity: Double
    let bestWindow: Double
  }

  init(_ options: DynamicConnectome.Options, _ lab: Lab) { (self.options, self.lab) = (options, lab) }

  func report() throws {
    var overlaps: [Overlap] = []
    for seed in 0..<options.seeds {
      try lab.progress("bursts of 10 s", seed, of: options.seeds, unit: "populations")
      overlaps += try trial(lab.generator("bursts").split(seed), isShown: seed == 0)
    }
    let (own, other) = (Spread(overlaps.map(\.affinity)), Spread(overlaps.map(\.window)))
    let differences = overlaps.map { $0.affinity - $0.window }
    let better = SignTest(differences)
    lab.measure("bursts.affinity", own.mean)
    lab.measure("bursts.window", other.mean)
    let best = (Spread(overlaps.map(\.bestAffinity)), Spread(overlaps.map(\.bestWindow)))
    lab.measure("bursts.bestAffinity", best.0.mean)
    lab.measure("bursts.bestWindow", best.1.mean)
    lab.measure("bursts.better", Double(better.positive) / Double(max(1, better.positive + better.negative)))
    lab.add(
      .decided(
        "5", "Instantaneous affinities time bursts better than sliding-window correlation",
        paper: "affinities from derivatives are instantaneous where windowed correlation is not; no figure",
        test:
          "motifs in bursts of 10 s; both tensors decomposed alike; overlap (intersection over union) of the windows with where the time course is above half its maximum; correlation windows of 30 s",
        criterion: "larger mean overlap, and larger for most motifs",
        measured:
          "\(own.text(2)) against \(other.text(2)); larger for \(better.positive) of \(overlaps.count) motifs (sign test p = \(short(better.greater))); at the best threshold of each course \(best.0.text(2)) against \(best.1.text(2))",
        holds: own.mean > other.mean && better.positive > better.negative,
        reason: "the windowed correlation's components overlap at least as much", unless: nil))
  }

  private func trial(_ generator: RandomGenerator, isShown: Bool) throws -> [Overlap] {
    var simulator = options.simulator
    simulator.windowLength = 10...10
    var (drawing, first, second) = (generator.split(0), generator.split(2), generator.split(3))
    let truth = simulator.truth(using: &drawing)
    let traces = simulator.traces(truth, using: generator.split(1))
    let affinity = try AffinityTensor(traces.map(options.differentialAffinity.changes), bin: options.bin)
    let windowed = try PairCorrelation.sliding(
      traces, samplingRate: options.samplingRate, window: Self.window, bin: options.bin)
    let method = options.decomposition(rank: options.motifs + options.extraComponents)
    let own = MotifEstimate(method.fit(affinity.tensor, using: &first).best.factors)
    let other = MotifEstimate(method.fit(windowed, using: &second).best.factors)
    let matches = [own, other].map { $0.components(truth, affinity.times, affinity.pairs) }
    let overlaps = truth.motifs.indices.map { index in
      let course = truth.motifs[index].course(affinity.times)
      return Overlap(
        affinity: Self.overlap(own.courses[matches[0][index]], course, 0.5),
        window: Self.overlap(other.courses[matches[1][index]], course, 0.5),
        bestAffinity: Self.best(own.courses[matches[0][index]], course),
        bestWindow: Self.best(other.courses[matches[1][index]], course))
    }
    if isShown {
      let clear = overlaps.indices.max {
        max(overlaps[$0].bestAffinity, overlaps[$0].bestWindow)
          < max(overlaps[$1].bestAffinity, overlaps[$1].bestWindow)
      }!
      try figure(
        truth.motifs[clear], own.courses[matches[0][clear]], other.courses[matches[1][clear]], affinity.times)
    }
    return overlaps
  }

  private static func best(_ course: [Double], _ truth: [Double]) -> Double {
    (1..<20).map { overlap(course, truth, Double($0) / 20) }.max()!
  }

  /// Intersection over union of the windows with where a course is above a share of its maximum.
  private static func overlap(_ course: [Double], _ truth: [Double], _ share: Double) -> Double {
    let limit = share * (course.max() ?? 0)
    let (both, either) = zip(course, truth).reduce((0, 0)) { counts, pair in
      let (isOn, isTrue) = (pair.0 >= limit && limit > 0, pair.1 > 0)
      return (counts.0 + (isOn && isTrue ? 1 : 0), counts.1 + (isOn || isTrue ? 1 : 0))
    }
    return either > 0 ? Double(both) / Double(either) : 0
  }

  private func figure(
    _ motif: WormSimulator.Motif, _ own: [Double], _ other: [Double], _ times: [Double]
  ) throws {
    var plot = Plot(
      name: "bursts", title: "Bursts of 10 s in two kinds of time course",
      caption:
        "Time course of the component of the motif that one of the two finds best in the first population, from instantaneous affinities and from correlation in windows of 30 s, each over its maximum; grey bands: the motif's bursts.",
      x: .init("time", unit: "s"), y: .init("weight over its maximum", range: 0...1.1))
    plot.marks = motif.windows.map { .band($0, label: "") }
    func scaled(_ course: [Double]) -> [Double] {
      let largest = course.max() ?? 0
      return course.map { largest > 0 ? $0 / largest : 0 }
    }
    plot.add(.line, "affinity", x: times, y: scaled(own))
    plot.add(.line, "30 s windows", x: times, y: scaled(other))
    try lab.add(plot)
  }
}
