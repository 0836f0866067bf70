import Foundation
import Support
import Tensors
import Testing

/// The largest difference between the gradient and central differences of `function` at `x`.
func gradientError(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Double {
  let leaf = x.cloned().requiringGradient()
  let analytic = function(leaf).gradients(to: [leaf])[0].doubles
  let step = 1e-6
  var worst = 0.0
  for i in 0..<x.count {
    func value(_ shift: Double) -> Double {
      var values = x.doubles
      values[i] += shift
      return withoutGradients { function(Tensor(values, shape: x.shape)).item }
    }
    worst = max(worst, abs((value(step) - value(-step)) / (2 * step) - analytic[i]))
  }
  return worst
}

@Suite struct GradientTests {
  let x: Tensor

  init() {
    var generator = RandomGenerator(seed: 3)
    x = Tensor.uniform([3, 4], in: 0.2...0.9, .float64, using: &generator)
  }

  @Test(
    arguments: [
      ("exp", { @Sendable (x: Tensor) in x.exp().sum() }), ("log", { $0.log().sum() }),
      ("tanh", { $0.tanh().square().sum() }), ("softmax", { ($0.softmax(axis: 1) * $0).sum() }),
      ("matmul", { $0.matmul($0.transposed()).sum() }), ("gelu", { $0.gelu().sum() }),
      ("var", { $0.variance(axes: [1]).sum() }), ("logSumExp", { $0.logSumExp(axes: [0]).sum() }),
      ("norm", { $0.norm() }), ("rmsNorm", { ($0.rmsNorm(weight: nil) * $0).sum() }),
      ("index", { $0[.all, 1..<3].sum() + $0[0, 0].square() }), ("pow", { ($0.pow(3) / $0.sqrt()).sum() }),
    ] as [(String, @Sendable (Tensor) -> Tensor)])
  func agreesWithFiniteDifferences(_ name: String, _ function: @Sendable (Tensor) -> Tensor) {
    #expect(gradientError(x, function) < 1e-7)
  }

  @Test func derivativesOfHigherOrder() {
    let x = Tensor(2.0, .float64).requiringGradient()
    let first = x.pow(4).gradients(to: [x], differentiable: true)[0]
    let second = first.gradients(to: [x], differentiable: true)[0]
    let third = second.gradients(to: [x])[0]
    #expect((first.item, second.item, third.item) == (32, 48, 48))
  }

  @Test func backwardGathersAndStops() {
    let x = Tensor([1.0, 2]).requiringGradient()
    (x * x).sum().backward()
    (x * 3).sum().backward()
    #expect(x.gradient?.doubles == [5, 7])
    x.gradient = nil
    #expect(x.gradient == nil)
    #expect(withoutGradients { (x * x).requiresGradient } == false)
    #expect((x * 2).detached().requiresGradient == false)
    let apart = Tensor([1.0]).requiringGradient()
    #expect(x.sum().gradients(to: [apart])[0].doubles == [0])
  }

  @Test func customGradientsJoinTheGraph() {
    // A fused x·exp(x), its backward pass over raw buffers.
    func fused(_ x: Tensor) -> Tensor {
      customGradient([x]) { inputs in
        let x = inputs[0].contiguous()
        let y = Tensor.zeros(like: x)
        y.withUnsafeMutableElements(of: Double.self) { out in
          x.withUnsafeElements(of: Double.self) { for i in $0.indices { out[i] = $0[i] * exp($0[i]) } }
        }
        return ([y], { gradients in [gradients[0].map { $0 * (1 + x) * x.exp() }] })
      }[0]
    }
    #expect(gradientError(x) { (fused($0) * $0).sum() } < 1e-7)
    #expect(fused(x).requiresGradient == false)
  }

  @Test func customGradientsOfSeveralOutputsAndUnusedOnes() {
    let a = Tensor([2.0]).requiringGradient()
    let b = Tensor([3.0]).requiringGradient()
    let outputs = customGradient([a, b]) { inputs in
      let (a, b) = (inputs[0], inputs[1])
      return ([a * b, a + b], { [$0[0].map { $0 * b }, $0[0].map { $0 * a }] })
    }
    outputs[0].sum().backward()
    #expect(a.gradient?.doubles == [3] && b.gradient?.doubles == [2])
  }

  @Test func capturedMemoryIsFreedWithTheGraph() {
    final class Witness: @unchecked Sendable {}
    weak var witness: Witness?
    let x = Tensor([1.0]).requiringGradient()
    do {
      let kept = Witness()
      witness = kept
      let y = customGradient([x]) { _ in
        (
          [Tensor([1.0])],
          { [kept] g in
            _ = kept
            return g
          }
        )
      }[0]
      #expect(witness != nil)
      y.sum().backward()
    }
    #expect(witness == nil)
  }

  @Test func aUsedGraphSaysSo() {
    let x = Tensor([1.0]).requiringGradient()
    let y = customGradient([x]) { inputs in ([inputs[0] * 2], { [$0[0].map { $0 * 2 }] }) }[0].sum()
    y.backward()
    let problem = #expect(throws: CajalError.self) { try withTensorErrors { y.backward() } }
    #expect(problem?.message.contains("backward") == true)
  }

  @Test func aLongLoopHoldsItsMemory() {
    func resident() -> Int {
      let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")[1]
      return Int(pages ?? "0")! * 4096
    }
    let w = Tensor.ones([256, 256]).requiringGradient()
    func train(_ steps: Int) {
      for _ in 0..<steps {
        var h = Tensor.ones([8, 256])
        for _ in 0..<10 { h = h.matmul(w).tanh() }
        h.sum().backward()
        w.gradient = nil
      }
    }
    train(20)
    let before = resident()
    train(200)
    #expect(resident() - before < 20 << 20)
  }

  /// Products of single precision take a way of their own; double precision takes libtorch's.
  @Test(arguments: [(3, 4, 5), (32, 64, 48), (1, 1, 1), (200, 300, 170)])
  func productsOfSinglePrecisionEqualThoseOfDouble(_ m: Int, _ k: Int, _ n: Int) {
    var generator = RandomGenerator(seed: 6)
    let (x, y) = (Tensor.normal([m, k], using: &generator), Tensor.normal([k, n], using: &generator))
    func everything(_ type: ElementType) -> [Tensor] {
      let (a, b) = (x.to(type).requiringGradient(), y.to(type).requiringGradient())
      let product = a.matmul(b)
      let loss = product.tanh().sum()
      let first = loss.gradients(to: [a, b], keepingGraph: true, differentiable: true)
      // A gradient of a gradient, and a product with a transposed view.
      let second = first[0].square().sum().gradients(to: [a, b])
      return [product, a.transposed().matmul(a).detached()] + first + second
    }
    for (single, double) in zip(everything(.float32), everything(.float64)) {
      let error = (single.to(.float64) - double).abs().max().item
      #expect(error <= 2e-4 * Swift.max(1, double.abs().max().item), "\(error)")
    }
  }

  @Test func aProductOnlyOfWhatNeedsItsGradient() {
    var generator = RandomGenerator(seed: 7)
    let (x, y) = (
      Tensor.normal([3, 4], using: &generator), Tensor.normal([4, 2], using: &generator).requiringGradient()
    )
    x.matmul(y).sum().backward()
    #expect(x.gradient == nil && y.gradient!.shape == [4, 2])
    #expect(withoutGradients { x.matmul(y) }.requiresGradient == false)
  }
}
