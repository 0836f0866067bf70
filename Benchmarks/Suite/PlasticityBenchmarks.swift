import Neurons
import Support
import Tensors

/// Plasticity of populations beside its peer: the same work on one thread.
enum PlasticityBenchmarks {
  static let all: [Benchmark] = [pair]

  private static let pair = Benchmark(
    "stdp-sequences",
    "pair STDP, 784 to 400 all-to-all, over given spikes: 350 ms in steps of 0.5 ms, one thread",
    work: (expectedUpdates, "updates"), peer: ("plasticity.py", "Brian2"), target: 2
  ) {
    var generator = RandomGenerator(seed: 1)
    let pre = Tensor.full([700, 1, 784], 0.01).bernoulli(using: &generator)
    let post = Tensor.full([700, 1, 400], 0.002).bernoulli(using: &generator)
    let weight = Tensor.uniform([400, 784], in: 0...1, using: &generator)
    let plasticity = SequencePlasticity(PairSTDP.songMillerAbbott(), step: 0.5)
    let threads = Threads.count
    Threads.count = 1
    defer { Threads.count = threads }
    return Benchmark.time(20) { _ = plasticity(weight, presynaptic: pre, postsynaptic: post) }
  }

  /// A presynaptic spike changes 400 weights, a postsynaptic one 784.
  private static let expectedUpdates = 700.0 * (784 * 0.01 * 400 + 400 * 0.002 * 784)
}
