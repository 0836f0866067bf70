import Foundation
import Tensors

extension PlasticityTrace {
  /// What a step leaves of the trace.
  func kept(step: Double) -> Double { exp(-step / timeConstant) }

  /// The trace of spikes `[T, …]` just after the spikes of every step, outside the graph.
  /// - Parameters:
  ///   - step: Length of a step, ms.
  ///   - start: `[…]`, just after what came before.
  public func values(of spikes: Tensor, step: Double, from start: Tensor? = nil) -> Tensor {
    precondition(spikes.rank >= 1 && step > 0, "traces of \(spikes.shape) in steps of \(step) ms")
    let keep = kept(step: step)
    if pairing == .all { return SpikeTrace(timeConstant: 1 / (1 - keep))(spikes, from: start) }
    return withoutGradients {
      let fired = (spikes.detached() .!= 0).to(spikes.elementType)
      var trace = start ?? Tensor.zeros(like: fired[0])
      return Tensor.stacked(
        (0..<fired.size(0)).map { time in
          trace = trace * (1 - fired[time]) * keep + fired[time]
          return trace
        })
    }
  }

  /// The trace just before the spikes of every step, from that just after them, ``values(of:step:from:)``.
  func before(_ after: Tensor, step: Double, from start: Tensor? = nil) -> Tensor {
    let first = (start ?? Tensor.zeros(like: after[0])).unsqueezed(0)
    let last = after.size(0) - 1
    return Tensor.concatenated([first, after[0..<last]]) * kept(step: step)
  }
}
