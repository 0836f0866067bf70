import Alignment
import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support
import Tensors

/// A simulation of cortical channels: whether coherence between trials finds those that follow a rhythm, and whether representational
/// similarity finds the region that does as the model does.
struct CorticalPart {
  let bench: RhythmBench
  let neurons: TaggedNeurons
  let lab: Lab

  private static let best = 10

  func run() throws {
    var generator = lab.generator("cortex")
    let simulation = CorticalSimulation(
      channels: bench.options.channels, trials: bench.options.trials, amplitude: bench.options.amplitude)
    try lab.progress("simulating channels", 0, of: 3, unit: "steps")
    let recordings = try simulation.run(using: &generator)
    let areas = try CorticalSimulation.tagged.map { frequency in
      try areaUnderROC(
        scores: recordings[0].coherence(frequency), labels: simulation.labels(frequency))
    }
    try lab.progress("simulating channels", 1, of: 3, unit: "steps")
    let similarities = try similarity(recordings, simulation)
    let order = similarities.indices.sorted { similarities[$0].mean > similarities[$1].mean }
    let holds = areas.allSatisfy { $0 > 0.95 } && order.first == 0
    for (frequency, area) in zip(CorticalSimulation.tagged, areas) {
      lab.measure("cortex.auc.\(short(frequency))Hz", area)
    }
    for (region, spread) in zip(CorticalSimulation.regions, similarities) {
      lab.measure("cortex.similarity.\(region.name)", spread.mean)
    }
    lab.add(
      .decided(
        "6",
        "In simulated channels, coherence finds those that follow a rhythm, and similarity finds the region that does as the model does.",
        paper:
          "recordings of 26 patients, most similar on the left (not available here: this is a simulation)",
        test:
          "Pink noise with phase-locked rhythms in known channels, \(bench.options.trials) trials of 11 s at 512 Hz: area under the curve of coherence for the labels at 1, 2 and 4 Hz; mean Spearman correlation of the dissimilarities of six condition blocks between layers of the model and the \(Self.best) best channels of each region.",
        criterion: "every area above 0.95, and the region with sentences and phrases first",
        measured:
          "areas \(areas.map(short).joined(separator: ", ")); similarity \(zip(CorticalSimulation.regions, similarities).map { "\($0.name) \($1.text(2))" }.joined(separator: ", ")) (spread over layers)",
        holds: holds,
        reason:
          "the region '\(CorticalSimulation.regions[order.first ?? 0].name)' comes first, least area \(short(areas.min() ?? .nan))",
        unless: similarities.contains { $0.mean.isNaN } ? "too few neurons were selected in every layer" : nil
      ))
    try lab.add(coherenceFigure(recordings[0]))
    try lab.add(regionFigure(similarities))
    try lab.progress("simulating channels", 2, of: 3, unit: "steps")
    try lab.add(amplitudeFigure(simulation))
  }

  // MARK: Model against channels

  /// By region, over layers: the mean similarity of the best channels.
  private func similarity(_ recordings: [CorticalSimulation.Recording], _ simulation: CorticalSimulation)
    throws -> [Spread]
  {
    let model = try modelDissimilarities()
    let channels = try (0..<simulation.count).map { channel in
      try DissimilarityMatrix(
        Tensor(
          recordings.flatMap { $0.pattern(channel) },
          shape: [recordings.count, recordings[0].pattern(channel).count]))
    }
    return CorticalSimulation.regions.indices.map { region in
      let own = channels[region * simulation.channels..<(region + 1) * simulation.channels]
      return Spread(
        model.map { layer in
          let all = own.map { layer.compared(with: $0) }.sorted(by: >)
          return Spread(Array(all.prefix(Self.best))).mean
        })
    }
  }

