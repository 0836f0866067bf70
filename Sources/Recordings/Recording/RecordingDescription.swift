import Foundation
import Support

/// What a Recording holds, as it stands in its folder as `recording.json`.
public struct RecordingDescription: Codable, Sendable, Equatable {
  /// A place where neurons were seen, and how many there are.
  public struct Site: Codable, Sendable, Equatable {
    public var name: String
    public var neurons: Int

    public init(_ name: String, neurons: Int) { (self.name, self.neurons) = (name, neurons) }
  }

  /// How numbers are kept: 16 or 32 bits.
  public enum Precision: String, Codable, Sendable, CaseIterable {
    case float16, float32
    var width: Int { self == .float16 ? 2 : 4 }
    var code: String { self == .float16 ? "<f2" : "<f4" }
  }

  /// Of this form of the folder.
  public var version = 1
  /// What was recorded, and from what: free text and fingerprints under names.
  public var source: [String: String]
  public var sites: [Site]
  public var precision: Precision
  /// The names of what is known about every sample, in the order of `samples.csv`.
  public var columns: [String]
  /// Samples that are whole.
  public var samples = 0
  /// Bytes of `samples.csv` that belong to them.
  public var tableBytes = 0
  /// How many pieces of work (texts, say) are done: where a stopped recording goes on.
  public var piecesDone = 0
  /// Whether the recording came to its end.
  public var isComplete = false

  public init(source: [String: String], sites: [Site], precision: Precision = .float32, columns: [String]) {
    (self.source, self.sites, self.precision, self.columns) = (source, sites, precision, columns)
  }

  /// N: all neurons of all sites.
  public var neurons: Int { sites.reduce(0) { $0 + $1.neurons } }

  /// The name of a neuron by its column: `blocks.3.mlp.17`.
  public func name(ofNeuron column: Int) -> String {
    var rest = column
    for site in sites {
      if rest < site.neurons { return "\(site.name).\(rest)" }
      rest -= site.neurons
    }
    preconditionFailure("neuron \(column) of \(neurons)")
  }

  /// The columns of a site.
  public func columns(of site: String) -> Range<Int>? {
    var start = 0
    for known in sites {
      if known.name == site { return start..<start + known.neurons }
      start += known.neurons
    }
    return nil
  }

  static func read(_ folder: URL) throws -> RecordingDescription {
    let file = folder.appendingPathComponent("recording.json")
    guard let data = try? Data(contentsOf: file) else {
      throw CajalError("\(folder.path) is no recording: it has no recording.json")
    }
    guard let found = try? JSONDecoder().decode(RecordingDescription.self, from: data), found.version == 1,
      found.samples >= 0, found.tableBytes >= 0,
      found.sites.allSatisfy({ (1...1 << 30).contains($0.neurons) })
    else { throw CajalError("\(file.path) is not as a recording's description should be") }
    return found
  }

  func write(_ folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(self), to: folder.appendingPathComponent("recording.json"))
  }
}
