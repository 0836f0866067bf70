import Support
import Tensors

/// What a synapse remembers of its presynaptic spikes: `a[t] = (1 - 1/τ) a[t-1] + s[t]` (Xiao et al., 2022).
public struct SpikeTrace: Sendable, Equatable {
  /// τ, in time steps.
  public let timeConstant: Double

  public init(timeConstant: Double = 2) {
    precondition(timeConstant >= 1, "a trace's time constant of \(timeConstant) steps is below 1")
    self.timeConstant = timeConstant
  }

  private var keep: Double { 1 - 1 / timeConstant }

  /// The traces `[T, …]` of spikes `[T, …]`, outside the graph; `start` `[…]` is the last trace of what came before.
  public func callAsFunction(_ spikes: Tensor, from start: Tensor? = nil) -> Tensor {
    precondition(spikes.rank >= 1, "traces of [T, …], not \(spikes.shape)")
    return withoutGradients {
      let spikes = spikes.detached()
      var trace = start ?? Tensor.zeros(like: spikes[0])
      return Tensor.stacked(
        (0..<spikes.size(0)).map { time in
          trace = trace * keep + spikes[time]
          return trace
        })
    }
  }

  /// The traces of a constant input of one, step by step.
  public func ofConstant(steps: Int) -> [Double] {
    var trace = 0.0
    return (0..<steps).map { _ in
      trace = keep * trace + 1
      return trace
    }
  }
}
