import Figures
import Foundation
import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

/// Claim 2: the paper's easy case, a model whose neurons are rectified, trained here on bytes.
struct RectifiedPart {
  private let options: CoreNeurons.Options
  private let lab: Lab
  private let corpus: TopicalCorpus
  private let shape = DecoderConfiguration(
    vocabulary: 256, width: 128, blocks: 4, heads: 4, neurons: 1_024, feedForward: .relu, contextLength: 512)
  private static let prompt = 192
  private static let length = 256

  init(_ options: CoreNeurons.Options, _ lab: Lab, _ corpus: TopicalCorpus) {
    (self.options, self.lab, self.corpus) = (options, lab, corpus)
  }

  func run() throws {
    let text = TopicalChain(corpus)
    let (windows, topics) = held(text)
    let plain = try measure(text, windows, topics, penalty: 0)
    try report(plain)
    guard options.penalty > 0 else { return decide(plain, nil) }
    let sparse = try measure(text, windows, topics, penalty: options.penalty)
    try report(sparse)
    try draw(plain, sparse)
    decide(plain, sparse)
  }

  /// Trains a model and measures it. All models see the same text.
  private func measure(_ text: TopicalChain, _ windows: [[Int]], _ topics: [Int], penalty: Double) throws
    -> Outcome
  {
    var generator = lab.generator("rectified model")
    let model = Models.Decoder(shape, using: &generator)
    let losses = try train(model, text, penalty)
    try lab.progress("Foretelling with rectified core neurons", 0, of: 1)
    let activity = windows.map { CoreActivity(of: Array($0[..<Self.prompt]), in: model, site: "mlp.up") }
    let dense = surprises(model, windows, [])
    let all = activity.flatMap(\.blocks)
    let positive =
      Double(all.reduce(0) { $0 + $1.count { $0 > 0 } }) / Double(all.reduce(0) { $0 + $1.count })
    func ratio(_ cores: [NeuronSet]) -> PerplexityRatio {
      let mask = CoreMask(cores, neurons: shape.neurons, blocks: 0..<shape.blocks, from: Self.prompt)
      return PerplexityRatio(differences: zip(surprises(model, windows, [mask]), dense).map { $0 - $1 })
    }
    func own(_ alpha: Double, _ beta: Double) -> PerplexityRatio {
      ratio(activity.map { $0.core(CoreSelection(alpha: alpha, beta: beta)) })
    }
    let betas = Set([0.1, 0.2, 0.4, 0.6, 0.8, options.beta]).sorted()
    let alphas = Set([0.1, 0.2, 0.4, 0.6, 0.8, options.alpha]).sorted()
    let cores = activity.map { $0.core(options.selection(.signed)) }
    let others = cores.indices.map { index in
      cores[
        (1..<cores.count).map { (index + $0) % cores.count }.first { topics[$0] != topics[index] } ?? index]
    }
    let random = cores.map { _ in
      NeuronSet(
        blocks: (0..<shape.blocks).map { _ in
          generator.subset(Int(options.beta * Double(shape.neurons)), of: shape.neurons)
        })
    }
    return Outcome(
      penalty: penalty, losses: losses, betas: betas, byBeta: betas.map { own(options.alpha, $0) },
      alphas: alphas, byAlpha: alphas.map { own($0, options.beta) }, other: ratio(others),
      random: ratio(random), surprise: Spread(dense).mean, positive: positive)
  }

  private struct Outcome {
    var penalty: Double
    var losses: [Double]
    var betas: [Double]
    var byBeta: [PerplexityRatio]
    var alphas: [Double]
    var byAlpha: [PerplexityRatio]
    var other, random: PerplexityRatio
    var surprise, positive: Double

    var name: String { penalty > 0 ? "sparse" : "plain" }
    func own(_ beta: Double) -> PerplexityRatio { byBeta[betas.firstIndex(of: beta)!] }
  }

  private func train(_ model: Models.Decoder, _ text: TopicalChain, _ penalty: Double) throws -> [Double] {
    let optimiser = Adam(model, learningRate: 2e-3, weightDecay: 0.01, decoupled: true)
    let steps = options.rectifiedSteps
    let source = lab.generator("rectified text")
    let stage = penalty > 0 ? "Training the sparse rectified model" : "Training the rectified model"
    var losses: [Double] = []
    for step in 0..<steps {
      var stream = source.split(step)
      let batch = (0..<12).map { _ in text.bytes(129, using: &stream) }
      let tokens = Tensor(batch.flatMap { $0 }, shape: [12, 129])
      let activity = MeanActivity()
      let logits = withInstruments(penalty > 0 ? [activity] : []) { model(tokens[0..., 0..<128]) }
      let surprise = logits.reshaped(12 * 128, 256)
        .crossEntropy(tokens[0..., 1..<129].contiguous().reshaped(12 * 128))
      let loss = activity.mean.map { surprise + $0 * penalty } ?? surprise
      optimiser.zeroGradients()
      loss.backward()
      _ = clipGradients(model.parameters.map(\.parameter), norm: 1)
      // A short warm-up, then down to a tenth along a cosine.
      let warm = min(1, Double(step + 1) / 20)
      optimiser.setScale(warm * (0.55 + 0.45 * cos(.pi * Double(step) / Double(steps))))
      optimiser.step()
      losses.append(surprise.item)
      try lab.progress(stage, step + 1, of: steps, unit: "steps")
    }
    return losses
  }

  /// Texts that the model has not seen, the topics in turns.
  private func held(_ text: TopicalChain) -> (windows: [[Int]], topics: [Int]) {
    var generator = lab.generator("held-out text")
    let topics = (0..<options.rectifiedWindows).map { $0 % text.topics }
    return (topics.map { text.bytes(Self.length, topic: $0, using: &generator) }, topics)
  }

