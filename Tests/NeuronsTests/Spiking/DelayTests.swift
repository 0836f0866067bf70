import Foundation
import Neurons
import Support
import Tensors
import Testing

/// Learned delays: meaning, kernels, gradients, and the two ways of computing them.
@Suite struct DelayTests {
  private func layer(
    _ inputs: Int = 9, _ outputs: Int = 37, length: Int = 7, taps: Int = 1, width: Double = 1.5,
    kernel: DelayKernel = .gaussian, extends: Bool = true, mask: Tensor? = nil, _ type: ElementType = .float32
  ) -> DelayedProjection {
    var g = RandomGenerator(seed: 3)
    return DelayedProjection(
      inputs, outputs, length: length, taps: taps, width: width, kernel: kernel, extends: extends, mask: mask,
      type, using: &g)
  }

  private func spikes(_ shape: [Int], _ share: Double, _ type: ElementType = .float32) -> Tensor {
    var g = RandomGenerator(seed: 5)
    return (Tensor.uniform(shape, in: 0...1, using: &g) .< share).to(type)
  }

  /// A spike at t with a delay of d arrives at t + d, and nowhere else.
  @Test func aDelayIsADelay() {
    let delays = layer(1, 1, length: 9, kernel: .triangular)
    for d in 0..<9 {
      delays.position.value = Tensor.full([1, 1, 1], Double(4 - d))
      delays.weight.value = Tensor.full([1, 1, 1], 2.5)
      delays.width = 0
      var x = [Double](repeating: 0, count: 12)
      x[2] = 1
      let input = Tensor(x, shape: [12, 1, 1]).to(.float32)
      for y in [delays(input), delays.convolved(input)] {
        #expect(y.shape == [16, 1, 1])
        for (t, value) in y.doubles.enumerated() { #expect(abs(value - (t == 2 + d ? 2.5 : 0)) < 1e-6) }
      }
      #expect(delays.delays.integers == [d])
    }
  }

  /// Taps of a synapse sum to its weight, wherever the delay lies, and mirror around the middle.
  @Test(arguments: [DelayKernel.gaussian, .triangular])
  func tapsAreNormalised(_ kernel: DelayKernel) {
    for width in [0.0, 0.23, 3, 12] {
      let taps = kernel.taps(Tensor([-12.0, -3.3, 0, 0.5, 12]), length: 25, width: width)
      #expect((taps.sum(axis: -1) - 1).abs().max().item < 1e-6)
      let mirrored = kernel.taps(Tensor([12.0, 3.3, 0, -0.5, -12]), length: 25, width: width).flipped(-1)
      #expect((taps - mirrored).abs().max().item < 1e-12)
    }
    #expect(DelayKernel.bilinear.taps(Tensor([0.25]), length: 5, width: 9).doubles == [0, 0, 0.75, 0.25, 0])
  }

  /// Over events as by convolution: values and all gradients, for kernels, taps, masks, values and outputs.
  @Test(arguments: DelayKernel.allCases, [1, 3]) func eventsEqualConvolution(
    _ kernel: DelayKernel, _ taps: Int
  ) {
    for (outputs, length, values, extends) in [
      (37, 7, false, true), (16, 12, true, false), (120, 19, false, true), (3, 1, true, true),
    ] {
      var g = RandomGenerator(seed: 11)
      let mask = (Tensor.uniform([outputs, 9], in: 0...1, using: &g) .< 0.7).to(.float32)
      let projection = layer(
        9, outputs, length: length, taps: taps, kernel: kernel, extends: extends, mask: taps == 1 ? nil : mask
      )
      var x = spikes([23, 5, 9], 0.12)
      if values { x = x * Tensor.uniform(x.shape, in: 0.5...2, using: &g) }
      let ways: [[Tensor]] = [
        { projection($0) }, { projection.convolved($0) },
      ].map { (run: (Tensor) -> Tensor) in
        let input = x.cloned().requiringGradient()
        projection.zeroGradients()
        var g = RandomGenerator(seed: 7)
        let y = run(input)
        (y * Tensor.normal(y.shape, using: &g)).sum().backward()
        return [
          y.detached(), input.gradient!, projection.weight.gradient!, projection.position.gradient!,
        ]
      }
      for (index, (a, b)) in zip(ways[0], ways[1]).enumerated() {
        let error = (a - b).abs().max().item
        #expect(
          error < 2e-5 * max(1, b.abs().max().item),
          "\(kernel) \(outputs) \(length): \(index) off by \(error)")
      }
    }
  }

