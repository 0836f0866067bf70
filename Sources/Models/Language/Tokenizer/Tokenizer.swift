/// Text as whole numbers and back.
public protocol Tokenizer: Sendable {
  /// How many different tokens there are.
  var vocabularySize: Int { get }
  /// The tokens of a text; special tokens written in it count as such.
  func encode(_ text: String) -> [Int]
  /// The bytes that a token stands for; they may be a part of a character.
  func bytes(of token: Int) -> [UInt8]
}

extension Tokenizer {
  /// The text of tokens; bytes that are no UTF-8 become U+FFFD.
  public func decode(_ tokens: [Int]) -> String { String(decoding: tokens.flatMap(bytes), as: UTF8.self) }
}

/// Every byte is a token: 256 of them.
public struct ByteTokenizer: Tokenizer {
  public init() {}
  public var vocabularySize: Int { 256 }
  public func encode(_ text: String) -> [Int] { text.utf8.map(Int.init) }
  public func bytes(of token: Int) -> [UInt8] {
    precondition((0..<256).contains(token), "token \(token) of 256 bytes")
    return [UInt8(token)]
  }
}
