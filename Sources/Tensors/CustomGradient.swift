import CTorch
import Support

/// A function whose backward pass is written in Swift: the way of fused kernels into autograd.
///
/// `forward` computes on plain tensors (no graph is recorded inside) and returns the outputs together with the
/// backward closure, which keeps by capture what it needs. The closure receives the gradients of the outputs (nil
/// where nothing depends on one) and returns those of the inputs (nil for zero, or where none is wanted). It is
/// freed, with all it captured, when the graph is used up; it cannot itself be differentiated.
///
/// ```swift
/// let y = customGradient([x]) { inputs in
///   let y = inputs[0].exp()
///   return ([y], { gradients in [gradients[0].map { $0 * y }] })
/// }[0]
/// ```
/// - Parameter inputs: The tensors with respect to which gradients may be asked.
/// - Returns: The outputs of `forward`, joined to the graph.
public func customGradient(
  _ inputs: [Tensor],
  _ forward: ([Tensor]) -> (outputs: [Tensor], backward: ([Tensor?]) -> [Tensor?])
) -> [Tensor] {
  let (results, backward) = withoutGradients { forward(inputs.map { $0.detached() }) }
  // Outputs that are inputs passed through get a handle of their own: history is written into it.
  let outputs = results.map { output in
    inputs.contains { $0.handle === output.handle }
      ? output.cloned() : Tensor(ct_detach(output.raw), #function, output)
  }
  let box = Unmanaged.passRetained(BackwardBox(backward, inputs: inputs.count)).toOpaque()
  let status = inputs.withRaw { given in
    var pointers: [ct_tensor?] = outputs.map(\.raw)
    return ct_custom_gradient(
      given, Int32(inputs.count), &pointers, Int32(outputs.count), runBackward, box,
      { Unmanaged<BackwardBox>.fromOpaque($0!).release() })
  }
  if status < 0 { TensorFailure.handle(#function, inputs) }
  return outputs
}

private final class BackwardBox {
  let body: ([Tensor?]) -> [Tensor?]
  let inputs: Int

  init(_ body: @escaping ([Tensor?]) -> [Tensor?], inputs: Int) {
    self.body = body
    self.inputs = inputs
  }
}

private func runBackward(
  _ context: UnsafeMutableRawPointer?, _ gradients: UnsafePointer<ct_tensor?>?, _ m: Int32,
  _ results: UnsafeMutablePointer<ct_tensor?>?, _ n: Int32
) -> Int32 {
  let box = Unmanaged<BackwardBox>.fromOpaque(context!).takeUnretainedValue()
  let given = (0..<Int(m)).map { index in gradients![index].map { Tensor(ct_share($0)) } }
  let found = withoutGradients { box.body(given) }
  precondition(
    found.count == box.inputs, "a custom gradient returned \(found.count) gradients for \(box.inputs) inputs")
  for (index, gradient) in found.enumerated() where index < Int(n) {
    results![index] = gradient.map { ct_share($0.raw) }
  }
  return 0
}
