import Support
import Tensors

extension Tensor {
  /// Currents `x Wᵀ`, `[…, n]` -> `[…, m]`, whose backward pass takes its two factors from elsewhere.
  ///
  /// The weights' gradient is (error signal) × (presynaptic trace); the error signal travels to the inputs through W or
  /// through other synapses. With neither given this is a plain linear map.
  ///
  /// - Parameters:
  ///   - weight: W, `[m, n]`.
  ///   - trace: What stands for x in the weights' gradient, of x's shape: a ``SpikeTrace``, or activity after a projection.
  ///   - feedback: What stands for W on the way back, `[m, n]`: a fixed random matrix (feedback alignment), or W's signs.
  public func linear(_ weight: Tensor, crediting trace: Tensor?, returningThrough feedback: Tensor? = nil)
    -> Tensor
  {
    precondition(
      weight.rank == 2 && size(-1) == weight.size(1), "inputs \(shape) for weights \(weight.shape)")
    precondition(trace.map { $0.shape == shape } ?? true, "a trace of \(trace!.shape) for inputs \(shape)")
    let wantsInputs = requiresGradient
    let outputs = Array(shape.dropLast()) + [weight.size(0)]
    return customGradient([self, weight]) { inputs in
      let (x, w) = (inputs[0], inputs[1])
      let flat = x.reshaped(-1, w.size(1))
      let credited = (trace?.detached() ?? x).reshaped(-1, w.size(1))
      return (
        [flat.linear(w).reshaped(outputs)],
        { gradients in
          guard let given = gradients[0]?.reshaped(-1, w.size(0)) else { return [nil, nil] }
          return [
            wantsInputs ? given.matmul(feedback?.detached() ?? w).reshaped(x.shape) : nil,
            given.transposed().matmul(credited),
          ]
        }
      )
    }[0]
  }
}
