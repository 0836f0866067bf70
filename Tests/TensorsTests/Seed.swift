import Support
import Tensors
import Testing

@Test func first() {
  let x = Tensor([1, 2, 3, 4], shape: [2, 2], as: .float32).requiringGradient()
  let y = (x.matmul(x) * 2).tanh().sum(axis: 1)
  print(Torch.version, y, x.shape, x[.all, 1].floats)
  y.sum().backward()
  print(x.gradient!)
  let z = customGradient([x]) { inputs in
    let y = inputs[0].exp()
    return ([y], { g in [g[0].map { $0 * y }] })
  }[0]
  print(z.sum().gradients(to: [x])[0], x.exp())
  #expect(throws: CajalError.self) { try withTensorErrors { _ = x.matmul(Tensor.ones([3, 3])) } }
  do { _ = try withTensorErrors { x.matmul(Tensor.ones([3, 3])) } } catch { print(error) }
}
