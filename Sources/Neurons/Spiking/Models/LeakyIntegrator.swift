import Tensors

/// Neurons that integrate and do not fire; their output is the membrane: the usual readout.
///
///     v = (1 - 1/τ) v + x/τ      (x undivided unless the input decays)
public struct LeakyIntegrator: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  /// τ, in steps; infinite for a plain sum.
  public let timeConstant: Double
  public let decaysInput: Bool

  public init(timeConstant: Double = 2, decaysInput: Bool = true) {
    precondition(timeConstant >= 1, "time constant \(timeConstant)")
    (self.timeConstant, self.decaysInput) = (timeConstant, decaysInput)
  }

  public var rest: [Double] { [0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let membrane = state[0] * (1 - 1 / timeConstant) + inputs[0] * (decaysInput ? 1 / timeConstant : 1)
    return (membrane, Variables(membrane))
  }

  @inline(__always)
  public func reverse(
    _: Variables<Lanes>, _: Variables<Lanes>, _: Variables<Lanes>, ofOutput: Lanes, ofState: Variables<Lanes>
  ) -> StepGradients {
    let sum = ofOutput + ofState[0]
    return StepGradients(
      Variables(sum * (decaysInput ? 1 / timeConstant : 1)), Variables(sum * (1 - 1 / timeConstant)),
      Variables(sum))
  }
}
