import Probing
import StudyCore
import Support

extension CoreNeurons {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable { case all, quality, stability, topics, similarity, speed, rectified }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var model = ""
    // What is kept.
    var alpha = 0.4
    var beta = 0.4
    var firstBlock = 4
    // Claim 1 and 3.
    var windows = 16
    var promptTokens = 192
    var continuationTokens = 64
    var betas = [0.2, 0.4, 0.6, 0.8]
    var alphas = [0.1, 0.2, 0.6, 0.8]
    var laboratoryWindows = 3
    // Claim 4 and 5.
    var passages = 1_000
    var topicTokens = 128
    var topicBeta = 0.2
    var sentences = 96
    var permutations = 2_000
    // Claim 5.
    var shortPrompt = 16
    var shortContinuation = 48
    var heldOut = 3
    // Claim 6.
    var decodedTokens = 64
    var repeats = 5
    // Claim 2.
    var rectifiedSteps = 450
    var rectifiedWindows = 24
    var penalty = 1.0

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (windows, promptTokens, continuationTokens) = (4, 128, 24)
        (betas, alphas, laboratoryWindows) = ([0.4], [0.4], 0)
        (passages, topicTokens, sentences, permutations) = (3, 40, 0, 500)
        (shortContinuation, heldOut) = (16, 1)
        (decodedTokens, repeats) = (12, 3)
        (rectifiedSteps, rectifiedWindows) = (4, 4)
      case .full:
        (windows, laboratoryWindows) = (24, 8)
        (betas, alphas) = ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8])
        (sentences, permutations) = (300, 10_000)
        (decodedTokens, repeats) = (256, 9)
        (rectifiedSteps, rectifiedWindows) = (3_000, 64)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text("part", \.part, oneOf: Part.allCases.map(\.rawValue), "which part of the study is run"),
      .text("model", \.model, "a GGUF file or Hugging Face folder; SmolLM2 if empty"),
      .number("alpha", \.alpha, in: 0.01...1, "the share of its positive neurons that a token names"),
      .number("beta", \.beta, in: 0.01...1, "the share of all neurons that is kept, where it is not swept"),
      .integer("firstBlock", \.firstBlock, in: 0...1000, "the first block that is sparse, from 0"),
      .integer("windows", \.windows, in: 2...10_000, "texts of claims 1 and 3, at most"),
      .integer("promptTokens", \.promptTokens, in: 32...100_000, "tokens of a text's prompt"),
      .integer("continuationTokens", \.continuationTokens, in: 2...100_000, "tokens that are then foretold"),
      .numbers("betas", \.betas, in: 0.01...1, "claims 1 and 2: kept shares of the sweep"),
      .numbers("alphas", \.alphas, in: 0.01...1, "claims 1 and 2: named shares of the sweep, besides alpha"),
      .integer(
        "laboratoryWindows", \.laboratoryWindows, in: 0...1000,
        "texts that pass the 32-bit model too, for the oracle of every token"),
      .integer("passages", \.passages, in: 2...100_000, "claims 4 and 5: passages of a topic, at most"),
      .integer(
        "topicTokens", \.topicTokens, in: 8...100_000,
        "claims 4 and 5: tokens of a passage that are read, at most"),
      .number("topicBeta", \.topicBeta, in: 0.01...1, "claim 4: the share of neurons whose overlap is taken"),
      .integer(
        "sentences", \.sentences, in: 0...10_000, "claim 4: sentences paired with embeddings; 0 for none"),
      .integer("permutations", \.permutations, in: 99...1_000_000, "claim 4: permutations of the topics"),
      .integer("shortPrompt", \.shortPrompt, in: 2...1000, "claim 5: tokens of a short prompt"),
      .integer("shortContinuation", \.shortContinuation, in: 2...1000, "claim 5: tokens behind it"),
      .integer(
        "heldOut", \.heldOut, in: 1...1000, "claim 5: passages of each topic that are no part of clusters"),
      .integer("decodedTokens", \.decodedTokens, in: 4...10_000, "claim 6: tokens that are timed"),
      .integer("repeats", \.repeats, in: 1...1000, "claim 6: how often each is timed; the fastest counts"),
      .integer(
        "rectifiedSteps", \.rectifiedSteps, in: 1...1_000_000, "claim 2: steps that the model is trained"),
      .number(
        "penalty", \.penalty, in: 0...1000,
        "claim 2b: the weight of the mean activity in the loss; 0 leaves 2b out"),
      .integer("rectifiedWindows", \.rectifiedWindows, in: 2...10_000, "claim 2: texts that are foretold"),
    ]

    func runs(_ part: Part) -> Bool { self.part == part.rawValue || self.part == Part.all.rawValue }

    func check() throws {
      guard alphas.allSatisfy({ $0 > 0 }), betas.allSatisfy({ $0 > 0 }) else {
        throw CajalError("options alphas and betas should be shares above 0")
      }
    }

    /// The paper's way of choosing with one number changed, or another score.
    func selection(_ score: CoreSelection.Score, alpha: Double? = nil, beta: Double? = nil) -> CoreSelection {
      CoreSelection(alpha: alpha ?? self.alpha, beta: beta ?? self.beta, score: score)
    }
  }
}