  /// Of six condition blocks, for every layer with enough selected neurons: the amplitudes of these neurons at the rates.
  private func modelDissimilarities() throws -> [DissimilarityMatrix] {
    let arrangements: [PeriodicCorpus.Arrangement] = [.sentences, .exchangedHalves, .randomUnits]
    let words = 9 * bench.corpus.length
    let chosen = bench.layers.map { layer in neurons.all.filter(layer.contains).sorted() }
    let layers = chosen.indices.filter { chosen[$0].count >= 5 }
    guard !layers.isEmpty else { return [] }
    var patterns = [[Double]](repeating: [], count: bench.blocks)
    for (index, arrangement) in (arrangements + arrangements).enumerated() {
      var generator = lab.generator("conditions.\(index)")
      let streams = (0..<bench.options.modelTrials).map { _ in
        Array(bench.corpus.stream(arrangement, using: &generator).prefix(words))
      }
      let gatherer = TaggedResponse.Gatherer(bench.tagging, streams: streams.count, groups: 1)
      try bench.read(streams, dropped: bench.corpus.length) { stream, series in
        try lab.progress(
          "conditions for the model", index * streams.count + stream, of: 6 * streams.count, unit: "streams")
        gatherer.add(series)
      }
      let amplitudes = gatherer.finish().amplitudes
      for layer in layers {
        patterns[layer] += amplitudes.flatMap { tag in chosen[layer].map { tag[0][$0] } }
      }
    }
    return try layers.map { layer in
      try DissimilarityMatrix(Tensor(patterns[layer], shape: [6, patterns[layer].count / 6]))
    }
  }

  // MARK: Figures

  private func coherenceFigure(_ recording: CorticalSimulation.Recording) -> Plot {
    var plot = Plot(
      name: "cortex-coherence", title: "Coherence between trials of simulated channels",
      caption:
        "Simulation, sentence condition: mean coherence of each region's channels by frequency. The region of sentences and phrases follows 1, 2 and 4 Hz, that of sounds 4 Hz only.",
      x: .init("frequency", unit: "Hz"), y: .init("coherence between trials", range: 0...1))
    for (region, name) in CorticalSimulation.regions.map(\.name).enumerated() {
      plot.add(
        .linePoints, name, x: CorticalSimulation.frequencies,
        y: recording.meanCoherence(region, bench.options.channels))
    }
    return plot
  }

  private func regionFigure(_ similarities: [Spread]) -> Plot {
    let x = similarities.indices.map { Double($0) + 1 }
    var plot = Plot(
      name: "cortex-similarity", title: "Similarity of the model and simulated regions",
      caption:
        "Simulation: Spearman's correlation of the dissimilarities of six condition blocks, mean of each region's \(Self.best) best channels; bars: standard deviation over layers.",
      x: .init("region", range: 0.4...4.6, ticks: zip(x, CorticalSimulation.regions).map { ($0, $1.name) }),
      y: .init("similarity to the model"))
    plot.add(.bars, "", x: x, y: similarities.map(\.mean), error: similarities.map(\.deviation))
    return plot
  }

  /// How weak a rhythm may be.
  private func amplitudeFigure(_ simulation: CorticalSimulation) throws -> Plot {
    var plot = Plot(
      name: "cortex-amplitude", title: "How weak a rhythm is found",
      caption:
        "Simulation: area under the curve of coherence for the channels that follow a rhythm, by its amplitude.",
      x: .init("amplitude of the rhythm", unit: "standard deviations of the noise", scale: .log),
      y: .init("area under the curve", range: 0.4...1.02))
    let amplitudes = lab.size == .quick ? [0.02, 0.1] : [0.01, 0.02, 0.05, 0.1, 0.2, 0.4]
    var generator = lab.generator("cortex.amplitudes")
    let noise = try amplitudes.map { amplitude -> CorticalSimulation.Recording in
      var weaker = simulation
      weaker.amplitude = amplitude
      return try weaker.condition(.sentences, using: &generator)
    }
    for frequency in CorticalSimulation.tagged {
      let areas = try noise.map {
        try areaUnderROC(scores: $0.coherence(frequency), labels: simulation.labels(frequency))
      }
      plot.add(.linePoints, "\(short(frequency)) Hz", x: amplitudes, y: areas)
    }
    return plot
  }
}
