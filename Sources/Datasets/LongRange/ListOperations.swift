import Support

/// Nested operations on lists of digits (ListOps, Nangia and Bowman, 2018; in the lengths of the Long Range Arena): `[MAX 2 9 [MIN 4 7 ] 0 ]` is 9.
///
/// The answer hangs on tokens all over the sequence. Expressions are drawn as in the published generator and their values computed exactly.
public struct ListOperations: Sendable {
  public enum Token: UInt8, Sendable, CaseIterable {
    case zero, one, two, three, four, five, six, seven, eight, nine
    case minimum, maximum, median, sum, close

    public var text: String {
      switch self {
      case .minimum: "[MIN"
      case .maximum: "[MAX"
      case .median: "[MED"
      case .sum: "[SM"
      case .close: "]"
      default: "\(rawValue)"
      }
    }
  }

  /// Tokens of an expression, and what it is.
  public struct Expression: Sendable, Equatable {
    public let tokens: [Token]
    /// 0 to 9.
    public let value: Int
    public var text: String { tokens.map(\.text).joined(separator: " ") }

    public init(tokens: [Token], value: Int) { (self.tokens, self.value) = (tokens, value) }
  }

  public var lengths = 500...2000
  public var maximumDepth = 10
  public var maximumArguments = 10
  /// The probability that an argument is an operation.
  public var operationShare = 0.25

  public init() {}

  /// Draws expressions until one has a length within the range, and a depth of at least one operation.
  ///
  /// - Throws: `CajalError` when a hundred thousand draws give none.
  public func expression(using generator: inout RandomGenerator) throws -> Expression {
    for _ in 0..<100_000 {
      var tokens: [Token] = []
      guard draw(depth: 1, isRoot: true, into: &tokens, using: &generator),
        lengths.contains(tokens.count)
      else { continue }
      return Expression(tokens: tokens, value: try Self.value(of: tokens))
    }
    throw CajalError(
      "no expression of \(lengths.lowerBound) to \(lengths.upperBound) tokens with depth \(maximumDepth), \(maximumArguments) arguments and operations in \(operationShare) of the places"
    )
  }

  /// False when the expression has become too long.
  private func draw(
    depth: Int, isRoot: Bool, into tokens: inout [Token], using generator: inout RandomGenerator
  ) -> Bool {
    guard tokens.count < lengths.upperBound else { return false }
    guard isRoot || depth < maximumDepth && generator.uniform() < operationShare else {
      tokens.append(Token(rawValue: UInt8(generator.integer(below: 10)))!)
      return true
    }
    tokens.append(Token(rawValue: Token.minimum.rawValue + UInt8(generator.integer(below: 4)))!)
    for _ in 0..<2 + generator.integer(below: max(1, maximumArguments - 1)) {
      guard draw(depth: depth + 1, isRoot: false, into: &tokens, using: &generator) else { return false }
    }
    tokens.append(.close)
    return true
  }

  /// The value of an expression: minimum, maximum, median (rounded down) or sum modulo ten, from the inside out.
  ///
  /// - Throws: `CajalError` naming the token at which the expression is broken.
  public static func value(of tokens: [Token]) throws -> Int {
    var stack: [(operation: Token, values: [Int])] = []
    for (place, token) in tokens.enumerated() {
      var value: Int
      switch token {
      case .minimum, .maximum, .median, .sum:
        stack.append((token, []))
        continue
      case .close:
        guard let top = stack.popLast(), !top.values.isEmpty else {
          throw CajalError("token \(place) closes no operation with arguments")
        }
        value = apply(top.operation, top.values)
      default: value = Int(token.rawValue)
      }
      if stack.isEmpty {
        guard place == tokens.count - 1 else {
          throw CajalError("token \(place) ends the expression too early")
        }
        return value
      }
      stack[stack.count - 1].values.append(value)
    }
    throw CajalError("\(stack.count) operations are not closed")
  }

  private static func apply(_ operation: Token, _ values: [Int]) -> Int {
    switch operation {
    case .minimum: return values.min()!
    case .maximum: return values.max()!
    case .sum: return values.reduce(0, +) % 10
    default:
      let sorted = values.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
  }

  /// Reads an expression from text.
  ///
  /// - Throws: `CajalError` naming the word that is no token.
  public static func tokens(_ text: String) throws -> [Token] {
    try text.split(separator: " ").map { word in
      guard let token = Token.allCases.first(where: { $0.text == word }) else {
        throw CajalError("'\(word)' is no token of list operations")
      }
      return token
    }
  }
}
