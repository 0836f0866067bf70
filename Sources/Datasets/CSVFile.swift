import Foundation
import Support

/// Comma-separated values (RFC 4180): quoted fields, any line ending; tabs and semicolons are told by the first line.
public struct CSVFile: Sendable {
  public let path: String
  public let header: [String]
  /// The fields line by line, as many as in the header.
  public let rows: [[String]]
  /// The line of the first row.
  private let firstLine: Int

  /// - Parameter hasHeader: Whether the first line names the columns; else they are numbered from 1.
  /// - Throws: `CajalError` naming file and line of what is wrong.
  public init(contentsOf url: URL, hasHeader: Bool = true) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CajalError("\(url.path) is not UTF-8 text")
    }
    try self.init(text, path: url.path, hasHeader: hasHeader)
  }

  /// Reads text that stands in `path` from line `firstLine` on.
  init(_ text: String, path: String, hasHeader: Bool, firstLine: Int = 1) throws {
    self.path = path
    var lines = try Self.parse(text, path)
    guard let first = lines.first else { throw CajalError("\(path) is empty") }
    for (number, line) in lines.enumerated() where line.count != first.count {
      throw CajalError(
        "\(path), line \(number + firstLine): \(line.count) fields where \(first.count) were expected")
    }
    if hasHeader { lines.removeFirst() }
    self.firstLine = firstLine + (hasHeader ? 1 : 0)
    header = hasHeader ? first : first.indices.map { "\($0 + 1)" }
    rows = lines
  }

  private static func parse(_ text: String, _ path: String) throws -> [[String]] {
    let firstLine = text.prefix { !$0.isNewline }
    let separator: Character =
      firstLine.contains("\t") ? "\t" : firstLine.contains(";") && !firstLine.contains(",") ? ";" : ","
    var (lines, line, field) = ([[String]](), [String](), "")
    var quoted = false
    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      if quoted {
        if character != "\"" {
          field.append(character)
        } else if next == "\"" {
          field.append("\"")
          next = characters.next()
        } else {
          quoted = false
        }
      } else if character == "\"", field.isEmpty {
        quoted = true
      } else if character == separator {
        line.append(field)
        field = ""
      } else if character.isNewline {
        if !line.isEmpty || !field.isEmpty { lines.append(line + [field]) }
        (line, field) = ([], "")
      } else {
        field.append(character)
      }
    }
    guard !quoted else { throw CajalError("\(path), line \(lines.count + 1): a quotation without end") }
    if !line.isEmpty || !field.isEmpty { lines.append(line + [field]) }
    return lines
  }

  /// The numbers of every row, of all columns or the given ones.
  ///
  /// - Throws: `CajalError` naming file, line and column of what is no number.
  public func numbers(columns: [Int]? = nil) throws -> [[Double]] {
    try rows.enumerated().map { number, row in
      try (columns ?? Array(row.indices)).map { column in
        guard let value = Double(row[column].trimmingCharacters(in: .whitespaces)) else {
          throw CajalError(
            "\(path), line \(number + firstLine), column \(header[column]): '\(row[column])' is no number")
        }
        return value
      }
    }
  }
}
