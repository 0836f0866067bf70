import Foundation
import Statistics

/// How well some neurons go together as one group: the probability of their counts with trajectory, baselines and
/// loadings integrated out by Laplace's approximation, the trajectory an autoregressive path in each state. What merges
/// and splits of groups are decided by.
///
/// Baselines and loadings are fitted by expectation-maximisation over the trajectory: maximising both together would
/// shrink the trajectory, with its thousand numbers, and blow up the loadings.
final class ClusterEvidence {
  typealias Pointer = UnsafeMutablePointer<Double>
  typealias Lanes = SIMD8<Double>

  /// A fitted group: its evidence (logarithm) and the fit itself, a place to go on from.
  struct Fit {
    var members: [Int]
    var logEvidence: Double
    /// Mean `[q][stride]`, and covariance of each bin, `[q (q + 1) / 2][stride]`.
    var trajectory: LaneBuffer
    var covariance: LaneBuffer
    /// (d, c) of each member, `[members · q]`.
    var coefficients: [Double]
  }

  /// `x' = decay x + N(0, variance)`.
  struct Path {
    var decay: Double
    var variance: Double
  }

  /// From slow to fast; the second is that of the proposals for new groups.
  static let paths = [
    Path(decay: 0.98, variance: 0.004), Path(decay: 0.95, variance: 0.01), Path(decay: 0.9, variance: 0.02),
    Path(decay: 0.8, variance: 0.04),
  ]

  private let table: CountTable
  private let model: BiclusterModel
  private let dispersions: Pointer
  private let filter = SwitchingFilter()
  private let rows: LaneBuffer
  private let sums: LaneBuffer
  private let factor: LaneBuffer
  private let before = LaneBuffer(8)
  /// The state that leads into each bin, and the path of each state.
  private let into: [Int32]
  private var paths: [Path]

  /// - Parameter states: The state that leads into each bin.
  init(_ table: CountTable, _ model: BiclusterModel, dispersions: Pointer, states: [Int32]) {
    (self.table, self.model, self.dispersions) = (table, model, dispersions)
    let q = model.blockSize
    rows = LaneBuffer((q * (q + 1) / 2 + q) * table.stride)
    sums = LaneBuffer(8 * (q * (q + 1) / 2 + q))
    factor = LaneBuffer(q * q + q)
    into = states
    paths = []
    use([Path](repeating: Self.paths[1], count: model.states))
  }

  /// Makes paths, one for each state, the prior of trajectories.
  func use(_ paths: [Path]) {
    self.paths = paths
    let q = model.blockSize
    var dynamics = SwitchingDynamics(randomWalk: q, states: paths.count, variance: 1)
    for (state, path) in paths.enumerated() {
      for index in state * q * q..<(state + 1) * q * q {
        dynamics.a[index] *= path.decay
        dynamics.q[index] *= path.variance
      }
    }
    filter.prepare(dynamics)
  }

  /// The path of each state that suits some trajectories best, `[rows][stride]`; the usual one in states with fewer
  /// than ten bins.
  func fittedPaths(_ x: Pointer, rows: Int) -> [Path] {
    (0..<model.states).map { state in
      let bins = (1..<table.bins).filter { into[$0] == Int32(state) }
      guard bins.count >= 10 else { return Self.paths[1] }
      var (squares, products, next) = (1e-9, 0.0, 0.0)
      for row in 0..<rows {
        let values = x + row * table.stride
        for bin in bins {
          squares += values[bin - 1] * values[bin - 1]
          products += values[bin - 1] * values[bin]
          next += values[bin] * values[bin]
        }
      }
      let decay = max(-0.99, min(1.02, products / squares))
      let rest = next - 2 * decay * products + decay * decay * squares
      return Path(decay: decay, variance: max(1e-4, rest / Double(rows * bins.count)))
    }
  }

  /// Fits `members` as one group, from a trajectory `[q][stride]` and, where there is one, the covariance of its bins.
  func fit(_ members: [Int], from start: Pointer, covariance: LaneBuffer? = nil, rounds: Int = 12) -> Fit {
    let (q, stride) = (model.blockSize, table.stride)
    var fit = Fit(
      members: members, logEvidence: 0, trajectory: LaneBuffer(q * stride + 8),
      covariance: LaneBuffer(q * (q + 1) / 2 * stride),
      coefficients: [Double](repeating: 0, count: members.count * q))
    fit.trajectory.pointer.update(from: start, count: q * stride)
    if let covariance { fit.covariance.pointer.update(from: covariance.pointer, count: fit.covariance.count) }
    for (place, neuron) in members.enumerated() {
      fit.coefficients[place * q] = log((table.totals[neuron] + 0.5) / (table.observed[neuron] + 0.5))
    }
    for round in 0..<rounds {
      for place in members.indices {
        for _ in 0..<(round == 0 ? 3 : 1) { _ = regress(members[place], fit, &fit.coefficients, place) }
      }
      _ = moveTrajectory(fit)
    }
    let logDeterminant = moveTrajectory(fit)
    fit.logEvidence = logPrior(fit.trajectory.pointer) - logDeterminant / 2
    for (place, neuron) in members.enumerated() {
      var copy = fit.coefficients
      let logPrecision = regress(neuron, fit, &copy, place)
      fit.logEvidence +=
        logLikelihood(neuron, fit, fit.coefficients, place).plain + logPrior(fit.coefficients, place)
        - logPrecision / 2
    }
    return fit
  }

