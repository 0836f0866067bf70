import Tensors

/// Leaky integrate-and-fire neurons whose membrane is scaled by a learned factor and rectified before it fires (KLIF;
/// Jiang and Zhang, 2023).
///
///     h = relu(k (rest + (1 - 1/τ)(v - rest) + x/τ)),   s = 1 if h >= θ, reset as ``LIF``
///
/// The model takes `k` as a tensor `[N]`; ``KLIF`` is the layer that learns it.
public struct RectifiedLIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public static let parameterCount = 1
  public let parameters: LIFParameters

  public init(_ parameters: LIFParameters = LIFParameters()) { self.parameters = parameters }

  public var rest: [Double] { [parameters.rest] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, _ own: Variables<A>
  ) -> (output: A, state: Variables<A>) {
    parameters.fired((parameters.charged(state[0], inputs[0]) * own[0]).relu())
  }
}

/// A layer of ``RectifiedLIF`` neurons that learns its factor.
public final class KLIF: Layer {
  public let model: RectifiedLIF
  /// `[1]`.
  public let k: Parameter

  public init(_ parameters: LIFParameters = LIFParameters(), factor: Double = 1) {
    model = RectifiedLIF(parameters)
    k = Parameter(Tensor.full([1], factor))
  }

  /// `[T, B, N]` to spikes, from a state or from rest.
  public func callAsFunction(_ x: Tensor, from state: LIFState?) -> (output: Tensor, state: LIFState) {
    model(x, from: state, parameters: [k.value.expanded([x.size(2)])])
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: nil).output }
}
