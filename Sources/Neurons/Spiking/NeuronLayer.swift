import Recordings
import Tensors

/// Any neuron model as a layer among layers: whole sequences `[T, B, N]`, always from rest, the output tapped at a site.
///
/// ```swift
/// let network = Sequential(
///   Linear(700, 256, using: &generator), NeuronLayer(LIF(), site: "hidden"),
///   Linear(256, 20, using: &generator), NeuronLayer(LeakyIntegrator()))
/// ```
public final class NeuronLayer<Model: NeuronModel>: Layer {
  public let model: Model
  /// Where instruments find the output.
  public let site: String?

  public init(_ model: Model, site: String? = nil) {
    precondition(
      Model.inputCount == 1 && Model.parameterCount == 0,
      "\(Model.self) has \(Model.inputCount) inputs and \(Model.parameterCount) parameters of its own")
    (self.model, self.site) = (model, site)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    let output = model(x).output
    return site.map { tap($0, output) } ?? output
  }
}
