import Foundation
import Tensors

/// Leaky integrate-and-fire neurons whose time constant is learned (PLIF; Fang et al., 2021).
///
///     h = rest + (1 - d)(v - rest) + d x       d = 1/τ, each neuron's own parameter; x undivided unless the input decays
///     s = 1 if h >= θ, else 0; reset as ``LIF``
///
/// The model takes `d` as a tensor `[N]`; ``PLIF`` is the layer that learns it.
public struct ParametricLIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public static let parameterCount = 1
  /// As those of ``LIF``; the time constant is where learning starts.
  public let parameters: LIFParameters

  public init(_ parameters: LIFParameters = LIFParameters()) { self.parameters = parameters }

  public var rest: [Double] { [parameters.rest] }

  @inline(__always)
  private func charged<A: NeuronArithmetic>(_ input: A, _ membrane: A, _ decay: A) -> A {
    let distance = membrane - parameters.rest
    return parameters.decaysInput
      ? membrane + (input - distance) * decay : membrane - distance * decay + input
  }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, _ own: Variables<A>
  ) -> (output: A, state: Variables<A>) {
    parameters.fired(charged(inputs[0], state[0], own[0]))
  }

  @inline(__always)
  public func reverse(
    _ inputs: Variables<Lanes>, _ state: Variables<Lanes>, _ own: Variables<Lanes>, ofOutput: Lanes,
    ofState: Variables<Lanes>
  ) -> StepGradients {
    let ofCharged = parameters.gradientThroughReset(
      of: charged(inputs[0], state[0], own[0]), ofOutput, ofState[0])
    let (distance, decay) = (state[0] - parameters.rest, own[0])
    let (pull, ofInput) =
      parameters.decaysInput ? (inputs[0] - distance, ofCharged * decay) : (0 - distance, ofCharged)
    return StepGradients(
      Variables(ofInput), Variables(ofCharged - ofCharged * decay), Variables(ofCharged * pull))
  }
}

/// A layer of leaky integrate-and-fire neurons that learns its time constant, `1/τ = sigmoid(w)`: one for all (as
/// published) or one for each neuron.
public final class PLIF: Layer {
  public let model: ParametricLIF
  /// `[1]` or `[N]`.
  public let w: Parameter

  /// - Parameter neurons: How many time constants are learned, one for each neuron; nil for one that all share.
  public init(_ parameters: LIFParameters = LIFParameters(), neurons: Int? = nil) {
    precondition(parameters.timeConstant > 1, "a learned time constant starts above one step")
    model = ParametricLIF(parameters)
    w = Parameter(Tensor.full([neurons ?? 1], -log(parameters.timeConstant - 1)))
  }

  /// τ of each neuron, in steps.
  public var timeConstants: [Double] { withoutGradients { w.value.sigmoid().reciprocal() }.doubles }

  /// `[T, B, N]` to spikes, from a state or from rest.
  public func callAsFunction(_ x: Tensor, from state: LIFState?) -> (output: Tensor, state: LIFState) {
    model(x, from: state, parameters: [w.value.sigmoid().expanded([x.size(2)])])
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: nil).output }
}
