import Datasets
import Recordings
import Support
import Tensors

/// Small operations in a loop, and epochs of small networks, beside PyTorch.
enum TensorBenchmarks {
  static let all: [Benchmark] = [
    recurrent("recurrent-tiny", batch: 4, width: 16, repetitions: 60, target: 1.5),
    recurrent("recurrent-small", batch: 32, width: 256, repetitions: 30, target: 1),
    epochOfPerceptron, epochOfConvolution, tapWithoutInstrument,
  ]

  /// A recurrent net of 100 steps, `h = tanh(x W + h U + b)`, forward and backward.
  private static func recurrent(_ name: String, batch: Int, width: Int, repetitions: Int, target: Double)
    -> Benchmark
  {
    Benchmark(
      name, "tanh recurrent net, 100 steps of [\(batch), \(width)], forward and backward",
      work: (100, "steps"),
      peer: ("pytorch.py", "PyTorch"), target: target
    ) {
      var generator = RandomGenerator(seed: 1)
      let scale = 1 / Double(width).squareRoot()
      let weights = (0..<2).map { _ in
        Tensor.normal([width, width], deviation: scale, using: &generator).requiringGradient()
      }
      let bias = Tensor.zeros([width]).requiringGradient()
      let inputs = Tensor.normal([100, batch, width], using: &generator)
      return Benchmark.time(repetitions) {
        var hidden = Tensor.zeros([batch, width])
        for step in 0..<100 {
          hidden = (inputs[step].matmul(weights[0]) + hidden.matmul(weights[1]) + bias).tanh()
        }
        hidden.square().sum().backward()
        for leaf in weights + [bias] { leaf.gradient = nil }
      }
    }
  }

  private static let epochOfPerceptron = Benchmark(
    "epoch-perceptron", "an epoch of 784-512-10 on Fashion-MNIST, batches of 128, Adam",
    work: (60_000, "images"),
    peer: ("pytorch.py", "PyTorch"), target: 1
  ) {
    let images = try FashionMNIST.load().train
    let (x, y) = (images.tensor.flattened(from: 1), images.labelTensor)
    var generator = RandomGenerator(seed: 1)
    let model = Sequential(
      Linear(784, 512, using: &generator), Activation.relu, Linear(512, 10, using: &generator))
    let optimiser = Adam(model, learningRate: 1e-3)
    let loop = TrainingLoop(model, optimiser, batchSize: 128, epochs: 1, seed: 1)
    return try Benchmark.time(3) {
      try loop.run(samples: x.size(0)) {
        model(x.selected($0, axis: 0)).crossEntropy(y.selected($0, axis: 0))
      }
    }
  }

  private static let epochOfConvolution = Benchmark(
    "epoch-convolution",
    "12,800 images through a net of 16 and 32 channels, batches of 128, SGD with momentum",
    work: (12_800, "images"), peer: ("pytorch.py", "PyTorch"), target: 1
  ) {
    let images = try FashionMNIST.load().train.prefix(12_800)
    let (x, y) = (images.tensor, images.labelTensor)
    var generator = RandomGenerator(seed: 1)
    let model = Sequential(
      Convolution(1, 16, kernel: 3, padding: 1, using: &generator), Activation.relu, Activation.maxPool(2),
      Convolution(16, 32, kernel: 3, padding: 1, using: &generator), Activation.relu, Activation.maxPool(2),
      Activation.flatten, Linear(32 * 49, 10, using: &generator))
    let optimiser = SGD(model, learningRate: 0.05, momentum: 0.9)
    let loop = TrainingLoop(model, optimiser, batchSize: 128, epochs: 1, seed: 1)
    return try Benchmark.time(3) {
      try loop.run(samples: x.size(0)) {
        model(x.selected($0, axis: 0)).crossEntropy(y.selected($0, axis: 0))
      }
    }
  }

  /// A chain of small operations with a tap between each, and the same without any.
  private static let tapWithoutInstrument = Benchmark(
    "tap", "1,000 additions of [32], each followed by a tap that no instrument is attached to",
    work: (1_000, "taps")
  ) {
    let one = Tensor.ones([32])
    func chain(_ step: (Tensor) -> Tensor) { _ = (0..<1_000).reduce(one) { x, _ in step(x + 1) } }
    let without = Benchmark.time(60) { chain { $0 } }
    var with = Benchmark.time(60) { chain { tap("layer", $0) } }
    with.notes = ["seconds without taps": median(without.seconds)]
    return with
  }
}
