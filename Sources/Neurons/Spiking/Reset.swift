import Tensors

/// What happens to the membrane at a spike.
public enum Reset: Sendable, Equatable {
  /// It takes this value.
  case hard(to: Double = 0)
  /// The threshold is subtracted.
  case soft

  /// The membrane after reset of one charged to `membrane` that fired where `spikes` is one.
  @inline(__always)
  func callAsFunction<A: NeuronArithmetic>(_ membrane: A, where spikes: A, threshold: Double) -> A {
    switch self {
    case .hard(let value): membrane * (1 - spikes) + spikes * value
    case .soft: membrane - spikes * threshold
    }
  }

  /// Where the membrane rests: the value that a hard reset brings it to.
  var rest: Double { if case .hard(let value) = self { value } else { 0 } }
}
