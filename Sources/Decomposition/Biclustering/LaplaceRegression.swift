import Foundation
import Statistics

/// A negative binomial regression with log link and normal prior of one neuron's counts: mode, curvature, and the
/// likelihood with the coefficients integrated out by Laplace's approximation. Scratch memory is its own; one object a
/// thread.
final class LaplaceRegression {
  typealias Pointer = UnsafeMutablePointer<Double>
  typealias Lanes = SIMD8<Double>

  /// Counts, weights (0 where nothing was seen), the constant part of the predictor and the dispersion.
  struct Target {
    var counts: Pointer
    var weights: Pointer
    /// `[stride]`, and a number added to each.
    var offset: Pointer
    var constant: Double
    var dispersion: Double
    /// Padded bins.
    var stride: Int
    /// `Σ log Γ(y + r) - log Γ(r) - log y!`.
    var logNormaliser: Double
  }

  let count: Int
  /// The mode `[q]`, and the lower Cholesky factor of the precision there, `[q · q]`.
  let mode: Pointer
  let factor: Pointer
  private let sums: LaneBuffer
  private let step: Pointer
  private let rows: UnsafeMutablePointer<Pointer>
  /// Of the normal prior of each coefficient; 1 unless set.
  let variances: Pointer
  /// Newton steps at most, and the largest step that counts as none.
  var iterations = 6
  var tolerance = 1e-3
  /// Whether the mode and the curvature are those of likelihood and prior together. The published code takes the
  /// likelihood's alone and the prior's density there, which has no mode for counts that are all zero.
  var isPenalised = true

  /// - Parameter count: Coefficients q.
  init(_ count: Int) {
    self.count = count
    mode = .allocate(capacity: max(1, count))
    factor = .allocate(capacity: max(1, count * count))
    step = .allocate(capacity: max(1, count))
    rows = .allocate(capacity: max(1, count))
    variances = .allocate(capacity: max(1, count))
    variances.initialize(repeating: 1, count: max(1, count))
    sums = LaneBuffer(8 * (count + count * (count + 1) / 2 + 1))
  }

  deinit {
    mode.deallocate()
    factor.deallocate()
    step.deallocate()
    rows.deallocate()
    variances.deallocate()
  }

  /// Names the regressor of a coefficient, `[stride]`.
  func setRow(_ index: Int, _ pointer: Pointer) { rows[index] = pointer }

  /// Iteratively reweighted least squares from zero with the expected information as weights.
  ///
  /// - Returns: The log likelihood at the mode, the prior's log density there, and half the log determinant of the covariance, summed; the
  ///   constant `q/2 log 2π` of Laplace's formula is left out, as in the published code.
  func logMarginal(_ target: Target) -> Double {
    for index in 0..<count { mode[index] = 0 }
    for _ in 0..<iterations {
      accumulate(target)
      factorise()
      if newtonStep() < tolerance { break }
    }
    accumulate(target)
    factorise()
    var sum = logLikelihood(target)
    for index in 0..<count {
      sum -= mode[index] * mode[index] / (2 * variances[index])
      sum -= log(2 * Double.pi * variances[index]) / 2
    }
    return sum - SmallMatrix.logDeterminant(ofFactor: factor, count) / 2
  }

  /// Gradient and information at the mode so far, into `sums`.
  private func accumulate(_ target: Target) {
    if count == 2 { return accumulatePair(target) }
    let (gradient, information) = (sums.pointer, sums.pointer + 8 * count)
    for index in 0..<sums.count { sums.pointer[index] = 0 }
    let r = Lanes(repeating: target.dispersion)
    for bin in stride(from: 0, to: target.stride, by: 8) {
      var predictor = target.offset.lanes(bin) + target.constant
      for index in 0..<count { predictor += mode[index] * rows[index].lanes(bin) }
      let mean = VectorMath.exponential(predictor)
      let scale = target.weights.lanes(bin) * r / (r + mean)
      let slope = scale * (target.counts.lanes(bin) - mean)
      let weight = scale * mean
      var place = 0
      for index in 0..<count {
        let row = rows[index].lanes(bin)
        gradient.store(gradient.lanes(8 * index) + slope * row, 8 * index)
        let weighted = weight * row
        for other in 0...index {
          information.store(information.lanes(8 * place) + weighted * rows[other].lanes(bin), 8 * place)
          place += 1
        }
      }
    }
  }

