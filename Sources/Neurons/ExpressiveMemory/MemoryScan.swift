import Support
import Tensors

/// The scan over memory units as one function with gradients.
enum MemoryScan {
  /// - Parameters:
  ///   - drive: What branches and bias give the first layer, `[T, B, H]`; with no further layers H is d.
  ///   - recurrent: From decayed memory to the first layer, `[H, d]`.
  ///   - layers: The maps behind each activation, the last one to d.
  ///   - decay: `κ`, `[d]`.
  ///   - gain: What `φ` is multiplied by, `[d]`.
  ///   - start: Memory before the first step, `[B, d]`.
  /// - Returns: Memory `[T, B, d]`.
  static func run(
    drive: Tensor, recurrent: Tensor, layers: [(weight: Tensor, bias: Tensor)], decay: Tensor, gain: Tensor,
    start: Tensor, activation: IntegrationActivation
  ) -> Tensor {
    let inputs = [drive, recurrent, decay, gain, start] + layers.flatMap { [$0.weight, $0.bias] }
    return customGradient(inputs) { inputs in
      let pass = MemoryScanPass(inputs.map { $0.contiguous() }, activation)
      let memory = pass.forward()
      return (
        [memory],
        { gradients in
          guard let given = gradients[0] else { return inputs.map { _ in nil } }
          return pass.backward(memory, given.contiguous())
        }
      )
    }[0]
  }
}

private struct MemoryScanPass {
  let drive, recurrent, decay, gain, start: Tensor
  let layers: [(weight: Tensor, bias: Tensor)]
  let activation: IntegrationActivation

  init(_ inputs: [Tensor], _ activation: IntegrationActivation) {
    (drive, recurrent, decay, gain, start) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    layers = stride(from: 5, to: inputs.count, by: 2).map { (inputs[$0], inputs[$0 + 1]) }
    self.activation = activation
  }

  private var steps: Int { drive.size(0) }
  private var batch: Int { drive.size(1) }
  private var units: Int { decay.count }

  private func kernel() -> MemoryScanKernel {
    MemoryScanKernel(
      network: PackedIntegration(recurrent: recurrent, layers: layers, decay: decay, gain: gain),
      activation: activation, steps: steps, batch: batch, drive: elements(drive), start: elements(start))
  }

  func forward() -> Tensor {
    let output = Tensor.uninitialized([steps, batch, units])
    let kernel = kernel()
    let target = SendableAddress(elements(output))
    withExtendedLifetime((self, output)) {
      parallelFor(kernel.tiles) { tile in withoutSubnormals { kernel.forward(tile, to: target.pointer!) } }
    }
    return output
  }

  /// In the order of the inputs.
  func backward(_ memory: Tensor, _ given: Tensor) -> [Tensor?] {
    let kernel = kernel()
    let active = layers.map { Tensor.uninitialized([steps * batch, $0.weight.size(1)]) }
    let widths = [recurrent.size(0)] + layers.map { $0.weight.size(0) }
    let gradients = widths.map { Tensor.uninitialized([steps * batch, $0]) }
    let perSequence = (0..<3).map { _ in Tensor.uninitialized([batch, units]) }
    let targets = ScanTargets(
      memory: elements(memory), ofMemory: elements(given), active: active.map(elements),
      gradients: gradients.map(elements), ofStart: elements(perSequence[0]),
      ofDecay: elements(perSequence[1]),
      ofGain: elements(perSequence[2]))
    withExtendedLifetime((self, memory, given, active, gradients, perSequence)) {
      parallelFor(kernel.tiles) { tile in withoutSubnormals { kernel.backward(tile, targets) } }
    }
    let before = Tensor.concatenated([start.unsqueezed(0), memory.narrowed(0, from: 0, to: steps - 1)])
    let ofRecurrent = gradients[0].transposed().matmul(before.flattened(to: 1)) * decay
    var result: [Tensor?] = [
      gradients[0].reshaped(drive.shape), ofRecurrent, perSequence[1].sum(axis: 0),
      perSequence[2].sum(axis: 0),
      perSequence[0],
    ]
    for index in layers.indices {
      result.append(gradients[index + 1].transposed().matmul(active[index]))
      result.append(gradients[index + 1].sum(axis: 0))
    }
    return result
  }
}
