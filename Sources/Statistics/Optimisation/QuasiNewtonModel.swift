/// The quadratic model `½ dᵀ B d + gᵀ d` of a limited-memory quasi-Newton method, with `B = θ I - W M Wᵀ` (Byrd, Nocedal and Schnabel,
/// 1994, equation 3.2), and the least point of it in a box.
struct QuasiNewtonModel {
  private let count, memory: Int
  /// The last steps and changes of the gradient, the oldest first.
  private var steps: [[Double]] = []
  private var changes: [[Double]] = []
  private var theta = 1.0
  /// `[2k · 2k]`
  private var middle: [Double] = []

  init(count: Int, memory: Int) { (self.count, self.memory) = (count, memory) }

  var isEmpty: Bool { steps.isEmpty }

  mutating func forget() { (steps, changes, theta, middle) = ([], [], 1, []) }

  /// Takes in a step with its change of the gradient; one without positive curvature is left out.
  mutating func learn(step: [Double], change: [Double]) {
    let (curvature, square) = (dot(step, change), dot(change, change))
    guard curvature > 2.2e-16 * square, square > 0 else { return }
    if steps.count == memory {
      steps.removeFirst()
      changes.removeFirst()
    }
    steps.append(step)
    changes.append(change)
    theta = square / curvature
    updateMiddle()
  }

  /// `M`, the inverse of `[-D, Lᵀ; L, θ SᵀS]`.
  private mutating func updateMiddle() {
    let k = steps.count
    var matrix = [Double](repeating: 0, count: 4 * k * k)
    for i in 0..<k {
      matrix[i * 2 * k + i] = -dot(steps[i], changes[i])
      for j in 0..<k {
        matrix[(k + i) * 2 * k + k + j] = theta * dot(steps[i], steps[j])
        guard i > j else { continue }
        let lower = dot(steps[i], changes[j])
        matrix[(k + i) * 2 * k + j] = lower
        matrix[j * 2 * k + k + i] = lower
      }
    }
    guard let inverse = Self.inverse(matrix, 2 * k) else { return forget() }
    middle = inverse
  }

  private static func inverse(_ matrix: [Double], _ n: Int) -> [Double]? {
    var identity = [Double](repeating: 0, count: n * n)
    for i in 0..<n { identity[i * n + i] = 1 }
    return solved(matrix, n, identity, columns: n)
  }