  /// How likely a neuron is under a fitted group whose trajectory is known as well as the fit knows it.
  func logMarginal(_ neuron: Int, _ fit: Fit) -> Double {
    let q = model.blockSize
    var coefficients = [Double](repeating: 0, count: q)
    coefficients[0] = log((table.totals[neuron] + 0.5) / (table.observed[neuron] + 0.5))
    var logPrecision = 0.0
    for _ in 0..<5 { logPrecision = regress(neuron, fit, &coefficients, 0) }
    return logLikelihood(neuron, fit, coefficients, 0).expected + logPrior(coefficients, 0) - logPrecision / 2
  }

  /// The prior of a neuron's coefficients, without the powers of 2π that Laplace's formula cancels.
  private func logPrior(_ coefficients: [Double], _ place: Int) -> Double {
    var sum = 0.0
    for j in 0..<model.blockSize {
      let variance = j == 0 ? model.baselineVariance : model.loadingVariance
      let value = coefficients[place * model.blockSize + j]
      sum -= (value * value / variance + log(variance)) / 2
    }
    return sum
  }

  /// A step of a neuron's baseline and loadings to where its counts, quadratically approximated, are likeliest over the
  /// trajectory's distribution; the log determinant of their precision before it.
  private func regress(_ neuron: Int, _ fit: Fit, _ coefficients: inout [Double], _ place: Int) -> Double {
    let (q, stride) = (model.blockSize, table.stride)
    let (x, spread) = (fit.trajectory.pointer, fit.covariance.pointer)
    let area = q * (q + 1) / 2 + q
    sums.pointer.update(repeating: 0, count: 8 * area)
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    let r = dispersions[neuron]
    coefficients.withUnsafeBufferPointer { all in
      let c = all.baseAddress! + place * q
      for bin in Swift.stride(from: 0, to: stride, by: 8) {
        let offset = x.lanes(bin)
        var linear = Lanes(repeating: c[0])
        for j in 1..<q { linear += c[j] * x.lanes(j * stride + bin) }
        let mean = VectorMath.exponential(linear + offset)
        let scale = weights.lanes(bin) * r / (r + mean)
        let weight = scale * mean
        let information = scale * (y.lanes(bin) - mean) + weight * linear
        var row = 0
        for i in 0..<q {
          let xi = i == 0 ? Lanes(repeating: 1) : x.lanes(i * stride + bin)
          for j in 0...i {
            var moment = j == 0 ? xi : xi * x.lanes(j * stride + bin)
            if j > 0 { moment += spread.lanes((i * (i + 1) / 2 + j) * stride + bin) }
            sums.pointer.store(sums.pointer.lanes(8 * row) + weight * moment, 8 * row)
            row += 1
          }
        }
        for i in 0..<q {
          let xi = i == 0 ? Lanes(repeating: 1) : x.lanes(i * stride + bin)
          var value = information * xi
          if i > 0 { value -= weight * spread.lanes(i * (i + 1) / 2 * stride + bin) }
          sums.pointer.store(sums.pointer.lanes(8 * (row + i)) + value, 8 * (row + i))
        }
      }
    }
    return solve(&coefficients, place)
  }

  private func solve(_ coefficients: inout [Double], _ place: Int) -> Double {
    let q = model.blockSize
    let (matrix, value) = (factor.pointer, factor.pointer + q * q)
    var row = 0
    for i in 0..<q {
      for j in 0...i {
        let prior = i != j ? 0 : 1 / (i == 0 ? model.baselineVariance : model.loadingVariance)
        matrix[i * q + j] = sums.pointer.lanes(8 * row).sum() + prior
        matrix[j * q + i] = matrix[i * q + j]
        row += 1
      }
    }
    SmallMatrix.choleskyWithJitter(matrix, q)
    for i in 0..<q {
      var sum = sums.pointer.lanes(8 * (row + i)).sum()
      for j in 0..<i { sum -= matrix[i * q + j] * value[j] }
      value[i] = sum / matrix[i * q + i]
    }
    for i in (0..<q).reversed() {
      var sum = value[i]
      for j in (i + 1)..<max(q, i + 1) { sum -= matrix[j * q + i] * value[j] }
      value[i] = sum / matrix[i * q + i]
    }
    for i in 0..<q {
      // Steps far out, where counts are few, would overshoot.
      let old = coefficients[place * q + i]
      coefficients[place * q + i] = old + max(-2, min(2, value[i] - old))
    }
    return SmallMatrix.logDeterminant(ofFactor: matrix, q)
  }

