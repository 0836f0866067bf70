import Neurons
import Support
import Tensors

/// Spiking layers beside their peers: the same work, the same threads.
enum SpikingBenchmarks {
  static let all: [Benchmark] = [
    lif("lif-spikingjelly", peer: "SpikingJelly", target: 12),
    lif("lif-snntorch", peer: "snnTorch", target: 40),
    step, delays,
  ]

  /// Spikes of which a share is one, `[T, B, N]`, and labels.
  private static func data(_ inputs: Int, _ classes: Int) -> (spikes: Tensor, labels: Tensor) {
    var generator = RandomGenerator(seed: 1)
    let spikes = (Tensor.uniform([100, 64, inputs], in: 0...1, using: &generator) .< 0.05).to(.float32)
    return (spikes, Tensor((0..<64).map { $0 % classes }))
  }

  private static let step = Benchmark(
    "spiking-step", "a training step of 700-256-256-20, T=100, B=64, 5 % input spikes", work: (1, "steps"),
    peer: ("spiking.py", "SpikingJelly"), target: 2.5
  ) {
    var generator = RandomGenerator(seed: 2)
    let (spikes, labels) = data(700, 20)
    let model = Sequential(
      DenseProjection(700, 256, using: &generator), NeuronLayer(LIF()),
      DenseProjection(256, 256, using: &generator), NeuronLayer(LIF()),
      DenseProjection(256, 20, using: &generator))
    let optimiser = Adam(model)
    return Benchmark.time(20) {
      model.zeroGradients()
      model(spikes).mean(axis: 0).crossEntropy(labels).backward()
      optimiser.step()
    }
  }

  private static let delays = Benchmark(
    "learned-delays", "a training step of 700-256-256-20 with learned delays of up to 25 steps, T=100, B=64",
    work: (1, "steps"), peer: ("spiking.py", "dcls and SpikingJelly"), target: 2
  ) {
    var generator = RandomGenerator(seed: 3)
    let (spikes, labels) = data(700, 20)
    let neurons = LIFParameters(timeConstant: 1.005, decaysInput: false, surrogate: .arctan(alpha: 5))
    func hidden(_ inputs: Int) -> [Layer] {
      [
        DelayedProjection(inputs, 256, length: 25, using: &generator),
        Activation { $0.flattened(to: 1) }, BatchNorm(256),
        Activation { $0.reshaped($0.size(0) / 64, 64, 256) }, NeuronLayer(LIF(neurons)),
      ]
    }
    let model = Sequential(
      hidden(700) + hidden(256) + [
        DelayedProjection(256, 20, length: 25, using: &generator),
        NeuronLayer(LeakyIntegrator(timeConstant: 1.005, decaysInput: false)),
      ])
    let optimiser = Adam(model)
    return Benchmark.time(7) {
      model.zeroGradients()
      model(spikes).softmax(axis: -1).sum(axis: 0).crossEntropy(labels).backward()
      optimiser.step()
    }
  }

  private static func lif(_ name: String, peer: String, target: Double) -> Benchmark {
    Benchmark(
      name, "LIF neurons, T=100, B=64, N=512, forward and backward", work: (100 * 64 * 512, "updates"),
      peer: ("spiking.py", peer), target: target
    ) {
      var generator = RandomGenerator(seed: 1)
      let input = (Tensor.uniform([100, 64, 512], in: 0...2, using: &generator)).requiringGradient()
      let neurons = LIF()
      var sample = Benchmark.time(20) {
        neurons(input).output.sum().backward()
        input.gradient = nil
      }
      // The input is read forward and backward, spikes are written and added up, a gradient is written.
      let rate = 5 * Double(input.count * 4) / median(sample.seconds)
      sample.notes = ["share of the memory's bandwidth": rate / copyBandwidth()]
      return sample
    }
  }

  /// Bytes a second that all threads read and write together while they copy arrays larger than the caches.
  private static func copyBandwidth() -> Double {
    let (count, pieces) = (16 << 20, 64)
    let (from, to) = (Tensor.ones([count]), Tensor.ones([count]))
    let sample = from.withUnsafeMutableElements(of: Float.self) { from in
      to.withUnsafeMutableElements(of: Float.self) { to in
        let (source, target) = (SendableAddress(from.baseAddress), SendableAddress(to.baseAddress))
        return Benchmark.time(9) {
          parallelFor(pieces) { piece in
            let start = count / pieces * piece
            (target.pointer! + start).update(from: source.pointer! + start, count: count / pieces)
          }
        }
      }
    }
    return 2 * Double(count * 4) / median(sample.seconds)
  }
}
