import Datasets
import Neurons
import Support
import Tensors

/// Training steps of expressive leaky memory neurons beside the scripted loop in which their authors train them.
enum ExpressiveMemoryBenchmarks {
  static let all: [Benchmark] = [
    recordings("elm-recordings", 15), recordings("elm-recordings-100", 100), sums,
  ]

  private static let peer = (script: "expressive_memory.py", name: "PyTorch, scripted")

  /// 500 ms of a cortical neuron's input at eight windows.
  private static func recordings(_ name: String, _ units: Int) -> Benchmark {
    Benchmark(
      name, "a training step of \(units) memory units, 45 branches of 100 synapses, 1278 inputs, T=500, B=8",
      work: (1, "steps"), peer: peer, target: 5
    ) {
      var generator = RandomGenerator(seed: 1)
      let kinds = Tensor([Float](repeating: 0.025, count: 639) + [Float](repeating: 0.015, count: 639))
      let signs = Tensor([Float](repeating: 1, count: 639) + [Float](repeating: -1, count: 639))
      // Dense, as the peer's: events are found within the step.
      let x = (Tensor.uniform([500, 8, 1278], using: &generator) .< kinds).to(.float32) * signs
      let spikes = (Tensor.uniform([500, 8], using: &generator) .< 0.005).to(.float32)
      let voltage = Tensor.normal([500, 8], using: &generator)
      let neuron = try ExpressiveLeakyMemory(.neuronIO(memoryUnits: units), using: &generator)
      let (optimiser, loss) = (Adam(neuron, learningRate: 5e-4), NeuronIOLoss())
      return Benchmark.time(20) {
        neuron.zeroGradients()
        loss(neuron(x), spikes: spikes, voltage: voltage).backward()
        optimiser.step()
      }
    }
  }

  private static let sums = Benchmark(
    "elm-sums", "a training step of 100 memory units on 700 channels, 200 steps of 10 ms, B=8",
    work: (1, "steps"),
    peer: peer, target: 5
  ) {
    var generator = RandomGenerator(seed: 2)
    let x = (Tensor.uniform([200, 8, 700], using: &generator) .< 0.05).to(.float32)
    var configuration = ExpressiveLeakyMemory.Configuration(inputs: 700, outputs: 19, memoryUnits: 100)
    (configuration.timeStep, configuration.memoryTimeConstants) = (10, 1...500)
    let neuron = try ExpressiveLeakyMemory(configuration, using: &generator)
    let optimiser = Adamax(neuron, learningRate: 5e-3)
    let labels = Tensor(Array(0..<8))
    return Benchmark.time(20) {
      neuron.zeroGradients()
      neuron(x)[199].crossEntropy(labels).backward()
      optimiser.step()
    }
  }
}
