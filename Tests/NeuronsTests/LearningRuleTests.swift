import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct LearningRuleTests {
  private func currents(_ shape: [Int], _ type: ElementType = .float32, seed: UInt64 = 3) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor.uniform(shape, in: -3...9, type, using: &generator)
  }

  private func worst(_ a: Tensor, _ b: Tensor) -> Double {
    (a.to(.float64) - b.to(.float64)).abs().max().item
  }

  // Differentiation on spike representation.

  @Test func dsrKernelEqualsTensorOperations() {
    let neurons = DSRNeurons(DSRParameters(threshold: 0.31))
    // More neurons than one block, not a multiple of a vector.
    let z = currents([7, 3, 3001])
    var results: [[Tensor]] = []
    for fused in [true, false] {
      let (x, vth) = (z.cloned().requiringGradient(), Tensor([0.31], as: .float32).requiringGradient())
      let spikes = fused ? neurons(x, threshold: vth) : neurons.unfused(x, vth)
      let gradients = (spikes * currents(z.shape, seed: 4)).sum().gradients(to: [x, vth])
      results.append([spikes.detached()] + gradients)
    }
    #expect(results[0][0].floats == results[1][0].floats)
    #expect(worst(results[0][1], results[1][1]) < 1e-5)
    let scale = abs(results[1][2].item)
    #expect(scale > 1 && worst(results[0][2], results[1][2]) < 1e-4 * scale)
  }

  /// A constant current inside the neuron's range gives a rate near it, as the clipped line says.
  @Test(arguments: [0.5, 1.7, 3.0, 5.2]) func dsrRateIsTheClippedLine(_ current: Double) {
    let parameters = DSRParameters()
    let neurons = DSRNeurons(parameters)
    let rate = parameters.weightedRate(neurons(Tensor.full([400, 1, 1], current))).item
    #expect(abs(rate - current) < 0.35, "\(rate)")
    // The highest rate: a spike every step.
    let highest = parameters.weightedRate(neurons(Tensor.full([400, 1, 1], 50))).item
    #expect(abs(highest - parameters.threshold / parameters.timeStep) < 1e-4)
    #expect(parameters.weightedRate(neurons(Tensor.full([400, 1, 1], -1))).item == 0)
  }

  @Test func dsrGradientsFollowTheLine() {
    let parameters = DSRParameters()
    let x = Tensor([-1.0, 2, 50], shape: [1, 3]).expanded([10, 1, 3]).contiguous().requiringGradient()
    let vth = Tensor([0.3]).requiringGradient()
    let rates = parameters.weightedRate(DSRNeurons(parameters)(x, threshold: vth))
    let gradients = rates.sum().gradients(to: [x, vth])
    let weights = parameters.weights(steps: 10)
    let averaged = weights.reduce(0) { $0 + $1 * $1 }
    for time in 0..<10 {
      #expect(gradients[0][time, 0, 0].item == 0 && gradients[0][time, 0, 2].item == 0)
      #expect(abs(gradients[0][time, 0, 1].item - averaged / parameters.timeConstant) < 1e-12)
    }
    #expect(abs(gradients[1].item - parameters.timeStep * 10 * averaged) < 1e-12)
  }

  @Test func dsrThresholdHasAFloor() {
    let parameters = DSRParameters(lowestThreshold: 0.2)
    let low = DSRNeurons(parameters)(currents([5, 2, 4]), threshold: Tensor([-1.0], as: .float32))
    #expect(abs(low.max().item - 0.2 / 0.05) < 1e-5)
  }

  // Online training through time.

  @Test func onlineKernelEqualsStepByStep() {
    for reset in [Reset.soft, .hard(to: -0.2)] {
      let neurons = OnlineLIF(
        LIFParameters(timeConstant: 3, reset: reset, decaysInput: false, surrogate: .sigmoid()))
      let z = currents([6, 2, 5003]) * 0.3
      let start = LIF(neurons.parameters).rest(like: z[0])
      var results: [[Tensor]] = []
      for fused in [true, false] {
        let x = z.cloned().requiringGradient()
        let (spikes, state) = fused ? neurons(x) : neurons.unfused(x, from: start)
        let gradient = (spikes * currents(z.shape, seed: 5)).sum().gradients(to: [x])
        results.append([spikes.detached(), state.membrane.detached(), gradient[0]])
      }
      #expect(results[0][0].floats == results[1][0].floats)
      #expect((0.05...0.95).contains(results[0][0].mean().item))
      #expect(worst(results[0][1], results[1][1]) < 1e-5 && worst(results[0][2], results[1][2]) < 1e-4)
    }
  }

  /// No gradient reaches an earlier step, and the forward pass is that of the plain neurons.
  @Test func onlineGradientsStayInTheirStep() {
    let parameters = OnlineLIF().parameters
    let x = (currents([5, 1, 40]) * 0.2).requiringGradient()
    let (spikes, _) = OnlineLIF()(x)
    #expect(spikes.floats == LIF(parameters)(x.detached()).output.floats)
    let gradient = spikes[4].sum().gradients(to: [x])[0]
    #expect(gradient[0..<4].abs().max().item == 0 && gradient[4].abs().max().item > 0)
  }

  @Test func tracesDecayAndGoOn() {
    let trace = SpikeTrace(timeConstant: 4)
    let spikes = Tensor([1.0, 0, 0, 1, 0], shape: [5, 1])
    let expected = [1, 0.75, 0.5625, 1 + 0.421875, 0.75 * 1.421875]
    for (a, b) in zip(trace(spikes).doubles, expected) { #expect(abs(a - b) < 1e-12) }
    let first = trace(spikes[0..<2])
    #expect(trace(spikes[2..<5], from: first[1]).doubles == Array(trace(spikes).doubles[2...]))
    #expect(trace.ofConstant(steps: 3) == [1, 1.75, 2.3125])
  }

  /// The weights' gradient of online training: Σ_t g[t] a[t]ᵀ, written out by steps.
  @Test func weightsAreCreditedWithTheTrace() {
    var generator = RandomGenerator(seed: 8)
    let weight = Tensor.normal([3, 4], .float64, using: &generator).requiringGradient()
    let x = Tensor.uniform([5, 2, 4], .float64, using: &generator).requiringGradient()
    let error = Tensor.normal([5, 2, 3], .float64, using: &generator)
    let feedback = Tensor.normal([3, 4], .float64, using: &generator)
    let trace = SpikeTrace()(x)
    let y = x.linear(weight, crediting: trace, returningThrough: feedback)
    #expect(worst(y, x.matmul(weight.transposed())) < 1e-12)
    let gradients = (y * error).sum().gradients(to: [weight, x])
    var expected = Tensor.zeros([3, 4], .float64)
    for time in 0..<5 { expected += error[time].transposed().matmul(trace[time]) }
    #expect(worst(gradients[0], expected) < 1e-12)
    #expect(worst(gradients[1], error.matmul(feedback)) < 1e-12)
  }

  /// The weights behind a constant input receive what they would if it were shown step by step.
  @Test(arguments: [LearningRule.dsr(), .bptt(), .ottt()]) func constantInputsAreSpread(_ rule: LearningRule)
  {
    var generator = RandomGenerator(seed: 9)
    let weight = Tensor.normal([3, 4], .float64, using: &generator).requiringGradient()
    let x = Tensor.uniform([2, 4], .float64, using: &generator)
    let error = Tensor.normal([6, 2, 3], .float64, using: &generator)
    let short = (rule.spread(x.linear(weight), steps: 6) * error).sum().gradients(to: [weight])[0]
    let repeated = x.unsqueezed(0).expanded([6, 2, 4]).contiguous()
    let long = (repeated.linear(weight, crediting: rule.creditTrace(repeated)) * error).sum()
      .gradients(to: [weight])[0]
    #expect(worst(short, long) < 1e-12)
    // The subspace sees the same second moments.
    let (a, b) = (rule.presynaptic(constant: x, steps: 6), rule.presynaptic(repeated))
    let moments = [a, b].map { $0.transposed().matmul($0) / Double($0.size(0)) }
    #expect(worst(moments[0], moments[1]) < 1e-12)
  }

  // Truncated backpropagation.

  @Test func oneWindowIsWholeBackpropagation() {
    let weight = Tensor([0.7]).requiringGradient()
    let sequence = Tensor((0..<6).map { Double($0) + 1 }, shape: [6, 1, 1])
    var wrongCounts = 0
    func gradient(_ window: Int) -> (Double, [Double], Double) {
      weight.gradient = nil
      let result = TruncatedBackpropagation(window: window).run(
        sequence, from: Tensor.zeros([1, 1], .float64)
      ) {
        chunk, steps, state in
        wrongCounts += chunk.size(0) == steps.count ? 0 : 1
        var (h, loss) = (state, Tensor(0, .float64))
        for time in 0..<chunk.size(0) {
          h = h * weight + chunk[time]
          loss = loss + h.sum()
        }
        return (loss, h)
      }
      return (weight.gradient!.item, result.losses, result.state.item)
    }
    // h_t = w h_{t-1} + x_t written out, with the derivative carried along or dropped at the start of a window.
    func reference(_ window: Int) -> Double {
      var (h, slope, sum) = (0.0, 0.0, 0.0)
      for time in 0..<6 {
        if time % window == 0 { slope = 0 }
        slope = h + 0.7 * slope
        h = 0.7 * h + Double(time + 1)
        sum += slope
      }
      return sum
    }
    for window in [1, 2, 4, 6, 100] {
      let (found, losses, end) = gradient(window)
      #expect(abs(found - reference(window)) < 1e-9, "window \(window)")
      #expect(losses.count == (6 + window - 1) / window)
      #expect(abs(losses.reduce(0, +) - gradient(100).1[0]) < 1e-9 && abs(end - gradient(6).2) < 1e-12)
    }
    #expect(wrongCounts == 0)
  }

  @Test func spikingStateIsLetGoBetweenWindows() {
    let neurons = LIF()
    let x = (currents([10, 1, 30]) * 0.2).requiringGradient()
    var steps = 0
    let (losses, state) = TruncatedBackpropagation(window: 4).run(x, from: neurons.rest(like: x[0])) {
      chunk, _, state in
      let (spikes, next) = neurons(chunk, from: state)
      return (spikes.mean(), next)
    } afterWindow: {
      steps += 1
    }
    #expect(losses.count == 3 && steps == 3 && !state.membrane.requiresGradient)
    #expect(state.membrane.floats == neurons(x.detached()).state.membrane.floats)
  }
}
