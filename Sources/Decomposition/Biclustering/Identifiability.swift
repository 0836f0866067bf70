import Statistics

/// The choice among equivalent descriptions of a group: trajectories centred in time, factors along their principal
/// axes in falling order, each with its largest excursion upwards.
package enum Identifiability {
  typealias Pointer = UnsafeMutablePointer<Double>

  /// What a group's trajectory has gone through: `x := axes (x - centre)`, with the offset first.
  struct Change {
    /// `[q]`.
    var centre: [Double]
    /// `[p · p]`, orthonormal rows.
    var axes: [Double]
  }

  /// Centres and turns the trajectory of one group in place, `[q][stride]`; padding stays zero.
  static func constrain(_ x: Pointer, factors p: Int, bins: Int, stride: Int) -> Change {
    var centre = [Double](repeating: 0, count: p + 1)
    for row in 0...p {
      let values = x + row * stride
      for bin in 0..<bins { centre[row] += values[bin] / Double(bins) }
      for bin in 0..<bins { values[bin] -= centre[row] }
    }
    var gram = [Double](repeating: 0, count: p * p)
    for i in 0..<p {
      for j in 0...i {
        let (a, b) = (x + (1 + i) * stride, x + (1 + j) * stride)
        var sum = SIMD8<Double>.zero
        for bin in Swift.stride(from: 0, to: stride, by: 8) { sum += a.lanes(bin) * b.lanes(bin) }
        gram[i * p + j] = sum.sum()
        gram[j * p + i] = gram[i * p + j]
      }
    }
    var axes = SmallMatrix.symmetricEigen(gram, p).vectors
    let old = LaneBuffer(8 * p)
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      for i in 0..<p { old.pointer.store(x.lanes((1 + i) * stride + bin), 8 * i) }
      for i in 0..<p {
        var sum = SIMD8<Double>.zero
        for j in 0..<p { sum += axes[i][j] * old.pointer.lanes(8 * j) }
        x.store(sum, (1 + i) * stride + bin)
      }
    }
    for i in 0..<p where isUpsideDown(x + (1 + i) * stride, bins) {
      let values = x + (1 + i) * stride
      for bin in 0..<bins { values[bin] = -values[bin] }
      for j in 0..<p { axes[i][j] = -axes[i][j] }
    }
    return Change(centre: centre, axes: axes.flatMap { $0 })
  }

  private static func isUpsideDown(_ values: Pointer, _ bins: Int) -> Bool {
    var largest = 0.0
    for bin in 0..<bins where abs(values[bin]) > abs(largest) { largest = values[bin] }
    return largest < 0
  }

  /// The baseline and loadings `[p]` that give a neuron the same predictor as before: `d += m̄ + c · x̄`, `c := axes c`.
  static func follow(_ change: Change, baseline: inout Double, loadings: Pointer, factors p: Int) {
    baseline += change.centre[0]
    for j in 0..<p { baseline += loadings[j] * change.centre[1 + j] }
    let old = (0..<p).map { loadings[$0] }
    for i in 0..<p { loadings[i] = (0..<p).reduce(0) { $0 + change.axes[i * p + $1] * old[$1] } }
  }
}

extension Identifiability {
  /// The constrained description of one group: offset `[T]`, factors `[p][T]`, baselines `[N]` and loadings `[N][p]`.
  package static func constrained(
    offset: [Double], factors: [[Double]], baselines: [Double], loadings: [[Double]]
  ) -> (offset: [Double], factors: [[Double]], baselines: [Double], loadings: [[Double]]) {
    let (p, bins) = (factors.count, offset.count)
    let stride = LaneBuffer.padded(bins)
    let x = LaneBuffer((p + 1) * stride)
    for bin in 0..<bins {
      x.pointer[bin] = offset[bin]
      for j in 0..<p { x.pointer[(1 + j) * stride + bin] = factors[j][bin] }
    }
    let change = constrain(x.pointer, factors: p, bins: bins, stride: stride)
    var (baselines, loadings) = (baselines, loadings)
    for neuron in baselines.indices {
      loadings[neuron].withUnsafeMutableBufferPointer {
        follow(change, baseline: &baselines[neuron], loadings: $0.baseAddress!, factors: p)
      }
    }
    func row(_ index: Int) -> [Double] { (0..<bins).map { x.pointer[index * stride + $0] } }
    return (row(0), (1...p).map(row), baselines, loadings)
  }
}
