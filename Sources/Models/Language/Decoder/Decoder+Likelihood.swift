import Support
import Tensors

extension Decoder {
  /// Texts as one tensor `[B, T]`, filled up with token 0 on the right.
  ///
  /// - Precondition: No text is empty.
  public static func batch(_ texts: [[Int]]) -> Tensor {
    let length = texts.map(\.count).max() ?? 0
    precondition(texts.allSatisfy { !$0.isEmpty }, "a text without tokens")
    return Tensor(
      texts.flatMap { $0 + [Int](repeating: 0, count: length - $0.count) }, shape: [texts.count, length])
  }

  /// The logits `[B, V]` after the last token of each text. Instruments attached by the caller act.
  public func lastLogits(_ texts: [[Int]]) -> Tensor {
    let hidden = hidden(Self.batch(texts))
    let rows = texts.enumerated().map { hidden[$0, $1.count - 1] }
    return logits(Tensor.stacked(rows))
  }

  /// The natural logarithm of the probability of every token but the first, given those before it.
  ///
  /// Texts are run `batchTokens` tokens at a time, those of similar length together; results stand in the order given.
  /// Instruments attached by the caller see the batches as they come.
  public func logLikelihoods(_ texts: [[Int]], batchTokens: Int = 2_048) -> [[Double]] {
    withoutGradients {
      var results = [[Double]](repeating: [], count: texts.count)
      for group in Self.groups(texts.map(\.count), tokens: batchTokens) {
        let hidden = hidden(Self.batch(group.map { texts[$0] }))
        for (row, index) in group.enumerated() where texts[index].count > 1 {
          let text = texts[index]
          results[index] = logLikelihoods(hidden[row], of: Array(text.dropFirst()))
        }
      }
      return results
    }
  }

  /// As many logits at a time as fit a few dozen megabytes.
  private func logLikelihoods(_ hidden: Tensor, of targets: [Int]) -> [Double] {
    stride(from: 0, to: targets.count, by: 256).flatMap { start in
      let end = min(start + 256, targets.count)
      let logits = logits(hidden.narrowed(0, from: start, to: end))
      let chosen = Tensor(Array(targets[start..<end]))
      return logits.crossEntropy(chosen, reduction: .none).doubles.map { -$0 }
    }
  }

  /// Positions of texts to run together, by length so that little is padded; at least one a group.
  public static func groups(_ lengths: [Int], tokens: Int) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var groups: [[Int]] = []
    for index in order {
      if let last = groups.last, (last.count + 1) * lengths[index] <= tokens {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }
}
