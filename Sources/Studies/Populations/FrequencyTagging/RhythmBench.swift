import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support
import Tensors

/// The model, the sentences, and how responses to them are gathered.
struct RhythmBench {
  let options: FrequencyTaggingStudy.Options
  let lab: Lab
  let model: LanguageModel
  /// Of the same shape, with random weights.
  let untrained: Decoder
  let corpus: PeriodicCorpus
  let tagging: FrequencyTagging

  var blocks: Int { model.decoder.configuration.blocks }
  var neurons: Int { model.decoder.configuration.neurons }
  /// The neurons of each block among all.
  var layers: [Range<Int>] { (0..<blocks).map { $0 * neurons..<($0 + 1) * neurons } }

  init(options: FrequencyTaggingStudy.Options, lab: Lab) throws {
    (self.options, self.lab) = (options, lab)
    let file = options.model.isEmpty ? try LanguageModel.smolLM2File() : URL(fileURLWithPath: options.model)
    model = try LanguageModel(contentsOf: file)
    lab.usesData(file.lastPathComponent, fingerprint: (try? Fingerprint.ofFile(file)) ?? "")
    var generator = lab.generator("untrained")
    untrained = Decoder(model.decoder.configuration, using: &generator)
    if let path = lab.dataPath {
      let url = URL(fileURLWithPath: path)
      corpus = try PeriodicCorpus(contentsOf: url)
      lab.usesData(url.lastPathComponent, fingerprint: try Fingerprint.ofFile(url))
    } else {
      var generator = lab.generator("sentences")
      corpus = try SlotGrammar.english.corpus(options.sentences, using: &generator)
    }
    tagging = .hierarchical(unitRate: options.unitRate, sentenceLength: corpus.length)
    guard corpus.sentences.count >= 8 + 2 * options.dropped else {
      throw CajalError(
        "\(corpus.sentences.count) sentences are too few for halves without the first \(options.dropped); at least \(8 + 2 * options.dropped)"
      )
    }
    let words = corpus.length * corpus.sentences.count
    guard words * 4 <= model.decoder.configuration.contextLength else {
      throw CajalError("\(words) words are too long a stream for the model's context")
    }
  }

  /// What neurons and embedding do to streams of one arrangement.
  struct Response {
    /// All neurons, block after block.
    var neurons: TaggedResponse
    var embedding: TaggedResponse
    /// The neurons' series with the words of every stream in another random order: what chance gives.
    var permuted: TaggedResponse?
  }

  /// Reads streams in `options.orders` orders.
  ///
  /// - Parameter name: Of the part, for the generator and progress.
  func response(
    _ name: String, _ arrangement: PeriodicCorpus.Arrangement, of corpus: PeriodicCorpus? = nil,
    isTrained: Bool = true, permuting: Bool = false
  ) throws -> Response {
    let corpus = corpus ?? self.corpus
    var generator = lab.generator("streams.\(name)")
    let streams = (0..<options.orders).map { _ in corpus.stream(arrangement, using: &generator) }
    var shuffling = lab.generator("permuted.\(name)")
    let gatherers = (0..<3).map { _ in
      TaggedResponse.Gatherer(tagging, streams: streams.count, groups: options.groups)
    }
    try reader.read(streams, with: isTrained ? nil : untrained) { stream, activity in
      try lab.progress("reading \(name)", stream, of: streams.count, unit: "streams")
      let series = joined(activity)
      gatherers[0].add(series)
      gatherers[1].add(activity["embedding"]!)
      if permuting {
        gatherers[2].add(series.selected(Tensor(shuffling.permutation(series.size(0))), axis: 0))
      }
    }
    return Response(
      neurons: gatherers[0].finish(), embedding: gatherers[1].finish(),
      permuted: permuting ? gatherers[2].finish() : nil)
  }

  private var reader: StreamReader {
    StreamReader(model, sites: ["embedding", "blocks.*.mlp"], dropped: options.dropped * corpus.length)
  }

  /// The neurons of all blocks side by side, `[U, N]`.
  func joined(_ activity: [String: Tensor]) -> Tensor {
    Tensor.concatenated((0..<blocks).map { activity["blocks.\($0).mlp"]! }, axis: 1)
  }

  /// Reads short streams, each on its own, without dropping words.
  func read(_ streams: [[String]], dropped: Int, _ body: (Int, Tensor) throws -> Void) throws {
    try StreamReader(model, dropped: dropped).read(streams) { try body($0, joined($1)) }
  }
}
