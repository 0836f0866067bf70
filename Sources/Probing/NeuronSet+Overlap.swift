extension NeuronSet {
  /// How many neurons two sets of the same model share.
  public func shared(with other: NeuronSet) -> Int {
    precondition(
      blocks.count == other.blocks.count, "sets of \(blocks.count) and \(other.blocks.count) blocks")
    return zip(blocks, other.blocks).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
  }

  /// How many neurons each pair of sets shares; the sizes of the sets stand on the diagonal.
  public static func overlapMatrix(_ sets: [NeuronSet]) -> [[Int]] {
    sets.map { a in sets.map(a.shared(with:)) }
  }
}

extension NeuronSet {
  /// The Jaccard index of two sets of neurons of the same model.
  public func jaccardIndex(with other: NeuronSet) -> Double {
    let shared = shared(with: other)
    return Double(shared) / Double(count + other.count - shared)
  }
}
