import Foundation
import Statistics

/// What a state-space model knows of its trajectories after Gaussian observations, bin by bin in information form, and
/// draws from it: forward filter, backward sampler.
///
/// With `F, h` the precision and information of a bin given what came until then, a step to the next integrates the bin
/// out: `G = F + Aᵀ Q⁻¹ A`, `F' = Q⁻¹ - Q⁻¹ A G⁻¹ Aᵀ Q⁻¹ + observations`. One elimination of the rows `[G | Aᵀ Q⁻¹ |
/// g]` does all of it, and what it leaves behind is all that the way back needs. A bin costs some 2 D³ operations for D
/// numbers, whatever the number of neurons.
final class SwitchingFilter {
  typealias Pointer = UnsafeMutablePointer<Double>
  typealias Lanes = SIMD8<Double>

  /// What observations say of the trajectories: per group of q numbers, q (q + 1) / 2 precisions and q informations,
  /// each a row of `stride` bins; rows of the lower triangle first.
  struct Observations {
    var rows: Pointer
    var stride: Int
    var clusters: Int
    var blockSize: Int
    var rowsPerCluster: Int { blockSize * (blockSize + 1) / 2 + blockSize }
  }

  private(set) var size = 0
  private(set) var width = 0
  private(set) var shortWidth = 0
  /// Per state, for the way forward: rows `[AᵀQ⁻¹A | AᵀQ⁻¹ | AᵀQ⁻¹b]` and `[Q⁻¹ | Q⁻¹b]`; for the way back: `[Q⁻¹ |
  /// Q⁻¹A | -Q⁻¹b]` and `[AᵀQ⁻¹A | -AᵀQ⁻¹b]`.
  var base = LaneBuffer(8)
  var renewal = LaneBuffer(8)
  var backwardBase = LaneBuffer(8)
  var backwardRenewal = LaneBuffer(8)
  /// What elimination leaves, per bin.
  var eliminated = LaneBuffer(8)
  var current = LaneBuffer(8)
  var scratch = LaneBuffer(8)
  /// What the counts from each bin on say of it, `[Ψ | ψ]`, per bin.
  var messages = LaneBuffer(8)
  var trial = LaneBuffer(8)
  /// `-½ (log |Q| + bᵀ Q⁻¹ b)` per state.
  private(set) var logScales: [Double] = []

  /// Takes the matrices of every state.
  func prepare(_ dynamics: SwitchingDynamics) {
    size = dynamics.size
    let n = size
    width = LaneBuffer.padded(2 * n + 1)
    shortWidth = LaneBuffer.padded(n + 1)
    LaneBuffer.reserve(&base, dynamics.states * n * width)
    LaneBuffer.reserve(&renewal, dynamics.states * n * shortWidth)
    LaneBuffer.reserve(&backwardBase, dynamics.states * n * width)
    LaneBuffer.reserve(&backwardRenewal, dynamics.states * n * shortWidth)
    LaneBuffer.reserve(&trial, 2 * n * width + 2 * n * shortWidth + 16)
    LaneBuffer.reserve(&current, (n + 1) * shortWidth)
    LaneBuffer.reserve(&scratch, 4 * n * n + 2 * n + 8)
    logScales = (0..<dynamics.states).map { prepare($0, dynamics) }
  }

  private func prepare(_ state: Int, _ dynamics: SwitchingDynamics) -> Double {
    let n = size
    let (factor, inverse) = (scratch.pointer, scratch.pointer + n * n)
    let (precision, pulled) = (scratch.pointer + 2 * n * n, scratch.pointer + 3 * n * n)
    for i in 0..<n * n { factor[i] = dynamics.q[state * n * n + i] }
    SmallMatrix.choleskyWithJitter(factor, n)
    let logDeterminant = SmallMatrix.logDeterminant(ofFactor: factor, n)
    SmallMatrix.invertLower(factor, n, into: inverse)
    SmallMatrix.inverse(fromInverseFactor: inverse, n, into: precision)
    dynamics.a.withUnsafeBufferPointer { a in
      let a = Pointer(mutating: a.baseAddress! + state * n * n)
      SmallMatrix.multiplyTransposed(a, precision, into: pulled, n, n, n)
      SmallMatrix.multiply(pulled, a, into: factor, n, n, n)
    }
    return fillRows(state, dynamics, crossed: factor, precision: precision, pulled: pulled) - logDeterminant
      / 2
  }