  /// At the trajectory's mean, without the normaliser; and with half the variance of the predictor times the
  /// information taken off, what is expected over the trajectory's distribution.
  private func logLikelihood(_ neuron: Int, _ fit: Fit, _ coefficients: [Double], _ place: Int) -> (
    plain: Double, expected: Double
  ) {
    let (q, stride) = (model.blockSize, table.stride)
    let (x, spread) = (fit.trajectory.pointer, fit.covariance.pointer)
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    let r = dispersions[neuron]
    let c = [1.0] + coefficients[(place * q + 1)..<(place * q + q)]
    var (plain, cost) = (Lanes.zero, Lanes.zero)
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      var linear = Lanes(repeating: coefficients[place * q] - log(r))
      var variance = Lanes.zero
      for i in 0..<q {
        linear += c[i] * x.lanes(i * stride + bin)
        for j in 0...i {
          variance += (i == j ? 1 : 2) * c[i] * c[j] * spread.lanes((i * (i + 1) / 2 + j) * stride + bin)
        }
      }
      let ratio = VectorMath.exponential(linear)
      let counts = y.lanes(bin)
      let weight = weights.lanes(bin)
      plain += weight * (counts * linear - (counts + r) * VectorMath.logarithm(1 + ratio))
      cost += weight * variance * (r * ratio / (1 + ratio))
    }
    return (plain.sum(), plain.sum() - cost.sum() / 2)
  }

  /// A Newton step of the trajectory's mode, by the filter, and its covariances; the log determinant of its precision.
  private func moveTrajectory(_ fit: Fit) -> Double {
    let (q, stride) = (model.blockSize, table.stride)
    let x = fit.trajectory.pointer
    rows.pointer.update(repeating: 0, count: (q * (q + 1) / 2 + q) * stride)
    for (place, neuron) in fit.members.enumerated() {
      addWorkingObservations(neuron, fit.coefficients, place, x)
    }
    let observations = SwitchingFilter.Observations(
      rows: rows.pointer, stride: stride, clusters: 1, blockSize: q)
    var logDeterminant = into.withUnsafeBufferPointer {
      filter.forward(into: $0.baseAddress!, bins: table.bins, observations)
    }
    logDeterminant += filter.backward(
      bins: table.bins, normals: nil, into: x, stride: stride, before: before.pointer)
    filter.covariances(bins: table.bins, into: fit.covariance.pointer, stride: stride)
    return logDeterminant
  }

  /// The counts' quadratic approximation around the predictor so far: weights `μ r/(r + μ)`.
  private func addWorkingObservations(_ neuron: Int, _ coefficients: [Double], _ place: Int, _ x: Pointer) {
    let (q, stride) = (model.blockSize, table.stride)
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    let r = dispersions[neuron]
    let baseline = coefficients[place * q]
    let c = [1.0] + coefficients[(place * q + 1)..<(place * q + q)]
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      var linear = Lanes.zero
      for j in 0..<q { linear += c[j] * x.lanes(j * stride + bin) }
      let mean = VectorMath.exponential(linear + baseline)
      let scale = weights.lanes(bin) * r / (r + mean)
      let weight = scale * mean
      let information = scale * (y.lanes(bin) - mean) + weight * linear
      var row = bin
      for i in 0..<q {
        for j in 0...i {
          rows.pointer.store(rows.pointer.lanes(row) + c[i] * c[j] * weight, row)
          row += stride
        }
      }
      for i in 0..<q {
        rows.pointer.store(rows.pointer.lanes(row) + c[i] * information, row)
        row += stride
      }
    }
  }

  /// The paths' log density, without the powers of 2π that Laplace's formula cancels.
  private func logPrior(_ x: Pointer) -> Double {
    var sum = 0.0
    for row in 0..<model.blockSize {
      let values = x + row * table.stride
      var last = before.pointer[row]
      sum -= last * last / 2
      for bin in 0..<table.bins {
        let path = paths[Int(into[bin])]
        let step = values[bin] - path.decay * last
        sum -= (step * step / path.variance + log(path.variance)) / 2
        last = values[bin]
      }
    }
    return sum
  }
}
