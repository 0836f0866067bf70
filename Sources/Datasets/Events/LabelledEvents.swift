import Foundation
import Support

/// Recordings of event cameras with a class each.
public struct LabelledEvents: SampleCollection, Sendable {
  public let name: String
  public let samples: [EventStream]
  /// One class a sample, counted from 0.
  public let labels: [Int]
  public let classNames: [String]
  /// SHA-256 of the files that were read.
  public let fingerprint: String

  public var count: Int { labels.count }

  /// - Throws: `CajalError` when samples, labels and classes do not match.
  public init(name: String, samples: [EventStream], labels: [Int], classNames: [String], fingerprint: String)
    throws
  {
    guard samples.count == labels.count, labels.allSatisfy(classNames.indices.contains) else {
      throw CajalError(
        "\(name): \(samples.count) samples and \(labels.count) labels of \(classNames.count) classes do not match"
      )
    }
    (self.name, self.samples, self.labels) = (name, samples, labels)
    (self.classNames, self.fingerprint) = (classNames, fingerprint)
  }

  public func subset(_ indices: [Int]) -> LabelledEvents {
    precondition(
      indices.allSatisfy(labels.indices.contains), "an index beyond the \(count) samples of \(name)")
    return LabelledEvents(unchecked: self, indices)
  }

  private init(unchecked whole: LabelledEvents, _ indices: [Int]) {
    (name, classNames, fingerprint) = (whole.name, whole.classNames, whole.fingerprint)
    (samples, labels) = (indices.map { whole.samples[$0] }, indices.map { whole.labels[$0] })
  }

  /// The events as spikes of `2 · H · W` channels, which can be binned and written as spike trains are.
  ///
  /// - Throws: `CajalError` when sensors differ in size.
  public func spikes() throws -> LabelledSpikes {
    guard let first = samples.first,
      samples.allSatisfy({ $0.width == first.width && $0.height == first.height })
    else { throw CajalError("\(name): the samples are none, or come from sensors of different sizes") }
    return try LabelledSpikes(
      name: name, channelCount: 2 * first.height * first.width, samples: samples.map(\.spikes),
      labels: labels,
      classNames: classNames, fingerprint: fingerprint)
  }
}

/// Gestures of 29 people before a camera of 128×128 pixels (Amir et al., 2017): recordings in AEDAT 3.1, each
/// with a table of when which gesture was made.
public enum DVSGesture {
  /// Class 1 of the tables is the first name.
  public static let classNames = [
    "hand clapping", "right hand wave", "left hand wave", "right arm clockwise",
    "right arm counter clockwise",
    "left arm clockwise", "left arm counter clockwise", "arm roll", "air drums", "air guitar",
    "other gestures",
  ]

  /// Cuts one recording into its gestures.
  ///
  /// - Parameter labels: A table with the columns class, startTime_usec, endTime_usec; by default the
  ///   recording's name with `_labels.csv`.
  /// - Throws: `CajalError` naming file and line of what is wrong.
  public static func recording(_ url: URL, labels: URL? = nil) throws -> LabelledEvents {
    let table =
      labels
      ?? url.deletingPathExtension().deletingLastPathComponent().appendingPathComponent(
        "\(url.deletingPathExtension().lastPathComponent)_labels.csv")
    let file = try CSVFile(contentsOf: table)
    let rows = try file.numbers()
    guard file.header.count == 3 else {
      throw CajalError(
        "\(table.path) has columns \(file.header.joined(separator: ", ")); class, start and end are needed")
    }
    let events = try AEDAT3.read(url, size: (128, 128))
    let samples = try rows.enumerated().map { index, row in
      guard let label = Int(exactly: row[0]), classNames.indices.contains(label - 1),
        let start = Int64(exactly: row[1]), let end = Int64(exactly: row[2]), start <= end
      else {
        throw CajalError("\(table.path), line \(index + 2): class, start and end \(row) cannot be right")
      }
      return (events.slice(start..<end), label - 1)
    }
    return try LabelledEvents(
      name: url.deletingPathExtension().lastPathComponent, samples: samples.map(\.0),
      labels: samples.map(\.1),
      classNames: classNames, fingerprint: Fingerprint.ofFiles([url, table]))
  }

  /// Reads the recordings that a list in the folder names: `trials_to_train.txt` and `trials_to_test.txt`.
  ///
  /// - Throws: `CajalError` naming the file that is missing or wrong.
  public static func load(from folder: URL) throws -> (train: LabelledEvents, test: LabelledEvents) {
    (try load(folder, "trials_to_train.txt"), try load(folder, "trials_to_test.txt"))
  }

  private static func load(_ folder: URL, _ list: String) throws -> LabelledEvents {
    let url = folder.appendingPathComponent(list)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw CajalError("cannot read \(url.path)")
    }
    let names = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    let parts = try parallelMap(
      names.count, throwing: { try recording(folder.appendingPathComponent(names[$0])) })
    return try LabelledEvents(
      name: "dvs-gesture", samples: parts.flatMap(\.samples), labels: parts.flatMap(\.labels),
      classNames: classNames,
      fingerprint: Fingerprint.of(Data(parts.map(\.fingerprint).joined(separator: "\n").utf8)))
  }
}
