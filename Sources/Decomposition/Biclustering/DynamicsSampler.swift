import Foundation
import Statistics
import Support

/// Draws states and their dynamics given trajectories.
final class DynamicsSampler {
  typealias Pointer = UnsafeMutablePointer<Double>

  private var size = 0
  private var bins = 0
  private var stride = 0
  private var trajectories: Pointer
  private var rowWidth = 0
  private var byBin = LaneBuffer(8)
  private var densities = LaneBuffer(8)
  private var factors = LaneBuffer(8)
  private let empty = LaneBuffer(8)

  init() { trajectories = empty.pointer }

  /// Takes trajectories, `[D][stride]` with at least eight numbers of padding behind the last row.
  func load(_ pointer: Pointer, size: Int, bins: Int, stride: Int) {
    (trajectories, self.size, self.bins, self.stride) = (pointer, size, bins, stride)
    rowWidth = LaneBuffer.padded(size + 1)
    LaneBuffer.reserve(&byBin, bins * rowWidth)
    for bin in 0..<bins {
      let row = byBin.pointer + bin * rowWidth
      for place in 0..<rowWidth { row[place] = 0 }
      for i in 0..<size { row[i] = pointer[i * stride + bin] }
      row[size] = 1
    }
  }

  /// Steps from bin to bin.
  var steps: Int { bins - 1 }

  /// Draws states, transitions and dynamics once each; the log density of the steps before the draw, states integrated out.
  func sweep(
    _ prior: MatrixNormalInverseWishart, _ dynamics: inout SwitchingDynamics, _ sticky: inout StickyStates,
    _ states: inout [Int32], using generator: inout RandomGenerator
  ) -> Double {
    fillDensities(dynamics)
    let logEvidence = states.withUnsafeMutableBufferPointer {
      sticky.draw(
        densities.pointer, stride: stride, steps: steps, into: $0.baseAddress!, using: &generator)
    }
    states[bins - 1] = states[bins - 2]
    sticky.resample(given: Array(states.prefix(steps)), using: &generator)
    drawDynamics(prior, &dynamics, states, using: &generator)
    return logEvidence
  }

  /// Draws the dynamics of every state given its steps; of empty ones from the prior.
  func drawDynamics(
    _ prior: MatrixNormalInverseWishart, _ dynamics: inout SwitchingDynamics, _ states: [Int32],
    using generator: inout RandomGenerator
  ) {
    let n = size
    for (state, seen) in statistics(states, of: dynamics.states).enumerated() {
      let (weights, covariance) = prior.posterior(seen).draw(using: &generator)
      let a = (0..<n * n).map { weights[$0 / n * (n + 1) + $0 % n] }
      dynamics.set(state, a: a, b: (0..<n).map { weights[$0 * (n + 1) + n] }, q: covariance)
    }
  }

  /// What the steps of each state say of its dynamics.
  func statistics(_ states: [Int32], of count: Int) -> [MatrixNormalInverseWishart.Statistics] {
    let n = size
    let area = (n + 1) * rowWidth
    let sums = LaneBuffer(count * (area + 2 * n * rowWidth))
    var counts = [Int](repeating: 0, count: count)
    for step in 0..<steps {
      let state = Int(states[step])
      counts[state] += 1
      let (u, x) = (byBin.pointer + step * rowWidth, byBin.pointer + (step + 1) * rowWidth)
      let base = sums.pointer + state * (area + 2 * n * rowWidth)
      for place in Swift.stride(from: 0, to: rowWidth, by: 8) {
        let (us, xs) = (u.lanes(place), x.lanes(place))
        for i in 0...n { base.store(base.lanes(i * rowWidth + place) + u[i] * us, i * rowWidth + place) }
        for i in 0..<n {
          let cross = area + 2 * i * rowWidth + place
          base.store(base.lanes(cross) + x[i] * us, cross)
          base.store(base.lanes(cross + rowWidth) + x[i] * xs, cross + rowWidth)
        }
      }
    }
    return (0..<count).map { state in
      let base = sums.pointer + state * (area + 2 * n * rowWidth)
      var seen = MatrixNormalInverseWishart.Statistics(outputs: n, regressors: n + 1)
      seen.count = counts[state]
      for i in 0...n { for j in 0...n { seen.gram[i * (n + 1) + j] = base[i * rowWidth + j] } }
      for i in 0..<n {
        for j in 0...n { seen.cross[i * (n + 1) + j] = base[area + 2 * i * rowWidth + j] }
        for j in 0..<n { seen.outer[i * n + j] = base[area + (2 * i + 1) * rowWidth + j] }
      }
      return seen
    }
  }