  /// The usual case of two coefficients, its sums in registers.
  private func accumulatePair(_ target: Target) {
    let (first, second) = (rows[0], rows[1])
    let (c0, c1) = (Lanes(repeating: mode[0]), Lanes(repeating: mode[1]))
    var (g0, g1) = (Lanes.zero, Lanes.zero)
    var (h00, h01, h11) = (Lanes.zero, Lanes.zero, Lanes.zero)
    let r = Lanes(repeating: target.dispersion)
    for bin in stride(from: 0, to: target.stride, by: 8) {
      let (x0, x1) = (first.lanes(bin), second.lanes(bin))
      let predictor = target.offset.lanes(bin) + target.constant + c0 * x0 + c1 * x1
      let mean = VectorMath.exponential(predictor)
      let scale = target.weights.lanes(bin) * r / (r + mean)
      let slope = scale * (target.counts.lanes(bin) - mean)
      let weighted0 = scale * mean * x0
      g0 += slope * x0
      g1 += slope * x1
      h00 += weighted0 * x0
      h01 += weighted0 * x1
      h11 += scale * mean * x1 * x1
    }
    for (place, value) in [g0, g1, h00, h01, h11].enumerated() { sums.pointer.store(value, 8 * place) }
  }

  /// The factor of the precision: information and prior.
  private func factorise() {
    let information = sums.pointer + 8 * count
    var place = 0
    for index in 0..<count {
      for other in 0...index {
        let value =
          information.lanes(8 * place).sum() + (isPenalised && index == other ? 1 / variances[index] : 0)
        factor[index * count + other] = value
        factor[other * count + index] = value
        place += 1
      }
    }
    SmallMatrix.choleskyWithJitter(factor, count)
  }

  /// Moves the mode by a Newton step; the largest change.
  private func newtonStep() -> Double {
    for index in 0..<count {
      var value = sums.pointer.lanes(8 * index).sum() - (isPenalised ? mode[index] / variances[index] : 0)
      for other in 0..<index { value -= factor[index * count + other] * step[other] }
      step[index] = value / factor[index * count + index]
    }
    var largest = 0.0
    for index in (0..<count).reversed() {
      var value = step[index]
      for other in (index + 1)..<max(count, index + 1) {
        value -= factor[other * count + index] * step[other]
      }
      step[index] = value / factor[index * count + index]
      largest = max(largest, abs(step[index]))
    }
    // A step far out, where counts are few, would overshoot.
    let scale = largest > 3 ? 3 / largest : 1
    for index in 0..<count { mode[index] += scale * step[index] }
    return largest
  }

  /// The log likelihood at the mode so far.
  func logLikelihood(_ target: Target) -> Double {
    let r = target.dispersion
    let logR = log(r)
    var sum = Lanes.zero
    for bin in stride(from: 0, to: target.stride, by: 8) {
      var predictor = target.offset.lanes(bin) + (target.constant - logR)
      for index in 0..<count { predictor += mode[index] * rows[index].lanes(bin) }
      let ratio = VectorMath.exponential(predictor)
      let counts = target.counts.lanes(bin)
      let term = counts * predictor - (counts + r) * VectorMath.logarithm(1 + ratio)
      sum += target.weights.lanes(bin) * term
    }
    return target.logNormaliser + sum.sum()
  }

  /// A draw from the normal distribution at the mode, from as many standard normal numbers: mode + L⁻ᵀ z.
  func draw(_ normals: Pointer) {
    for index in (0..<count).reversed() {
      var value = normals[index]
      for other in (index + 1)..<max(count, index + 1) {
        value -= factor[other * count + index] * step[other]
      }
      step[index] = value / factor[index * count + index]
    }
    for index in 0..<count { mode[index] += step[index] }
  }
}
