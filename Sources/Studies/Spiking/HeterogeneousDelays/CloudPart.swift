import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claim 6: the aperture problem, and tuning to textures whose content is known.
struct CloudPart {
  private let bench: MotionBench
  private let trials: [MotionTrial]

  /// A kind of texture.
  private struct Condition {
    /// What is varied: "perpendicular".
    var sweep: String
    var value: Double
    /// Whether stripes may stand at any angle to the motion.
    var isTurned = false
    var change: @Sendable (inout MotionCloud) -> Void
  }

  init(_ bench: MotionBench, _ trials: [MotionTrial]) {
    self.bench = bench
    self.trials = trials
  }

  private var lab: Lab { bench.lab }
  private var options: HeterogeneousDelays.Options { bench.options }

  func report() throws {
    let conditions = conditions()
    var results: [[Double]] = conditions.map { _ in [] }
    for trial in trials {
      for (index, condition) in conditions.enumerated() {
        try lab.progress(
          "motion clouds", trial.seed * conditions.count + index, of: trials.count * conditions.count,
          unit: "conditions")
        results[index].append(try accuracy(condition, trial))
      }
    }
    let measured = zip(conditions, results.map(Spread.init)).map { ($0, $1) }
    try lab.add(table(measured))
    for sweep in [
      ("orientation", "orientation bandwidth", "radians", ["perpendicular", "any orientation"]),
      ("frequency", "mean spatial frequency", "cycles per pixel", ["frequency"]),
      ("speed", "speed bandwidth", "pixels per frame", ["speed bandwidth"]),
    ] {
      try lab.add(figure(sweep.0, sweep.1, sweep.2, sweep.3, measured))
    }
    lab.add(claim(measured))
  }

  private func conditions() -> [Condition] {
    let widths = options.orientationBandwidths.sorted() + [.infinity]
    var all: [Condition] = []
    for isTurned in [false, true] {
      all += widths.map { width in
        Condition(sweep: isTurned ? "any orientation" : "perpendicular", value: width, isTurned: isTurned) {
          $0.orientationBandwidth = width
        }
      }
    }
    all += options.frequencies.sorted().map { frequency in
      Condition(sweep: "frequency", value: frequency) {
        // As wide on every frequency's logarithmic scale.
        ($0.frequency, $0.frequencyBandwidth) = (frequency, frequency / 2)
      }
    }
    all += options.speedBandwidths.sorted().map { width in
      Condition(sweep: "speed bandwidth", value: width) { $0.speedBandwidth = width }
    }
    return all
  }

  /// The share of clouds whose motion a trial's layer knows. Isotropic clouds of either kind have noise of their own.
  private func accuracy(_ condition: Condition, _ trial: MotionTrial) throws -> Double {
    let (bench, options) = (bench, options)
    let classes = bench.motions.count
    let stream = trial.generator.split(condition.isTurned ? 8 : 7)
    let movies = try bench.rasters(classes * options.cloudMoviesPerClass, stream) { index, own in
      let motion = bench.motions[index % classes]
      var cloud = MotionCloud(motion)
      cloud.orientation = condition.isTurned ? .pi * own.uniform() : motion.direction
      condition.change(&cloud)
      return cloud.movie(size: options.size, duration: options.duration, label: index % classes, using: &own)
    }
    return try trial.predictions(of: trial.layer, movies, from: options.delays).accuracy
  }

  // What is reported.

  private func table(_ measured: [(Condition, Spread)]) -> Table {
    var table = Table(
      name: "motion-clouds",
      caption:
        "Accuracy for motion clouds, \(bench.motions.count * options.cloudMoviesPerClass) a condition and seed; chance is \(short(options.chance)).",
      columns: ["varied", "value", "accuracy", "deviation over seeds"])
    for (condition, spread) in measured {
      table.append([
        .text(condition.sweep), condition.value.isFinite ? .number(condition.value) : .text("isotropic"),
        .number(spread.mean), .number(spread.deviation),
      ])
    }
    return table
  }

  private func figure(
    _ name: String, _ label: String, _ unit: String, _ sweeps: [String], _ measured: [(Condition, Spread)]
  ) -> Plot {
    // Isotropic clouds stand to the right of the widest bandwidth.
    let isotropic = 2 * (options.orientationBandwidths.max() ?? 1)
    var plot = Plot(
      name: "motion-clouds-\(name)", title: "Motion clouds: accuracy by \(label)",
      caption: name == "orientation"
        ? "Accuracy for textures whose stripes stand perpendicular to the motion, or at any angle to it, by bandwidth of orientation; mean and standard deviation over seeds. The rightmost points are isotropic textures, at \(short(isotropic))."
        : "Accuracy for isotropic motion clouds by \(label); mean and standard deviation over seeds.",
      x: .init(label, unit: unit, scale: .log), y: .init("accuracy", range: 0...1.05))
    for sweep in sweeps {
      let own = measured.filter { $0.0.sweep == sweep }
      plot.add(
        .linePoints, sweeps.count > 1 ? sweep : "",
        x: own.map { $0.0.value.isFinite ? $0.0.value : isotropic },
        y: own.map(\.1.mean), error: own.map(\.1.deviation))
    }
    plot.marks = [.horizontal(options.chance, label: "chance")]
    return plot
  }

  private func claim(_ measured: [(Condition, Spread)]) -> Claim {
    func find(_ sweep: String, _ value: Double) -> Spread {
      measured.first { $0.0.sweep == sweep && $0.0.value == value }!.1
    }
    let narrow = options.orientationBandwidths.min()!
    let (across, turned) = (find("perpendicular", narrow), find("any orientation", narrow))
    let isotropic = (find("perpendicular", .infinity), find("any orientation", .infinity))
    let loss = across.mean - turned.mean
    let rest = abs(isotropic.0.mean - isotropic.1.mean)
    lab.measure("clouds.perpendicular", across.mean)
    lab.measure("clouds.anyOrientation", turned.mean)
    lab.measure("clouds.isotropic", (isotropic.0.mean + isotropic.1.mean) / 2)
    return bench.decided(
      "6",
      "Stripes at any angle to their motion deceive the layer (the aperture problem), isotropic textures do not.",
      paper:
        "Accuracy falls sharply for oriented gratings of arbitrary orientation, not for perpendicular ones.",
      test:
        "Motion clouds around \(MotionCloud(bench.motions[0]).frequency) cycles per pixel, orientation bandwidth \(narrow) radians or none.",
      criterion:
        "at the smallest bandwidth arbitrary orientations are at least 15 points worse than perpendicular ones; for isotropic textures both are within 5 points",
      measured:
        "bandwidth \(narrow): perpendicular \(across.percentAndDeviation), any orientation \(turned.percentAndDeviation); isotropic \(isotropic.0.percentAndDeviation) and \(isotropic.1.percentAndDeviation).",
      holds: loss >= 0.15 && rest <= 0.05,
      reason: loss < 0.15
        ? "the loss is \(String(format: "%.1f", 100 * loss)) points"
        : "isotropic textures differ by \(String(format: "%.1f", 100 * rest)) points, within the noise of so few movies"
    )
  }
}
