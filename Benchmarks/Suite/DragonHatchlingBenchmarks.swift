import Foundation
import Models
import Support
import Tensors

/// A dragon hatchling of 1,024 neurons beside the published operations in PyTorch.
enum DragonHatchlingBenchmarks {
  static let all: [Benchmark] = [training] + [64, 1_024].map(generation) + [16_384].map(longGeneration)

  private static let shape = DragonHatchlingConfiguration(
    width: 64, heads: 4, neuronsPerHead: 256, layers: 3, dropout: 0)

  /// Steps before the measurement: activity becomes sparse in training, and sparse activity is faster.
  private static var stepsBefore: Int {
    ProcessInfo.processInfo.environment["HATCHLING_STEPS"].flatMap { Int($0) } ?? 20
  }

  private static let training = Benchmark(
    "hatchling-training",
    "5 steps of AdamW on bytes of text: 1,024 neurons in 4 heads, width 64, 3 layers, 16 texts of 96 bytes",
    work: (5 * 16 * 96, "tokens"), peer: ("dragon_hatchling.py", "PyTorch"), target: 1.3
  ) {
    var generator = RandomGenerator(seed: 1)
    let model = DragonHatchling(shape, using: &generator)
    let optimiser = Adam.decoupled(model, learningRate: 1e-3, weightDecay: 0.1)
    let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/usr/share/common-licenses/GPL-3")))
    var number = 0
    func step() {
      let rows = (0..<16).flatMap { row -> [Int] in
        let start = (number * 16 + row) * 211 % (text.count - 97)
        return text[start..<start + 97].map(Int.init)
      }
      number += 1
      optimiser.zeroGradients()
      model.surprise(Tensor(rows, shape: [16, 97])).backward()
      optimiser.step()
    }
    for _ in 0..<stepsBefore { step() }
    return Benchmark.time(9) { for _ in 0..<5 { step() } }
  }

  private static func sample(_ context: Int, repetitions: Int) throws -> Benchmark.Sample {
    var generator = RandomGenerator(seed: 1)
    let session = try DragonHatchlingSession(DragonHatchling(shape, using: &generator))
    session.feed((0..<context).map { $0 * 7 % 256 })
    var sample = Benchmark.time(repetitions) {
      for _ in 0..<4 {
        session.feed([session.logits.indices.max { session.logits[$0] < session.logits[$1] }!])
      }
    }
    sample.notes = ["numbers of the state": Double(session.stateCount)]
    return sample
  }

  private static func generation(_ context: Int) -> Benchmark {
    Benchmark(
      "hatchling-generation-\(context)", "4 bytes written behind \(context): the recurrent form",
      work: (4, "tokens"), peer: ("dragon_hatchling.py", "PyTorch, the whole text for every byte")
    ) { try sample(context, repetitions: 50) }
  }

  private static func longGeneration(_ context: Int) -> Benchmark {
    Benchmark(
      "hatchling-generation-\(context)", "4 bytes written behind \(context): the recurrent form",
      work: (4, "tokens")
    ) { try sample(context, repetitions: 50) }
  }
}
