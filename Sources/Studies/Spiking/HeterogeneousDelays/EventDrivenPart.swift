import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

/// Claim 7: computed event by event, the evidence is that of the convolution, at a cost by event and synapse.
struct EventDrivenPart {
  private let bench: MotionBench
  private let trial: MotionTrial

  private struct Row {
    var synapses: Int
    var events: Int
    var operations: Int
    /// The largest difference from the convolution, relative to the largest evidence.
    var error: Double
    /// Additions if every event met every synapse that is there.
    var expected: Double { Double(events) * Double(synapses) }
  }

  init(_ bench: MotionBench, _ trial: MotionTrial) {
    self.bench = bench
    self.trial = trial
  }

  func report() throws {
    var rows: [Row] = []
    for share in [1, 0.1, 0.01] {
      let layer = share == 1 ? trial.layer : trial.layer.pruned(keeping: share)
      for (index, raster) in try rasters().enumerated() {
        try bench.lab.progress("event by event", index, of: 3, unit: "movies")
        rows.append(try row(layer, raster))
      }
    }
    try bench.lab.add(table(rows))
    try bench.lab.add(figure(rows))
    bench.lab.add(claim(rows))
    bench.lab.note(try speed())
  }

  /// Test movies with all of their events, half and a quarter of them.
  private func rasters() throws -> [SpikeRaster] {
    try (0..<3).map { index in
      let raster = trial.test[index].raster
      var generator = trial.generator.split(20 + index)
      let cells = raster.cells.map { $0 != 0 && generator.uniform() < pow(0.5, Double(index)) ? UInt8(1) : 0 }
      return try SpikeRaster(
        cells: cells, channels: raster.channels, duration: raster.duration, height: raster.height,
        width: raster.width)
    }
  }

  private func row(_ layer: DelayKernelLayer, _ raster: SpikeRaster) throws -> Row {
    let events = EventDrivenMotifs(layer)
    let result = events.evidence(raster)
    let dense = try withoutGradients { try layer.denseEvidence(raster) }.floats
    let largest = dense.reduce(0) { max($0, abs($1)) }
    let error = zip(result.evidence, dense).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return Row(
      synapses: events.synapseCount, events: raster.spikes.count, operations: result.operations,
      error: Double(error / largest))
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table(
      name: "event-driven", caption: "Evidence computed event by event, against convolution.",
      columns: [
        "active synapses", "events", "additions", "additions per event and synapse", "largest relative error",
      ])
    for row in rows {
      table.append([
        .integer(row.synapses), .integer(row.events), .integer(row.operations),
        .number(Double(row.operations) / row.expected), .number(row.error),
      ])
    }
    return table
  }

  private func figure(_ rows: [Row]) -> Plot {
    var plot = Plot(
      name: "event-driven", title: "The cost of computing event by event",
      caption:
        "Additions for a movie against its events times the synapses that are not 0, for three movies and three pruned layers; below the line by what falls outside of the image and the movie.",
      x: .init("events × synapses", scale: .log), y: .init("additions", scale: .log))
    plot.add(.points, "measured", x: rows.map(\.expected), y: rows.map { Double($0.operations) })
    let ends = [rows.map(\.expected).min()!, rows.map(\.expected).max()!]
    plot.add(.dashed, "equal", x: ends, y: ends)
    return plot
  }

  private func claim(_ rows: [Row]) -> Claim {
    let error = rows.map(\.error).max()!
    let shares = rows.map { Double($0.operations) / $0.expected }
    // Proportional: one factor explains the logarithms of all costs.
    let logs = rows.map { log(Double($0.operations)) }
    let mean = Spread(logs).mean
    let factor = Spread(shares.map { log($0) }).mean
    let rest = rows.reduce(0) { sum, row in
      let distance = log(Double(row.operations)) - factor - log(row.expected)
      return sum + distance * distance
    }
    let explained = 1 - rest / logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    bench.lab.measure("eventDriven.error", error)
    bench.lab.measure("eventDriven.explained", explained)
    return .decided(
      "7", "Event by event the evidence is the same, at a cost by event and synapse.",
      paper: "Computation is needed only where events meet synapses: pruned, some 670 times less.",
      test:
        "Evidence from a list of the synapses that are not 0, against convolution over all cells, for three test movies (all, half and a quarter of the events) and layers with all, 1/10 and 1/100 of the weights.",
      criterion:
        "largest difference at most 1e-5 of the largest evidence, and additions proportional to events × synapses (one factor explains 99 % of the variance of their logarithms)",
      measured:
        "largest relative difference \(String(format: "%.1e", error)); additions \(String(format: "%.2f to %.2f", shares.min()!, shares.max()!)) per event and synapse, \(String(format: "%.2f", 100 * explained)) % explained.",
      holds: error <= 1e-5 && explained >= 0.99,
      reason: error > 1e-5 ? "the evidence differs" : "the cost is not proportional", unless: nil)
  }

  /// Seconds of a training step, by spikes and by convolution.
  private func speed() throws -> String {
    let sample = trial.train[0]
    let layer = trial.layer.copy()
    func seconds(_ body: () throws -> Void) rethrows -> Double {
      try (0..<3).map { _ in
        let start = Date()
        try body()
        return Date().timeIntervalSince(start)
      }.min()!
    }
    let sparse = try seconds {
      layer.zeroGradients()
      try layer.loss(sample.raster, sample.labels).backward()
    }
    let places = sample.raster.height * sample.raster.width
    let targets = Tensor(sample.labels.flatMap { Array(repeating: $0, count: places) })
    let dense = try seconds {
      layer.zeroGradients()
      let evidence = try layer.denseEvidence(sample.raster).reshaped(targets.count, bench.motions.count)
      evidence.crossEntropy(targets).backward()
    }
    return String(
      format:
        "A training step, forward and backward, took %.1f ms by events and %.1f ms by convolution (delays as channels, libtorch), %.1f times as long.",
      1e3 * sparse, 1e3 * dense, dense / sparse)
  }
}
