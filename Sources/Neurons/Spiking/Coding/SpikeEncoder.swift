import Foundation
import Support
import Tensors

/// How numbers in 0...1 become sequences: `[…]` to `[T, …]`.
///
/// ```swift
/// let spikes = SpikeEncoder.latency(steps: 20).encode(images, using: &generator)
/// ```
public enum SpikeEncoder: Sendable, Equatable {
  /// The value itself at every step, as a current.
  case direct(steps: Int)
  /// A spike at each step with the value times `scale` as its probability (Poisson-like rate code).
  case rate(steps: Int, scale: Double = 1)
  /// One spike, earlier for larger values: at `round((1 - x)(T - 1))`; none for values not above `threshold`.
  case latency(steps: Int, threshold: Double = 0)
  /// One spike where a membrane with time constant `tau` (steps) charged by the value would reach `threshold`:
  /// `τ ln(x/(x - θ))`; none if that comes after the last step.
  case logarithmicLatency(steps: Int, tau: Double, threshold: Double = 0.01)
  /// One graded spike: `1/(i + 1)` at the step i with `T - i - 1 < x T <= T - i` (time to first spike).
  case timeToFirstSpike(steps: Int)
  /// The bits of `floor(256 x)`, most significant first, each with its weight `2^-i`; periodic after eight steps.
  case phase(steps: Int)
  /// A burst that is longer and denser for larger values (Park et al., 2019): `ceil(most x)` spikes, `gap` steps apart
  /// for x near 0 and one step for x = 1.
  case burst(steps: Int, most: Int = 5, gap: Int = 4)

  /// Steps of a sequence.
  public var steps: Int {
    switch self {
    case .direct(let steps), .rate(let steps, _), .latency(let steps, _),
      .logarithmicLatency(let steps, _, _),
      .timeToFirstSpike(let steps), .phase(let steps), .burst(let steps, _, _):
      steps
    }
  }

  /// Values `[…]` in 0...1 to `[T, …]`. Only rates draw from the generator.
  public func encode(_ values: Tensor, using generator: inout RandomGenerator) -> Tensor {
    precondition(steps > 0, "\(steps) steps")
    let shape = [steps] + values.shape
    let x = values.unsqueezed(0)
    func time(_ count: Int) -> Tensor {
      Tensor.arange(count, .float64).to(values.elementType).reshaped(
        [count] + [Int](repeating: 1, count: values.rank))
    }
    let number = values.elementType
    switch self {
    case .direct: return x.expanded(shape)
    case .rate(_, let scale):
      return Self.rates(x * scale, .uniform(shape, in: 0...1, number, using: &generator))
    case .latency(_, let threshold):
      let when = ((1 - x.clamped(to: 0...1)) * Double(steps - 1)).round()
      return ((time(steps) .== when).logicalAnd(x .> threshold)).to(number)
    case .logarithmicLatency(_, let tau, let threshold):
      let when = ((x / (x - threshold)).log() * tau).floor()
      return ((time(steps) .== when).logicalAnd(x .> threshold)).to(number)
    case .timeToFirstSpike:
      let scaled = x * Double(steps)
      let (upper, lower) = (Double(steps) - time(steps), Double(steps) - 1 - time(steps))
      return ((scaled .> lower).logicalAnd(scaled .<= upper)).to(number) / (time(steps) + 1)
    case .phase:
      let level = (x * 256).floor().clamped(to: 0...255)
      let place = time(steps).remainder(Tensor.full([], 8, number))
      let bit = (level / (7 - place).exp2()).floor().remainder(Tensor.full([], 2, number))
      return bit * (-place).exp2()
    case .burst(_, let most, let gap):
      let count = (x.clamped(to: 0...1) * Double(most)).ceil()
      let interval = (Double(gap) - x.clamped(to: 0...1) * Double(gap - 1)).round().clamped(atLeast: 1)
      let isOnGrid = time(steps).remainder(interval) .== 0
      return (isOnGrid.logicalAnd((time(steps) / interval) .< count)).to(number)
    }
  }

  /// Spikes where a probability exceeds a number drawn from 0...1.
  public static func rates(_ probability: Tensor, _ drawn: Tensor) -> Tensor {
    (probability .> drawn).to(probability.elementType)
  }

  /// Changes of a sequence `[T, …]` (delta modulation): 1 where it rose by more than `threshold` since the last step, -1
  /// where it fell by more; zero at the first step. Without `signed` falls are left out.
  public static func delta(_ sequence: Tensor, threshold: Double, signed: Bool = true) -> Tensor {
    let change = Tensor.concatenated([Tensor.zeros(like: sequence[0..<1]), sequence.difference(axis: 0)])
    let up = (change .> threshold).to(sequence.elementType)
    return signed ? up - (change .< -threshold).to(sequence.elementType) : up
  }

  /// Each value as the activity of `neurons` bell-shaped receptive fields (Bohte, Kok and La Poutré, 2002):
  /// `[…]` to `[…, M]`, to be encoded in turn.
  ///
  /// Centres lie at `(2i - 1)/2 · 1/(M - 2)`, i = 0..<M, so that two lie outside 0...1; the width is `1/(β (M - 2))`.
  public static func population(_ values: Tensor, neurons: Int, beta: Double = 1.5) -> Tensor {
    precondition(neurons > 2, "a population code needs more than two neurons, not \(neurons)")
    let span = Double(neurons - 2)
    let centres = Tensor((0..<neurons).map { (2 * Double($0) - 1) / 2 / span }).to(values.elementType)
    return (((values.unsqueezed(-1) - centres) * (beta * span)).square() * -0.5).exp()
  }
}
