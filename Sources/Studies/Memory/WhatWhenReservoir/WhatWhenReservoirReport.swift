import Figures
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Ceilings of reservoirs as tables and a figure.
  struct ReservoirReport {
    let bench: Bench
    let settings: [ReservoirPart.Setting]
    let outcomes: [[ReservoirPart.Outcome]]
    private var latencies: [Int] { bench.options.latencies }

    func write(noisy: [ReservoirPart.Setting], _ disturbed: [[ReservoirPart.Outcome]]) throws {
      try bench.lab.add(
        table(
          "ceilings",
          "Held-out correlation of the best linear readout with a bell at each latency, noise \(bench.options.featureNoise)/√N on the features; mean and deviation over \(bench.options.seeds) reservoirs.",
          settings, outcomes, isLearned: false))
      try bench.lab.add(
        table(
          "noise",
          "The same with noise on the membrane current, without and with a drive of 20 half-sine pulses that tile the trial from the cue on; and the local rule's peak error at 300 ms. \(disturbed[0].count) reservoirs of \(bench.options.neurons) neurons.",
          noisy, disturbed, isLearned: true))
      try bench.lab.add(figure(noisy, disturbed))
    }

    private func table(
      _ name: String, _ caption: String, _ settings: [ReservoirPart.Setting],
      _ outcomes: [[ReservoirPart.Outcome]], isLearned: Bool
    ) -> Table {
      let heads = latencies.flatMap { ["\($0) ms", "deviation at \($0) ms"] }
      var table = Table(
        name: name, caption: caption,
        columns: ["reservoir", "rate (Hz)"] + heads + (isLearned ? ["peak error (ms)"] : []))
      for (setting, seeds) in zip(settings, outcomes) {
        let rate = Spread(seeds.map(\.rate)).mean
        var row: [Table.Cell] = [.text(setting.label), rate.isNaN ? .missing : .number(rate)]
        for place in latencies.indices {
          let spread = Spread(seeds.map { $0.correlations[place] })
          row += [.number(spread.mean), .number(spread.deviation)]
          bench.lab.measure(
            "ceiling.\(setting.label.replacing(", ", with: "-").replacing(" ", with: "-")).\(latencies[place])",
            spread.mean)
        }
        if isLearned { row.append(.number(Percentile.median(seeds.map(\.peakError)))) }
        table.append(row)
      }
      return table
    }

    private func figure(_ noisy: [ReservoirPart.Setting], _ disturbed: [[ReservoirPart.Outcome]]) -> Plot {
      var plot = Plot(
        name: "ceilings", title: "What a linear readout can tell of time",
        caption:
          "Correlation of the best linear readout with a 25 ms bell on held-out trials, by latency; mean and standard deviation over reservoirs of \(bench.options.neurons) neurons: unlike, alike in part or whole, rates, and unlike with membrane noise.",
        x: .init(
          "latency", unit: "ms",
          range: Double(latencies.min()!) - 30...Double(latencies.max()!) + 30),
        y: .init("correlation"))
      let chosen = settings.indices.prefix(5).map { (settings[$0].label, outcomes[$0]) }
      let noise = noisy.indices.filter { noisy[$0].noise > 0 }.min { noisy[$0].noise < noisy[$1].noise }
      let further = noisy.indices.filter { index in
        noise.map { noisy[index].noise == noisy[$0].noise } ?? false
      }.map { (noisy[$0].label, disturbed[$0]) }
      for (label, seeds) in chosen + further {
        let spreads = latencies.indices.map { place in Spread(seeds.map { $0.correlations[place] }) }
        plot.add(
          .linePoints, label, x: latencies.map(Double.init), y: spreads.map(\.mean),
          error: seeds.count > 1 ? spreads.map(\.deviation) : nil)
      }
      return plot
    }
  }
}
