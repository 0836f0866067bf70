import Support
import Tensors

/// Positions of `scores` from the highest down.
///
/// - Parameters:
///   - tieBreak: Among equal scores the higher of these comes first; the lower position where they are equal too, or nil.
///   - count: How many are wanted; all if nil.
public func ranking(_ scores: [Double], tieBreak: [Double]? = nil, count: Int? = nil) -> [Int] {
  precondition(
    tieBreak.map { $0.count == scores.count } ?? true,
    "\(tieBreak?.count ?? 0) tie breaks for \(scores.count) scores")
  let order = scores.indices.sorted { a, b in
    if scores[a] != scores[b] { return scores[a] > scores[b] }
    if let tieBreak, tieBreak[a] != tieBreak[b] { return tieBreak[a] > tieBreak[b] }
    return a < b
  }
  return Array(order.prefix(count ?? order.count))
}

/// How far the positive samples lie apart from the negative ones, by neuron: (smallest positive response - largest negative
/// one) / standard deviation over all samples; N numbers.
///
/// Positive only where a threshold tells the two apart without error. With few samples hundreds of neurons do so and have the same
/// average precision; this says which of them do it widely.
///
/// - Parameters:
///   - responses: `[S, N]`
///   - labels: Whether each sample is positive, `[S]`.
///   - direction: `.low` measures negated responses.
/// - Throws: `CajalError` unless there are S labels, of both kinds.
public func rankingMargin(
  _ responses: Tensor, labels: [Bool], _ direction: ResponseDirection = .high
) throws -> [Double] {
  guard responses.rank == 2, labels.count == responses.size(0) else {
    throw CajalError("\(labels.count) labels for responses of the shape \(responses.shape)")
  }
  guard Set(labels).count == 2 else { throw CajalError("labels of one kind only, expected both") }
  let signed = direction == .high ? responses.detached() : -responses.detached()
  let positive = signed.selected(Tensor(labels.indices.filter { labels[$0] }), axis: 0)
  let negative = signed.selected(Tensor(labels.indices.filter { !labels[$0] }), axis: 0)
  // A neuron that never changes has no margin, not an undefined one.
  let deviation = signed.standardDeviation(axes: [0], correction: 0).clamped(atLeast: 1e-30)
  return ((positive.min(axes: [0]) - negative.max(axes: [0])) / deviation).doubles
}