  /// Smooth kernels: gradients of calculus.
  @Test func gradientsAgreeWithFiniteDifferences() {
    let projection = layer(3, 2, length: 7, taps: 2, width: 0.8, .float64)
    let x = spikes([10, 2, 3], 0.3, .float64)
    func loss() -> Tensor { projection(x).tanh().square().sum() }
    loss().backward()
    for parameter in [projection.weight, projection.position] {
      let analytic = parameter.gradient!.doubles
      for index in analytic.indices {
        func value(_ shift: Double) -> Double {
          withoutGradients {
            let value = parameter.value
            value.withUnsafeMutableElements(of: Double.self) { $0[index] += shift }
            defer { value.withUnsafeMutableElements(of: Double.self) { $0[index] -= shift } }
            return loss().item
          }
        }
        #expect(abs((value(1e-6) - value(-1e-6)) / 2e-6 - analytic[index]) < 1e-7)
      }
    }
  }

  @Test func wholeDelaysLastAsLongAsTheirScope() {
    let projection = layer(width: 2)
    let before = projection.position.value.floats
    let x = spikes([23, 5, 9], 0.12)
    let rounded = projection.withWholeDelays {
      #expect(projection.width == 0 && projection.position.value.floats.allSatisfy { $0 == $0.rounded() })
      return projection(x)
    }
    #expect(
      projection.position.value.floats == before && projection.width == 2 && projection.kernel == .gaussian)
    // By hand: every synapse one delay.
    let (delays, weights) = (projection.delays.integers, projection.weight.value.doubles)
    var expected = [Double](repeating: 0, count: rounded.count)
    let (input, steps) = (x.doubles, rounded.size(0))
    for t in 0..<23 {
      for b in 0..<5 {
        for j in 0..<9 where input[(t * 5 + b) * 9 + j] != 0 {
          for i in 0..<37 where t + delays[i * 9 + j] < steps {
            expected[((t + delays[i * 9 + j]) * 5 + b) * 37 + i] += weights[i * 9 + j]
          }
        }
      }
    }
    #expect(zip(rounded.doubles, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func positionsStayInTheKernel() {
    let projection = layer(length: 7)
    projection.position.value = Tensor.full([37, 9, 1], 5)
    projection.clampPositions()
    #expect(projection.position.value.floats.allSatisfy { $0 == 3 } && projection.delays.integers.max() == 0)
    #expect(layer(length: 12).length == 13)
  }

  /// From 12 to 0.23 in a quarter of the epochs, then constant.
  @Test func theWidthShrinksToItsEnd() {
    let schedule = WidthSchedule(from: 12, epochs: 37)
    var width = 12.0
    for epoch in 0..<150 { width = schedule.width(after: epoch, width) }
    #expect(
      abs(width - 0.23) < 1e-9 && abs(schedule.width(after: 0, 12) - 12 * pow(0.23 / 12, 1.0 / 37)) < 1e-12)
  }
}

@Suite struct SpikeProductTests {
  /// Sparse inputs go over events, dense ones through the matrix product: the same.
  @Test(arguments: [0.0, 0.03, 0.15, 0.9], [1, 64, 100, 300]) func equalsTheDenseProduct(
    _ share: Double, _ outputs: Int
  ) {
    for isBinary in [true, false] {
      var g = RandomGenerator(seed: 1)
      var x = (Tensor.uniform([11, 6, 45], in: 0...1, using: &g) .< share).to(.float32)
      if !isBinary { x = x * Tensor.normal(x.shape, using: &g) }
      let w = Tensor.normal([outputs, 45], using: &g)
      let weights = Tensor.normal([11, 6, outputs], using: &g)
      let ways = [{ $0.spikeProduct($1) }, { $0.linear($1) }].map {
        (run: (Tensor, Tensor) -> Tensor) -> [Tensor] in
        let (a, b) = (x.cloned().requiringGradient(), w.cloned().requiringGradient())
        let y = run(a, b)
        return [y.detached()] + (y * weights).sum().gradients(to: [a, b])
      }
      for (a, b) in zip(ways[0], ways[1]) { #expect(a.isClose(to: b, relative: 1e-4, absolute: 1e-4)) }
    }
  }
}
