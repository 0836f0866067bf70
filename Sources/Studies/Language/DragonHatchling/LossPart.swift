import Figures
import Models
import StudyCore
import Support

/// Claim 1: the hatchling against a GPT of as many parameters.
struct LossPart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }

  init(_ bench: HatchlingBench) { self.bench = bench }

  func run() throws {
    let hatchlings = (0..<options.seeds).map { bench.outcomes["bdh-\($0)"]! }
    let gpts = (0..<options.seeds).map { bench.outcomes["gpt-\($0)"]! }
    let (ours, theirs) = (Spread(hatchlings.map(\.loss)), Spread(gpts.map(\.loss)))
    let differences = Spread(zip(hatchlings, gpts).map { $0.loss - $1.loss })
    let seconds = [hatchlings, gpts].map { Spread($0.map { $0.curve.last!.seconds }).mean }
    let (own, other) = (options.hatchling(options.width), options.gpt(options.width))
    lab.measure("loss.bdh", ours.mean, unit: "nats/byte")
    lab.measure("loss.gpt", theirs.mean, unit: "nats/byte")
    lab.measure("loss.bdhOverGPTSeconds", seconds[0] / seconds[1])
    let limit = options.steps < 100 ? "24 steps say nothing about what is learned" : nil
    lab.add(
      .decided(
        "1", "It learns language as well as a GPT with as many parameters on as many tokens",
        paper:
          "next-byte losses of Europarl close to a GPT's from 25 to 800 million parameters (a figure; the variant with more gates equals it)",
        test:
          "\(own.parameterCount) parameters against \(other.parameterCount) of a GPT (\(other.blocks) blocks, width \(other.width)), same batches of \(bench.corpus.name), AdamW \(options.learningRate), \(options.steps) steps of \(options.batch) × \(options.length) bytes, \(options.seeds) seed\(options.seeds == 1 ? "" : "s")",
        criterion: "mean loss on held-out text at most 0.05 nats a byte above the GPT's",
        measured:
          "\(ours.text(3)) against \(theirs.text(3)) nats a byte (difference \(differences.text(3))); training took \(short(seconds[0] / seconds[1])) times as long",
        holds: differences.mean <= 0.05,
        reason: "the GPT of as many parameters learned more from as many bytes",
        unless: limit))
    try drawTokens(hatchlings, gpts)
    try drawSizes()
  }

  private func drawTokens(_ hatchlings: [HatchlingBench.Outcome], _ gpts: [HatchlingBench.Outcome]) throws {
    let perStep = Double(options.batch * options.length)
    var plot = Plot(
      name: "loss-tokens", title: "Loss against bytes read",
      caption:
        "Loss on held-out text against the bytes that were read in training, means over seeds; bars are standard deviations.",
      x: .init("bytes read", unit: "thousands"), y: .init("loss", unit: "nats/byte"))
    var timed = Plot(
      name: "loss-seconds", title: "Loss against time of training",
      caption:
        "The same against the seconds of training on one core, evaluation left out. The hatchling does more arithmetic for each parameter.",
      x: .init("time of training", unit: "s"), y: .init("loss", unit: "nats/byte"))
    for (label, outcomes) in [("BDH", hatchlings), ("GPT", gpts)] {
      let spreads = outcomes[0].curve.indices.map { place in Spread(outcomes.map { $0.curve[place].loss }) }
      plot.add(
        .linePoints, label, x: outcomes[0].curve.map { Double($0.step) * perStep / 1_000 },
        y: spreads.map(\.mean), error: options.seeds > 1 ? spreads.map(\.deviation) : nil)
      timed.add(
        .linePoints, label,
        x: outcomes[0].curve.indices.map { place in Spread(outcomes.map { $0.curve[place].seconds }).mean },
        y: spreads.map(\.mean))
    }
    try lab.add(plot)
    try lab.add(timed)
  }

  private func drawSizes() throws {
    let widths = (options.otherWidths + [options.width]).sorted()
    var table = Table(
      name: "sizes", caption: "Losses on held-out text by size, one model each but for the middle",
      columns: [
        "width", "neurons", "BDH parameters", "BDH loss (nats/byte)", "GPT parameters",
        "GPT loss (nats/byte)",
      ])
    var points: [(x: [Double], y: [Double])] = [([], []), ([], [])]
    for width in widths {
      func mean(_ kind: String) -> Double {
        width == options.width
          ? Spread((0..<options.seeds).map { bench.outcomes["\(kind)-\($0)"]!.loss }).mean
          : bench.outcomes["\(kind)-width-\(width)"]!.loss
      }
      let (own, other) = (options.hatchling(width), options.gpt(width))
      let losses = [mean("bdh"), mean("gpt")]
      for (index, count) in [own.parameterCount, other.parameterCount].enumerated() {
        points[index].x.append(Double(count))
        points[index].y.append(losses[index])
      }
      table.append([
        .integer(width), .integer(own.neurons), .integer(own.parameterCount), .number(losses[0]),
        .integer(other.parameterCount), .number(losses[1]),
      ])
      lab.measure("loss.bdh.width\(width)", losses[0], unit: "nats/byte")
      lab.measure("loss.gpt.width\(width)", losses[1], unit: "nats/byte")
    }
    try lab.add(table)
    var plot = Plot(
      name: "loss-parameters", title: "Loss against size",
      caption: "Loss on held-out text after \(options.steps) steps against the number of parameters.",
      x: .init("parameters", scale: .log), y: .init("loss", unit: "nats/byte"))
    plot.add(.linePoints, "BDH", x: points[0].x, y: points[0].y)
    plot.add(.linePoints, "GPT", x: points[1].x, y: points[1].y)
    try lab.add(plot)
  }
}
