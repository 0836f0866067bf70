import Foundation
import Support

/// Reads a user's binary matrix: one line a sample, one column a cell, every entry 0 or 1.
///
/// Columns are separated by commas, semicolons, tabs or spaces; a first line of names is skipped, and so are empty
/// lines.
public enum BinaryMatrixFile {
  /// - Throws: `CajalError` naming the file, the line and the column of what is wrong.
  public static func read(_ path: String) throws -> [SDR] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CajalError("cannot read \(path)")
    }
    let lines = [UInt8](data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var samples: [SDR] = []
    var cells: Int?
    for (number, line) in lines.enumerated() {
      let fields = split(line)
      if fields.isEmpty { continue }
      if cells == nil, fields.allSatisfy({ Double(text($0)) == nil }) {
        cells = fields.count
        continue
      }
      if let cells, fields.count != cells {
        throw CajalError("\(path), line \(number + 1): \(fields.count) columns where \(cells) were expected")
      }
      cells = fields.count
      samples.append(SDR(cells: try values(fields, path, number + 1)))
    }
    guard !samples.isEmpty else { throw CajalError("\(path) holds no samples") }
    return samples
  }

  private static let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: trimmed(field), as: UTF8.self)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = bytes.firstIndex(where: { !blanks.contains($0) }),
      let last = bytes.lastIndex(where: { !blanks.contains($0) })
    else { return [] }
    return bytes[first...last]
  }

  private static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let line = trimmed(line)
    if line.isEmpty { return [] }
    for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] where line.contains(separator)
    {
      return line.split(separator: separator, omittingEmptySubsequences: false)
    }
    return line.split(separator: UInt8(ascii: " "))
  }

  private static func values(_ fields: [ArraySlice<UInt8>], _ path: String, _ line: Int) throws -> [UInt8] {
    try fields.enumerated().map { column, field in
      if field.count == 1, let byte = field.first, byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") {
        return byte & 1
      }
      switch Double(text(field)) {
      case 0: return 0
      case 1: return 1
      default:
        throw CajalError("\(path), line \(line), column \(column + 1): '\(text(field))' is neither 0 nor 1")
      }
    }
  }
}
