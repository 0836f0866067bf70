import Tensors

/// What complementary neurons remember.
public struct ComplementaryLIFState: NeuronState {
  /// Membrane after reset and complementary membrane, `[B, N]`.
  public var membrane, complement: Tensor

  public init(_ variables: [Tensor]) { (membrane, complement) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, complement] }
}

/// Complementary leaky integrate-and-fire neurons (CLIF; Huang et al., 2024): a second trace opens more ways for
/// gradients through time.
///
///     h = (1 - 1/τ) v + x,  m = m sigmoid(h/τ),  s = 1 if h >= θ
///     m = m + s,  v = h - s (θ + sigmoid(m))
public struct ComplementaryLIF: NeuronModel {
  public typealias State = ComplementaryLIFState
  public static let variableCount = 2
  public let timeConstant, threshold: Double
  public let surrogate: SurrogateGradient

  public init(
    timeConstant: Double = 2, threshold: Double = 1, surrogate: SurrogateGradient = .rectangle(width: 1)
  ) {
    precondition(timeConstant >= 1 && threshold > 0, "time constant \(timeConstant), threshold \(threshold)")
    (self.timeConstant, self.threshold, self.surrogate) = (timeConstant, threshold, surrogate)
  }

  public var rest: [Double] { [0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let charged = state[0] * (1 - 1 / timeConstant) + inputs[0]
    let decayed = state[1] * (charged / timeConstant).sigmoid()
    let spikes = (charged - threshold).spikes(surrogate)
    let complement = decayed + spikes
    return (spikes, Variables(charged - spikes * (complement.sigmoid() + threshold), complement))
  }
}
