import Models
import Recordings
import Support
import Tensors

/// Lets a language model read streams of words, and gives the activity of its neurons word by word.
public struct StreamReader {
  public let model: LanguageModel
  /// Patterns of sites with activity `[B, T, N]`.
  public var sites: [SitePattern]
  /// Words at the beginning that are read but not given: the first token of a text attracts attention whatever it is.
  public var dropped: Int
  /// Tokens that are read at a time.
  public var batchTokens = 960

  public init(_ model: LanguageModel, sites: [SitePattern] = ["blocks.*.mlp"], dropped: Int = 0) {
    (self.model, self.sites, self.dropped) = (model, sites, dropped)
  }

  /// The tokens of every word, with the space before it.
  public func tokens(_ words: [String]) -> [[Int]] { words.map { model.tokenizer.encode(" " + $0) } }

  /// Reads streams of words.
  ///
  /// - Parameters:
  ///   - decoder: Another decoder of the same shape, untrained say; the model's own if nil.
  ///   - body: Receives the number of the stream and the activity `[U, N]` by site: the mean over the tokens of each word.
  public func read(
    _ streams: [[String]], with decoder: Decoder? = nil,
    _ body: (_ stream: Int, _ activity: [String: Tensor]) throws -> Void
  ) rethrows {
    precondition(
      streams.allSatisfy { $0.count > dropped }, "a stream no longer than the \(dropped) dropped words")
    let words = streams.map(tokens)
    let lengths = words.map { $0.reduce(0) { $0 + $1.count } }
    var next = 0
    while next < streams.count {
      var end = next + 1
      while end < streams.count, lengths[next...end].max()! * (end - next + 1) <= batchTokens { end += 1 }
      let collector = Collector(sites)
      withoutGradients {
        withInstruments(collector) {
          _ = (decoder ?? model.decoder).hidden(Decoder.batch(words[next..<end].map { $0.flatMap { $0 } }))
        }
      }
      for stream in next..<end {
        try body(stream, collector.activity.mapValues { units($0[stream - next], words[stream]) })
      }
      next = end
    }
  }

  /// The activity `[T, N]` of tokens, by word.
  private func units(_ activity: Tensor, _ words: [[Int]]) -> Tensor {
    let count = words.reduce(0) { $0 + $1.count }
    if count == words.count { return activity.narrowed(0, from: dropped, to: count) }
    var (start, shares) = (0, [Double](repeating: 0, count: words.count * activity.size(0)))
    for (word, tokens) in words.enumerated() {
      for place in start..<start + tokens.count {
        shares[word * activity.size(0) + place] = 1 / Double(tokens.count)
      }
      start += tokens.count
    }
    let means = Tensor(shares, shape: [words.count, activity.size(0)], as: .float32)
    return means.narrowed(0, from: dropped, to: words.count).matmul(activity)
  }

  /// Keeps the activity of one pass at the sites that are wanted.
  private final class Collector: Instrument {
    let sites: SitePattern = "**"
    private let wanted: [SitePattern]
    private(set) var activity: [String: Tensor] = [:]
    init(_ wanted: [SitePattern]) { self.wanted = wanted }

    func apply(_ site: String, _ activity: Tensor) -> Tensor {
      if wanted.contains(where: { $0.matches(site) }) { self.activity[site] = activity.detached() }
      return activity
    }
  }
}
