import Foundation
import Support
import Tensors
import Testing

@Suite struct OperationTests {
  @Test func arraysComeBackAsTheyWent() {
    let values: [Float] = [1, -2, 3.5, 4, 5, 6]
    let x = Tensor(values, shape: [2, 3])
    #expect(x.shape == [2, 3] && x.strides == [3, 1] && x.elementType == .float32)
    #expect(x.floats == values)
    #expect(x.transposed().floats == [1, 4, -2, 5, 3.5, 6])
    #expect(Tensor([1, 2, 3]).elementType == .int64)
    #expect(Tensor([true, false]).array(of: Bool.self) == [true, false])
    #expect(x.to(.bfloat16).to(.float32).floats == values)
  }

  @Test func memoryIsSharedWithoutACopy() {
    final class Owner { let memory = UnsafeMutablePointer<Float>.allocate(capacity: 3) }
    let owner = Owner()
    owner.memory.initialize(repeating: 1, count: 3)
    let x = Tensor(sharing: owner.memory, shape: [3], type: .float32, owner: owner)
    owner.memory[1] = 7
    #expect(x.floats == [1, 7, 1])
    x.fill(2)
    #expect(owner.memory[2] == 2)
  }

  @Test func operatorsBroadcast() {
    let x = Tensor([1, 2, 3, 4], shape: [2, 2], as: .float32)
    let row = Tensor([10, 20], as: .float32)
    #expect((x + row).floats == [11, 22, 13, 24])
    #expect((1 - x).floats == [0, -1, -2, -3])
    #expect((12 / x).floats == [12, 6, 4, 3])
    #expect((x .> 2).array(of: Bool.self) == [false, false, true, true])
    #expect((Tensor([5, 7]) * 2).elementType == .int64)
    #expect(
      Tensor([5.0, -1]).chosen(where: Tensor([true, false]), else: Tensor([0.0, 9])).doubles == [5, 9])
  }

  @Test func indexingReadsAndWrites() {
    let x = Tensor.arange(24, .float32).reshaped(2, 3, 4)
    #expect(x[1].shape == [3, 4])
    #expect(x[.all, 1..<3].shape == [2, 2, 4])
    #expect(x[.ellipsis, -1].floats == [3, 7, 11, 15, 19, 23])
    #expect(x[0, .all, .newAxis].shape == [3, 1, 4])
    #expect(x[0, 1, 1...].floats == [5, 6, 7])
    #expect(x[0, 0, .strided(by: 2)].floats == [0, 2])
    #expect(x[.all, Tensor([2, 0])].floats[..<4] == [8, 9, 10, 11])
    #expect(x.selected(by: x .> 21).floats == [22, 23])
    x[0, 0] = Tensor.zeros([4])
    #expect(x[0, 0].floats == [0, 0, 0, 0])
    x[1, 2, Tensor([0, 3])] = Tensor([-1, -2], as: .float32)
    #expect(x[1, 2].floats == [-1, 21, 22, -2])
  }

  @Test func reductionsMatchTheirDefinitions() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], as: .float64)
    #expect(x.sum().item == 21 && x.mean().item == 3.5)
    #expect(x.sum(axis: 0).doubles == [5, 7, 9])
    #expect(x.max(axes: [1]).doubles == [3, 6] && x.argmax(axis: 1).integers == [2, 2])
    #expect(abs(x.variance().item - 3.5) < 1e-12)
    #expect(abs(x.variance(correction: 0).item - 35.0 / 12) < 1e-12)
    #expect(x.median(axis: 1).values.doubles == [2, 5])
    #expect(x.quantile([0, 0.5, 1], axis: 1).doubles == [1, 4, 2, 5, 3, 6])
    #expect((Tensor([1000.0, 1000]).logSumExp() - (1000 + log(2.0))).abs().item < 1e-9)
    #expect(x.cumulativeSum(axis: 1).doubles == [1, 3, 6, 4, 9, 15])
    #expect(x.topK(2).values.doubles == [3, 2, 6, 5])
    #expect(Tensor([3, 1, 3, 2]).unique().counts.integers == [1, 1, 2])
  }

  @Test func linearAlgebraSolvesAndDecomposes() {
    var generator = RandomGenerator(seed: 1)
    let a = Tensor.normal([4, 4], .float64, using: &generator)
    let b = Tensor.normal([4, 2], .float64, using: &generator)
    #expect(a.matmul(a.solve(b)).isClose(to: b, absolute: 1e-9))
    let (u, s, vh) = a.svd()
    #expect(u.matmul(s.diagonalMatrix()).matmul(vh).isClose(to: a, absolute: 1e-9))
    let (q, r) = a.qr()
    #expect(q.matmul(r).isClose(to: a, absolute: 1e-9))
    let symmetric = a.matmul(a.transposed())
    let (values, vectors) = symmetric.eigh()
    #expect(
      vectors.matmul(values.diagonalMatrix()).matmul(vectors.transposed()).isClose(
        to: symmetric, absolute: 1e-9))
    let l = symmetric.cholesky()
    #expect(l.matmul(l.transposed()).isClose(to: symmetric, absolute: 1e-9))
    #expect(Tensor.einsum("ij,kj->ik", a, b.transposed()).isClose(to: a.matmul(b), absolute: 1e-12))
    let tall = Tensor.normal([6, 3], .float64, using: &generator)
    let x = tall.leastSquares(Tensor.ones([6, 1], .float64))
    #expect(tall.transposed().matmul(tall.matmul(x) - 1).abs().max().item < 1e-9)
  }

  @Test func fourierTransformOfACosineIsTwoLines() {
    let n = 16
    let wave = Tensor((0..<n).map { cos(2 * Double.pi * 3 * Double($0) / Double(n)) })
    let power = wave.realFFT().abs().doubles
    #expect(abs(power[3] - 8) < 1e-9 && abs(power[2]) < 1e-9)
    #expect(wave.realFFT().inverseRealFFT(count: n).isClose(to: wave, absolute: 1e-12))
  }

  @Test func sameSeedSameDraws() {
    func draws() -> [Float] {
      var generator = RandomGenerator(seed: 7)
      let tensors = [
        Tensor.normal([5], using: &generator), .uniform([5], in: -1...1, using: &generator),
        Tensor.full([5], 0.5).bernoulli(using: &generator), .permutation(5, using: &generator).to(.float32),
      ]
      return tensors.flatMap(\.floats)
    }
    #expect(draws() == draws())
    var generator = RandomGenerator(seed: 8)
    #expect(Tensor.normal([5], using: &generator).floats != Array(draws()[..<5]))
  }

  @Test func shapesOfUsersAreErrorsInAScope() {
    let problem = #expect(throws: CajalError.self) {
      try withTensorErrors { Tensor.ones([2, 3]).matmul(Tensor.ones([2, 3])) }
    }
    #expect(problem?.message.contains("float32[2, 3]") == true)
    #expect(throws: CajalError.self) { try withTensorErrors { Tensor.ones([2]).reshaped(3) } }
    #expect(throws: CajalError.self) {
      try withTensorErrors { Tensor.concatenated([Tensor.ones([2, 2]), Tensor.ones([3])]) }
    }
  }
}
