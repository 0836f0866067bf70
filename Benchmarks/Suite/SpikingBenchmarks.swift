import Neurons
import Support
import Tensors

/// Spiking layers beside their peers: the same work, the same threads.
enum SpikingBenchmarks {
  static let all: [Benchmark] = [
    lif("lif-spikingjelly", peer: "SpikingJelly", target: 12),
    lif("lif-snntorch", peer: "snnTorch", target: 40),
  ]

  private static func lif(_ name: String, peer: String, target: Double) -> Benchmark {
    Benchmark(
      name, "LIF neurons, T=100, B=64, N=512, forward and backward", work: (100 * 64 * 512, "updates"),
      peer: ("spiking.py", peer), target: target
    ) {
      var generator = RandomGenerator(seed: 1)
      let input = (Tensor.uniform([100, 64, 512], in: 0...2, using: &generator)).requiringGradient()
      let neurons = LIF()
      return Benchmark.time(20) {
        neurons(input).output.sum().backward()
        input.gradient = nil
      }
    }
  }
}
