/// How numbers are stored in a GGUF file: plainly, or in blocks of a few bits that share a scale.
///
/// Raw values are the format's type numbers. Layouts as in the GGML reference: d and m are half floats.
public enum BlockFormat: UInt32, Sendable, CaseIterable, CustomStringConvertible {
  case f32 = 0
  case f16 = 1
  case q4 = 2
  case q4Offset = 3
  case q5 = 6
  case q5Offset = 7
  case q8 = 8
  case q4K = 12
  case q5K = 13
  case q6K = 14
  case bf16 = 30

  /// Elements of a block.
  public var elements: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q4, .q4Offset, .q5, .q5Offset, .q8: 32
    case .q4K, .q5K, .q6K: 256
    }
  }

  /// Bytes of a block.
  public var width: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q4: 18
    case .q4Offset: 20
    case .q5: 22
    case .q5Offset: 24
    case .q8: 34
    case .q4K: 144
    case .q5K: 176
    case .q6K: 210
    }
  }

  /// Bytes that `count` elements take.
  public func bytes(_ count: Int) -> Int { count / elements * width }

  public var description: String { Self.name(of: rawValue) }

  static func name(of code: UInt32) -> String {
    let names = [
      "F32", "F16", "Q4_0", "Q4_1", "Q4_2", "Q4_3", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K",
      "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS",
      "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16",
    ]
    return code < names.count ? names[Int(code)] : "unknown"
  }
}
