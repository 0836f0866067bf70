import CTorch
import Support

extension Tensor {
  public var requiresGradient: Bool { ct_requires_grad(raw) != 0 }

  /// Whether the tensor was given rather than computed.
  public var isLeaf: Bool { ct_is_leaf(raw) != 0 }

  /// Marks a leaf: gradients with respect to it are wanted (or not).
  @discardableResult
  public func requiringGradient(_ on: Bool = true) -> Tensor {
    if ct_set_requires_grad(raw, on ? 1 : 0) < 0 { TensorFailure.handle(#function, [self]) }
    return self
  }

  /// What ``backward(gradient:keepingGraph:)`` has gathered for this leaf.
  public var gradient: Tensor? {
    get { ct_grad(raw).map { Tensor($0) } }
    nonmutating set {
      if ct_set_grad(raw, newValue?.raw) < 0 { TensorFailure.handle("gradient", [self]) }
    }
  }

  /// The same elements outside the graph.
  public func detached() -> Tensor { requiresGradient ? Tensor(ct_detach(raw), #function, self) : self }

  /// Adds the gradients of this scalar (or of `gradient · self`) to the leaves that it was computed from.
  ///
  /// `keepingGraph` allows another pass; `differentiable` lets the gradients themselves be differentiated.
  public func backward(gradient: Tensor? = nil, keepingGraph: Bool = false, differentiable: Bool = false) {
    if ct_backward(raw, gradient?.raw, keepingGraph ? 1 : 0, differentiable ? 1 : 0) < 0 {
      TensorFailure.handle(#function, [self])
    }
  }

  /// The gradients of this scalar with respect to `inputs`, without touching ``gradient``.
  ///
  /// A tensor that this one does not depend on has a gradient of zeros.
  /// - Parameters:
  ///   - seed: The gradient of what is computed from this tensor; needed unless it is a scalar.
  ///   - differentiable: Builds the graph of the gradients, for derivatives of higher order.
  public func gradients(
    to inputs: [Tensor], seed: Tensor? = nil, keepingGraph: Bool = false, differentiable: Bool = false
  ) -> [Tensor] {
    var results = [ct_tensor?](repeating: nil, count: inputs.count)
    let status = inputs.withRaw { given in
      [self].withRaw { output in
        let call = { (seeds: UnsafePointer<ct_tensor?>?) in
          ct_gradients(
            output, 1, seeds, given, Int32(inputs.count), keepingGraph ? 1 : 0, differentiable ? 1 : 0,
            &results)
        }
        return seed.map { [$0].withRaw(call) } ?? call(nil)
      }
    }
    if status < 0 { TensorFailure.handle(#function, [self] + inputs) }
    return zip(results, inputs).map { result, input in
      result.map { Tensor($0) } ?? Tensor.zeros(like: input.detached())
    }
  }
}

/// Runs `body` without recording a graph; nothing that it computes can be differentiated.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try settingGradients(false, body)
}

/// Records a graph inside ``withoutGradients(_:)`` again.
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try settingGradients(true, body)
}

private func settingGradients<Result>(_ on: Bool, _ body: () throws -> Result) rethrows -> Result {
  Torch.need()
  let before = ct_grad_enabled()
  _ = ct_set_grad_enabled(on ? 1 : 0)
  defer { _ = ct_set_grad_enabled(before) }
  return try body()
}
