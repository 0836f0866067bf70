import Tensors

/// Leaky integrate-and-fire neurons that emit several spikes at once, as an integer (I-LIF; Luo et al., 2024).
///
///     h = (1 - 1/τ) v + x/τ,  s = round(clip(h/θ, 0, D)),  v = h - s θ
///
/// The gradient passes where `h/θ` lies in 0...D. Normalised, the output is `round(clip(h/θ, 0, D)/D)`.
public struct IntegerLIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public let timeConstant, threshold: Double
  /// D: how many spikes at most.
  public let most: Int
  public let isNormalised: Bool

  public init(timeConstant: Double = 2, threshold: Double = 1, most: Int = 2, isNormalised: Bool = false) {
    precondition(
      timeConstant >= 1 && threshold > 0 && most > 0,
      "time constant \(timeConstant), threshold \(threshold), at most \(most) spikes")
    (self.timeConstant, self.threshold) = (timeConstant, threshold)
    (self.most, self.isNormalised) = (most, isNormalised)
  }

  public var rest: [Double] { [0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let charged = state[0] * (1 - 1 / timeConstant) + inputs[0] / timeConstant
    let scale = isNormalised ? threshold * Double(most) : threshold
    let spikes = (charged / scale).graded(upTo: isNormalised ? 1 : Double(most))
    return (spikes, Variables(charged - spikes.detached() * threshold))
  }
}
