import Foundation
import Statistics
import Support
import Testing

@Suite struct BoundedMinimiserTests {
  /// The chained valley of Rosenbrock as in SciPy's `rosen`.
  private func valley(_ x: [Double], _ gradient: inout [Double]) -> Double {
    var value = 0.0
    gradient = Array(repeating: 0, count: x.count)
    for i in 0..<x.count - 1 {
      let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
      value += 100 * a * a + b * b
      gradient[i] += -400 * a * x[i] - 2 * b
      gradient[i + 1] += 200 * a
    }
    return value
  }

  @Test func aBoxCutsAQuadraticWhereItShould() throws {
    // Independent numbers: each ends at its own minimum or at the bound before it.
    let goal: [Double] = [-2, 0.5, 3, 7, -1]
    let scale: [Double] = [1, 100, 0.01, 5, 30]
    let found = try BoundedMinimiser().minimise(
      from: Array(repeating: 0.2, count: 5), lower: Array(repeating: 0, count: 5),
      upper: Array(repeating: 4, count: 5)
    ) { x, gradient in
      var value = 0.0
      for i in x.indices {
        value += 0.5 * scale[i] * (x[i] - goal[i]) * (x[i] - goal[i])
        gradient[i] = scale[i] * (x[i] - goal[i])
      }
      return value
    }
    #expect(found.outcome == .stationary && found.iterations < 20)
    for (x, expected) in zip(found.point, [0, 0.5, 3, 4, 0]) { #expect(abs(x - expected) < 1e-7) }
  }

  @Test func theValleyEndsWhereSciPyDoes() throws {
    let start = [-1.2, 1, -1.2, 1, -1.2, 1]
    let found = try BoundedMinimiser(gradientTolerance: 1e-9).minimise(
      from: start, lower: Array(repeating: -2, count: 6), upper: [0.8, 0.8, 2, 2, 2, 0.3], valley)
    #expect(abs(found.value - 2.0484954906295485) < 1e-10)
    let scipy = [
      0.8, 0.665150976386584, 0.458814947259109, 0.2224737950242301, 0.05890553413158668,
      0.003469861951528072,
    ]
    for (x, expected) in zip(found.point, scipy) { #expect(abs(x - expected) < 1e-6) }
    // SciPy takes 33 steps and 40 evaluations.
    #expect(found.evaluations < 80)
    let free = try BoundedMinimiser().minimise(from: [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1], valley)
    #expect(free.value < 1e-12 && free.evaluations < 190 && free.projectedGradient < 1e-5)
  }

  /// The example that comes with the authors' program: 25 numbers, every other bounded below by 1, the rest by -100.
  @Test func theAuthorsExampleIsSolved() throws {
    let count = 25
    let found = try BoundedMinimiser(gradientTolerance: 1e-7).minimise(
      from: Array(repeating: 3, count: count), lower: (0..<count).map { $0 % 2 == 0 ? 1 : -100 },
      upper: Array(repeating: 100, count: count)
    ) { x, gradient in
      gradient = Array(repeating: 0, count: count)
      var value = 0.25 * (x[0] - 1) * (x[0] - 1)
      gradient[0] = 2 * (x[0] - 1)
      for i in 1..<count {
        let rest = x[i] - x[i - 1] * x[i - 1]
        value += rest * rest
        gradient[i] += 8 * rest
        gradient[i - 1] -= 16 * rest * x[i - 1]
      }
      return 4 * value
    }
    #expect(found.value < 1e-10 && found.evaluations < 90)
    #expect(found.point.enumerated().allSatisfy { $0.element >= ($0.offset % 2 == 0 ? 1 : -100) })
    // Each number is about the square of the last: errors double along the chain.
    #expect(found.point.prefix(8).allSatisfy { abs($0 - 1) < 1e-4 })
  }

  /// An ill-conditioned least-squares problem; optimum by SciPy's lsq_linear.
  @Test func manyActiveBoundsAreFound() throws {
    let rows = (0..<12).map { i in (0..<8).map { 1 / Double(i + $0 + 1) } }
    let found = try BoundedMinimiser(gradientTolerance: 1e-11).minimise(
      from: Array(repeating: 0, count: 8), lower: Array(repeating: -1, count: 8),
      upper: Array(repeating: 1, count: 8)
    ) { x, gradient in
      for k in x.indices { gradient[k] = 1e-3 * x[k] }
      var value = 0.5e-3 * x.reduce(0) { $0 + $1 * $1 }
      for (i, row) in rows.enumerated() {
        let rest = zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } - cos(Double(i))
        value += 0.5 * rest * rest
        for k in x.indices { gradient[k] += rest * row[k] }
      }
      return value
    }
    #expect(abs(found.value - 2.4058698451360394) < 1e-12)
    let expected = [1, 1, 0.3507864557609818, -1, -1, -1, -1, -1]
    for (x, expected) in zip(found.point, expected) { #expect(abs(x - expected) < 1e-7) }
  }

  @Test func stepsAvoidWhereNothingIsDefined() throws {
    // -log x + x: not defined at 0 and below, though the first step may lead there.
    let found = try BoundedMinimiser().minimise(from: [30, 0.02]) { x, gradient in
      guard x.allSatisfy({ $0 > 0 }) else { return .nan }
      gradient = x.map { 1 - 1 / $0 }
      return x.reduce(0) { $0 + $1 - log($1) }
    }
    #expect(found.point.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func boundsHoldAtEveryEvaluationAndFixedNumbersStay() throws {
    var points: [[Double]] = []
    let found = try BoundedMinimiser().minimise(from: [5, 5, 5], lower: [-1, 0.5, 0], upper: [0.9, 0.5, 2]) {
      x, gradient in
      points.append(x)
      return valley(x, &gradient)
    }
    #expect(points.allSatisfy { $0[0] >= -1 && $0[0] <= 0.9 && $0[1] == 0.5 && $0[2] >= 0 && $0[2] <= 2 })
    #expect(found.projectedGradient <= 1e-8)
  }

  @Test func wrongInputIsNamed() throws {
    let minimiser = BoundedMinimiser()
    #expect(throws: CajalError.self) { try minimiser.minimise(from: [1, 1], lower: [0], valley) }
    #expect(throws: CajalError.self) {
      try minimiser.minimise(from: [1, 1], lower: [2, 0], upper: [1, 1], valley)
    }
    #expect(throws: CajalError.self) { try minimiser.minimise(from: [1, 1]) { _, _ in .nan } }
    #expect(throws: Interruption.self) {
      try minimiser.minimise(from: [1, 1]) { _, _ in throw Interruption() }
    }
    let none = try BoundedMinimiser(iterations: 0).minimise(from: [-1, 1], valley)
    #expect(none.outcome == .exhausted && none.evaluations == 1 && none.point == [-1, 1])
  }
}