  /// The rows of a state from `AᵀQ⁻¹A`, `Q⁻¹` and `AᵀQ⁻¹`; `-½ bᵀ Q⁻¹ b`.
  private func fillRows(
    _ state: Int, _ dynamics: SwitchingDynamics, crossed: Pointer, precision: Pointer, pulled: Pointer
  ) -> Double {
    let n = size
    let (rows, short) = (base.pointer + state * n * width, renewal.pointer + state * n * shortWidth)
    let backRows = backwardBase.pointer + state * n * width
    let backShort = backwardRenewal.pointer + state * n * shortWidth
    for buffer in [rows, backRows] { buffer.update(repeating: 0, count: n * width) }
    for buffer in [short, backShort] { buffer.update(repeating: 0, count: n * shortWidth) }
    var quadratic = 0.0
    for i in 0..<n {
      var (shift, pulledShift) = (0.0, 0.0)
      for j in 0..<n {
        let b = dynamics.b[state * n + j]
        shift += precision[i * n + j] * b
        pulledShift += pulled[i * n + j] * b
        rows[i * width + j] = crossed[i * n + j]
        rows[i * width + n + j] = pulled[i * n + j]
        short[i * shortWidth + j] = precision[i * n + j]
        backRows[i * width + j] = precision[i * n + j]
        backRows[i * width + n + j] = pulled[j * n + i]
        backShort[i * shortWidth + j] = crossed[i * n + j]
      }
      rows[i * width + 2 * n] = pulledShift
      short[i * shortWidth + n] = shift
      backRows[i * width + 2 * n] = -shift
      backShort[i * shortWidth + n] = -pulledShift
      quadratic += shift * dynamics.b[state * n + i]
    }
    return -quadratic / 2
  }

  /// Filters from a first bin's predecessor of mean 0 and covariance I.
  ///
  /// - Parameters:
  ///   - into: The state whose dynamics lead into each bin.
  ///   - filtered: Called after each bin with precision and information, rows `[F | h]` of the width given.
  /// - Returns: The log determinant of the precision of all bins together, before the first included.
  @discardableResult
  func forward(
    into states: UnsafePointer<Int32>, bins: Int, _ observations: Observations,
    filtered: ((Int, Pointer, Int) -> Void)? = nil
  ) -> Double {
    let n = size
    precondition(observations.clusters * observations.blockSize == n, "observations of other trajectories")
    // Reading eight at a time goes beyond the last row's end.
    LaneBuffer.reserve(&eliminated, bins * n * width + 16)
    let now = current.pointer
    for i in 0..<n {
      for j in 0..<shortWidth { now[i * shortWidth + j] = i == j ? 1 : 0 }
    }
    var logDeterminant = 0.0
    for bin in 0..<bins {
      let rows = eliminated.pointer + bin * n * width
      let state = Int(states[bin])
      load(rows, base.pointer + state * n * width, now)
      logDeterminant += eliminate(rows)
      renew(rows, renewal.pointer + state * n * shortWidth, now)
      observe(bin, observations, now)
      filtered?(bin, now, shortWidth)
    }
    return logDeterminant
  }

  /// `[G | AᵀQ⁻¹ | -g]` of the next step from what is known now.
  @inline(__always) func load(_ rows: Pointer, _ start: Pointer, _ current: Pointer) {
    let n = size
    for i in 0..<n {
      let row = rows + i * width
      let from = start + i * width
      for place in stride(from: 0, to: width, by: 8) { row.store(from.lanes(place), place) }
      let known = current + i * shortWidth
      for j in 0..<n { row[j] += known[j] }
      row[2 * n] -= known[n]
    }
  }

  /// Makes the rows `[R | W | -u]` with `G = Rᵀ R`; the log determinant of G.
  @inline(__always) func eliminate(_ rows: Pointer) -> Double {
    let n = size
    var product = 1.0
    var logDeterminant = 0.0
    for k in 0..<n {
      let pivotRow = rows + k * width
      // Rounding can leave a pivot of a nearly singular matrix below zero.
      let pivot = max(pivotRow[k], 1e-9)
      product *= pivot
      if product > 1e200 || product < 1e-200 {
        logDeterminant += log(product)
        product = 1
      }
      let scale = 1 / pivot.squareRoot()
      let first = k & ~7
      for place in stride(from: first, to: width, by: 8) {
        pivotRow.store(pivotRow.lanes(place) * scale, place)
      }
      for i in (k + 1)..<max(n, k + 1) {
        let row = rows + i * width
        let factor = pivotRow[i]
        for place in stride(from: first, to: width, by: 8) {
          row.store(row.lanes(place) - factor * pivotRow.lanes(place), place)
        }
      }
    }
    return logDeterminant + log(product)
  }

  /// `[F | h]` of the next bin before its observations: `Q⁻¹ - Wᵀ W` and `Q⁻¹ b + Wᵀ u`.
  @inline(__always) func renew(_ rows: Pointer, _ start: Pointer, _ target: Pointer) {
    let n = size
    for i in 0..<n {
      let target = target + i * shortWidth
      let from = start + i * shortWidth
      for place in stride(from: 0, to: shortWidth, by: 8) {
        var sum = from.lanes(place)
        var row = rows + n
        for _ in 0..<n {
          // Beyond the row's own end lie numbers of the next one; they fall on the padding.
          sum -= row[i] * row.lanes(place)
          row += width
        }
        target.store(sum, place)
      }
    }
  }

