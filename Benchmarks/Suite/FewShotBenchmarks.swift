import Datasets
import Models
import Support
import Tensors

/// An attention-only transformer on few-shot sequences, in plain loops and by operations on tensors.
enum FewShotBenchmarks {
  static let all: [Benchmark] = [fast, laboratory]
  private static let steps = 50
  private static let work =
    "50 steps of Adam: width 64, 2 blocks of 8 heads, 32 sequences of exemplars of 512 numbers, 50 classes"

  private static func task(_ generator: inout RandomGenerator) throws -> FewShotSampler {
    let features = FewShotFeatures.made(classes: 150, exemplars: 1, using: &generator)
    return try FewShotSampler(features, using: &generator)
  }

  private static let fast = Benchmark(
    "few-shot-training", work, work: (Double(steps), "steps")
  ) {
    var generator = RandomGenerator(seed: 1)
    let sampler = try task(&generator)
    let network = try FastAttentionOnlyTransformer(.init(), using: &generator)
    return try Benchmark.time(9) {
      for _ in 0..<steps {
        try network.step(sampler.batch(32, using: &generator), sampler.features, learningRate: 2e-4)
      }
    }
  }

  private static let laboratory = Benchmark(
    "few-shot-training-tensors", "the same by operations on tensors and autograd",
    work: (Double(steps), "steps")
  ) {
    var generator = RandomGenerator(seed: 1)
    let sampler = try task(&generator)
    let model = try AttentionOnlyTransformer(.init(), using: &generator)
    let optimiser = Adam(model, learningRate: 2e-4)
    return try Benchmark.time(9) {
      for _ in 0..<steps {
        let batch = sampler.batch(32, using: &generator)
        optimiser.zeroGradients()
        try model(batch, sampler.features).crossEntropy(Tensor(batch.targets)).backward()
        optimiser.step()
      }
    }
  }
}
