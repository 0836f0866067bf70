import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support

/// The real model and what all parts ask of it.
final class CoreBench: Sendable {
  let options: CoreNeurons.Options
  let lab: Lab
  let corpus: TopicalCorpus
  let model: InferenceModel
  let tokenizer: BytePairTokenizer
  /// The blocks that become sparse.
  let blocks: Range<Int>
  var neurons: Int { model.configuration.neurons }
  var blockCount: Int { model.configuration.blocks }
  private let place: URL
  private let capacity: Int

  init(_ options: CoreNeurons.Options, _ lab: Lab, _ corpus: TopicalCorpus) throws {
    (self.options, self.lab, self.corpus) = (options, lab, corpus)
    try lab.progress("Opening the model", 0, of: 1)
    place = options.model.isEmpty ? try LanguageModel.smolLM2File() : URL(fileURLWithPath: options.model)
    capacity = max(options.promptTokens + max(options.continuationTokens, options.decodedTokens), 512) + 64
    let opened = try TextGenerator(contentsOf: place, capacity: 16, threads: 1)
    (model, tokenizer) = (opened.model, opened.tokenizer)
    let count = model.configuration.blocks
    guard options.firstBlock < count else {
      throw CajalError("option firstBlock=\(options.firstBlock): the model has \(count) blocks")
    }
    blocks = options.firstBlock..<count
    if !place.hasDirectoryPath {
      lab.usesData(place.lastPathComponent, fingerprint: try Fingerprint.ofFile(place))
    }
  }

  /// The block at a place of the paper's 32.
  func block(ofThirtyTwo place: Int) -> Int {
    min(blockCount - 1, Int((Double(place) / 32 * Double(blockCount)).rounded()))
  }

  func encode(_ text: String) -> [Int] { tokenizer.encode(text) }

  func session(threads: Int = 1) -> InferenceSession {
    InferenceSession(model, capacity: capacity, threads: threads)
  }

  /// Reads texts side by side, each on one thread with a reader of its own; results stand in their order.
  func each<Value: Sendable>(
    _ count: Int, _ stage: String, unit: String, _ body: @Sendable (CoreReader, Int) throws -> Value
  ) throws -> [Value] {
    let readers = (0..<min(count, Threads.count)).map { _ in CoreReader(self) }
    var values: [Value] = []
    for start in stride(from: 0, to: count, by: readers.count) {
      try lab.progress(stage, start, of: count, unit: unit)
      let size = min(readers.count, count - start)
      values += try parallelMap(size, throwing: { index in try body(readers[index], start + index) })
    }
    return values
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

/// Reads one text at a time; for one thread at a time.
final class CoreReader: @unchecked Sendable {
  private let session: InferenceSession
  private let blocks: Range<Int>

  init(_ bench: CoreBench) {
    session = bench.session()
    blocks = bench.blocks
  }

  /// The activity of a text with all neurons at work; the session holds it then.
  func activity(_ tokens: [Int]) throws -> CoreActivity {
    let collector = CoreActivityCollector(session.model.configuration)
    session.observer = collector.observe
    defer { session.observer = nil }
    try prefill(tokens)
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
