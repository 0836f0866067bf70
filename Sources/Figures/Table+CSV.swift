import Foundation
import Support

extension Table {
  /// The table as comma-separated values (RFC 4180), numbers with all their digits.
  public var csv: String {
    let lines = [columns.map(CSVField.quoted)] + rows.map { $0.map(Self.field) }
    return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// Writes the table as CSV.
  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws { try AtomicFile.write(csv, to: url) }

  private static func field(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): CSVField.quoted(text)
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .missing: ""
    }
  }
}
