import Foundation
import Support

/// A table of results: shown in the report, kept as CSV.
public struct Table: Sendable, Codable, Equatable {
  public enum Cell: Sendable, Codable, Equatable {
    case text(String)
    case number(Double)
    case integer(Int)
    case missing
  }

  /// The file name without extension: lower case, words joined by hyphens.
  public var name: String
  /// One sentence above the table.
  public var caption: String
  /// Column heads, units in parentheses.
  public var columns: [String]
  public var rows: [[Cell]]

  public init(name: String, caption: String, columns: [String], rows: [[Cell]] = []) {
    self.name = name
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// Adds a row of as many cells as there are columns.
  public mutating func append(_ row: [Cell]) {
    precondition(
      row.count == columns.count, "row of \(row.count) cells in a table of \(columns.count) columns")
    rows.append(row)
  }
}

extension Table.Cell: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
}
