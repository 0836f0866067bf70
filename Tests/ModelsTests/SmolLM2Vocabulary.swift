import Datasets
import Foundation
import Models
import Support

/// The vocabulary of the real model, read by the plainest reader of GGUF's metadata.
enum SmolLM2Vocabulary {
  static let tokenizer: Result<BytePairTokenizer, any Error> = Result { try read() }

  private static func read() throws -> BytePairTokenizer {
    let data = PackagedData.smolLM2
    if !data.isPresent() { try data.fetch() }
    let file = try Data(contentsOf: data.url("SmolLM2-135M-Instruct.Q4_1.gguf"), options: .mappedIfSafe)
    return try file.withUnsafeBytes { bytes in
      var reader = Metadata(bytes: bytes, position: 16)
      let entries = Int(reader.take(UInt64.self))
      for _ in 0..<entries { reader.readEntry() }
      return try BytePairTokenizer(
        bytes: bytes, tokens: reader.strings["tokenizer.ggml.tokens"]!,
        merges: reader.strings["tokenizer.ggml.merges"]!, types: reader.numbers["tokenizer.ggml.token_type"]!,
        preTokenizer: .smollm,
        special: .init(beginning: 1, end: 2, unknown: 0, padding: 2))
    }
  }

  private struct Metadata {
    let bytes: UnsafeRawBufferPointer
    var position: Int
    var strings: [String: [Range<Int>]] = [:]
    var numbers: [String: [Int32]] = [:]

    mutating func take<Value: BitwiseCopyable>(_ type: Value.Type) -> Value {
      defer { position += MemoryLayout<Value>.size }
      return bytes.loadUnaligned(fromByteOffset: position, as: type)
    }

    mutating func takeString() -> Range<Int> {
      let count = Int(take(UInt64.self))
      defer { position += count }
      return position..<position + count
    }

    mutating func readEntry() {
      let key = String(decoding: bytes[takeString()], as: UTF8.self)
      let type = take(UInt32.self)
      guard type == 9 else { return skip(type) }
      let element = take(UInt32.self)
      let count = Int(take(UInt64.self))
      switch element {
      case 8: strings[key] = (0..<count).map { _ in takeString() }
      case 5: numbers[key] = (0..<count).map { _ in take(Int32.self) }
      default: for _ in 0..<count { skip(element) }
      }
    }

    mutating func skip(_ type: UInt32) {
      switch type {
      case 0, 1, 7: position += 1
      case 2, 3: position += 2
      case 8: _ = takeString()
      case 10, 11, 12: position += 8
      default: position += 4
      }
    }
  }
}
