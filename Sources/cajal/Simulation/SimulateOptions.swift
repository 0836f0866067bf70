import Foundation
import Neurons
import Recordings
import Support

/// The options of `cajal simulate`, checked.
struct SimulateOptions {
  let url: URL
  let threads: Int?
  let folder: URL?
  let format: String
  let printsJSON: Bool
  let command: String
  private let duration: Time?
  private let arguments: Arguments

  init(_ arguments: Arguments) throws {
    self.arguments = arguments
    url = URL(fileURLWithPath: arguments.operands[0])
    threads = try arguments.value("threads").map { text in
      guard let count = Int(text), (1...1024).contains(count) else {
        throw UsageError("--threads is '\(text)', expected a whole number from 1 to 1024")
      }
      return count
    }
    folder = arguments.value("out").map { URL(fileURLWithPath: $0) }
    format = arguments.value("format") ?? "npz"
    printsJSON = arguments.has("json")
    duration = try Self.time("duration", arguments)
    command = (["cajal simulate"] + CommandLine.arguments.dropFirst(2)).joined(separator: " ")
  }

  /// The network, and how long to simulate it.
  func read() throws -> (file: NetworkFile, duration: Time) {
    var options = NetworkFile.Options()
    options.seed = try arguments.value("seed").map { text in
      guard let seed = UInt64(text) else {
        throw UsageError("--seed is '\(text)', expected a whole number from 0")
      }
      return seed
    }
    options.precision = arguments.value("precision").flatMap { Precision(rawValue: $0) }
    options.step = try Self.time("step", arguments)
    if options.step != nil, url.pathExtension.lowercased() != "nir" {
      throw UsageError("--step is for NIR files; \(url.lastPathComponent) says its own step")
    }
    for text in arguments.all("data") { try add(text, to: &options) }
    let file = try NetworkFile(contentsOf: url, options)
    let given = duration ?? file.duration ?? lastSpike(options)
    guard let given else {
      throw UsageError("how long? \(url.lastPathComponent) does not say: --duration 1s")
    }
    return (file, given)
  }

  private func add(_ text: String, to options: inout NetworkFile.Options) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    // A file whose name holds an equals sign is a file.
    guard parts.count == 2, !FileManager.default.fileExists(atPath: text) else {
      guard options.onlySpikes == nil, options.spikes.isEmpty else {
        throw UsageError(
          "--data without a name stands alone; with several sources, name them: --data NAME=FILE")
      }
      options.onlySpikes = try RecordingFile.readSpikes(URL(fileURLWithPath: text))
      return
    }
    guard options.spikes[parts[0]] == nil, options.onlySpikes == nil else {
      throw UsageError("--data gives spikes for '\(parts[0])' twice")
    }
    options.spikes[parts[0]] = try RecordingFile.readSpikes(URL(fileURLWithPath: parts[1]))
  }

  /// Where nothing is said: as long as there are spikes to be played.
  private func lastSpike(_ options: NetworkFile.Options) -> Time? {
    let trains = [options.onlySpikes].compactMap { $0 } + options.spikes.values
    return trains.compactMap { $0.support.span?.end }.max().map { Time($0 * 1000) }
  }

  /// `500ms`, `2 s`; a number alone is seconds, as elsewhere on the command line.
  private static func time(_ name: String, _ arguments: Arguments) throws -> Time? {
    guard let text = arguments.value(name) else { return nil }
    let units: [(String, Double)] = [("us", 1e-3), ("ms", 1), ("min", 6e4), ("s", 1e3), ("", 1e3)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      let number = text.dropLast(unit.count).trimmingCharacters(in: .whitespaces)
      guard let value = Double(number), value > 0, value.isFinite else { break }
      return Time(value * factor)
    }
    throw UsageError("--\(name) is '\(text)', expected a time such as 500ms or 2s")
  }
}
