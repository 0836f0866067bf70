import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support
import Synchronization

/// Features, sequences and networks of the study.
struct FewShotBench: Sendable {
  typealias Options = InductionHeads.Options
  enum Source: String, CaseIterable { case random, structured, tokens }

  let options: Options
  let lab: Lab
  let features: FewShotFeatures
  let model: SmallLanguageModel

  init(_ options: Options, _ lab: Lab) throws {
    (self.options, self.lab, model) = (options, lab, SmallLanguageModel(lab))
    guard options.activeHead < options.heads else {
      throw CajalError("activeHead=\(options.activeHead), but a block has \(options.heads) heads")
    }
    _ = try options.shape(1, labels: options.labels).checked()
    let needed = max(options.classes, options.moreClasses.max() ?? 0) + options.testClasses
    if let path = lab.dataPath {
      let url = URL(fileURLWithPath: path)
      features = try FewShotFeatures(contentsOf: url)
      lab.usesData(url.lastPathComponent, fingerprint: try Fingerprint.ofFile(url))
      if features.meanNorm < 10 {
        lab.note(
          "The features have a mean length of \(short(features.meanNorm)); short ones are matched late. Lengths of 20 to 30 are usual."
        )
      }
      guard features.classes >= options.classes + options.testClasses else {
        throw CajalError(
          "\(path) has \(features.classes) classes, but \(options.classes) for training and \(options.testClasses) held out are asked for: --set classes= and testClasses= ask for fewer"
        )
      }
    } else {
      features = try Self.features(Source(rawValue: options.features)!, classes: needed, options, lab, model)
    }
  }

  /// Features of a kind.
  static func features(
    _ source: Source, classes: Int, _ options: Options, _ lab: Lab, _ model: SmallLanguageModel
  ) throws -> FewShotFeatures {
    var generator = lab.generator("features")
    switch source {
    case .random:
      return .made(
        classes: classes, dimension: options.dimension, noise: options.noise, using: &generator)
    case .structured:
      return .made(
        classes: classes, dimension: options.dimension, code: min(32, options.dimension),
        noise: options.noise, using: &generator)
    case .tokens: return try wordFeatures(classes, try model.opened())
    }
  }

  /// The embedding of words that are single tokens in small letters and capitalised, the most frequent first: `[classes, 2, width]`.
  private static func wordFeatures(_ classes: Int, _ model: LanguageModel) throws -> FewShotFeatures {
    var rows: [Int] = []
    // Merges were learned from the most frequent on, and tokens are numbered in their order.
    for token in 0..<model.tokenizer.vocabularySize where rows.count < 2 * classes {
      let text = model.tokenizer.decode([token])
      guard text.count > 4, text.first == " ",
        text.dropFirst().unicodeScalars.allSatisfy({ ("a"..."z").contains($0) })
      else { continue }
      let word = text.dropFirst()
      let capital = model.tokenizer.encode(" " + word.prefix(1).uppercased() + word.dropFirst())
      if capital.count == 1 { rows += [token, capital[0]] }
    }
    guard rows.count == 2 * classes else {
      throw CajalError("\(classes) words were asked for, but the model has \(rows.count / 2)")
    }
    let width = model.decoder.configuration.width
    let table = model.decoder.embedding.value.detached().array(of: Float.self)
    let values = rows.flatMap { table[$0 * width..<($0 + 1) * width] }
    // As long as the made ones, for short vectors are matched late.
    return try FewShotFeatures(values, classes: classes, exemplars: 2, dimension: width)
      .scaled(toMeanNorm: Double(512).squareRoot())
  }

  // MARK: Networks

  /// A network that is to be trained.
  struct Setting: Sendable {
    var classes: Int
    var labels: Int
    var clamps: [AttentionClamp] = []
    var seed: Int
    var iterations: Int
    /// The loss at which training may end.
    var end = -1.0
  }

  /// The loss on sequences of training, with the clamps of training.
  struct Course: Sendable {
    var iterations: [Int] = []
    var losses: [Double] = []
    var change: PhaseChange
  }

  static let plateau = log(2.0)

  func sampler(
    _ features: FewShotFeatures? = nil, classes: Int, labels: Int, seed: Int
  ) throws -> FewShotSampler {
    var generator = lab.generator("split").split(seed)
    return try FewShotSampler(
      features ?? self.features, labels: labels, trainingClasses: classes, testClasses: options.testClasses,
      using: &generator)
  }

  func network(_ features: FewShotFeatures? = nil, labels: Int, seed: Int) throws
    -> FastAttentionOnlyTransformer
  {
    var generator = lab.generator("network").split(seed)
    return try FastAttentionOnlyTransformer(
      options.shape((features ?? self.features).dimension, labels: labels), using: &generator)
  }

  /// Fixed sequences for measurements.
  func batch(
    _ sampler: FewShotSampler, _ count: Int, from split: FewShotSampler.Split = .training, seed: Int
  ) -> FewShotBatch {
    var generator = lab.generator("measure \(split.rawValue)").split(seed)
    return sampler.batch(count, from: split, using: &generator)
  }

  /// Networks side by side, one a thread.
  func sideBySide<Value: Sendable>(
    _ count: Int, _ stage: String, _ body: @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let done = Mutex(0)
    try lab.progress(stage, 0, of: count, unit: "networks")
    return try parallelMap(count) { index in
      let value = try body(index)
      let finished = done.withLock { number in
        number += 1
        return number
      }
      try lab.progress(stage, finished, of: count, unit: "networks")
      return value
    }
  }

  func train(_ settings: [Setting], _ stage: String) throws -> [Course] {
    try sideBySide(settings.count, stage) { try train(settings[$0]) }
  }

  private func train(_ setting: Setting) throws -> Course {
    let sampler = try sampler(classes: setting.classes, labels: setting.labels, seed: setting.seed)
    let network = try network(labels: setting.labels, seed: setting.seed)
    let sequences = batch(sampler, options.sequences, seed: setting.seed)
    var generator = lab.generator("training").split(setting.seed)
    var (iterations, losses): ([Int], [Double]) = ([], [])
    let training = options.training(setting.iterations, setting.clamps, every: options.clampInterval)
    try training.run(network, sampler, using: &generator) { iteration, network in
      if lab.isInterrupted { throw Interruption() }
      let outcome = try network.outcome(of: sequences, sampler.features, clamps: setting.clamps)
      iterations.append(iteration)
      losses.append(outcome.loss)
      return outcome.loss >= setting.end
    }
    return Course(
      iterations: iterations, losses: losses,
      change: try PhaseChange(iterations: iterations, losses: losses, plateau: Self.plateau))
  }
}

/// SmolLM2, opened once for all parts that ask for it.
final class SmallLanguageModel: Sendable {
  private let lab: Lab
  private let kept = Mutex<LanguageModel?>(nil)

  init(_ lab: Lab) { self.lab = lab }

  func opened() throws -> LanguageModel {
    try kept.withLock { model in
      if let model { return model }
      lab.usesData("smollm2", fingerprint: try Fingerprint.ofFile(try LanguageModel.smolLM2File()))
      let opened = try LanguageModel.smolLM2()
      model = opened
      return opened
    }
  }
}
