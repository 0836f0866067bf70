import Tensors

/// What gated neurons remember.
public struct GatedLIFState: NeuronState {
  /// Membrane before reset, and the spikes of the last step, `[B, N]`.
  public var membrane, spikes: Tensor

  public init(_ variables: [Tensor]) { (membrane, spikes) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, spikes] }
}

/// Gated leaky integrate-and-fire neurons (GLIF; Yao et al., 2022): gates blend two ways of leaking, integrating and
/// resetting.
///
///     u = (1 - α (1 - τ)) (1 - γ s) u - (1 - α) l + (1 - β (1 - c)) x - (1 - γ) r s
///     s = 1 if u >= θ
///
/// The model takes α, β, γ, τ, l, c, r and θ as tensors `[N]`, in this order; ``GLIF`` is the layer that learns them.
public struct GatedLIF: NeuronModel {
  public typealias State = GatedLIFState
  public static let variableCount = 2
  public static let parameterCount = 8
  public let surrogate: SurrogateGradient
  public let detachesReset: Bool

  public init(surrogate: SurrogateGradient = .rectangle(width: 1), detachesReset: Bool = false) {
    (self.surrogate, self.detachesReset) = (surrogate, detachesReset)
  }

  public var rest: [Double] { [0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, _ own: Variables<A>
  ) -> (output: A, state: Variables<A>) {
    let (alpha, beta, gamma) = (own[0], own[1], own[2])
    let last = detachesReset ? state[1].detached() : state[1]
    let kept = (1 - alpha * (1 - own[3])) * (1 - gamma * last) * state[0]
    let driven = (1 - beta * (1 - own[5])) * inputs[0]
    let membrane = kept - (1 - alpha) * own[4] + driven - (1 - gamma) * own[6] * last
    let spikes = (membrane - own[7]).spikes(surrogate)
    return (spikes, Variables(membrane, spikes))
  }
}

/// A layer of ``GatedLIF`` neurons that learns gates and constants, one set for each neuron, all through a sigmoid.
public final class GLIF: Layer {
  public let model: GatedLIF
  /// α, β, γ, τ, l, c, r, θ before the sigmoid, `[8, N]`.
  public let logits: Parameter

  /// - Parameters:
  ///   - neurons: N.
  ///   - gates: Where α, β and γ start.
  ///   - leak: Where the linear leak starts.
  public init(
    _ neurons: Int, gates: Double = 0.5, leak: Double = 0.0625, model: GatedLIF = GatedLIF()
  ) {
    self.model = model
    let start = [gates, gates, gates, 0.5, leak, 0.5, 0.5, 0.5]
    let rows = start.map { Tensor.full([neurons], $0) }
    logits = Parameter((Tensor.stacked(rows) / (1 - Tensor.stacked(rows))).log())
  }

  /// `[T, B, N]` to spikes, from a state or from rest.
  public func callAsFunction(_ x: Tensor, from state: GatedLIFState?) -> (
    output: Tensor, state: GatedLIFState
  ) {
    let values = logits.value.sigmoid()
    return model(x, from: state, parameters: (0..<8).map { values[$0] })
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: nil).output }
}
