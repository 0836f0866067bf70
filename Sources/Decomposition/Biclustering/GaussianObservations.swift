import Foundation
import Statistics
import Support

/// Gaussian observations of trajectories that follow switching dynamics, `y[i, t] = C x[t] + N(0, variance[i, t])`:
/// filtering and drawing in information form, for data that are Gaussian themselves.
public struct GaussianObservations: Sendable {
  /// `[N][T]`; entries that are not finite are missing.
  public let values: [[Double]]
  /// `[N][T]`.
  public let variances: [[Double]]
  /// C, `[N][D]`.
  public let loadings: [[Double]]

  /// - Throws: `CajalError` for shapes that do not fit.
  public init(_ values: [[Double]], variances: [[Double]], loadings: [[Double]]) throws {
    let bins = values.first?.count ?? 0
    guard bins > 0, variances.count == values.count, loadings.count == values.count,
      (values + variances).allSatisfy({ $0.count == bins }), let size = loadings.first?.count, size > 0,
      loadings.allSatisfy({ $0.count == size })
    else { throw CajalError("observations, variances and loadings of different shapes") }
    (self.values, self.variances, self.loadings) = (values, variances, loadings)
  }

  /// Mean `[D][T]` and covariance `[T][D · D]` of each bin given the observations until then.
  ///
  /// - Parameter states: The state whose dynamics lead into each bin; the one before the first bin is N(0, I).
  public func filtered(_ dynamics: SwitchingDynamics, states: [Int]) throws -> (
    means: [[Double]], covariances: [[Double]]
  ) {
    let n = try check(dynamics, states)
    let filter = SwitchingFilter()
    let memory = observationRows()
    filter.prepare(dynamics)
    var means = [[Double]](repeating: [], count: n)
    var covariances: [[Double]] = []
    states.map { Int32($0) }.withUnsafeBufferPointer { into in
      _ = filter.forward(into: into.baseAddress!, bins: states.count, memory.observations) { _, rows, width in
        let (factor, inverse) = (LaneBuffer(n * n), LaneBuffer(n * n))
        let covariance = LaneBuffer(n * n)
        for i in 0..<n { for j in 0..<n { factor.pointer[i * n + j] = rows[i * width + j] } }
        SmallMatrix.choleskyWithJitter(factor.pointer, n)
        SmallMatrix.invertLower(factor.pointer, n, into: inverse.pointer)
        SmallMatrix.inverse(fromInverseFactor: inverse.pointer, n, into: covariance.pointer)
        for i in 0..<n {
          means[i].append((0..<n).reduce(0) { $0 + covariance.pointer[i * n + $1] * rows[$1 * width + n] })
        }
        covariances.append((0..<n * n).map { covariance.pointer[$0] })
      }
    }
    return (means, covariances)
  }

  /// Trajectories `[D][T]` given all observations: a draw, or their mean without a generator.
  public func smoothed(_ dynamics: SwitchingDynamics, states: [Int], using lanes: inout LaneGenerator?) throws
    -> [[Double]]
  {
    let n = try check(dynamics, states)
    let (bins, filter, memory) = (states.count, SwitchingFilter(), observationRows())
    filter.prepare(dynamics)
    states.map { Int32($0) }.withUnsafeBufferPointer {
      _ = filter.forward(into: $0.baseAddress!, bins: bins, memory.observations)
    }
    let (target, normals) = (LaneBuffer(n * bins), LaneBuffer((bins + 1) * n))
    lanes?.fillNormal(normals.pointer, (bins + 1) * n)
    filter.backward(bins: bins, normals: normals.pointer, into: target.pointer, stride: bins)
    return (0..<n).map { row in (0..<bins).map { target.pointer[row * bins + $0] } }
  }

  /// Tries to move every change of state once, trajectories integrated out; `logTransitions` from each state to each,
  /// `[L · L]`.
  package func movingChanges(
    _ dynamics: SwitchingDynamics, states: [Int], logTransitions: [Double],
    using generator: inout RandomGenerator
  ) -> [Int] {
    let (filter, memory) = (SwitchingFilter(), observationRows())
    filter.prepare(dynamics)
    var into = states.map { Int32($0) }
    into.withUnsafeMutableBufferPointer {
      filter.forwardMovingChanges(
        into: $0.baseAddress!, bins: states.count, count: dynamics.states, logTransitions: logTransitions,
        memory.observations, using: &generator)
    }
    return into.map(Int.init)
  }

  private func check(_ dynamics: SwitchingDynamics, _ states: [Int]) throws -> Int {
    guard dynamics.size == loadings[0].count, states.count == values[0].count,
      states.allSatisfy({ (0..<dynamics.states).contains($0) })
    else {
      throw CajalError(
        "dynamics of \(dynamics.size) numbers in \(dynamics.states) states and \(states.count) bins' states for "
          + "\(loadings[0].count) numbers in \(values[0].count) bins")
    }
    return dynamics.size
  }

  private func observationRows() -> (observations: SwitchingFilter.Observations, memory: LaneBuffer) {
    let (n, bins) = (loadings[0].count, values[0].count)
    let memory = LaneBuffer((n * (n + 1) / 2 + n) * bins)
    for (neuron, c) in loadings.enumerated() {
      for bin in 0..<bins where values[neuron][bin].isFinite && variances[neuron][bin] > 0 {
        let precision = 1 / variances[neuron][bin]
        var row = 0
        for i in 0..<n {
          for j in 0...i {
            memory.pointer[row * bins + bin] += precision * c[i] * c[j]
            row += 1
          }
        }
        for i in 0..<n { memory.pointer[(row + i) * bins + bin] += precision * c[i] * values[neuron][bin] }
      }
    }
    return (
      SwitchingFilter.Observations(rows: memory.pointer, stride: bins, clusters: 1, blockSize: n), memory
    )
  }
}
