import Datasets
import Support
import Tensors

/// One node of a ``NIRNetwork``: what it does to a sequence `[T, B, …]`, and what it remembers meanwhile.
final class NIRStep: Module {
  private let operation: NIROperation
  private let node: String
  private let weight: Parameter?
  private let bias: Parameter?
  /// The seven constants of the neurons, each `[N]` or `[1]`.
  private let constants: [Buffer]
  private let model: NIRNeurons?
  /// Steps of each element, for delays.
  private let delays: [Int]

  override var keys: [String: String] { ["constants": "constants"] }

  init(
    _ name: String, _ operation: NIROperation, dt: Double, method: NIRDiscreteNeuron.Method,
    surrogate: SurrogateGradient
  ) throws {
    (self.operation, node) = (operation, name)
    var (weight, bias): (NIRArray?, NIRArray?) = (nil, nil)
    var neuron: NIRDiscreteNeuron?
    var delays: [Int] = []
    switch operation {
    case .input, .output, .flatten, .sumPool2D, .averagePool2D: break
    case .affine(let w, let b): (weight, bias) = (w, b)
    case .linear(let w): weight = w
    case .scale(let s): weight = s
    case .threshold(let t): weight = t
    case .convolution1D(let c), .convolution2D(let c): (weight, bias) = (c.weight, c.bias)
    case .delay(let d): delays = d.values.map { Int(($0 / dt).rounded()) }
    case .graph: throw CajalError("the node '\(name)' is a graph within a graph")
    default: neuron = try NIRDiscreteNeuron(operation, dt: dt, method: method, name: "the node '\(name)'")
    }
    switch operation {
    case .affine(let w, _), .linear(let w):
      guard w.shape.count == 2 else {
        throw CajalError("the weight of '\(name)' has shape \(w.shape), expected [out, in]")
      }
    default: break
    }
    self.weight = weight.map { Parameter($0.tensor()) }
    self.bias = bias.map { Parameter($0.tensor()) }
    self.delays = delays
    model = neuron.map {
      NIRNeurons(hasSynapse: $0.synapticGain != nil, fires: $0.threshold != nil, surrogate: surrogate)
    }
    constants =
      neuron.map { n in
        let none = NIRArray(repeating: 0, shape: [1])
        return [
          n.synapticDecay ?? none, n.synapticGain ?? none, n.decay, n.gain, n.offset, n.threshold ?? none,
          n.reset ?? none,
        ].map { Buffer($0.tensor().flattened()) }
      } ?? []
  }

  func callAsFunction(_ x: Tensor, _ memory: inout [Tensor]) -> Tensor {
    switch operation {
    case .affine, .linear:
      let y = x.rank == 3 ? x.spikeProduct(weight!.value) : x.linear(weight!.value)
      return bias.map { y + $0.value } ?? y
    case .scale: return x * weight!.value
    case .threshold: return (x .> weight!.value).to(x.elementType)
    case .flatten(_, let start, let end):
      return x.flattened(from: start + (start < 0 ? 0 : 2), to: end + (end < 0 ? 0 : 2))
    case .convolution1D(let c), .convolution2D(let c): return convolved(x, c)
    case .sumPool2D(let p):
      return pooled(x, p) * Double(p.kernel.reduce(1, *))
    case .averagePool2D(let p): return pooled(x, p)
    case .delay: return delayed(x, &memory)
    default: return model == nil ? x : fired(x, &memory)
    }
  }

  private func convolved(_ x: Tensor, _ c: NIRConvolution) -> Tensor {
    let kernel = Array(c.weight.shape.dropFirst(2))
    let padding: [Int]
    switch c.padding {
    case .zeros(let sizes): padding = sizes
    case .valid: padding = kernel.map { _ in 0 }
    case .same: padding = zip(kernel, c.dilation).map { ($0 - 1) * $1 / 2 }
    }
    let shape = ConvolutionShape(stride: c.stride, padding: padding, dilation: c.dilation, groups: c.groups)
    return x.everyStep { $0.convolution(weight!.value, bias!.value, shape) }
  }

  /// The mean over windows, zeros around.
  private func pooled(_ x: Tensor, _ p: NIRPooling) -> Tensor {
    x.everyStep { image in
      let around = [p.padding[1], p.padding[1], p.padding[0], p.padding[0]]
      let padded = p.padding.allSatisfy { $0 == 0 } ? image : image.padded(around)
      let windows = padded.windows(p.kernel[0], step: p.stride[0], axis: 2)
        .windows(p.kernel[1], step: p.stride[1], axis: 3)
      return windows.mean(axes: [-2, -1])
    }
  }

  /// Each element as many steps later as its delay says; the past is remembered, `[most, B, …]`.
  private func delayed(_ x: Tensor, _ memory: inout [Tensor]) -> Tensor {
    let most = delays.max() ?? 0
    guard most > 0 else { return x }
    let past = memory.first ?? Tensor.zeros([most] + x.shape.dropFirst(), x.elementType)
    let all = Tensor.concatenated([past, x])
    memory = [all[x.size(0)...]]
    let flat = all.flattened(from: 2)
    let columns = (0..<flat.size(2)).map { element -> Tensor in
      let delay = delays.count == 1 ? delays[0] : delays[element]
      return flat[most - delay..<most - delay + x.size(0), .all, element]
    }
    return Tensor.stacked(columns, axis: 2).reshaped(x.shape)
  }

  private func fired(_ x: Tensor, _ memory: inout [Tensor]) -> Tensor {
    let flat = x.flattened(from: 2)
    let neurons = flat.size(2)
    let own = constants.map { constant -> Tensor in
      precondition(
        constant.value.count == 1 || constant.value.count == neurons,
        "the neurons of '\(node)' have \(constant.value.count) constants for \(neurons) inputs")
      return constant.value.to(x.elementType).expanded([neurons])
    }
    let (output, state) = model!(
      flat, from: memory.isEmpty ? nil : NIRNeuronState(memory), parameters: own.map { $0.contiguous() })
    memory = state.variables
    return output.reshaped(x.shape)
  }
}
