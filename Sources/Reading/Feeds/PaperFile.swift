import Foundation
import Support

/// What a file of papers holds: BibTeX, JSON, Atom, RSS, or a list of identifiers, told by content.
public struct PaperFile: Sendable {
  public enum Format: String, Sendable {
    case bibTeX = "BibTeX"
    case json = "JSON"
    case atom = "Atom"
    case rss = "RSS"
    case identifiers = "a list of identifiers"
  }

  public let format: Format
  public let references: [PaperReference]
  /// Entries that were passed over.
  public let refusals: [Refusal]

  /// Larger files are refused: 16 MiB.
  public static let largest = 16 << 20

  init(_ format: Format, _ references: [PaperReference], _ refusals: [Refusal]) {
    (self.format, self.references, self.refusals) = (format, references, refusals)
  }

  /// Reads a file.
  ///
  /// - Throws: `CajalError` with file and line, when the file as a whole cannot be read.
  public init(contentsOf url: URL) throws {
    let handle: FileHandle
    do { handle = try FileHandle(forReadingFrom: url) } catch {
      throw CajalError("cannot read \(url.path): \(error.localizedDescription)")
    }
    defer { try? handle.close() }
    var data = Data()
    do {
      while data.count <= Self.largest, let more = try handle.read(upToCount: 1 << 20), !more.isEmpty {
        data += more
      }
    } catch { throw CajalError("cannot read \(url.path): \(error.localizedDescription)") }
    try self.init(data, document: url.lastPathComponent)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameter document: What messages call it.
  public init(_ data: Data, document: String) throws {
    let text = try FeedText.bytes(of: data, document)
    let first = text.first { !FeedText.isSpace($0) }
    switch first {
    case UInt8(ascii: "<"): self = try XMLFeed.read(text, document)
    case UInt8(ascii: "{") where !FeedText.hasEntry(text), UInt8(ascii: "["):
      self = try JSONFeed.read(text, document)
    case nil: throw CajalError("\(document) is empty")
    default:
      self = FeedText.hasEntry(text) ? BibTeX.read(text, document) : IdentifierList.read(text)
    }
  }
}
