import Figures
import Models
import Probing
import Recordings
import StudyCore
import Support

/// Whether the model needs the neurons that were found: what silencing them does to plain English.
struct CausalPart {
  let bench: RhythmBench
  /// Of streams without rhythm, for how active neurons are.
  let activity: TaggedResponse
  let neurons: TaggedNeurons
  let lab: Lab

  func run() throws {
    let texts = NaturalEnglish.paragraphs.prefix(bench.options.paragraphs).map {
      bench.model.tokenizer.encode($0)
    }
    let (blocks, width) = (bench.blocks, bench.neurons)
    let strongest = strongest(Int(bench.options.silenced * Double(blocks * width)))
    let set = NeuronSet(flat: strongest, blocks: blocks, neurons: width)
    var generator = lab.generator("silenced")
    try lab.progress("silencing", 0, of: bench.options.randomSets + 3, unit: "sets")
    let base = loss(texts, nil)
    try lab.progress("silencing", 1, of: bench.options.randomSets + 3, unit: "sets")
    let increase = loss(texts, set) - base
    var random: [Double] = []
    for index in 0..<bench.options.randomSets {
      try lab.progress("silencing", index + 2, of: bench.options.randomSets + 3, unit: "sets")
      random.append(loss(texts, set.matched(neurons: width, using: &generator)) - base)
    }
    let active = loss(texts, mostActive(besides: set)) - base
    let spread = Spread(random)
    lab.measure("silencing.active", active, unit: "nats")
    lab.measure("silencing.base", base, unit: "nats")
    lab.measure("silencing.found", increase, unit: "nats")
    lab.measure("silencing.random", spread.mean, unit: "nats")
    let holds = increase > spread.mean + 2 * spread.deviation && increase > random.max()!
    lab.add(
      .decided(
        "5",
        "The model needs these neurons: without them it predicts plain English worse than without others.",
        paper: "not tested",
        test:
          "Increase of the loss on \(bench.options.paragraphs) paragraphs of our own when the strongest sentence and phrase neurons are set to 0, and as many random ones of the same layers.",
        criterion: "above every random set, and above their mean by 2 standard deviations",
        measured:
          "\(set.count) neurons: \(short(increase)) nats a token above \(short(base)); random ones of the same layers \(spread.text(3)) (\(random.count) sets); the most active of the other neurons, as many in each layer, \(short(active))",
        holds: holds, reason: "random neurons of the same layers do as much",
        unless: set.count == 0 ? "no neuron was selected" : nil))
    try lab.add(figure(increase, active, random))
  }

  /// The selected neurons with the largest z of either kind.
  private func strongest(_ count: Int) -> [Int] {
    func strength(_ neuron: Int) -> Double { max(neurons.z[0][neuron], neurons.z[1][neuron]) }
    return Array(neurons.all.sorted { (strength($1), $0) < (strength($0), $1) }.prefix(count))
  }

  /// The neurons of the same layers, as many, with the largest mean activity among those that follow nothing: strong neurons matter
  /// more than others, whatever they do.
  private func mostActive(besides set: NeuronSet) -> NeuronSet {
    let means = activity.series.abs().mean(axis: 0).doubles
    return NeuronSet(
      blocks: set.blocks.enumerated().map { block, chosen in
        let layer = bench.layers[block]
        let others = layer.filter { !neurons.all.contains($0) }.sorted { (means[$1], $0) < (means[$0], $1) }
        return others.prefix(chosen.count).map { $0 - layer.lowerBound }
      })
  }

  /// Mean nats a token.
  private func loss(_ texts: [[Int]], _ silent: NeuronSet?) -> Double {
    let likelihoods = withInstruments(silent?.perturbations(.ablate) ?? []) {
      bench.model.decoder.logLikelihoods(texts)
    }.flatMap { $0 }
    return -likelihoods.reduce(0, +) / Double(likelihoods.count)
  }

  private func figure(_ increase: Double, _ active: Double, _ random: [Double]) -> Plot {
    var plot = Plot(
      name: "silencing", title: "Loss without the neurons",
      caption:
        "Increase of the loss on plain English, nats a token, when the strongest sentence and phrase neurons are silent, the most active of the others, and random neurons; as many of each layer.",
      x: .init(
        "silenced", range: 0.4...3.6,
        ticks: [(1, "sentence and phrase"), (2, "most active others"), (3, "random sets")]),
      y: .init("increase of the loss", unit: "nats a token"))
    plot.add(.bars, "mean", x: [1, 2, 3], y: [increase, active, Spread(random).mean])
    plot.add(.points, "single sets", x: random.map { _ in 3 }, y: random)
    return plot
  }
}
