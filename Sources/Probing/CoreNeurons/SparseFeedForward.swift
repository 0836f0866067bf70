import Support
import Tensors

/// A feed-forward part that computes chosen neurons alone: rows and columns of theirs, gathered once.
public struct SparseFeedForward {
  /// `[S, D]`; nil without gates.
  private let gate: Tensor?
  private let up: Tensor
  private let upBias: Tensor?
  /// `[D, S]`.
  private let down: Tensor
  private let downBias: Tensor?

  /// Gated neurons: `down (silu(gate x) · up x)`.
  ///
  /// - Parameters:
  ///   - gate: `[N, D]`, as `up`.
  ///   - down: `[D, N]`.
  ///   - neurons: Positions that take part; all if nil.
  public init(gate: Tensor, up: Tensor, down: Tensor, neurons: [Int]? = nil) {
    self.init(gate, up, nil, down, nil, neurons)
  }

  /// Rectified neurons with biases: `down relu(up x + upBias) + downBias`; the latter `[D]` counts whole.
  public init(rectified up: Tensor, upBias: Tensor?, down: Tensor, downBias: Tensor?, neurons: [Int]? = nil) {
    self.init(nil, up, upBias, down, downBias, neurons)
  }

  private init(
    _ gate: Tensor?, _ up: Tensor, _ upBias: Tensor?, _ down: Tensor, _ downBias: Tensor?, _ neurons: [Int]?
  ) {
    precondition(up.size(0) == down.size(1), "up \(up.shape) and down \(down.shape) have other neurons")
    let positions = neurons.map { Tensor($0) }
    func rows(_ tensor: Tensor) -> Tensor { positions.map { tensor.selected($0, axis: 0) } ?? tensor }
    self.gate = gate.map(rows)
    self.up = rows(up)
    self.upBias = upBias.map(rows)
    self.down = positions.map { down.selected($0, axis: 1).contiguous() } ?? down
    self.downBias = downBias
  }

  /// What the part adds, `[…, D]`, for the normalised stream `[…, D]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let linear = x.linear(up, upBias)
    let neurons = gate.map { x.linear($0).silu() * linear } ?? linear.relu()
    return neurons.linear(down, downBias)
  }
}
