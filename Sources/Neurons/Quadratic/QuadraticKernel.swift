import Support
import Tensors

/// The dense quadratic layer in one node of the graph: what autograd would keep and pass around element by element is
/// done in one sweep each way, and the two maps of the input share their matrix products.
enum QuadraticKernel {
  /// Whether a layer and its input are of the plain form that the kernel computes.
  static func applies(_ layer: QuadraticLinear, to x: Tensor) -> Bool {
    layer.kind == .full && x.rank == 2 && x.device == .cpu
      && (x.elementType == .float32 || x.elementType == .float64)
      && layer.regular.weight.value.elementType == x.elementType
  }

  static func forward(_ layer: QuadraticLinear, _ x: Tensor) -> Tensor {
    x.elementType == .float32 ? forward(layer, x, Float.self) : forward(layer, x, Double.self)
  }

  private static func forward<Real: TensorElement & BinaryFloatingPoint & SIMDScalar>(
    _ layer: QuadraticLinear, _ x: Tensor, _: Real.Type
  ) -> Tensor {
    let (gate, square) = (layer.gate!, layer.square!)
    let inputs = [
      x, layer.regular.weight.value, layer.regular.bias!.value, gate.weight.value, gate.bias!.value,
      square.weight.value, square.bias!.value,
    ]
    let needsInput = x.requiresGradient
    return customGradient(inputs) { given in
      let (x, squares) = (given[0], given[0].square())
      let (r, g) = (x.linear(given[1], given[2]), x.linear(given[3], given[4]))
      let y = squares.linear(given[5], given[6])
      addProduct(r, g, to: y, Real.self)
      return (
        [y],
        { gradients in
          guard let upstream = gradients[0]?.contiguous() else { return [Tensor?](repeating: nil, count: 7) }
          return backward(
            upstream, x, squares, r, g, weights: (given[1], given[3], given[5]), needsInput, Real.self)
        }
      )
    }[0]
  }

  private static func backward<Real: TensorElement & BinaryFloatingPoint & SIMDScalar>(
    _ upstream: Tensor, _ x: Tensor, _ squares: Tensor, _ r: Tensor, _ g: Tensor,
    weights: (r: Tensor, g: Tensor, b: Tensor), _ needsInput: Bool, _: Real.Type
  ) -> [Tensor?] {
    let outputs = r.size(1)
    let (both, sums) = branchGradients(upstream, r, g, Real.self)
    let affine = both.transposed().matmul(x)
    let (ofR, ofG) = (
      affine.narrowed(0, from: 0, to: outputs), affine.narrowed(0, from: outputs, to: 2 * outputs)
    )
    var ofInput: Tensor?
    if needsInput {
      let direct = both.matmul(Tensor.concatenated([weights.r, weights.g]))
      direct.addProduct(inPlace: x, upstream.matmul(weights.b), scale: 2)
      ofInput = direct
    }
    return [
      ofInput, ofR, sums[0], ofG, sums[1], upstream.transposed().matmul(squares), sums[2],
    ]
  }

  /// `y += r ⊙ g`.
  private static func addProduct<Real: TensorElement & BinaryFloatingPoint>(
    _ r: Tensor, _ g: Tensor, to y: Tensor, _: Real.Type
  ) {
    y.withUnsafeMutableElements(of: Real.self) { y in
      r.withUnsafeElements(of: Real.self) { r in
        g.withUnsafeElements(of: Real.self) { g in
          for i in 0..<y.count { y[i] += r[i] * g[i] }
        }
      }
    }
  }

  /// From the gradient `[B, m]` of the output: those of r and g side by side `[B, 2m]`, and the sums over the batch of
  /// the gradients of r, g and b `[3, m]`, which are those of the biases.
  private static func branchGradients<Real: TensorElement & BinaryFloatingPoint>(
    _ upstream: Tensor, _ r: Tensor, _ g: Tensor, _: Real.Type
  ) -> (both: Tensor, sums: Tensor) {
    let (rows, m) = (r.size(0), r.size(1))
    let both = Tensor.uninitialized([rows, 2 * m], r.elementType)
    let sums = Tensor.zeros([3, m], r.elementType)
    let address = { (tensor: Tensor) in tensor.withUnsafeMutableElements(of: Real.self) { $0.baseAddress! } }
    let (upstreams, rs, gs) = (address(upstream), address(r), address(g))
    let (out, sum) = (address(both), address(sums))
    defer { withExtendedLifetime((upstream, r, g)) {} }
    for row in 0..<rows {
      let (u, r, g) = (upstreams + row * m, rs + row * m, gs + row * m)
      let (ofR, ofG) = (out + row * 2 * m, out + row * 2 * m + m)
      for i in 0..<m {
        let (a, b) = (u[i] * g[i], u[i] * r[i])
        ofR[i] = a
        ofG[i] = b
        sum[i] += a
        sum[m + i] += b
        sum[2 * m + i] += u[i]
      }
    }
    return (both, sums)
  }
}
