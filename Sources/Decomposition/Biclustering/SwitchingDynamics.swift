/// Affine dynamics `x' = A x + b + N(0, Q)`, one for each state.
public struct SwitchingDynamics: Sendable, Equatable, Codable {
  /// Numbers of x.
  public let size: Int
  public let states: Int
  /// `[states · size · size]`.
  public var a: [Double]
  /// `[states · size]`.
  public var b: [Double]
  /// `[states · size · size]`.
  public var q: [Double]

  /// A random walk with steps of the given variance in every state.
  public init(randomWalk size: Int, states: Int, variance: Double) {
    (self.size, self.states) = (size, states)
    let identity = (0..<size * size).map { $0 / size == $0 % size ? 1.0 : 0 }
    a = (0..<states).flatMap { _ in identity }
    b = [Double](repeating: 0, count: states * size)
    q = (0..<states).flatMap { _ in identity.map { $0 * variance } }
  }

  /// Takes on one state's matrices, row by row.
  public mutating func set(_ state: Int, a newA: [Double], b newB: [Double], q newQ: [Double]) {
    precondition(
      newA.count == size * size && newB.count == size && newQ.count == size * size,
      "dynamics of other than \(size) numbers")
    for index in 0..<size * size {
      a[state * size * size + index] = newA[index]
      q[state * size * size + index] = newQ[index]
    }
    for index in 0..<size { b[state * size + index] = newB[index] }
  }

  /// The dynamics of some of the numbers, in the order given; -1 stands for a new one that walks at random with the
  /// given variance, apart from all others.
  func selecting(_ places: [Int], newVariance: Double) -> SwitchingDynamics {
    var result = SwitchingDynamics(randomWalk: places.count, states: states, variance: newVariance)
    let count = places.count
    for state in 0..<states {
      for (i, from) in places.enumerated() where from >= 0 {
        result.b[state * count + i] = b[state * size + from]
        for (j, other) in places.enumerated() where other >= 0 {
          result.a[(state * count + i) * count + j] = a[(state * size + from) * size + other]
          result.q[(state * count + i) * count + j] = q[(state * size + from) * size + other]
        }
      }
    }
    return result
  }

  /// The dynamics of `T (x - centre)` where these are those of x: `A := T A T⁻¹`, `Q := T Q Tᵀ`, `b := T (b + (A - I)
  /// centre)`.
  ///
  /// - Parameters: `[size · size]`, `[size · size]`, `[size]`.
  mutating func transform(_ forward: [Double], _ backward: [Double], centre: [Double]) {
    let n = size
    func product(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>, transposed: Bool = false) -> [Double] {
      let (x0, y0) = (x.startIndex, y.startIndex)
      var result = [Double](repeating: 0, count: n * n)
      for i in 0..<n {
        for l in 0..<n {
          let factor = x[x0 + i * n + l]
          if factor == 0 { continue }
          for j in 0..<n { result[i * n + j] += factor * y[y0 + (transposed ? j * n + l : l * n + j)] }
        }
      }
      return result
    }
    for state in 0..<states {
      let block = (state * n * n)..<((state + 1) * n * n)
      var shifted = [Double](repeating: 0, count: n)
      for i in 0..<n {
        shifted[i] = b[state * n + i] - centre[i]
        for j in 0..<n { shifted[i] += a[block.lowerBound + i * n + j] * centre[j] }
      }
      for i in 0..<n { b[state * n + i] = (0..<n).reduce(0) { $0 + forward[i * n + $1] * shifted[$1] } }
      a.replaceSubrange(block, with: product(product(forward[...], a[block])[...], backward[...]))
      q.replaceSubrange(
        block, with: product(product(forward[...], q[block])[...], forward[...], transposed: true))
    }
  }
}
