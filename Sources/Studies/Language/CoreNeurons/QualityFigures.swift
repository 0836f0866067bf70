import Figures
import Probing
import StudyCore
import Support

/// Figures of claim 1.
struct QualityFigures {
  private let lab: Lab
  private let options: CoreNeurons.Options

  init(_ lab: Lab, _ options: CoreNeurons.Options) { (self.lab, self.options) = (lab, options) }

  func draw(_ variants: [QualityPart.Variant], _ ratios: [PerplexityRatio]) throws {
    let all = Array(zip(variants, ratios))
    if options.betas.count > 1 { try drawKept(all) }
    if options.alphas.contains(where: { $0 != options.alpha }) { try drawAlphas(all) }
    try drawBars(all)
  }

  private typealias Measured = (variant: QualityPart.Variant, ratio: PerplexityRatio)

  private func drawKept(_ all: [Measured]) throws {
    var plot = Plot(
      name: "perplexity-kept", title: "What is lost when fewer neurons take part",
      caption:
        "Perplexity of continuations over the dense model's against the share of neurons that is kept; bars are one standard error over texts.",
      x: .init("kept share of neurons"), y: .init("perplexity over dense", scale: .log))
    for (name, label) in [
      ("signed", "signed counts (published)"), ("absolute", "counts of size"), ("meanAbsolute", "mean size"),
      ("random", "random neurons"),
    ] {
      let points = all.filter {
        $0.variant.name == name && $0.variant.blocks.lowerBound == options.firstBlock
      }
      .sorted { $0.variant.kept < $1.variant.kept }
      plot.add(
        .linePoints, label, x: points.map(\.variant.kept), y: points.map(\.ratio.ratio),
        intervals: points.map(\.ratio.range))
    }
    try lab.add(plot)
  }

  private func drawAlphas(_ all: [Measured]) throws {
    var plot = Plot(
      name: "perplexity-alpha", title: "How many neurons each token names",
      caption:
        "Perplexity over the dense model's at \(short(options.beta * 100)) % kept, against the share of its positive neurons that each token names.",
      x: .init("named share alpha"), y: .init("perplexity over dense", scale: .log))
    for score in [CoreSelection.Score.signed, .absolute] {
      let points = all.compactMap { measured -> (Double, PerplexityRatio)? in
        guard measured.variant.kept == options.beta else { return nil }
        if measured.variant.name == score.rawValue { return (options.alpha, measured.ratio) }
        let prefix = "\(score) alpha "
        guard measured.variant.name.hasPrefix(prefix) else { return nil }
        return Double(measured.variant.name.dropFirst(prefix.count)).map { ($0, measured.ratio) }
      }.sorted { $0.0 < $1.0 }
      plot.add(
        .linePoints, score == .signed ? "signed (published)" : "size", x: points.map(\.0),
        y: points.map(\.1.ratio),
        intervals: points.map(\.1.range))
    }
    try lab.add(plot)
  }

  private func drawBars(_ all: [Measured]) throws {
    let columns = ["own", "other", "fixed", "oracle", "random"]
    var plot = Plot(
      name: "perplexity-cores", title: "Whose core serves a continuation",
      caption:
        "Perplexity over the dense model's with \(short(options.beta * 100)) % of the neurons, by where they were taken from: the own prompt, a prompt on another topic (other), all other prompts together (fixed), the continuation itself (oracle), or at random; bars are one standard error over texts.",
      x: .init(
        "core taken from", range: -0.5...Double(columns.count) - 0.5,
        ticks: columns.enumerated().map { (Double($0), $1) }),
      y: .init("perplexity over dense", scale: .log))
    func add(_ label: String, _ names: [String?], shift: Double) {
      let found = names.enumerated().compactMap { place, name in
        all.first { $0.variant.name == name && $0.variant.kept == options.beta }.map {
          (Double(place) + shift, $0.ratio)
        }
      }
      plot.add(
        .points, label, x: found.map(\.0), y: found.map(\.1.ratio), intervals: found.map(\.1.range))
    }
    add(
      "mean size", ["meanAbsolute", "other topic, meanAbsolute", "one core for all", "oracle, meanAbsolute"],
      shift: -0.12)
    add("counts of size", ["absolute"], shift: 0)
    add("signed counts (published)", ["signed", "other topic, signed", nil, "oracle, signed"], shift: 0.12)
    add("random neurons", [nil, nil, nil, nil, "random"], shift: 0)
    try lab.add(plot)
  }
}