  /// The mean surprise of each text behind its prompt, the first byte left out.
  private func surprises(_ model: Models.Decoder, _ windows: [[Int]], _ instruments: [any Instrument])
    -> [Double]
  {
    withoutGradients {
      withInstruments(instruments) {
        let tokens = Models.Decoder.batch(windows)
        let hidden = model.hidden(tokens).narrowed(1, from: Self.prompt, to: Self.length - 1)
        let targets = tokens[0..., (Self.prompt + 1)..<Self.length].contiguous()
        let each = model.logits(hidden).reshaped(-1, 256)
          .crossEntropy(targets.reshaped(targets.count), reduction: .none)
        return each.reshaped(windows.count, -1).mean(axis: 1).doubles
      }
    }
  }

  private func report(_ outcome: Outcome) throws {
    let place = "rectified.\(outcome.name)"
    lab.measure("\(place).surprise", outcome.surprise, unit: "nats a byte")
    lab.measure("\(place).positive", outcome.positive)
    var table = Table(
      name: outcome.penalty > 0 ? "rectified-sparse" : "rectified",
      caption:
        "Perplexity over the dense model's in the rectified model\(outcome.penalty > 0 ? " trained to be sparse" : ""), \(options.rectifiedWindows) texts of \(Self.prompt) + \(Self.length - Self.prompt) bytes, all blocks sparse.",
      columns: ["neurons", "alpha", "kept", "ratio", "low", "high"])
    func add(_ name: String, _ alpha: Double, _ beta: Double, _ ratio: PerplexityRatio) {
      lab.measure("\(place).\(name).alpha\(Int(alpha * 100)).kept\(Int(beta * 100))", ratio.ratio)
      table.append([
        .text(name), .number(alpha), .number(beta), .number(ratio.ratio), .number(ratio.range.lowerBound),
        .number(ratio.range.upperBound),
      ])
    }
    for (beta, ratio) in zip(outcome.betas, outcome.byBeta) { add("signed", options.alpha, beta, ratio) }
    for (alpha, ratio) in zip(outcome.alphas, outcome.byAlpha) where alpha != options.alpha {
      add("signed", alpha, options.beta, ratio)
    }
    add("otherTopic", options.alpha, options.beta, outcome.other)
    add("random", options.alpha, options.beta, outcome.random)
    try lab.add(table)
  }

  private func draw(_ plain: Outcome, _ sparse: Outcome) throws {
    let labels = [plain, sparse].map { "\($0.name): \(short(($0.positive * 100).rounded())) % positive" }
    var training = Plot(
      name: "rectified-training", title: "Training the rectified models",
      caption:
        "Loss of the small byte-level models on text that is never seen twice, without and with a penalty on activity.",
      x: .init("step"), y: .init("loss", unit: "nats a byte"))
    var kept = Plot(
      name: "rectified-kept", title: "What is lost in rectified models",
      caption:
        "Perplexity over the dense model's in small rectified models, against the kept share of neurons, at alpha \(short(options.alpha)); bars are one standard error over texts.",
      x: .init("kept share beta"), y: .init("perplexity over dense", scale: .log))
    for (outcome, label) in zip([plain, sparse], labels) {
      training.add(
        .line, label, x: outcome.losses.indices.map { Double($0 + 1) }, y: outcome.losses)
      kept.add(
        .linePoints, label, x: outcome.betas, y: outcome.byBeta.map(\.ratio),
        intervals: outcome.byBeta.map(\.range))
    }
    try lab.add(training)
    try lab.add(kept)
  }

  private func decide(_ plain: Outcome, _ sparse: Outcome?) {
    decide("2a", "In a model of rectified neurons little is lost", "", plain)
    if let sparse {
      decide(
        "2b", "The same where training has made activity sparse",
        ", and \(short(options.penalty)) times the mean activity in the loss", sparse)
    }
  }

  private func decide(_ id: String, _ statement: String, _ training: String, _ outcome: Outcome) {
    let own = outcome.own(options.beta)
    let sweep = zip(outcome.alphas, outcome.byAlpha).map { "\(short($0)) \(short($1.ratio))" }
    let kept = zip(outcome.betas, outcome.byBeta).map { "\(short($0)) \(short($1.ratio))" }
    lab.add(
      .decided(
        id, statement, paper: "OPT-6.7B on C4: perplexity +2 % at alpha 0.4, +3 % at beta 0.25",
        test:
          "\(shape.blocks) blocks of \(shape.neurons) rectified neurons, width \(shape.width), bytes, \(options.rectifiedSteps) steps\(training); \(options.rectifiedWindows) unseen texts of \(Self.prompt) + \(Self.length - Self.prompt) bytes, signed counts, kept \(short(options.beta)) in all blocks",
        criterion: "ratio of perplexities below 1.10",
        measured:
          "\(own.text), another topic's core \(outcome.other.text), random \(outcome.random.text); \(short(outcome.positive * 100)) % of the neurons are positive; dense \(short(outcome.surprise)) nats a byte; by beta \(kept.joined(separator: ", ")); by alpha \(sweep.joined(separator: ", "))",
        holds: own.ratio < 1.1,
        reason:
          "every byte makes other neurons positive (\(short(outcome.positive * 100)) % of them): what the continuation needs and the prompt did not use is missed",
        unless: outcome.surprise > 1.6
          ? "the model is hardly trained in this size: \(short(outcome.surprise)) nats a byte" : nil))
  }
}

/// Adds up what rectified neurons do on average, with gradients.
private final class MeanActivity: Instrument {
  let sites: SitePattern = "blocks.*.mlp"
  private(set) var mean: Tensor?

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let own = activity.mean()
    mean = mean.map { $0 + own } ?? own
    return activity
  }
}