  /// `A⁻¹ B`, nil for a singular A.
  private static func solved(_ matrix: [Double], _ n: Int, _ right: [Double], columns: Int) -> [Double]? {
    var (factors, result, pivots) = (matrix, right, [Int](repeating: 0, count: n))
    let isRegular = factors.withUnsafeMutableBufferPointer { a in
      pivots.withUnsafeMutableBufferPointer { p in
        guard SmallMatrix.factorLU(a.baseAddress!, n, p.baseAddress!) else { return false }
        result.withUnsafeMutableBufferPointer {
          SmallMatrix.solveLU(a.baseAddress!, n, p.baseAddress!, $0.baseAddress!, columns)
        }
        return true
      }
    }
    return isRegular && result.allSatisfy(\.isFinite) ? result : nil
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  /// Row `i` of `W = [Y, θ S]`.
  private func row(_ i: Int) -> [Double] { changes.map { $0[i] } + steps.map { theta * $0[i] } }

  private func middleProduct(_ v: [Double]) -> [Double] {
    let n = v.count
    return (0..<n).map { i in
      var sum = 0.0
      for j in 0..<n { sum += middle[i * n + j] * v[j] }
      return sum
    }
  }

  /// The point that the next step aims at: the model's least point over what the Cauchy point leaves free.
  func target(_ point: [Double], _ gradient: [Double], _ bounds: Bounds) -> [Double] {
    let cauchy = cauchyPoint(point, gradient, bounds)
    guard !isEmpty else { return cauchy.point }
    let free = point.indices.filter {
      cauchy.point[$0] > bounds.lower[$0] && cauchy.point[$0] < bounds.upper[$0]
    }
    guard !free.isEmpty, let step = subspaceStep(point, gradient, cauchy, free) else { return cauchy.point }
    var target = cauchy.point
    for (k, i) in free.enumerated() { target[i] = bounds.clamped(cauchy.point[i] + step[k], i) }
    // Projected, the step may lead uphill: then it is cut where it meets the first bound.
    let slope = point.indices.reduce(0) { $0 + gradient[$1] * (target[$1] - point[$1]) }
    if slope < 0 { return target }
    var direction = [Double](repeating: 0, count: count)
    for (k, i) in free.enumerated() { direction[i] = step[k] }
    let reach = bounds.reach(cauchy.point, direction, limit: 1)
    return point.indices.map { bounds.clamped(cauchy.point[$0] + reach * direction[$0], $0) }
  }

  /// The first least point of the model along the projected gradient, and `Wᵀ (xᶜ - x)` (algorithm CP of the paper).
  private func cauchyPoint(_ point: [Double], _ gradient: [Double], _ bounds: Bounds) -> (
    point: [Double], sum: [Double]
  ) {
    let width = 2 * steps.count
    var direction = [Double](repeating: 0, count: count)
    var breaks: [(time: Double, index: Int)] = []
    for i in 0..<count where gradient[i] != 0 {
      let time = (point[i] - (gradient[i] < 0 ? bounds.upper[i] : bounds.lower[i])) / gradient[i]
      guard time > 0 else { continue }
      direction[i] = -gradient[i]
      if time < .infinity { breaks.append((time, i)) }
    }
    breaks.sort { ($0.time, $0.index) < ($1.time, $1.index) }
    var p = [Double](repeating: 0, count: width)
    for k in 0..<steps.count {
      p[k] = dot(changes[k], direction)
      p[steps.count + k] = theta * dot(steps[k], direction)
    }
    var c = [Double](repeating: 0, count: width)
    var found = point
    var slope = -dot(direction, direction)
    guard slope < 0 else { return (found, c) }
    let first = -theta * slope
    var curvature = first - dot(p, middleProduct(p))
    var (best, time) = (-slope / max(curvature, 1e-16 * first), 0.0)
    for (next, b) in breaks {
      let interval = next - time
      if best < interval { break }
      found[b] = direction[b] > 0 ? bounds.upper[b] : bounds.lower[b]
      let (g, z, w) = (gradient[b], found[b] - point[b], row(b))
      for k in 0..<width { c[k] += interval * p[k] }
      slope += interval * curvature + g * g + theta * g * z - g * dot(w, middleProduct(c))
      curvature -= theta * g * g + 2 * g * dot(w, middleProduct(p)) + g * g * dot(w, middleProduct(w))
      curvature = max(curvature, 1e-16 * first)
      for k in 0..<width { p[k] += g * w[k] }
      direction[b] = 0
      (best, time) = (-slope / curvature, next)
    }
    best = max(best, 0)
    for k in 0..<width { c[k] += best * p[k] }
    for i in 0..<count where direction[i] != 0 {
      found[i] = bounds.clamped(point[i] + (time + best) * direction[i], i)
    }
    return (found, c)
  }

  /// The model's least point over the free numbers, as a step from the Cauchy point `[F]` (the direct primal method).
  private func subspaceStep(
    _ point: [Double], _ gradient: [Double], _ cauchy: (point: [Double], sum: [Double]), _ free: [Int]
  ) -> [Double]? {
    let width = 2 * steps.count
    let rows = free.flatMap(row)
    func product(_ k: Int, _ v: [Double]) -> Double {
      var sum = 0.0
      for a in 0..<width { sum += rows[k * width + a] * v[a] }
      return sum
    }
    let correction = middleProduct(cauchy.sum)
    let residual = free.indices.map { k in
      let i = free[k]
      return gradient[i] + theta * (cauchy.point[i] - point[i]) - product(k, correction)
    }
    var projected = [Double](repeating: 0, count: width)
    var inner = [Double](repeating: 0, count: width * width)
    SmallMatrix.addRows(&projected, width, rows, free.count, residual)
    inner.withUnsafeMutableBufferPointer { inner in
      rows.withUnsafeBufferPointer { rows in
        for a in 0..<width {
          SmallMatrix.addRows(
            inner.baseAddress! + a * width, width, rows.baseAddress!, free.count, rows.baseAddress! + a,
            step: width)
        }
      }
    }
    for k in inner.indices { inner[k] /= theta }
    var system = [Double](repeating: 0, count: width * width)
    for a in 0..<width {
      system[a * width + a] = 1
      for b in 0..<width {
        for k in 0..<width { system[a * width + b] -= middle[a * width + k] * inner[k * width + b] }
      }
    }
    guard let v = Self.solved(system, width, middleProduct(projected), columns: 1) else { return nil }
    return free.indices.map { -residual[$0] / theta - product($0, v) / (theta * theta) }
  }
}
