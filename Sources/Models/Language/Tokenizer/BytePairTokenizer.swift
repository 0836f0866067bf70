import Support

/// Byte-level byte-pair encoding (Sennrich et al., 2016; Radford et al., 2019): the bytes of a piece of text are joined,
/// pair by pair, in the order in which the merges were learned.
///
/// Bytes that the vocabulary has no token for are dropped, as the common library does. A special token written in a text
/// becomes its one token, the longest where several fit.
public struct BytePairTokenizer: Tokenizer {
  /// The tokens that a model gives a role to.
  public struct SpecialTokens: Sendable, Equatable {
    /// What a text begins with.
    public var beginning: Int?
    /// What a text, or a turn of a conversation, ends with.
    public var end: Int?
    /// What stands for text that has no token; no text is encoded so here.
    public var unknown: Int?
    /// What fills up shorter texts of a batch.
    public var padding: Int?
    /// Whether a text begins with the token `beginning`.
    public var addsBeginning: Bool

    public init(
      beginning: Int? = nil, end: Int? = nil, unknown: Int? = nil, padding: Int? = nil,
      addsBeginning: Bool = false
    ) {
      self.beginning = beginning
      self.end = end
      self.unknown = unknown
      self.padding = padding
      self.addsBeginning = addsBeginning
    }
  }

  /// The tokens with a role.
  public let special: SpecialTokens
  /// How texts are cut before bytes are joined.
  public let preTokenizer: PreTokenizer
  /// Whether a piece that is a token as a whole is taken so, whatever the merges say (Llama 3).
  public let ignoresMergesOfWholePieces: Bool
  /// Whether texts are brought to Unicode's normal form C first (Qwen 2).
  public let normalizes: Bool
  /// The bytes of every token.
  let strings: ByteStrings
  /// The tokens that are not special, by their bytes.
  let table: ByteStringTable
  let merges: MergeTable
  /// The token of each byte, or -1.
  let tokenOfByte: [Int32]
  let specialStrings: SpecialStrings
  private let controls: Set<Int>

  /// - Parameters:
  ///   - bytes: What the ranges lie in, a mapped file say; it is not needed afterwards.
  ///   - tokens: Where the tokens stand, in GPT-2's alphabet for bytes, special ones as they are written.
  ///   - merges: Where the merges stand, as `left right`, the earliest first.
  ///   - types: The kind of each token as in GGUF (1 normal, 3 control, 4 of a user; a text's special tokens are those of
  ///     the latter two); all are normal if it is empty.
  /// - Throws: `CajalError` when lengths disagree, or naming a merge of tokens that are not in the vocabulary.
  public init(
    bytes: UnsafeRawBufferPointer, tokens: [Range<Int>], merges: [Range<Int>], types: [Int32] = [],
    preTokenizer: PreTokenizer, special: SpecialTokens = SpecialTokens(),
    ignoresMergesOfWholePieces: Bool = false, normalizes: Bool = false
  ) throws {
    let bytes = bytes.bindMemory(to: UInt8.self)
    guard types.isEmpty || types.count == tokens.count else {
      throw CajalError("a vocabulary of \(tokens.count) tokens has \(types.count) token types")
    }
    for range in tokens + merges where range.lowerBound < 0 || range.upperBound > bytes.count {
      throw CajalError("a vocabulary reaches byte \(range.upperBound) of \(bytes.count)")
    }
    for case let token? in [special.beginning, special.end, special.unknown, special.padding]
    where !tokens.indices.contains(token) {
      throw CajalError("the special token \(token) is none of the \(tokens.count) tokens")
    }
    let isSpecial = types.map { $0 == 3 || $0 == 4 }
    strings = Self.strings(bytes, tokens, isSpecial)
    table = Self.table(strings, isSpecial)
    tokenOfByte = Self.tokensOfBytes(strings, table)
    self.merges = try Self.merges(bytes, merges, strings, table)
    specialStrings = SpecialStrings(isSpecial.indices.filter { isSpecial[$0] }, strings)
    controls = Set(types.indices.filter { types[$0] == 3 })
    self.special = special
    self.preTokenizer = preTokenizer
    self.ignoresMergesOfWholePieces = ignoresMergesOfWholePieces
    self.normalizes = normalizes
  }

