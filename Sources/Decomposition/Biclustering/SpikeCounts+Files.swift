import Foundation
import Support

extension SpikeCounts {
  /// Reads counts from comma-separated values: a table of counts, a neuron in each row and a bin in each column, or
  /// spike times with the columns `unit,time_s` under a head of those names.
  ///
  /// - Parameters:
  ///   - path: What to call it in messages.
  ///   - binWidth: In seconds; spikes are counted in bins of it, a table of counts is taken to be in them.
  /// - Throws: `CajalError` naming path and line of what is neither.
  public init(csv text: String, path: String, binWidth: Double) throws {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let head = lines.first else { throw CajalError("\(path) is empty") }
    let names = head.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    if let unit = names.firstIndex(of: "unit"), let time = names.firstIndex(where: { $0.hasPrefix("time") }) {
      try self.init(
        spikeTimes: Self.spikeTimes(lines.dropFirst(), unit, time, names.count, path), binWidth: binWidth)
      return
    }
    var rows: [[Int]] = []
    for (number, line) in lines.enumerated() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let values = fields.compactMap { field -> Int? in
        let text = field.trimmingCharacters(in: .whitespaces)
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
      }
      guard values.count == fields.count else {
        throw CajalError(
          "\(path), line \(number + 1): counts, or a head with 'unit' and 'time_s' for spike times, were expected"
        )
      }
      rows.append(values)
    }
    do { try self.init(rows, binWidth: binWidth) } catch let error as CajalError {
      throw CajalError("\(path): \(error.message)")
    }
  }

  /// Reads a file of either kind.
  public init(contentsOf url: URL, binWidth: Double) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    guard let text = String(data: data, encoding: .utf8) else { throw CajalError("\(url.path) is not text") }
    try self.init(csv: text, path: url.path, binWidth: binWidth)
  }

  private static func spikeTimes(
    _ lines: ArraySlice<Substring>, _ unit: Int, _ time: Int, _ columns: Int, _ path: String
  ) throws -> [[Double]] {
    var times: [Int: [Double]] = [:]
    for (index, line) in zip(lines.indices, lines) {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == columns, let name = Int(fields[unit].trimmingCharacters(in: .whitespaces)),
        name >= 0,
        let second = Double(fields[time].trimmingCharacters(in: .whitespaces)), second.isFinite, second >= 0
      else { throw CajalError("\(path), line \(index + 1): a unit and a time in seconds were expected") }
      times[name, default: []].append(second)
    }
    return times.keys.sorted().map { times[$0]! }
  }
}
