import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support

/// The real model and what all parts ask of it.
final class CoreBench {
  let options: CoreNeurons.Options
  let lab: Lab
  let corpus: TopicalCorpus
  let generator: TextGenerator
  let session: InferenceSession
  /// The blocks that become sparse.
  let blocks: Range<Int>
  let neurons: Int
  private let place: URL

  init(_ options: CoreNeurons.Options, _ lab: Lab, _ corpus: TopicalCorpus) throws {
    (self.options, self.lab, self.corpus) = (options, lab, corpus)
    try lab.progress("Opening the model", 0, of: 1)
    place = options.model.isEmpty ? try LanguageModel.smolLM2File() : URL(fileURLWithPath: options.model)
    let longest = max(
      options.promptTokens + options.continuationTokens, options.promptTokens + options.decodedTokens)
    generator = try TextGenerator(contentsOf: place, capacity: max(longest, 512) + 64)
    session = generator.session
    let shape = generator.model.configuration
    guard options.firstBlock < shape.blocks else {
      throw CajalError("option firstBlock=\(options.firstBlock): the model has \(shape.blocks) blocks")
    }
    blocks = options.firstBlock..<shape.blocks
    neurons = shape.neurons
    if FileManager.default.isReadableFile(atPath: place.path), !place.hasDirectoryPath {
      lab.usesData(place.lastPathComponent, fingerprint: try Fingerprint.ofFile(place))
    }
  }

  var blockCount: Int { generator.model.configuration.blocks }

  /// The block at a place of the paper's 32.
  func block(ofThirtyTwo place: Int) -> Int {
    min(blockCount - 1, Int((Double(place) / 32 * Double(blockCount)).rounded()))
  }

  func encode(_ text: String) -> [Int] { generator.tokenizer.encode(text) }

  /// The activity of a text with all neurons at work; the session stands behind it then.
  func activity(_ tokens: [Int]) throws -> CoreActivity {
    let collector = CoreActivityCollector(generator.model.configuration)
    session.rewind()
    session.core = nil
    session.observer = collector.observe
    defer { session.observer = nil }
    try session.feed(tokens)
    return collector.taken()
  }

  /// Reads a prompt with all neurons.
  func prefill(_ tokens: [Int]) throws {
    session.rewind()
    session.core = nil
    try session.feed(tokens)
  }

  /// The mean surprise in nats a token at a continuation of a prompt of `start` tokens that the session holds, when only
  /// these neurons take part (nil: all). The first token of the continuation is foretold by the prompt and is left out.
  func surprise(_ continuation: [Int], after start: Int, _ core: NeuronSet?, blocks: Range<Int>? = nil) throws
    -> Double
  {
    session.rewind(to: start)
    session.core = try core.map { try session.coreWeights($0, blocks: blocks ?? self.blocks) }
    defer { session.core = nil }
    let foretold = try session.logLikelihoods(feeding: continuation).suffix(continuation.count - 1)
    return -foretold.reduce(0, +) / Double(foretold.count)
  }

  /// As many neurons of every block at random.
  func random(_ share: Double, using generator: inout RandomGenerator) -> NeuronSet {
    NeuronSet(
      blocks: (0..<blockCount).map { _ in
        generator.subset(Int(share * Double(neurons)), of: neurons)
      })
  }

  /// The same model in 32 bits, with taps.
  func laboratory() throws -> LanguageModel { try LanguageModel(contentsOf: place) }
}

/// Differences of surprise over texts, as a ratio of perplexities.
struct PerplexityRatio {
  /// In nats, by text.
  let differences: [Double]

  var spread: Spread { Spread(differences) }
  var ratio: Double { exp(spread.mean) }
  /// One standard error down and up.
  var range: ClosedRange<Double> {
    exp(spread.mean - spread.standardError)...exp(spread.mean + spread.standardError)
  }

  /// "2.51 (2.33 to 2.70)".
  var text: String { "\(short(ratio)) (\(short(range.lowerBound)) to \(short(range.upperBound)))" }

  /// How much larger the perplexity is than under another core, text by text.
  func over(_ other: PerplexityRatio) -> PerplexityRatio {
    PerplexityRatio(differences: zip(differences, other.differences).map { $0 - $1 })
  }
}