  /// As above, from strings.
  public init(
    tokens: [String], merges: [String], types: [Int32] = [], preTokenizer: PreTokenizer,
    special: SpecialTokens = SpecialTokens(), ignoresMergesOfWholePieces: Bool = false,
    normalizes: Bool = false
  ) throws {
    var bytes: [UInt8] = []
    func ranges(_ strings: [String]) -> [Range<Int>] {
      strings.map { string in
        let start = bytes.count
        bytes.append(contentsOf: string.utf8)
        return start..<bytes.count
      }
    }
    let (tokenRanges, mergeRanges) = (ranges(tokens), ranges(merges))
    self = try bytes.withUnsafeBytes {
      try BytePairTokenizer(
        bytes: $0, tokens: tokenRanges, merges: mergeRanges, types: types, preTokenizer: preTokenizer,
        special: special, ignoresMergesOfWholePieces: ignoresMergesOfWholePieces, normalizes: normalizes)
    }
  }

  public var vocabularySize: Int { strings.count }

  public func bytes(of token: Int) -> [UInt8] {
    precondition((0..<vocabularySize).contains(token), "token \(token) of \(vocabularySize)")
    return Array(strings.bytes(of: token))
  }

  /// Whether a token steers the model instead of standing for text.
  public func isControl(_ token: Int) -> Bool { controls.contains(token) }

  /// The one token that is written so, `<|im_end|>` or ` Paris` say.
  public func token(_ text: String) -> Int? {
    var text = text
    return text.withUTF8 { bytes in
      if let (token, length) = specialStrings.match(bytes, at: 0), length == bytes.count { return token }
      return strings.withView { table.find(bytes, in: $0) }
    }
  }
}

// MARK: - Making the tables

extension BytePairTokenizer {
  private static func strings(
    _ bytes: UnsafeBufferPointer<UInt8>, _ tokens: [Range<Int>], _ isSpecial: [Bool]
  ) -> ByteStrings {
    var strings = ByteStrings()
    strings.reserve(tokens.count, bytes: tokens.reduce(0) { $0 + $1.count })
    ByteAlphabet.byteOfScalar.withUnsafeBufferPointer { alphabet in
      for (token, range) in tokens.enumerated() {
        let written = UnsafeBufferPointer(rebasing: bytes[range])
        strings.append { target in
          let isText = isSpecial.isEmpty || !isSpecial[token]
          if isText, ByteAlphabet.appendBytes(of: written, to: &target, table: alphabet.baseAddress!) {
            return
          }
          target.append(contentsOf: written)
        }
      }
    }
    return strings
  }

  private static func table(_ strings: ByteStrings, _ isSpecial: [Bool]) -> ByteStringTable {
    var table = ByteStringTable(count: strings.count)
    strings.withView { view in
      for token in 0..<strings.count where isSpecial.isEmpty || !isSpecial[token] {
        table.insert(token, of: view)
      }
    }
    return table
  }

  private static func tokensOfBytes(_ strings: ByteStrings, _ table: ByteStringTable) -> [Int32] {
    strings.withView { view in
      (0..<256).map { byte in
        withUnsafePointer(to: UInt8(byte)) {
          Int32(table.find(UnsafeBufferPointer(start: $0, count: 1), in: view) ?? -1)
        }
      }
    }
  }

  private static func merges(
    _ bytes: UnsafeBufferPointer<UInt8>, _ ranges: [Range<Int>], _ strings: ByteStrings,
    _ table: ByteStringTable
  ) throws -> MergeTable {
    var merges = MergeTable(count: ranges.count)
    var joined: [UInt8] = []
    let alphabet = ByteAlphabet.byteOfScalar
    try strings.withView { view in
      for (rank, range) in ranges.enumerated() {
        let written = UnsafeBufferPointer(rebasing: bytes[range])
        func unknown() -> CajalError {
          CajalError(
            "merge \(rank), '\(String(decoding: written, as: UTF8.self))', is not of two tokens of the vocabulary"
              + " that make a third")
        }
        guard let space = written.firstIndex(of: UInt8(ascii: " ")), space > 0, space < written.count - 1
        else {
          throw unknown()
        }
        joined.removeAll(keepingCapacity: true)
        let left = UnsafeBufferPointer(rebasing: written[..<space])
        let right = UnsafeBufferPointer(rebasing: written[(space + 1)...])
        guard ByteAlphabet.appendBytes(of: left, to: &joined, table: alphabet) else { throw unknown() }
        let middle = joined.count
        guard ByteAlphabet.appendBytes(of: right, to: &joined, table: alphabet) else { throw unknown() }
        let found = joined.withUnsafeBufferPointer { all in
          (
            table.find(UnsafeBufferPointer(rebasing: all[..<middle]), in: view),
            table.find(UnsafeBufferPointer(rebasing: all[middle...]), in: view), table.find(all, in: view)
          )
        }
        guard case (let first?, let second?, let token?) = found else { throw unknown() }
        merges.insert(left: first, right: second, .init(rank: UInt32(rank), token: UInt32(token)))
      }
    }
    return merges
  }
}
