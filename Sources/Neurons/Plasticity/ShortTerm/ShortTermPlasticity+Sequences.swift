import Foundation
import Support
import Tensors

extension ShortTermPlasticity {
  /// The efficacies that spikes `[T, B, N]` meet, of the same shape, outside the graph: u x at spikes, 0 elsewhere.
  ///
  /// `spikes * efficacies` goes to the weights; the graph goes through the spikes.
  /// - Parameter step: Length of a step, ms.
  public func efficacies(_ spikes: Tensor, step: Double = 1) -> Tensor {
    precondition(spikes.rank == 3 && step > 0, "a sequence [T, B, N] is needed, not \(spikes.shape)")
    let given = spikes.detached().to(.float32).to(.cpu).contiguous()
    let (steps, columns) = (given.size(0), given.size(1) * given.size(2))
    let result = Tensor.zeros(given.shape)
    guard given.count > 0 else { return result.to(spikes.elementType).to(spikes.device) }
    let (source, target) = (SendableAddress(elements(given)), SendableAddress(elements(result)))
    // Shares that are left after some steps.
    let facilitation = (0...steps).map { Self.left(Float(Double($0) * step), facilitationTimeConstant) }
    let depression = (0...steps).map { Self.left(Float(Double($0) * step), recoveryTimeConstant) }
    let block = 1024
    withExtendedLifetime((given, result)) {
      parallelFor((columns + block - 1) / block) { part in
        let range = part * block..<min((part + 1) * block, columns)
        var states = [State<Float>](repeating: rested(), count: range.count)
        var last = [Int](repeating: -1, count: range.count)
        for time in 0..<steps {
          let (from, to) = (source.pointer! + time * columns, target.pointer! + time * columns)
          for column in range where from[column] != 0 {
            let index = column - range.lowerBound
            let gap = last[index] < 0 ? nil : time - last[index]
            to[column] = spike(
              &states[index], facilitationLeft: gap.map { facilitation[$0] } ?? 0,
              depressionLeft: gap.map { depression[$0] } ?? 0)
            last[index] = time
          }
        }
      }
    }
    return result.to(spikes.elementType).to(spikes.device)
  }
}
