import Support
import Tensors

/// Strings of a fixed beginning and a random word that is said again and again: surprise in the first word, none afterwards.
public struct RepeatedWords: Sendable, Equatable {
  /// Letters, 0..<letters.
  public var letters = 26
  /// The letters that every string begins with.
  public var beginning: [Int] = Array(0..<13)
  public var wordLength = 8
  public var repetitions = 8

  public init() {}

  /// Letters of a string.
  public var length: Int { beginning.count + wordLength * repetitions }

  public func string(using generator: inout RandomGenerator) -> [Int] {
    let word = (0..<wordLength).map { _ in generator.integer(below: letters) }
    return beginning + (0..<repetitions).flatMap { _ in word }
  }

  /// Rows `[count, length]`, one string each, and the first letter of the next string behind it: to learn from.
  public func rows(_ count: Int, using generator: inout RandomGenerator) -> Tensor {
    let values = (0..<count).flatMap { _ in string(using: &generator) + [beginning[0]] }
    return Tensor(values, shape: [count, length + 1])
  }

  /// Which time the letter at a position says its part of the word, from 0; nil in the beginning.
  public func repetition(at position: Int) -> Int? {
    position < beginning.count ? nil : (position - beginning.count) / wordLength
  }
}
