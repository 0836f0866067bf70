import Foundation
import Tensors

/// What resonating neurons remember.
public struct ResonateAndFireState: NeuronState {
  /// The current-like and the voltage-like part of the oscillation, `[B, N]`.
  public var real, imaginary: Tensor

  public init(_ variables: [Tensor]) { (imaginary, real) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [imaginary, real] }
}

/// Resonate-and-fire neurons (Izhikevich, 2001): damped oscillators that prefer inputs in their own rhythm.
///
///     dz/dt = (b + iω) z + I;   a spike where Im z >= θ, then z = i θ
///
/// Between inputs the rotation of a step is exact. The membrane is the imaginary part.
public struct ResonateAndFire: NeuronModel {
  public typealias State = ResonateAndFireState
  public static let variableCount = 2
  /// Radians per step.
  public let frequency: Double
  /// b, per step; negative.
  public let damping: Double
  public let threshold: Double
  /// Where a spike leaves the imaginary part; the real part is zero then.
  public let resetPotential: Double
  public let detachesReset: Bool
  public let surrogate: SurrogateGradient
  private let cosine, sine: Double

  /// - Parameter resetPotential: The threshold unless given.
  public init(
    frequency: Double = 0.2, damping: Double = -0.05, threshold: Double = 1, resetPotential: Double? = nil,
    detachesReset: Bool = true, surrogate: SurrogateGradient = .arctan()
  ) {
    precondition(damping < 0, "a damping of \(damping) does not damp")
    (self.frequency, self.damping, self.threshold) = (frequency, damping, threshold)
    self.resetPotential = resetPotential ?? threshold
    (self.detachesReset, self.surrogate) = (detachesReset, surrogate)
    cosine = exponential(damping) * cos(frequency)
    sine = exponential(damping) * sin(frequency)
  }

  public var rest: [Double] { [0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let (y, x) = (state[0], state[1])
    let real = x * cosine - y * sine + inputs[0]
    let imaginary = x * sine + y * cosine
    let spikes = (imaginary - threshold).spikes(surrogate)
    let resetting = detachesReset ? spikes.detached() : spikes
    return (
      spikes,
      Variables(imaginary * (1 - resetting) + resetting * resetPotential, real * (1 - resetting))
    )
  }
}
