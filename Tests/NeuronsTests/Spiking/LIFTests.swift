import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct LIFTests {
  static let surrogates: [SurrogateGradient] = [
    .arctan(), .fastSigmoid(), .triangle(), .rectangle(), .gaussian(), .multiGaussian(), .sigmoid(),
    .straightThrough,
  ]
  static let parameters: [LIFParameters] = [
    LIFParameters(), LIFParameters(reset: .soft), LIFParameters(reset: .hard(to: -0.3), detachesReset: false),
    LIFParameters(timeConstant: 5, threshold: 0.7, reset: .soft, decaysInput: false, detachesReset: false),
    .integrateAndFire(threshold: 2.5), .integrateAndFire(reset: .soft, detachesReset: false),
  ]

  /// Formulas written out for single numbers.
  @Test func surrogatesFollowTheirFormulas() {
    let points = [-2.0, -0.4, -0.1, 0, 0.2, 0.6, 3]
    let u = Tensor(points)
    func normal(_ x: Double, _ s: Double) -> Double {
      exp(-x * x / (2 * s * s)) / (s * (2 * Double.pi).squareRoot())
    }
    func check(_ surrogate: SurrogateGradient, _ formula: (Double) -> Double) {
      for (measured, x) in zip(surrogate.derivative(u).doubles, points) {
        #expect(abs(measured - formula(x)) < 1e-12, "\(surrogate) at \(x)")
      }
    }
    check(.arctan(alpha: 3)) { 1.5 / (1 + pow(Double.pi / 2 * 3 * $0, 2)) }
    check(.fastSigmoid(slope: 10)) { 1 / pow(1 + 10 * abs($0), 2) }
    check(.triangle(width: 0.5)) { max(0, 1 - abs($0) / 0.5) / 0.5 }
    check(.rectangle(width: 0.5)) { abs($0) < 0.25 ? 2 : 0 }
    check(.gaussian(deviation: 0.4)) { normal($0, 0.4) }
    check(.multiGaussian(deviation: 0.5, height: 0.15, scale: 6)) {
      1.15 * normal($0, 0.5) - 0.15 * (normal($0 - 0.5, 3) + normal($0 + 0.5, 3))
    }
    check(.sigmoid(alpha: 4)) { 4 / (1 + exp(-4 * $0)) * (1 - 1 / (1 + exp(-4 * $0))) }
    check(.straightThrough) { _ in 1 }
  }

  /// A surrogate is the derivative of a smooth step, most of height one; the last has no area.
  @Test(arguments: surrogates.dropLast()) func surrogatesHaveTheAreaOfTheirStep(
    _ surrogate: SurrogateGradient
  ) {
    let u = Tensor.linspace(-400, 400, count: 4_000_001, .float64)
    let area = surrogate.derivative(u).sum().item * 800 / 4_000_000
    // 1 / (1 + k|u|)² has the area 2/k, k = 25; the sides of the multi-Gaussian take h twice and give it once.
    let expected: Double =
      switch surrogate {
      case .fastSigmoid: 2.0 / 25
      case .multiGaussian: 0.85
      default: 1
      }
    // Half a point of the step at each edge of the rectangle, and what lies beyond the range, are missing.
    #expect(abs(area - expected) < 2e-3, "\(surrogate): \(area)")
  }

  @Test func spikesAreAStepForwardAndASurrogateBackward() {
    let u = Tensor([-0.5, 0, 0.5]).requiringGradient()
    let spikes = SurrogateGradient.arctan().spikes(u)
    #expect(spikes.doubles == [0, 1, 1])
    (spikes * Tensor([1.0, 2, 3])).sum().backward()
    let expected = SurrogateGradient.arctan().derivative(u.detached()).doubles
    #expect(u.gradient!.doubles == [expected[0], 2 * expected[1], 3 * expected[2]])
  }

  private func everything(
    _ input: Tensor, _ start: Tensor, _ run: (Tensor, LIFState) -> (output: Tensor, state: LIFState)
  ) -> [Tensor] {
    let (x, v) = (input.cloned().requiringGradient(), start.cloned().requiringGradient())
    let (spikes, state) = run(x, LIFState(membrane: v))
    var generator = RandomGenerator(seed: 9)
    let weights = Tensor.normal(spikes.shape, using: &generator)
    let loss = (spikes * weights).sum() + state.membrane.sin().sum()
    return [spikes.detached(), state.membrane.detached()] + loss.gradients(to: [x, v])
  }

  @Test(arguments: parameters) func fusedEqualsStepByStep(_ parameters: LIFParameters) {
    for surrogate in Self.surrogates {
      var own = parameters
      own.surrogate = surrogate
      let neurons = LIF(own)
      var generator = RandomGenerator(seed: 2)
      // More neurons than one block, not a multiple of a vector.
      let input = Tensor.uniform([12, 3, 701], in: -0.5...2.5, using: &generator)
      let start = Tensor.uniform([3, 701], in: -0.5...0.9, using: &generator)
      let fused = everything(input, start) { neurons($0, from: $1) }
      let plain = everything(input, start) { neurons.unfused($0, from: $1) }
      #expect((0.02...0.98).contains(fused[0].mean().item))
      for (a, b) in zip(fused, plain) {
        let error = (a - b).abs().max().item
        #expect(error <= 2e-4 * Swift.max(1, b.abs().max().item), "\(own): \(error)")
      }
    }
  }

  @Test func halvesEqualTheWhole() {
    let neurons = LIF(LIFParameters(timeConstant: 4, reset: .soft))
    var generator = RandomGenerator(seed: 3)
    let input = Tensor.uniform([20, 2, 33], in: 0...3, using: &generator)
    let whole = neurons(input)
    let first = neurons(input[0..<8])
    let second = neurons(input[8..<20], from: first.state)
    #expect(Tensor.concatenated([first.output, second.output]).floats == whole.output.floats)
    #expect(second.state.membrane.floats == whole.state.membrane.floats)
  }

  /// A constant current x > θ brings the membrane from rest to threshold in n steps, the smallest with
  /// x (1 - (1 - 1/τ)^n) >= θ: with a hard reset the neuron fires every n steps.
  @Test(arguments: [1.05, 1.2, 1.7, 2.5, 4.0]) func firingRateFollowsTheClosedForm(_ current: Double) {
    let tau = 8.0
    let neurons = LIF(LIFParameters(timeConstant: tau))
    let period = (1...).first { current * (1 - pow(1 - 1 / tau, Double($0))) >= 1 }!
    let spikes = neurons(Tensor.full([period * 10, 1, 1], current)).output
    let times = spikes.floats.indices.filter { spikes.floats[$0] == 1 }
    #expect(times == (1...10).map { $0 * period - 1 })
    #expect(neurons(Tensor.full([400, 1, 1], 0.99)).output.sum().item == 0)
  }

  @Test func otherElementTypesGoStepByStep() {
    var generator = RandomGenerator(seed: 5)
    let input = Tensor.uniform([15, 2, 9], in: 0...3, .float64, using: &generator)
    let (single, double) = (LIF()(input.to(.float32)), LIF()(input))
    #expect(double.output.elementType == .float64 && single.output.doubles == double.output.doubles)
  }
}
