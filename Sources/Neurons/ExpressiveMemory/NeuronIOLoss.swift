import Datasets
import Tensors

/// A network from events at synapses to what a neuron answers: `[T, B, 2]`, the logit of an output spike and the scaled voltage of the soma.
public protocol SynapticModel: Layer {
  func callAsFunction(_ events: SynapticEvents) -> Tensor
}

extension ExpressiveLeakyMemory: SynapticModel {}
extension SynapticFrontEnd: SynapticModel {}

/// Half the cross-entropy of spikes plus half the squared error of the scaled voltage, over all steps.
public struct NeuronIOLoss: Sendable {
  /// Share of the spikes' part.
  public var spikeShare = 0.5

  public init() {}

  /// - Parameters:
  ///   - output: `[T, B, 2]`.
  ///   - spikes: 0 or 1, `[T, B]`.
  ///   - voltage: As targets have it, `[T, B]`.
  public func callAsFunction(_ output: Tensor, spikes: Tensor, voltage: Tensor) -> Tensor {
    precondition(
      output.rank == 3 && output.size(2) == 2 && spikes.shape == Array(output.shape.prefix(2)),
      "a loss of outputs \(output.shape) and spikes \(spikes.shape)")
    let ofSpikes = output[.all, .all, 0].binaryCrossEntropy(spikes)
    let ofVoltage = output[.all, .all, 1].meanSquaredError(voltage)
    return ofSpikes * spikeShare + ofVoltage * (1 - spikeShare)
  }
}
