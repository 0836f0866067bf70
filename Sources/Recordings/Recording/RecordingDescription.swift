import Foundation
import Support
import Tensors

/// What a Recording holds, as it stands in its folder as `recording.json`.
public struct RecordingDescription: Codable, Sendable, Equatable {
  /// A place where neurons were seen, and how many there are.
  public struct Site: Codable, Sendable, Equatable {
    public var name: String
    public var neurons: Int

    public init(_ name: String, neurons: Int) { (self.name, self.neurons) = (name, neurons) }
  }

  /// How numbers are kept: 16, 32 or 64 bits.
  public enum Precision: String, Codable, Sendable, CaseIterable {
    case float16, float32, float64
    var width: Int { self == .float16 ? 2 : self == .float32 ? 4 : 8 }
    var code: String { "<f\(width)" }
    var elementType: ElementType { self == .float16 ? .float16 : self == .float32 ? .float32 : .float64 }
  }

  /// When samples were taken.
  public struct Time: Codable, Sendable, Equatable {
    /// Seconds of the first one, and samples per second; nil where every sample has a stamp, in `time.npy`.
    public var start, rate: Double?
    /// What was observed.
    public var support: [Interval]
  }

  /// Of this form of the folder.
  public var version = 1
  /// What was recorded, and from what: free text and fingerprints under names.
  public var source: [String: String]
  public var sites: [Site]
  public var precision: Precision
  /// The names of what is known about every sample, in the order of `samples.csv`.
  public var columns: [String]
  /// Of the activity.
  public var unit: String?
  /// Nil where samples are no course of time.
  public var time: Time?
  /// The names of epochs, in the order of the files `epochs-0.csv`, …
  public var epochs: [String]?
  /// Whether neurons have names or more, in `neurons.csv`.
  public var hasNeuronTable: Bool?
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
