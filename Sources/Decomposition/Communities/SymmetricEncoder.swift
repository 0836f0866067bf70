import Support

/// Communities by a non-negative symmetric encoder and decoder (NNSED; Sun et al., 2017): A ≈ W Z and Z ≈ Wᵀ A by multiplicative
/// updates; a node belongs to the largest entry of its row of W.
public struct SymmetricEncoder: Sendable {
  public var groups: Int
  public var iterations: Int
  public var restarts: Int

  public init(groups: Int, iterations: Int = 200, restarts: Int = 5) {
    precondition(
      groups > 0 && iterations > 0 && restarts > 0,
      "\(groups) groups, \(iterations) iterations, \(restarts) restarts")
    self.groups = groups
    self.iterations = iterations
    self.restarts = restarts
  }

  /// The group of every node; of the start with the least error.
  ///
  /// - Parameter graph: Its weights should not be negative.
  public func labels(_ graph: WeightedGraph, using generator: inout RandomGenerator) -> [Int] {
    let own = generator
    _ = generator.next()
    let rows = graph.matrix.flatMap { $0 }
    let fits = parallelMap(restarts) { index -> (error: Double, labels: [Int]) in
      var stream = own.split(index)
      return fit(rows, graph.count, &stream)
    }
    return LevelSearch.compact(fits[fits.indices.min { (fits[$0].error, $0) < (fits[$1].error, $1) }!].labels)
  }

  /// W and Z lie as `[K, N]`.
  private func fit(_ a: [Double], _ n: Int, _ generator: inout RandomGenerator) -> (
    error: Double, labels: [Int]
  ) {
    let k = groups
    func random() -> [Double] { (0..<k * n).map { _ in 0.1 + 0.9 * generator.uniform() } }
    var (w, z) = (random(), random())
    let mean = a.reduce(0, +) / Double(max(1, a.count))
    // So that the products start at the size of the matrix.
    let scale = (mean / (Double(k) * 0.3)).squareRoot()
    for index in w.indices { (w[index], z[index]) = (w[index] * scale, z[index] * scale) }
    var (az, aw, aaw) = ([Double](repeating: 0, count: k * n), w, w)
    var (zz, ww) = ([Double](repeating: 0, count: k * k), [Double](repeating: 0, count: k * k))
    for _ in 0..<iterations {
      VectorLoops.products(a, n, z, k, n, into: &az, stride: n)
      VectorLoops.products(a, n, w, k, n, into: &aw, stride: n)
      VectorLoops.products(a, n, aw, k, n, into: &aaw, stride: n)
      VectorLoops.products(z, k, z, k, n, into: &zz, stride: k)
      update(&w, numerator: az, denominator: aaw, mixed: zz, n)
      VectorLoops.products(a, n, w, k, n, into: &aw, stride: n)
      VectorLoops.products(w, k, w, k, n, into: &ww, stride: k)
      update(&z, numerator: aw, denominator: z, mixed: ww, n)
    }
    // ‖A - W Z‖² but for ‖A‖².
    VectorLoops.products(a, n, z, k, n, into: &az, stride: n)
    VectorLoops.products(z, k, z, k, n, into: &zz, stride: k)
    VectorLoops.products(w, k, w, k, n, into: &ww, stride: k)
    let error = zip(zz, ww).reduce(0) { $0 + $1.0 * $1.1 } - 2 * zip(az, w).reduce(0) { $0 + $1.0 * $1.1 }
    let labels = (0..<n).map { node in (0..<k).max { (w[$0 * n + node], $1) < (w[$1 * n + node], $0) }! }
    return (error, labels)
  }

  /// `x <- x 2 numerator / (mixed x + denominator)`
  private func update(
    _ x: inout [Double], numerator: [Double], denominator: [Double], mixed: [Double], _ n: Int
  ) {
    var below = denominator
    x.withUnsafeMutableBufferPointer { x in
      below.withUnsafeMutableBufferPointer { below in
        for r in 0..<groups {
          for s in 0..<groups {
            VectorLoops.add(
              x.baseAddress! + s * n, times: mixed[r * groups + s], n, to: below.baseAddress! + r * n)
          }
        }
        for index in 0..<x.count { x[index] *= 2 * numerator[index] / (below[index] + 1e-12) }
      }
    }
  }
}