  @inline(__always) func observe(_ bin: Int, _ observations: Observations, _ current: Pointer) {
    let (q, stride) = (observations.blockSize, observations.stride)
    var source = observations.rows + bin
    for cluster in 0..<observations.clusters {
      let start = cluster * q
      for i in 0..<q {
        let row = current + (start + i) * shortWidth + start
        for j in 0...i {
          let value = source.pointee
          row[j] += value
          if j < i { current[(start + j) * shortWidth + start + i] += value }
          source += stride
        }
      }
      for i in 0..<q {
        current[(start + i) * shortWidth + size] += source.pointee
        source += stride
      }
    }
  }

  /// Goes back through the bins of the last ``forward(into:bins:_:filtered:)``.
  ///
  /// - Parameters:
  ///   - normals: `[bins + 1, D]` standard normal numbers for a draw; nil for the means.
  ///   - target: The trajectories, `[D][stride]`.
  ///   - before: The bin before the first one, `[D]`.
  /// - Returns: The log determinant of the precision of the last bin.
  @discardableResult
  func backward(bins: Int, normals: Pointer?, into target: Pointer, stride: Int, before: Pointer? = nil)
    -> Double
  {
    let n = size
    let (next, value) = (scratch.pointer, scratch.pointer + n)
    let logDeterminant = lastBin(next, normals.map { $0 + bins * n })
    for i in 0..<n { target[i * stride + bins - 1] = next[i] }
    for bin in Swift.stride(from: bins - 1, through: 0, by: -1) {
      let rows = eliminated.pointer + bin * n * width
      for i in (0..<n).reversed() {
        let row = rows + i * width
        var sum = normals.map { $0[bin * n + i] } ?? 0
        sum -= row[2 * n]
        for j in 0..<n { sum += row[n + j] * next[j] }
        for j in (i + 1)..<max(n, i + 1) { sum -= row[j] * value[j] }
        value[i] = sum / row[i]
      }
      for i in 0..<n { next[i] = value[i] }
      if bin > 0 {
        for i in 0..<n { target[i * stride + bin - 1] = next[i] }
      } else if let before {
        for i in 0..<n { before[i] = next[i] }
      }
    }
    return logDeterminant
  }

  /// The covariance of every bin after the last ``forward(into:bins:_:filtered:)``, rows of the lower triangle first:
  /// `[D (D + 1) / 2][stride]`.
  func covariances(bins: Int, into target: Pointer, stride: Int) {
    let n = size
    let work = LaneBuffer(5 * n * n)
    let (now, factor) = (work.pointer, work.pointer + n * n)
    let (inverse, gain, product) = (
      work.pointer + 2 * n * n, work.pointer + 3 * n * n, work.pointer + 4 * n * n
    )
    for i in 0..<n { for j in 0..<n { factor[i * n + j] = current.pointer[i * shortWidth + j] } }
    SmallMatrix.choleskyWithJitter(factor, n)
    SmallMatrix.invertLower(factor, n, into: inverse)
    SmallMatrix.inverse(fromInverseFactor: inverse, n, into: now)
    for bin in Swift.stride(from: bins - 1, through: 0, by: -1) {
      var place = bin
      for i in 0..<n {
        for j in 0...i {
          target[place] = now[i * n + j]
          place += stride
        }
      }
      // x = R⁻¹ (u + W x' + z): the covariance is R⁻¹ R⁻ᵀ + (R⁻¹ W) Σ' (R⁻¹ W)ᵀ.
      let rows = eliminated.pointer + bin * n * width
      for i in 0..<n { for j in 0..<n { factor[i * n + j] = j <= i ? rows[j * width + i] : 0 } }
      SmallMatrix.invertLower(factor, n, into: inverse)
      for i in 0..<n {
        for j in 0..<n {
          var sum = 0.0
          for k in i..<n { sum += inverse[k * n + i] * rows[k * width + n + j] }
          gain[i * n + j] = sum
        }
      }
      SmallMatrix.multiply(gain, now, into: product, n, n, n)
      for i in 0..<n {
        for j in 0...i {
          var sum = 0.0
          for k in 0..<n {
            sum += product[i * n + k] * gain[j * n + k] + inverse[k * n + i] * inverse[k * n + j]
          }
          now[i * n + j] = sum
          now[j * n + i] = sum
        }
      }
    }
  }

  /// The last bin from `[F | h]`.
  private func lastBin(_ value: Pointer, _ normals: Pointer?) -> Double {
    let n = size
    let factor = scratch.pointer + 2 * n
    for i in 0..<n { for j in 0..<n { factor[i * n + j] = current.pointer[i * shortWidth + j] } }
    SmallMatrix.choleskyWithJitter(factor, n)
    for i in 0..<n {
      var sum = current.pointer[i * shortWidth + n]
      for j in 0..<i { sum -= factor[i * n + j] * value[j] }
      value[i] = sum / factor[i * n + i]
    }
    if let normals { for i in 0..<n { value[i] += normals[i] } }
    for i in (0..<n).reversed() {
      var sum = value[i]
      for j in (i + 1)..<max(n, i + 1) { sum -= factor[j * n + i] * value[j] }
      value[i] = sum / factor[i * n + i]
    }
    return SmallMatrix.logDeterminant(ofFactor: factor, n)
  }
}
