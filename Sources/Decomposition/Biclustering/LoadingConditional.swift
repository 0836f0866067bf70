import Foundation
import Statistics

/// What a neuron's counts say of its baseline and loadings once Pólya-Gamma numbers are given: the normal distribution
/// N(V h, V) with `V⁻¹ = Σ ω u uᵀ + prior` and `h = Σ κ u` for `u = (1, x)`, `κ = (y - r)/2 + ω (log r - m)`.
package final class LoadingConditional {
  typealias Pointer = UnsafeMutablePointer<Double>
  typealias Lanes = SIMD8<Double>

  /// Numbers of (d, c).
  let size: Int
  private let sums: LaneBuffer
  private let factor: Pointer
  private let value: Pointer
  private let variances: [Double]

  /// - Parameter variances: Prior variances of (d, c).
  package init(variances: [Double]) {
    self.variances = variances
    size = variances.count
    sums = LaneBuffer(8 * (size * (size + 1) / 2 + size))
    factor = .allocate(capacity: size * size)
    value = .allocate(capacity: size)
    value.initialize(repeating: 0, count: size)
  }

  deinit {
    factor.deallocate()
    value.deallocate()
  }

  func begin() { sums.pointer.update(repeating: 0, count: sums.count) }

  /// Adds eight bins: ω, κ, and the trajectory whose factors are rows 1... of `x`, `[q][stride]`.
  @inline(__always) func add(_ omega: Lanes, _ information: Lanes, _ x: Pointer, _ stride: Int, _ bin: Int) {
    var place = 0
    let last = size * (size + 1) / 2
    for i in 0..<size {
      let row = i == 0 ? Lanes(repeating: 1) : x.lanes(i * stride + bin)
      let scaled = omega * row
      for j in 0...i {
        let other = j == 0 ? Lanes(repeating: 1) : x.lanes(j * stride + bin)
        sums.pointer.store(sums.pointer.lanes(8 * place) + scaled * other, 8 * place)
        place += 1
      }
      sums.pointer.store(sums.pointer.lanes(8 * (last + i)) + information * row, 8 * (last + i))
    }
  }

  /// Factorises V⁻¹ = L Lᵀ and makes L⁻¹ h of the sums.
  private func factorise() {
    var place = 0
    for i in 0..<size {
      for j in 0...i {
        factor[i * size + j] = sums.pointer.lanes(8 * place).sum() + (i == j ? 1 / variances[i] : 0)
        factor[j * size + i] = factor[i * size + j]
        place += 1
      }
    }
    SmallMatrix.choleskyWithJitter(factor, size)
    for i in 0..<size {
      var sum = sums.pointer.lanes(8 * (place + i)).sum()
      for j in 0..<i { sum -= factor[i * size + j] * value[j] }
      value[i] = sum / factor[i * size + i]
    }
  }

  /// A draw, from standard normal numbers; the mean from zeros.
  func draw(_ normal: (Int) -> Double) -> Pointer {
    factorise()
    for i in 0..<size { value[i] += normal(i) }
    for i in (0..<size).reversed() {
      var sum = value[i]
      for j in (i + 1)..<max(size, i + 1) { sum -= factor[j * size + i] * value[j] }
      value[i] = sum / factor[i * size + i]
    }
    return value
  }

  /// Mean and covariance `[q · q]` for given Pólya-Gamma numbers.
  ///
  /// - Parameters:
  ///   - factors: `[p][T]`.
  ///   - offset: m of each bin.
  package func moments(
    omega: [Double], counts: [Int], dispersion r: Double, offset: [Double], factors: [[Double]]
  ) -> (mean: [Double], covariance: [Double]) {
    let stride = LaneBuffer.padded(counts.count)
    let x = LaneBuffer(size * stride)
    let (weights, informations) = (LaneBuffer(stride), LaneBuffer(stride))
    for bin in counts.indices {
      for j in 1..<size { x.pointer[j * stride + bin] = factors[j - 1][bin] }
      weights.pointer[bin] = omega[bin]
      informations.pointer[bin] = (Double(counts[bin]) - r) / 2 + omega[bin] * (log(r) - offset[bin])
    }
    begin()
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      add(weights.pointer.lanes(bin), informations.pointer.lanes(bin), x.pointer, stride, bin)
    }
    let drawn = draw { _ in 0 }
    let mean = (0..<size).map { drawn[$0] }
    let (inverse, covariance) = (LaneBuffer(size * size), LaneBuffer(size * size))
    SmallMatrix.invertLower(factor, size, into: inverse.pointer)
    SmallMatrix.inverse(fromInverseFactor: inverse.pointer, size, into: covariance.pointer)
    return (mean, (0..<size * size).map { covariance.pointer[$0] })
  }
}
