import Foundation
import Support
import Tensors
import Testing

/// Networks over time: an output sees its own step and those before.
@Suite struct SequenceNetworkTests {
  private func networks(_ g: inout RandomGenerator) -> [(String, Layer, Int)] {
    [
      (
        "LSTM", RecurrentReadout(3, hidden: 5, 2, using: &g), RecurrentReadout.parameterCount(3, hidden: 5, 2)
      ),
      (
        "convolutions", CausalConvolutions(3, hidden: 4, 2, kernel: 3, dilations: [1, 2], using: &g),
        CausalConvolutions.parameterCount(3, hidden: 4, 2, kernel: 3, layers: 2)
      ),
      (
        "transformer", CausalTransformer(3, features: 6, heads: 2, 2, layers: 2, using: &g),
        CausalTransformer.parameterCount(3, features: 6, 2, layers: 2)
      ),
    ]
  }

  @Test func nothingSeesTheFuture() throws {
    var g = RandomGenerator(seed: 1)
    let x = Tensor.normal([12, 2, 3], using: &g)
    let later = Tensor.concatenated([x[0..<8], Tensor.normal([4, 2, 3], using: &g)])
    for (name, network, count) in networks(&g) {
      let (a, b) = (network(x), network(later))
      #expect(a.shape == [12, 2, 2], "\(name)")
      #expect(a[0..<8].isClose(to: b[0..<8], absolute: 1e-6), "\(name)")
      #expect(!a[8..<12].isClose(to: b[8..<12], absolute: 1e-3), "\(name)")
      #expect(network.parameterCount == count, "\(name)")
    }
  }

  @Test func convolutionsReachAsFarAsTheySay() throws {
    var g = RandomGenerator(seed: 1)
    let network = CausalConvolutions(1, hidden: 4, 1, kernel: 3, dilations: [1, 2], using: &g)
    #expect(network.receptiveField == 7)
    let x = Tensor.normal([20, 1, 1], using: &g).requiringGradient()
    network(x)[15].sum().backward()
    let seen = x.gradient!.doubles.enumerated().filter { $0.element != 0 }.map(\.offset)
    #expect(seen.allSatisfy { (9...15).contains($0) } && seen.contains(9))
  }

  @Test func aTransformerOverAllSeesTheFuture() throws {
    var g = RandomGenerator(seed: 1)
    let network = CausalTransformer(3, features: 6, heads: 2, 2, layers: 1, causal: false, using: &g)
    let x = Tensor.normal([5, 1, 3], using: &g).requiringGradient()
    network(x)[0].sum().backward()
    #expect(x.gradient![4].abs().sum().item > 0)
    let positions = CausalTransformer.positions(3, 4).doubles
    let (sine, cosine): (Double, Double) = (sin(1.0), cos(0.02))
    #expect(abs(positions[4] - sine) < 1e-6)
    #expect(abs(positions[11] - cosine) < 1e-6)
  }

  @Test func chronoGatesRemember() throws {
    var g = RandomGenerator(seed: 1)
    let network = RecurrentReadout(2, hidden: 400, 1, memory: 101, using: &g)
    let biases = network.recurrent.weights[2].value.detached().doubles
    let forget = biases[400..<800]
    let most: Double = log(100.0)
    #expect(forget.allSatisfy { $0 >= 0 && $0 <= most })
    #expect(zip(biases[..<400], forget).allSatisfy { $0 == -$1 })
    #expect(biases[800...].allSatisfy { $0 == 0 })
    // exp of the biases is uniform from 1 to 100.
    let mean: Double = forget.map { exp($0) }.reduce(0, +) / 400
    #expect(abs(mean - 50.5) < 6)
    #expect(network.recurrent.weights[3].value.detached().doubles.allSatisfy { $0 == 0 })
  }

  /// Seven steps of PyTorch's Adamax on a quadratic.
  @Test func adamaxIsPyTorchs() throws {
    func wave(_ phase: Double) -> Tensor {
      let values: [Float] = (0..<6).map { index in Float(sin(0.7 * Double(index) + phase)) }
      return Tensor(values)
    }
    let weight = Parameter(wave(0.3))
    let (target, scale) = (wave(1.1), wave(2).abs())
    let optimiser = Adamax([ParameterGroup([weight], learningRate: 0.05, weightDecay: 0.1)])
    for _ in 0..<7 {
      optimiser.zeroGradients()
      ((weight.value - target).square() * scale).sum().backward()
      optimiser.step()
    }
    let expected = [0.5962462, 0.8567155, 0.6965026, 0.3628069, -0.269288, -0.8791785]
    for (value, wanted) in zip(weight.value.detached().doubles, expected) {
      #expect(abs(value - wanted) < 2e-6)
    }
  }
}
