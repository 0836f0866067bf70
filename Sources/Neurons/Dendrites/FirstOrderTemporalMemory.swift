import Support

/// A memory of transitions between sparse patterns: the cells of the next pattern recognise the current one.
///
/// One cell per column. Learning a transition gives every cell of the next pattern a segment on a sample
/// of the current one; a cell is predicted when one of its segments reaches the threshold.
public struct FirstOrderTemporalMemory: Sendable {
  /// Cells in the population.
  public let n: Int
  /// Synapses of every segment.
  public let synapses: Int
  /// Active synapses that predict a cell.
  public var threshold: Int
  /// All segments of all cells.
  public private(set) var segments: SDRMatrix
  /// The cell each segment belongs to.
  public private(set) var owners: [Int32] = []

  /// - Throws: `CajalError` when the threshold can never or must always be reached.
  public init(n: Int, synapses: Int, threshold: Int) throws {
    guard n > 0, synapses > 0, (1...synapses).contains(threshold) else {
      throw CajalError("a threshold of \(threshold) does not fit segments of \(synapses) synapses")
    }
    self.n = n
    self.synapses = synapses
    self.threshold = threshold
    segments = SDRMatrix(n: n)
  }

  /// Learns that `next` follows `current`. Cells that `current` predicts already need no further segment.
  public mutating func learn(_ current: SDR, then next: SDR, using generator: inout RandomGenerator) {
    let known = predict(current)
    for cell in next.indices where !known.contains(Int(cell)) {
      segments.append(current.subsample(synapses, using: &generator))
      owners.append(cell)
    }
  }

  /// Learns all transitions of a sequence.
  public mutating func learn(_ sequence: [SDR], using generator: inout RandomGenerator) {
    for (current, next) in zip(sequence, sequence.dropFirst()) {
      learn(current, then: next, using: &generator)
    }
  }

  /// The cells that expect to become active after `pattern`.
  public func predict(_ pattern: SDR) -> SDR {
    var cells = Set<Int32>()
    for (owner, overlap) in zip(owners, segments.overlaps(with: pattern)) where overlap >= Int32(threshold) {
      cells.insert(owner)
    }
    return SDR(sortedUnique: cells.sorted(), n: n)
  }
}
