import Recordings
import Support
import Tensors

extension ExpressiveLeakyMemory {
  /// The neuron step by step with autograd's own operations, in any precision and on any device: slow, and what kernels are tested against.
  public func reference(_ x: Tensor, from state: State? = nil) -> Run {
    let c = configuration
    let (steps, batch, type) = (x.size(0), x.size(1), synapticParameters.value.elementType)
    var b = state?.branches ?? .zeros([batch, c.branches], type, on: x.device)
    var m = state?.memory ?? .zeros([batch, c.memoryUnits], type, on: x.device)
    let drive = (routed(x) * synapticWeights).reshaped(steps, batch, c.branches, c.synapsesPerBranch)
      .sum(axis: -1)
    let (decay, gain) = (memoryDecay, memoryGain)
    var (branches, memory): ([Tensor], [Tensor]) = ([], [])
    for t in 0..<steps {
      b = b * synapticDecay + drive[t]
      let decayed = m * decay
      m = decayed + gain * Self.squashed(integrate(.concatenated([b, decayed], axis: -1)))
      branches.append(b)
      memory.append(m)
    }
    let all = tap("memory", Tensor.stacked(memory))
    return Run(
      output: readout(all), branches: tap("branches", .stacked(branches)), memory: all,
      state: State(branches: b, memory: m))
  }

  /// The traces of single synapses, `[T, B, N]`: what version 1 of the authors' code keeps, and branches sum.
  public func synapticTraces(_ x: Tensor) -> Tensor {
    let drive = routed(x) * synapticWeights
    var s = Tensor.zeros(like: drive[0])
    return .stacked(
      (0..<x.size(0)).map { t in
        s = s * synapticDecay + drive[t]
        return s
      })
  }

  private func routed(_ x: Tensor) -> Tensor {
    x.selected(synapseInputs.value, axis: 2) * synapseMask.value.to(x.elementType)
  }

  private func integrate(_ x: Tensor) -> Tensor {
    var value = integration[0](x)
    for layer in integration.dropFirst() {
      value = layer(configuration.activation == .relu ? value.relu() : value.silu())
    }
    return value
  }
}
