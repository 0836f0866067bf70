import Foundation
import Support

extension Table {
  /// Writes the table as CSV (RFC 4180).
  public func write(to url: URL) throws {
    try AtomicFile.write(columns.joined(separator: ","), to: url)
  }
}
