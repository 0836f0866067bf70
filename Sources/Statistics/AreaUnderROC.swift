import Support
import Tensors

extension RankedResponses {
  /// The probability that a positive sample has the higher response than a negative one, equal responses counting half: N
  /// areas under the receiver operating characteristic, 0.5 for a neuron that tells nothing.
  ///
  /// It is scikit-learn's `roc_auc_score`; for negated responses it is one minus that.
  ///
  /// - Throws: `CajalError` unless there are S labels, of both kinds.
  public func areaUnderROC(_ labels: [Bool]) throws -> [Double] {
    let positives = labels.count { $0 }
    let pairs = Double(positives) * Double(samples - positives)
    return try map(labels) { order, labels in
      // In halves of pairs, to stay with whole numbers.
      var (wins, above, here) = (0, 0, (positives: 0, negatives: 0))
      for entry in order {
        let label = Int(labels[Int(entry >> 1)])
        here.positives += label
        here.negatives += 1 - label
        guard entry & 1 == 1 else { continue }
        wins += here.negatives * (2 * above + here.positives)
        above += here.positives
        here = (0, 0)
      }
      return Double(wins) / 2 / pairs
    }
  }
}

/// The area under the receiver operating characteristic of scores `[S]` for labels `[S]`.
///
/// - Throws: `CajalError` unless there are as many labels as scores, of both kinds.
public func areaUnderROC(scores: [Double], labels: [Bool]) throws -> Double {
  try RankedResponses(Tensor(scores, shape: [scores.count, 1])).areaUnderROC(labels)[0]
}
