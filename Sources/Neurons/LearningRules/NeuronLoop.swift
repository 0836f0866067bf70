import Support
import Tensors

/// How the kernels of the learning rules walk over a population.
enum NeuronLoop {
  /// Neurons that a thread takes at a time through all steps.
  static let block = 8_192

  /// Runs `body` for every block of `count` neurons; results stand in order of blocks.
  static func map<Value: Sendable>(_ count: Int, _ body: @Sendable (Range<Int>) -> Value) -> [Value] {
    parallelMap((count + block - 1) / block) { body($0 * block..<min(($0 + 1) * block, count)) }
  }

  /// Whether a plain loop over single precision can take these tensors.
  static func applies(to tensors: Tensor...) -> Bool {
    tensors.allSatisfy { $0.elementType == .float32 && $0.device == .cpu && $0.count > 0 }
  }
}
