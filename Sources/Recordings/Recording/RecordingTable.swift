import Support

/// The few rules of CSV that are needed: commas, and quotation marks around what holds one.
enum RecordingTable {
  static func line(_ fields: [String]) -> String {
    fields.map(CSVField.quoted).joined(separator: ",") + "\n"
  }

  static func rows(_ text: String) -> [[String]] {
    var (rows, row, field): ([[String]], [String], [UInt8]) = ([], [], [])
    var (isQuoted, wasQuote) = (false, false)
    func end() {
      row.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    for byte in text.utf8 {
      if isQuoted {
        guard byte == UInt8(ascii: "\"") else {
          field.append(byte)
          continue
        }
        (isQuoted, wasQuote) = (false, true)
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        if wasQuote { field.append(byte) }
        isQuoted = true
      case UInt8(ascii: ","): end()
      case UInt8(ascii: "\n"):
        end()
        rows.append(row)
        row = []
      default: field.append(byte)
      }
      wasQuote = false
    }
    return rows
  }
}
