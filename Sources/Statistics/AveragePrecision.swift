import Support
import Tensors

extension RankedResponses {
  /// How purely each neuron ranks the positive samples first: N average precisions in 0...1.
  ///
  /// The precision at each distinct response, weighted by the recall that it adds; equal responses enter together. A neuron that
  /// tells nothing has the share of the positives. It is scikit-learn's `average_precision_score`, and the expertise of
  /// Suau et al. (2020).
  ///
  /// - Parameters:
  ///   - labels: Whether each sample is positive, `[S]`.
  ///   - direction: `.low` ranks by the negated response.
  /// - Throws: `CajalError` unless there are S labels, of both kinds.
  public func averagePrecision(_ labels: [Bool], _ direction: ResponseDirection = .high) throws -> [Double] {
    let positives = labels.count { $0 }
    return try map(labels) { order, labels in
      direction == .high
        ? Self.averagePrecision(order, labels, positives)
        : Self.averagePrecisionFromBelow(order, labels, positives)
    }
  }

  private static func averagePrecision(
    _ order: UnsafeBufferPointer<UInt32>, _ labels: UnsafePointer<UInt8>, _ positives: Int
  ) -> Double {
    var (found, counted, sum) = (0, 0, 0.0)
    for rank in order.indices {
      found += Int(labels[Int(order[rank] >> 1)])
      guard order[rank] & 1 == 1, found > counted else { continue }
      sum += Double(found - counted) * Double(found) / Double(rank + 1)
      counted = found
    }
    return sum / Double(positives)
  }

  /// As the one above for negated responses: equal ones end where the next higher rank says so.
  private static func averagePrecisionFromBelow(
    _ order: UnsafeBufferPointer<UInt32>, _ labels: UnsafePointer<UInt8>, _ positives: Int
  ) -> Double {
    var (found, counted, sum) = (0, 0, 0.0)
    for rank in order.indices.reversed() {
      found += Int(labels[Int(order[rank] >> 1)])
      guard rank == 0 || order[rank - 1] & 1 == 1, found > counted else { continue }
      sum += Double(found - counted) * Double(found) / Double(order.count - rank)
      counted = found
    }
    return sum / Double(positives)
  }
}

/// The average precision of scores `[S]` for labels `[S]`; ``RankedResponses/averagePrecision(_:_:)`` for many neurons.
///
/// - Throws: `CajalError` unless there are as many labels as scores, of both kinds.
public func averagePrecision(scores: [Double], labels: [Bool]) throws -> Double {
  try RankedResponses(Tensor(scores, shape: [scores.count, 1])).averagePrecision(labels)[0]
}