  /// The log probability of trajectories and states with dynamics and transitions integrated out, states equally likely
  /// overall.
  func logCollapsed(_ prior: MatrixNormalInverseWishart, _ sticky: StickyStates, _ states: [Int32]) -> Double
  {
    var sum = sticky.logCollapsed(Array(states.prefix(steps)))
    for seen in statistics(states, of: sticky.count) where seen.count > 0 {
      sum += prior.logMarginal(prior.posterior(seen))
    }
    return sum
  }

  /// The log density of every step in every state, `[L][stride]`.
  private func fillDensities(_ dynamics: SwitchingDynamics) {
    let n = size
    LaneBuffer.reserve(&densities, dynamics.states * stride + 8)
    LaneBuffer.reserve(&factors, 4 * n * n + n)
    let (factor, inverse) = (factors.pointer, factors.pointer + n * n)
    let (pulled, shift) = (factors.pointer + 2 * n * n, factors.pointer + 3 * n * n)
    for state in 0..<dynamics.states {
      for i in 0..<n * n { factor[i] = dynamics.q[state * n * n + i] }
      SmallMatrix.choleskyWithJitter(factor, n)
      let logDeterminant = SmallMatrix.logDeterminant(ofFactor: factor, n)
      SmallMatrix.invertLower(factor, n, into: inverse)
      dynamics.a.withUnsafeBufferPointer {
        SmallMatrix.multiply(
          inverse, Pointer(mutating: $0.baseAddress! + state * n * n), into: pulled, n, n, n)
      }
      for i in 0..<n {
        shift[i] = (0...i).reduce(0) { $0 + inverse[i * n + $1] * dynamics.b[state * n + $1] }
      }
      let constant = -0.5 * (Double(n) * log(2 * Double.pi) + logDeterminant)
      fillDensities(densities.pointer + state * stride, inverse, pulled, shift, constant)
    }
  }

  /// `constant - ½ |L⁻¹ (x' - A x - b)|²` for every step, eight steps at a time.
  private func fillDensities(
    _ target: Pointer, _ inverse: Pointer, _ pulled: Pointer, _ shift: Pointer, _ constant: Double
  ) {
    let n = size
    var step = 0
    while step < steps {
      var squares = SIMD8<Double>.zero
      for i in 0..<n {
        var residual = SIMD8<Double>(repeating: -shift[i])
        let (inverseRow, pulledRow) = (inverse + i * n, pulled + i * n)
        for j in 0..<n { residual -= pulledRow[j] * trajectories.lanes(j * stride + step) }
        for j in 0...i { residual += inverseRow[j] * trajectories.lanes(j * stride + step + 1) }
        squares += residual * residual
      }
      target.store(constant - 0.5 * squares, step)
      step += 8
    }
  }
}

extension StickyStates {
  /// The log probability of a sequence with the rows of transitions integrated out, states equally likely overall.
  func logCollapsed(_ states: [Int32]) -> Double {
    var moves = [Int](repeating: 0, count: count * count)
    for (from, to) in zip(states, states.dropFirst()) { moves[Int(from) * count + Int(to)] += 1 }
    var sum = 0.0
    for from in 0..<count {
      var total = 0
      for to in 0..<count where moves[from * count + to] > 0 {
        let weight = alpha / Double(count) + (from == to ? kappa : 0)
        let move = moves[from * count + to]
        sum += lgamma(weight + Double(move)) - lgamma(weight)
        total += move
      }
      sum += lgamma(alpha + kappa) - lgamma(alpha + kappa + Double(total))
    }
    return sum
  }
}
