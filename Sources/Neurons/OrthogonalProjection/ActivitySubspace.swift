import Support
import Tensors

/// The subspace of a population's activity that must not be disturbed by further learning.
///
/// Between ``beginTask(adding:using:)`` and ``endTask(_:)`` it may learn from activity; what is protected grows at the end
/// of a task. Shapes: n presynaptic neurons, m rows.
public protocol ActivitySubspace: Sendable {
  /// The protected rows `[m, n]`, nearly orthonormal; nil before the first task has ended.
  var protected: Tensor? { get }
  /// Whether the projection is linear, so that projecting a gradient equals projecting the activity in it.
  var isLinear: Bool { get }
  /// The part of activity `[…, n]` inside the protected subspace; zero before the first task has ended.
  func projection(of activity: Tensor) -> Tensor
  /// Makes room for `rows` further directions.
  mutating func beginTask(adding rows: Int, using generator: inout RandomGenerator)
  /// Sees the activity `[S, n]` of a training batch.
  mutating func observe(_ activity: Tensor)
  /// Protects what the task has added, given activity `[S, n]` of the trained network on it.
  mutating func endTask(_ activity: Tensor)
  /// What must be kept to go on later, by name.
  var state: NamedTensors { get }
  /// Takes up a kept state.
  ///
  /// - Throws: `CajalError` naming what is missing or has another shape.
  mutating func load(_ state: NamedTensors) throws
}

extension ActivitySubspace {
  public func projection(of activity: Tensor) -> Tensor {
    guard let protected else { return Tensor.zeros(like: activity) }
    return activity.matmul(protected.transposed()).matmul(protected)
  }
}

extension Tensor {
  /// The weights themselves; their gradient loses its part inside the span of `rows` `[m, n]`: `dW (I - HᵀH)`.
  ///
  /// Weights `[out, …]` with n numbers an output, as of a linear map or a convolution.
  public func projectingGradient(outOf rows: Tensor) -> Tensor {
    let inputs = rows.size(1)
    precondition(count == size(0) * inputs, "weights \(shape) for a subspace of \(inputs) neurons")
    return customGradient([self]) { given in
      (
        given,
        { gradients in
          gradients.map { gradient in
            guard let flat = gradient?.reshaped(-1, inputs) else { return nil }
            return (flat - flat.matmul(rows.transposed()).matmul(rows)).reshaped(given[0].shape)
          }
        }
      )
    }[0]
  }
}
