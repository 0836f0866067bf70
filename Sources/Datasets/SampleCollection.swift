import Support

/// Samples that can be chosen by their numbers: images, spike trains, recordings of event cameras.
public protocol SampleCollection {
  /// How many samples there are.
  var count: Int { get }

  /// The samples at `indices`, in that order.
  func subset(_ indices: [Int]) -> Self
}

extension SampleCollection {
  /// The first `count` samples, or all if there are fewer.
  public func prefix(_ count: Int) -> Self { subset(Array(0..<min(count, self.count))) }

  /// All samples in a random order.
  public func shuffled(using generator: inout RandomGenerator) -> Self {
    subset(generator.permutation(count))
  }

  /// Two parts that share no sample: a random `share` of all, and the rest.
  public func split(_ share: Double, using generator: inout RandomGenerator) -> (Self, Self) {
    precondition((0...1).contains(share), "a share of \(share)")
    let order = generator.permutation(count)
    let first = Int((share * Double(count)).rounded())
    return (subset(Array(order[..<first])), subset(Array(order[first...])))
  }
}
