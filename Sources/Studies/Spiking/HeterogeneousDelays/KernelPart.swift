import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claim 5: ON and OFF weights are opposite, and lie along the motion.
struct KernelPart {
  private let bench: MotionBench
  private let trials: [MotionTrial]

  /// The ridge of one kernel.
  private struct Ridge {
    var motif: Int
    /// Correlation of ON and OFF weights.
    var pushPull: Double
    /// Movement of the centre of positive weights, in pixels per frame.
    var slope: (row: Double, column: Double)

    var speed: Double { hypot(slope.row, slope.column) }
    var direction: Double { atan2(slope.column, slope.row) }
  }

  init(_ bench: MotionBench, _ trials: [MotionTrial]) {
    self.bench = bench
    self.trials = trials
  }

  func report() throws {
    let ridges = trials.map { trial in
      let weights = trial.layer.weight.value.doubles
      return (0..<bench.motions.count).map { ridge($0, weights) }
    }
    var table = Table(
      name: "kernels", caption: "The kernels' ridges, beside the motions they were trained for.",
      columns: [
        "seed", "class", "direction (degrees)", "speed (pixels per frame)", "ridge direction", "ridge slope",
        "ON-OFF correlation",
      ])
    for (seed, rows) in ridges.enumerated() {
      for ridge in rows {
        let motion = bench.motions[ridge.motif]
        table.append([
          .integer(seed + 1), .integer(ridge.motif), .number(motion.direction * 180 / .pi),
          .number(motion.speed),
          .number(ridge.direction * 180 / .pi), .number(ridge.speed), .number(ridge.pushPull),
        ])
      }
    }
    try bench.lab.add(table)
    for ring in Set([0, bench.motions.speeds.count - 1]).sorted() { try bench.lab.add(strips(ring)) }
    try bench.lab.add(slopeFigure(ridges.flatMap { $0 }))
    bench.lab.add(claim(ridges))
  }

  // What is measured.

  private func ridge(_ motif: Int, _ weights: [Double]) -> Ridge {
    let shape = bench.options.shape
    let volume = shape.delays * shape.area
    let off = weights[motif * 2 * volume..<(motif * 2 + 1) * volume]
    let on = weights[(motif * 2 + 1) * volume..<(motif * 2 + 2) * volume]
    // The centre at delay 0 starts with opposite signs and would speak for itself.
    let start = (shape.delays - 1) * shape.area + shape.area / 2
    let pairs = zip(on, off).enumerated().filter {
      $0.offset != start && ($0.element.0 != 0 || $0.element.1 != 0)
    }
    .map(\.element)
    return Ridge(
      motif: motif, pushPull: correlation(pairs), slope: slope(Array(on)))
  }

  private func correlation(_ pairs: [(Double, Double)]) -> Double {
    let count = Double(max(pairs.count, 1))
    let means = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
    var (both, first, second) = (0.0, 0.0, 0.0)
    for (a, b) in pairs {
      both += (a - means.0) * (b - means.1)
      first += (a - means.0) * (a - means.0)
      second += (b - means.1) * (b - means.1)
    }
    return first > 0 && second > 0 ? both / (first * second).squareRoot() : 0
  }

  /// Regression of the centre of the positive weights on the delay, each delay with its positive mass.
  private func slope(_ weights: [Double]) -> (row: Double, column: Double) {
    let shape = bench.options.shape
    var points: [(mass: Double, delay: Double, row: Double, column: Double)] = []
    for delay in 0..<shape.delays {
      let start = (shape.delays - 1 - delay) * shape.area
      var (mass, row, column) = (0.0, 0.0, 0.0)
      for place in 0..<shape.area {
        let weight = max(0, weights[start + place])
        mass += weight
        row += weight * Double(shape.height / 2 - place / shape.width)
        column += weight * Double(shape.width / 2 - place % shape.width)
      }
      if mass > 0 { points.append((mass, Double(delay), row / mass, column / mass)) }
    }
    let total = points.reduce(0) { $0 + $1.mass }
    guard total > 0 else { return (0, 0) }
    let delay = points.reduce(0) { $0 + $1.mass * $1.delay } / total
    let spread = points.reduce(0) { $0 + $1.mass * ($1.delay - delay) * ($1.delay - delay) }
    guard spread > 0 else { return (0, 0) }
    return (
      points.reduce(0) { $0 + $1.mass * ($1.delay - delay) * $1.row } / spread,
      points.reduce(0) { $0 + $1.mass * ($1.delay - delay) * $1.column } / spread
    )
  }

  private func angularError(_ ridge: Ridge) -> Double {
    Motion(direction: ridge.direction, speed: 0).angle(to: bench.motions[ridge.motif]) * 180 / .pi
  }

  // What is reported.

