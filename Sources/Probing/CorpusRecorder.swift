import Datasets
import Foundation
import Models
import Recordings
import Support
import Tensors

/// Records neurons of a language model while it reads a corpus: a ``Recording`` with a sample for every token.
///
/// Position 0 of a text is left out: it attracts attention whatever stands there. Texts are read in their order, a few at a
/// time, and every batch is on disk before the next is read, so that memory is bounded and a stopped recording goes on.
public struct CorpusRecorder {
  public let model: LanguageModel
  /// Which sites are recorded; a site may have at most three axes `[B, T, N]`.
  public var sites: SitePattern
  public var precision = RecordingDescription.Precision.float32
  /// Longer texts are read in parts of so many tokens.
  public var partLength = 512
  /// Tokens that are read at a time.
  public var batchTokens = 512

  public init(_ model: LanguageModel, sites: SitePattern = "blocks.*.mlp") {
    (self.model, self.sites) = (model, sites)
  }

  /// A part of a text that is read at a time.
  private struct Piece {
    let text: Int
    let label: String
    let first: Int
    let tokens: [Int]
  }

  /// What a recording of this corpus is a recording of.
  private func source(_ corpus: LabelledPassages, _ name: String) -> [String: String] {
    [
      "model": name, "corpus": corpus.fingerprint, "sites": sites.description, "part length": "\(partLength)",
      "batch": "\(batchTokens)",
    ]
  }

  private func pieces(_ corpus: LabelledPassages) -> [Piece] {
    corpus.passages.enumerated().flatMap { index, passage in
      let tokens = model.tokenizer.encode(passage.prompt + passage.answer)
      return stride(from: 0, to: tokens.count, by: partLength).map { start in
        let part = Array(tokens[start..<Swift.min(start + partLength, tokens.count)])
        return Piece(text: index, label: passage.label, first: start, tokens: part)
      }.filter { $0.tokens.count > 1 }
    }
  }

  /// Reads the corpus and writes the recording; goes on where a stopped one in the same folder ended.
  ///
  /// - Parameters:
  ///   - name: Of the model, for the description: a fingerprint of its file say.
  ///   - progress: Receives the tokens that are done and all; false stops, and keeps what is done.
  /// - Returns: Whether the recording is complete.
  /// - Throws: `CajalError` for a pattern without sites, a corpus without tokens, or a folder that cannot be written.
  public func record(
    _ corpus: LabelledPassages, model name: String, to folder: URL,
    progress: (Int, Int) -> Bool = { _, _ in true }
  ) throws -> Bool {
    precondition(
      partLength > 1 && batchTokens > 0, "parts of \(partLength) tokens, batches of \(batchTokens)")
    let pieces = pieces(corpus)
    guard let first = pieces.first else { throw CajalError("the corpus has no text of two tokens or more") }
    let found = try knownSites(first.tokens)
    let writer = try RecordingWriter(
      folder,
      RecordingDescription(
        source: source(corpus, name), sites: found, precision: precision,
        columns: ["text", "position", "token", "string", "label"]))
    let total = pieces.reduce(0) { $0 + $1.tokens.count }
    var next = writer.description.piecesDone
    guard next <= pieces.count else {
      throw CajalError("\(folder.path) counts \(next) of \(pieces.count) texts")
    }
    var done = pieces[..<next].reduce(0) { $0 + $1.tokens.count }
    while next < pieces.count {
      guard progress(done, total) else { return false }
      var batch = [pieces[next]]
      while next + batch.count < pieces.count,
        (batch + [pieces[next + batch.count]]).map(\.tokens.count).max()! * (batch.count + 1) <= batchTokens
      { batch.append(pieces[next + batch.count]) }
      try write(batch, sites: found, writer)
      next += batch.count
      done += batch.reduce(0) { $0 + $1.tokens.count }
      try writer.checkpoint(piecesDone: next)
    }
    try writer.finish()
    _ = progress(total, total)
    return true
  }

  /// The sites of the pattern that a short text passes, and their widths.
  private func knownSites(_ tokens: [Int]) throws -> [RecordingDescription.Site] {
    let collector = SiteCollector(sites)
    run(Array(tokens.prefix(2)), with: collector)
    guard !collector.order.isEmpty else {
      throw CajalError(
        "no site of the model fits '\(sites.description)'; sites are embedding, blocks.N.mlp, blocks.N.mlp.gate, blocks.N.mlp.up, blocks.N.residual, blocks.N.attention, norm"
      )
    }
    if let other = collector.order.first(where: { collector.activity[$0]!.rank != 3 }) {
      throw CajalError("the activity at '\(other)' is not tokens × neurons and cannot be recorded so")
    }
    return collector.order.map { .init($0, neurons: collector.activity[$0]!.size(-1)) }
  }

  private func run(_ tokens: [Int], with collector: SiteCollector) {
    withoutGradients { withInstruments(collector) { _ = model.decoder.hidden(Decoder.batch([tokens])) } }
  }

  private func write(_ batch: [Piece], sites: [RecordingDescription.Site], _ writer: RecordingWriter) throws {
    let collector = SiteCollector(self.sites)
    withoutGradients {
      withInstruments(collector) { _ = model.decoder.hidden(Decoder.batch(batch.map(\.tokens))) }
    }
    let all = sites.map { collector.activity[$0.name]! }
    for (row, piece) in batch.enumerated() {
      // What stands first in a text is left out; a later part has no such position of its own, but reads as one.
      let samples = Tensor.concatenated(
        all.map { $0[row].narrowed(0, from: 1, to: piece.tokens.count) }, axis: 1)
      let rows = piece.tokens.indices.dropFirst().map { place in
        [
          "\(piece.text)", "\(piece.first + place)", "\(piece.tokens[place])",
          String(decoding: model.tokenizer.bytes(of: piece.tokens[place]), as: UTF8.self), piece.label,
        ]
      }
      try writer.append(samples, rows: rows)
    }
  }
}

/// Keeps the activity of one pass by site, in the order in which sites are passed.
private final class SiteCollector: Instrument {
  let sites: SitePattern
  private(set) var order: [String] = []
  private(set) var activity: [String: Tensor] = [:]

  init(_ sites: SitePattern) { self.sites = sites }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    if self.activity.updateValue(activity.detached(), forKey: site) == nil { order.append(site) }
    return activity
  }
}
