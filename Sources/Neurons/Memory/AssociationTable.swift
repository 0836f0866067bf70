/// A software dictionary from cues to contents: what a ``ContentAddressableMemory`` should answer.
public struct AssociationTable: Sendable, Equatable {
  public typealias Operation = ContentAddressableMemory.Operation

  /// By cue, ascending bits.
  public private(set) var contents: [Int: [Int]] = [:]

  public init() {}

  public mutating func learn(cue: Int, content: [Int]) { contents[cue] = Set(content).sorted() }

  /// Empty for a cue that holds nothing.
  public func content(of cue: Int) -> [Int] { contents[cue] ?? [] }

  /// The cues whose content holds any of these bits, ascending.
  public func cues(withAny bits: [Int]) -> [Int] {
    let bits = Set(bits)
    return contents.filter { !bits.isDisjoint(with: $0.value) }.keys.sorted()
  }

  /// The cues whose content holds all of these bits, ascending.
  public func cues(withAll bits: [Int]) -> [Int] {
    let bits = Set(bits)
    return contents.filter { bits.isSubset(of: $0.value) }.keys.sorted()
  }

  /// What should be recalled; for learning the content itself.
  public func expected(_ operation: Operation) -> [Int] {
    switch operation {
    case .learn(_, let content): Set(content).sorted()
    case .recallByCue(let cue): content(of: cue)
    case .recallByContent(let bits): cues(withAny: bits)
    }
  }

  /// Answers with what each of them should have been, in order: what is learnt on the way counts from then on.
  public mutating func grade(_ answers: [ContentAddressableMemory.Answer]) -> [GradedAnswer] {
    answers.map { answer in
      if case .learn(let cue, let content) = answer.operation { learn(cue: cue, content: content) }
      return GradedAnswer(answer: answer, expected: expected(answer.operation))
    }
  }
}

/// An answer beside what it should have been.
public struct GradedAnswer: Sendable, Equatable {
  public let answer: ContentAddressableMemory.Answer
  /// Ascending.
  public let expected: [Int]

  /// What should have been recalled and was not.
  public var missed: [Int] {
    let recalled = Set(answer.recalled)
    return expected.filter { !recalled.contains($0) }
  }
  /// What was recalled and should not have been.
  public var surplus: [Int] {
    let expected = Set(expected)
    return answer.recalled.filter { !expected.contains($0) }
  }
  public var isExact: Bool { answer.recalled == expected }
}

/// How many answers were right.
public struct RecallScore: Sendable, Equatable {
  public var asked = 0
  /// Answers that are exactly what they should be.
  public var exact = 0
  /// Answers with output at any other time.
  public var unclean = 0
  /// Elements of all answers together: what there was to recall, what was missed, what came beyond.
  public var elements = 0
  public var missed = 0
  public var surplus = 0

  public init() {}

  public init(_ graded: [GradedAnswer]) {
    for one in graded {
      asked += 1
      exact += one.isExact ? 1 : 0
      unclean += one.answer.isClean ? 0 : 1
      elements += one.expected.count
      missed += one.missed.count
      surplus += one.surplus.count
    }
  }

  /// Not a number if nothing was asked.
  public var exactShare: Double { Double(exact) / Double(asked) }

  public static func + (a: Self, b: Self) -> Self {
    var sum = a
    sum.asked += b.asked
    sum.exact += b.exact
    sum.unclean += b.unclean
    sum.elements += b.elements
    sum.missed += b.missed
    sum.surplus += b.surplus
    return sum
  }
}
