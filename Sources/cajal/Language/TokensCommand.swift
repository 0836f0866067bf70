import Foundation
import Models
import Support

/// `cajal tokens`
enum TokensCommand {
  private struct Row: Encodable {
    let id: Int
    let text: String
    /// The bytes in hexadecimal digits, where they are a part of a character only.
    let bytes: String?
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    let text =
      arguments.operands.isEmpty ? try standardInput() : arguments.operands.joined(separator: " ")
    let tokenizer = try BytePairTokenizer(modelAt: ModelArguments.url(arguments))
    let rows = tokenizer.encode(text).map { id in
      let bytes = tokenizer.bytes(of: id)
      let isWhole = String(validating: bytes, as: UTF8.self) != nil
      return Row(
        id: id, text: String(decoding: bytes, as: UTF8.self),
        bytes: isWhole ? nil : bytes.map { String(format: "%02x", $0) }.joined(separator: " "))
    }
    if arguments.has("json") {
      try printJSON(rows)
    } else {
      let width = rows.map { "\($0.id)".count }.max() ?? 0
      for row in rows {
        print("\(pad("\(row.id)", width))  \(row.bytes ?? "'\(ModelArguments.visible(row.text))'")")
      }
      say("\(rows.count) tokens of \(text.utf8.count) bytes")
    }
    return 0
  }

  private static func standardInput() throws -> String {
    let data = FileHandle.standardInput.readDataToEndOfFile()
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CajalError("the standard input is no UTF-8 text")
    }
    return text
  }
}