  private func claim(_ ridges: [[Ridge]]) -> Claim {
    let pushPull = Spread(ridges.map { Spread($0.map(\.pushPull)).mean })
    let errors = ridges.map { rows in
      let sorted = rows.map(angularError).sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let slopes = bench.motions.speeds.indices.map { ring in
      Spread(
        ridges.map { rows in
          Spread(rows.filter { $0.motif / bench.motions.directions == ring }.map(\.speed)).mean
        })
    }
    let ascends = zip(slopes, slopes.dropFirst()).allSatisfy { $0.mean < $1.mean }
    let angle = Spread(errors)
    bench.lab.measure("kernel.pushPull", pushPull.mean)
    bench.lab.measure("kernel.angularError", angle.mean, unit: "degrees")
    for (ring, slope) in slopes.enumerated() { bench.lab.measure("kernel.slope.\(ring)", slope.mean) }
    let failures = [
      pushPull.mean > -0.5 ? "ON and OFF weights are not opposite enough" : nil,
      angle.mean > 20 ? "ridges point elsewhere" : nil, ascends ? nil : "slopes do not increase with speed",
    ].compactMap { $0 }
    return bench.decided(
      "5", "Kernels are push-pull, with ridges along the motion.",
      paper: "ON and OFF weights have opposite signs; weights lie along straight lines in space and delay.",
      test:
        "Correlation of ON and OFF weights of each class, the centre at delay 0 left out, where both start opposite; regression of the centre of ON's positive weights on the delay.",
      criterion:
        "mean correlation at most -0.5; median angle between ridge and motion at most 20 degrees; mean slope ascends with speed",
      measured:
        "correlation \(pushPull.text(2)); median angle \(angle.text(1)) degrees; slopes \(slopes.map { $0.text(3) }.joined(separator: ", ")) pixels per frame at speeds \(bench.motions.speeds.map { String(format: "%.2f", $0) }.joined(separator: ", ")).",
      holds: failures.isEmpty, reason: failures.joined(separator: "; "))
  }

  /// The kernels of one speed: a row a direction, a tile a delay, ON minus OFF.
  private func strips(_ ring: Int) -> Plot {
    let shape = bench.options.shape
    let weights = trials[0].layer.weight.value.doubles
    let volume = shape.delays * shape.area
    let (tile, count) = (shape.width + 1, bench.motions.directions)
    let height = shape.height + 1
    var rows = [[Double]](
      repeating: Array(repeating: .nan, count: shape.delays * tile), count: count * height)
    for index in 0..<count {
      let motif = ring * bench.motions.directions + index
      for delay in 0..<shape.delays {
        for place in 0..<shape.area {
          let weight = (shape.delays - 1 - delay) * shape.area + place
          // Offsets ascend to the right and downwards, as rows and columns of the image do.
          let row = shape.height - 1 - place / shape.width
          let column = shape.width - 1 - place % shape.width
          rows[(count - 1 - index) * height + shape.height - 1 - row][delay * tile + column] =
            weights[(2 * motif + 1) * volume + weight] - weights[2 * motif * volume + weight]
        }
      }
    }
    let speed = bench.motions.speeds[ring]
    // The centres at delay 0 start strong and would leave no colour to the others.
    let others = trials[0].layer.synapses().filter {
      $0.delay > 0 || $0.rowOffset != 0 || $0.columnOffset != 0
    }
    let limit = others.reduce(0) { max($0, abs($1.weight)) } * 2
    for row in rows.indices { rows[row] = rows[row].map { $0.isNaN ? $0 : max(-limit, min(limit, $0)) } }
    var plot = Plot(
      name: "kernels-speed-\(ring + 1)",
      title: String(format: "Kernels of %.2f pixels per frame: a row a direction, a tile a delay", speed),
      caption: String(
        format:
          "ON minus OFF weights of the first seed. Each tile holds the places from which spikes take one delay to count, rows downwards; 0 degrees moves down, 90 degrees to the right. Colours end at the largest weight beside the centres at delay 0. Speed %.2f pixels per frame.",
        speed),
      x: .init(
        "delay", unit: "frames",
        ticks: (0..<shape.delays).filter { $0 % 2 == 0 }.map {
          (Double($0 * tile) + Double(shape.width) / 2, "\($0)")
        }),
      y: .init(
        "direction", unit: "degrees",
        ticks: (0..<count).map { index in
          let direction = bench.motions[ring * bench.motions.directions + index].direction
          return (
            Double((count - 1 - index) * height) + Double(shape.height) / 2,
            short((direction * 180 / .pi * 10).rounded() / 10)
          )
        }))
    plot.heatMap = .init(
      rows: rows, x: 0...Double(shape.delays * tile), y: 0...Double(count * height), label: "ON - OFF weight",
      isDiverging: true, keepsAspect: true)
    return plot
  }

  private func slopeFigure(_ ridges: [Ridge]) -> Plot {
    var plot = Plot(
      name: "ridges", title: "Ridges of the kernels and motions of their classes",
      caption:
        "Movement of the centre of ON's positive weights with delay, against the class's motion, both as velocities along rows and along columns; all classes and seeds. On the line both are equal.",
      x: .init("motion", unit: "pixels per frame"), y: .init("ridge", unit: "pixels per frame"))
    for (label, motion, slope) in [
      ("along rows", { (m: Motion) in m.velocity.row }, { (r: Ridge) in r.slope.row }),
      ("along columns", { $0.velocity.column }, { $0.slope.column }),
    ] {
      plot.add(.points, label, x: ridges.map { motion(bench.motions[$0.motif]) }, y: ridges.map(slope))
    }
    let limit = bench.motions.speeds.max()!
    plot.add(.dashed, "equal", x: [-limit, limit], y: [-limit, limit])
    return plot
  }
}
