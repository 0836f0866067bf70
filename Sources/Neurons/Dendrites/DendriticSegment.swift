import Foundation
import Support

/// A stretch of dendrite with a handful of binary synapses: it spikes when enough of them are active.
public struct DendriticSegment: Hashable, Sendable {
  /// The cells it has a synapse with.
  public var synapses: SDR
  /// Active synapses that make a spike, inclusive.
  public var threshold: Int

  /// A segment on the given cells.
  public init(synapses: SDR, threshold: Int) {
    self.synapses = synapses
    self.threshold = threshold
  }

  /// A segment that samples `count` of the active cells of a pattern.
  public init(
    sampling pattern: SDR, synapses count: Int, threshold: Int, using generator: inout RandomGenerator
  ) {
    self.init(synapses: pattern.subsample(count, using: &generator), threshold: threshold)
  }

  /// Active synapses.
  public func overlap(_ pattern: SDR) -> Int { synapses.overlap(pattern) }

  /// Whether enough synapses are active for a spike.
  public func fires(_ pattern: SDR) -> Bool { overlap(pattern) >= threshold }
}

/// What a segment adds to the soma, given its active synapses.
public enum DendriticNonlinearity: Sendable, Equatable {
  /// `u` from the threshold on, 0 below it.
  case threshold(Int)
  /// `u` to a power (Poirazi and Mel's experiment: 10).
  case power(Double)
  /// 1 / (1 + exp(slope · (centre - u))).
  case sigmoid(centre: Double, slope: Double)

  /// The contribution of a segment with `u` active synapses.
  public func callAsFunction(_ u: Int) -> Double {
    switch self {
    case .threshold(let theta): u >= theta ? Double(u) : 0
    case .power(let exponent): pow(Double(u), exponent)
    case .sigmoid(let centre, let slope): 1 / (1 + exp(slope * (centre - Double(u))))
    }
  }

  /// The responses to 0 ... `largest` active synapses.
  func table(upTo largest: Int) -> [Double] { (0...max(0, largest)).map { self($0) } }
}
