import Support

/// Limited-memory BFGS (Nocedal, 1980) with a backtracking line search (Armijo).
///
/// For full-batch problems: `minimise` evaluates the loss as often as it needs.
public final class LBFGS {
  public let parameters: [Parameter]
  /// How many steps are remembered.
  public let memory: Int
  /// Stops when no element of the gradient is larger.
  public let tolerance: Double
  private var moves: [Tensor] = []
  private var turns: [Tensor] = []

  public init(_ parameters: [Parameter], memory: Int = 10, tolerance: Double = 1e-7) {
    self.parameters = parameters
    self.memory = memory
    self.tolerance = tolerance
  }

  /// Minimises `loss` for at most `iterations` steps; returns the loss after each.
  public func minimise(iterations: Int, _ loss: () -> Tensor) -> [Double] {
    var history: [Double] = []
    var (value, gradient) = evaluate(loss)
    for _ in 0..<iterations {
      guard gradient.abs().max().item > tolerance else { break }
      let start = flat()
      var direction = -inverseHessian(gradient)
      var slope = direction.dot(gradient).item
      if slope >= 0 {  // the remembered curvature misleads: start afresh downhill
        (moves, turns) = ([], [])
        direction = -gradient
        slope = direction.dot(gradient).item
      }
      var length = moves.isEmpty ? Swift.min(1, 1 / gradient.norm(1).item) : 1
      var next = evaluate(at: start + direction * length, loss)
      while !(next.value <= value + 1e-4 * length * slope), length > 1e-12 {
        length /= 2
        next = evaluate(at: start + direction * length, loss)
      }
      guard next.value < value else {
        set(start)
        break
      }
      remember(flat() - start, next.gradient - gradient)
      (value, gradient) = next
      history.append(value)
    }
    return history
  }

  /// The two-loop recursion.
  private func inverseHessian(_ gradient: Tensor) -> Tensor {
    var q = gradient
    var weights: [Double] = []
    for (s, y) in zip(moves, turns).reversed() {
      let weight = s.dot(q).item / s.dot(y).item
      weights.append(weight)
      q = q - y * weight
    }
    if let s = moves.last, let y = turns.last { q = q * (s.dot(y).item / y.dot(y).item) }
    for ((s, y), weight) in zip(zip(moves, turns), weights.reversed()) {
      q = q + s * (weight - y.dot(q).item / s.dot(y).item)
    }
    return q
  }

  private func remember(_ move: Tensor, _ turn: Tensor) {
    guard move.dot(turn).item > 1e-10 else { return }
    moves.append(move)
    turns.append(turn)
    if moves.count > memory {
      moves.removeFirst()
      turns.removeFirst()
    }
  }

  private func flat() -> Tensor {
    Tensor.concatenated(parameters.map { $0.value.detached().flattened() })
  }

  private func set(_ vector: Tensor) {
    withoutGradients {
      var offset = 0
      for parameter in parameters {
        let count = parameter.value.count
        parameter.value.assign(vector[offset..<offset + count].reshaped(parameter.value.shape))
        offset += count
      }
    }
  }

  private func evaluate(at vector: Tensor, _ loss: () -> Tensor) -> (value: Double, gradient: Tensor) {
    set(vector)
    return evaluate(loss)
  }

  private func evaluate(_ loss: () -> Tensor) -> (value: Double, gradient: Tensor) {
    let result = loss()
    let gradients = result.gradients(to: parameters.map(\.value))
    return (result.item, Tensor.concatenated(gradients.map { $0.flattened() }))
  }
}
