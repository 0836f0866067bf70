import Support
import Tensors

/// A neuron model over whole sequences as one kernel forward and one back through time, joined to autograd.
///
/// Populations are cut into tiles whose variables stay in the fastest caches through all steps. Nothing is kept for the
/// way back but the inputs: each tile runs forward once more, in cache, and then backward.
struct FusedSequence<Model: NeuronModel> {
  let model: Model

  init(_ model: Model) { self.model = model }

  /// Inputs `[T, B, N]`, variables `[B, N]` and parameters `[N]` to outputs `[T, B, N]` and variables `[B, N]`.
  func run(_ inputs: [Tensor], _ start: [Tensor], _ parameters: [Tensor]) -> (output: Tensor, end: [Tensor]) {
    let wanted = inputs.map(\.requiresGradient)
    let (first, second) = (inputs.count, inputs.count + start.count)
    let outputs = customGradient(inputs + start + parameters) { given in
      let pass = SequencePass(
        model, inputs: Array(given[..<first]), start: Array(given[first..<second]),
        parameters: Array(given[second...]))
      let (output, end) = pass.forward()
      return (
        [output] + end,
        { pass.backward(ofOutput: $0[0], ofEnd: Array($0[1...]), towardsInputs: wanted) }
      )
    }
    return (outputs[0], Array(outputs[1...]))
  }
}

/// A tensor `[T, B, N]` step by step; one that repeats a single step, as expanded tensors do, is kept as that step.
struct Steps: Sendable {
  let tensor: Tensor
  /// Elements from one step to the next: zero where all are the same.
  let stride: Int

  init(_ tensor: Tensor) {
    let repeats = tensor.size(0) > 1 && tensor.strides[0] == 0
    self.tensor = (repeats ? tensor[0] : tensor).contiguous()
    stride = repeats ? 0 : tensor.count / max(tensor.size(0), 1)
  }

  /// Zeros for every step.
  init(zerosOf shape: [Int]) { (tensor, stride) = (Tensor.zeros(shape), 0) }
}

typealias Values = UnsafeMutablePointer<Float>

/// The elements of a contiguous tensor in single precision; the caller keeps the tensor alive.
func elements(_ tensor: Tensor) -> Values {
  tensor.withUnsafeMutableElements(of: Float.self) { $0.baseAddress! }
}

func addresses(_ tensors: [Tensor]) -> Variables<Values> {
  let list = tensors.map(elements)
  return Variables(list, filler: list.first ?? Values(bitPattern: 64)!)
}
