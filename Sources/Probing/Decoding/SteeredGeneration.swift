import Models
import Support
import Tensors

extension Decoder {
  /// The likeliest continuations of texts, each while its own clamps hold at every position of it and of what is generated.
  ///
  /// - Parameters:
  ///   - stops: Tokens that end a text; they are not part of the result.
  ///   - count: The most tokens that are made of each.
  ///   - afterToken: Told after each step how many there were; an error of it ends the work.
  public func steeredGenerations(
    _ trials: [ClampTrial], stops: Set<Int> = [], count: Int, afterToken: (Int) throws -> Void = { _ in }
  ) rethrows -> [[Int]] {
    var texts = trials
    var isOpen = [Bool](repeating: true, count: trials.count)
    for step in 0..<count {
      let open = texts.indices.filter { isOpen[$0] }
      guard !open.isEmpty else { break }
      let next = clampedLogits(open.map { texts[$0] }, tokensPerBatch: 1_024) { _ in }.argmax(axis: -1)
        .integers
      for (index, token) in zip(open, next) {
        if stops.contains(token) { isOpen[index] = false } else { texts[index].prompt.append(token) }
      }
      try afterToken(step + 1)
    }
    return zip(texts, trials).map { Array($0.prompt[$1.prompt.count...]) }
  }
}