@Suite struct MatrixFactorTests {
  @Test(arguments: [(5, 7, 3), (4, 16, 9), (11, 29, 6), (9, 40, 0)]) func productsAreThoseOfTheirDefinition(
    _ n: Int, _ m: Int, _ k: Int
  ) {
    var generator = RandomGenerator(seed: 2)
    let (a, b) = ((0..<n * k).map { _ in generator.normal() }, (0..<k * m).map { _ in generator.normal() })
    let start = (0..<n * m).map { _ in generator.normal() }
    // A and, from its transpose, the same.
    let turned = (0..<n * k).map { a[$0 % n * k + $0 / n] }
    var (plain, transposed) = (start, start)
    SmallMatrix.addProduct(&plain, n, m, a, k, b, row: k, column: 1, sign: -2)
    SmallMatrix.addProduct(&transposed, n, m, turned, k, b, row: 1, column: n, sign: -2)
    for i in 0..<n {
      for j in 0..<m {
        let sum = (0..<k).reduce(0.0) { $0 + a[i * k + $1] * b[$1 * m + j] }
        #expect(abs(plain[i * m + j] - (start[i * m + j] - 2 * sum)) < 1e-12)
        #expect(abs(transposed[i * m + j] - plain[i * m + j]) < 1e-12)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 32]) func bothSidesAreSolved(_ n: Int) {
    var generator = RandomGenerator(seed: UInt64(n))
    // A zero in the corner asks for an exchange of rows.
    let a = (0..<n * n).map { $0 == 0 && n > 1 ? 0 : generator.normal() }
    let columns = 21
    let x = (0..<n * columns).map { _ in generator.normal() }
    var (right, transposed) = (x.map { _ in 0.0 }, x.map { _ in 0.0 })
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<columns {
          right[i * columns + k] += a[i * n + j] * x[j * columns + k]
          transposed[i * columns + k] += a[j * n + i] * x[j * columns + k]
        }
      }
    }
    var (factors, pivots) = (a, [Int](repeating: 0, count: n))
    #expect(SmallMatrix.factorLU(&factors, n, &pivots))
    SmallMatrix.solveLU(&factors, n, &pivots, &right, columns)
    SmallMatrix.solveTransposedLU(&factors, n, &pivots, &transposed, columns)
    #expect(zip(right, x).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(zip(transposed, x).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func singularMatricesAreRefused() {
    var a: [Double] = [1, 2, 2, 4]
    var pivots = [0, 0]
    #expect(!SmallMatrix.factorLU(&a, 2, &pivots))
    a = [0, .nan, 1, 1]
    #expect(!SmallMatrix.factorLU(&a, 2, &pivots) || a.contains { $0.isNaN })
  }
}
