import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

/// What goes in and what comes out: events of moving images, evidence and output spikes.
struct EventFigures {
  private let bench: MotionBench

  init(_ bench: MotionBench) { self.bench = bench }

  /// Events of a frame for one motion of each speed, with the motion as an arrow.
  func snapshots() throws {
    let (options, motions) = (bench.options, bench.motions)
    let (size, gap) = (options.size, 2)
    let count = motions.speeds.count
    let generator = bench.lab.generator("snapshots")
    var rows = [[Double]](repeating: Array(repeating: .nan, count: count * (size + gap) - gap), count: size)
    var arrows: (x: [Double], y: [Double]) = ([], [])
    let time = min(options.duration - 1, options.delays)
    for ring in 0..<count {
      // The second direction of each ring: along neither axis in most settings.
      let label = ring * motions.directions + 1 % motions.directions
      var own = generator.split(ring)
      let events = options.eventEncoder.events(bench.testWorld.movie(label: label, using: &own))
      let left = ring * (size + gap)
      for row in 0..<size {
        for column in 0..<size {
          rows[size - 1 - row][left + column] =
            events[1, time, row, column] ? 1 : events[0, time, row, column] ? -1 : 0
        }
      }
      let arrow = arrow(motions[label], centre: (Double(left) + Double(size) / 2, Double(size) / 2))
      arrows.x += arrow.x + [.nan]
      arrows.y += arrow.y + [.nan]
    }
    let speeds = motions.speeds.map { String(format: "%.2f", $0) }.joined(separator: ", ")
    var plot = Plot(
      name: "events", title: "Events of one frame at \(speeds) pixels per frame",
      caption:
        "ON (red) and OFF (blue) events of a frame of a moving image for one motion of each speed; arrows show where the image moves and, relative to one another, how fast.",
      x: .init("columns", unit: "pixels"), y: .init("rows, from below", unit: "pixels"))
    plot.heatMap = .init(
      rows: rows, x: 0...Double(rows[0].count), y: 0...Double(size), label: "polarity", isDiverging: true,
      keepsAspect: true)
    plot.add(.line, "motion", x: arrows.x, y: arrows.y)
    try bench.lab.add(plot)
  }

  /// The line of an arrow with its head; rows of the picture run from below.
  private func arrow(_ motion: Motion, centre: (x: Double, y: Double)) -> (x: [Double], y: [Double]) {
    let length = 0.8 * Double(bench.options.size) * motion.speed / bench.motions.speeds.max()!
    let ahead = (x: sin(motion.direction) * length / 2, y: -cos(motion.direction) * length / 2)
    let tip = (x: centre.x + ahead.x, y: centre.y + ahead.y)
    func back(_ turn: Double) -> (x: Double, y: Double) {
      (
        tip.x - 0.4 * (ahead.x * cos(turn) - ahead.y * sin(turn)),
        tip.y - 0.4 * (ahead.x * sin(turn) + ahead.y * cos(turn))
      )
    }
    let points = [(x: centre.x - ahead.x, y: centre.y - ahead.y), tip, back(0.5), tip, back(-0.5)]
    return (points.map(\.x), points.map(\.y))
  }

  /// Evidence by class, and the output neurons' spikes, for a movie whose motion changes.
  func responses(_ trial: MotionTrial) throws {
    var world = bench.testWorld
    world.blockLength = Double(bench.options.duration) / 2
    var generator = bench.lab.generator("responses")
    var movie = world.movie(using: &generator)
    // A movie in which the motion changes once or more, as most do.
    for _ in 0..<20 where Set(movie.labels).count < 2 { movie = world.movie(using: &generator) }
    let raster = try SpikeRaster(bench.options.eventEncoder.events(movie))
    try bench.lab.add(evidence(trial, raster, movie.labels))
    try bench.lab.add(output(trial, raster, movie.labels))
  }

  private func evidence(_ trial: MotionTrial, _ raster: SpikeRaster, _ labels: [Int]) throws -> Plot {
    let (classes, duration) = (bench.motions.count, raster.duration)
    let evidence = try withoutGradients { try trial.layer.evidence(raster) }
    let means = evidence.reshaped(duration, raster.height * raster.width, classes).mean(axis: 1).doubles
    var plot = Plot(
      name: "evidence", title: "Evidence for each motion while the motion changes",
      caption:
        "Evidence of each class, mean over all places, less the mean over classes of the frame; the line is the true motion. Classes run through the directions of one speed after the other.",
      x: .init("frame"), y: .init("class"))
    let rows = (0..<classes).map { c in
      (0..<duration).map { time -> Double in
        let frame = means[time * classes..<(time + 1) * classes]
        return frame[time * classes + c] - frame.reduce(0, +) / Double(classes)
      }
    }
    plot.heatMap = .init(
      rows: rows, x: 0...Double(duration), y: -0.5...(Double(classes) - 0.5), label: "evidence",
      isDiverging: true)
    add(labels, to: &plot)
    return plot
  }

  private func output(_ trial: MotionTrial, _ raster: SpikeRaster, _ labels: [Int]) throws -> Plot {
    // The paper's rate: a spike a second of a thousand frames, on average over all neurons.
    let threshold = try trial.layer.threshold(rate: 1e-3, over: trial.test.prefix(8).map(\.raster))
    let spikes = try trial.layer.spikes(raster, threshold: threshold)
    var (x, y): ([Double], [Double]) = ([], [])
    for time in 0..<spikes.duration {
      for spike in spikes.spikes(at: time) {
        let place =
          Double(Int(spike.row) * raster.width + Int(spike.column)) / Double(raster.height * raster.width)
        x.append(Double(time) + 0.5)
        y.append(Double(spike.channel) - 0.4 + 0.8 * place)
      }
    }
    var plot = Plot(
      name: "output-spikes", title: "Spikes of the layer while the motion changes",
      caption:
        "Every spike of the layer's neurons, sorted by class and within a class by place; the threshold gives a neuron one spike in a thousand frames on average, and the class with most evidence fires alone. The line is the true motion.",
      x: .init("frame", range: 0...Double(spikes.duration)),
      y: .init("class", range: -0.6...(Double(bench.motions.count) - 0.4)))
    plot.add(.points, "spikes", x: x, y: y)
    add(labels, to: &plot)
    return plot
  }

  private func add(_ labels: [Int], to plot: inout Plot) {
    plot.add(
      .line, "true motion", x: labels.indices.flatMap { [Double($0), Double($0 + 1)] },
      y: labels.flatMap { [Double($0), Double($0)] })
  }
}
