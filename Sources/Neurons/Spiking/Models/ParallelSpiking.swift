import Support
import Tensors

/// Parallel spiking neurons (PSN; Fang et al., 2023): a learned product over time instead of a memory, so that all steps
/// are computed at once.
///
///     h = W x + b,   W [T, T] over time,   s = 1 if h >= 0
public final class ParallelSpiking: Layer {
  /// `[T, T]`; row t weighs the steps that step t looks at.
  public let weight: Parameter
  /// `[T, 1]`: minus the threshold.
  public let bias: Parameter
  public let surrogate: SurrogateGradient
  /// Whether steps look at what came before them only.
  public let isCausal: Bool

  public init(
    steps: Int, isCausal: Bool = false, surrogate: SurrogateGradient = .arctan(),
    using generator: inout RandomGenerator
  ) {
    weight = Parameter(
      Initialisation.uniformFanIn.tensor([steps, steps], fanIn: steps, fanOut: steps, using: &generator))
    bias = Parameter(Tensor.full([steps, 1], -1))
    (self.isCausal, self.surrogate) = (isCausal, surrogate)
  }

  /// `[T, …]` to spikes `[T, …]`; T is that of the layer.
  public override func callAsFunction(_ x: Tensor) -> Tensor {
    let steps = weight.value.size(0)
    precondition(x.size(0) == steps, "parallel neurons of \(steps) steps take no sequence \(x.shape)")
    let weight = isCausal ? weight.value.lowerTriangle() : weight.value
    return surrogate.spikes(weight.matmul(x.reshaped(steps, -1)) + bias.value).reshaped(x.shape)
  }
}
