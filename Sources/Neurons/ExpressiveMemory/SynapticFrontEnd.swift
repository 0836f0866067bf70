import Datasets
import Foundation
import Support
import Tensors

/// The synapses and branches of ``ExpressiveLeakyMemory`` before another network: the same weights, routing and traces, so that only what
/// integrates them differs. Events -> `[T, B, outputs]`.
public final class SynapticFrontEnd: Layer {
  public let weights: Parameter
  /// From branch traces `[T, B, J]` on.
  public let network: Layer
  public let routing: SynapticRouting
  /// What is left of a trace after a step.
  public let decay: Double
  private let fan: SynapticFan

  /// - Parameter network: Takes `[T, B, branches]`.
  public init(
    _ routing: SynapticRouting, timeConstant: Double = 5, timeStep: Double = 1, before network: Layer
  ) {
    weights = Parameter(.full([routing.count], 0.5))
    (self.routing, self.network) = (routing, network)
    decay = exp(-timeStep / timeConstant)
    fan = SynapticFan(routing)
  }

  public func callAsFunction(_ events: SynapticEvents) -> Tensor {
    network(
      BranchTraces.run(
        events, fan, weights: weights.value.relu(), start: .zeros([events.batch, routing.branches]),
        decay: decay))
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { self(SynapticEvents(x)) }
}
