import Foundation
import Statistics
import Support

/// States moved with the trajectories integrated out (after Gerlach, Carter and Kohn, 2000): given trajectories, a
/// change of state hardly ever moves, because the trajectories have settled on where it is.
extension SwitchingFilter {
  /// Takes what the counts of each bin and all later ones say of its trajectories, going back through the bins.
  private func fillMessages(into states: UnsafePointer<Int32>, bins: Int, _ observations: Observations) {
    let n = size
    LaneBuffer.reserve(&messages, bins * n * shortWidth + 16)
    let rows = trial.pointer
    let last = messages.pointer + (bins - 1) * n * shortWidth
    last.update(repeating: 0, count: n * shortWidth)
    observe(bins - 1, observations, last)
    for bin in Swift.stride(from: bins - 1, to: 0, by: -1) {
      let state = Int(states[bin])
      let next = messages.pointer + bin * n * shortWidth
      load(rows, backwardBase.pointer + state * n * width, next)
      _ = eliminate(rows)
      let target = messages.pointer + (bin - 1) * n * shortWidth
      renew(rows, backwardRenewal.pointer + state * n * shortWidth, target)
      observe(bin - 1, observations, target)
    }
  }

  /// As ``forward(into:bins:_:filtered:)``, trying on the way to move every change of state by a step, to and fro:
  /// where the steps before and after a step are in different states and it is in one of them, the other is tried, and
  /// taken by the rule of Metropolis with all trajectories integrated out. The first two steps stay.
  ///
  /// - Parameter logTransitions: `[L · L]`.
  func forwardMovingChanges(
    into states: UnsafeMutablePointer<Int32>, bins: Int, count: Int, logTransitions: [Double],
    _ observations: Observations, using generator: inout RandomGenerator
  ) {
    let n = size
    fillMessages(into: states, bins: bins, observations)
    LaneBuffer.reserve(&eliminated, bins * n * width + 16)
    let now = current.pointer
    for i in 0..<n { for j in 0..<shortWidth { now[i * shortWidth + j] = i == j ? 1 : 0 } }
    let (otherRows, other) = (trial.pointer, trial.pointer + 2 * n * width)
    let mine = other + n * shortWidth
    for bin in 0..<bins {
      let rows = eliminated.pointer + bin * n * width
      let state = Int(states[bin])
      let weight = advance(rows, state, from: now, to: mine)
      if bin > 1, bin + 1 < bins, states[bin - 1] != states[bin + 1],
        states[bin] == states[bin - 1] || states[bin] == states[bin + 1]
      {
        let (before, after) = (Int(states[bin - 1]), Int(states[bin + 1]))
        let tried = state == before ? after : before
        func prior(_ state: Int) -> Double {
          logTransitions[before * count + state] + logTransitions[state * count + after]
        }
        let stay = prior(state) + weight + agreement(bin, mine)
        let move = prior(tried) + advance(otherRows, tried, from: now, to: other) + agreement(bin, other)
        if log(1 - generator.uniform()) < move - stay {
          states[bin] = Int32(tried)
          rows.update(from: otherRows, count: n * width)
          mine.update(from: other, count: n * shortWidth)
        }
      }
      now.update(from: mine, count: n * shortWidth)
      observe(bin, observations, now)
    }
  }

  /// A step with the dynamics of a state, `[F | h]` before the bin's own observations; the log weight of the step.
  private func advance(_ rows: Pointer, _ state: Int, from now: Pointer, to target: Pointer) -> Double {
    let n = size
    load(rows, base.pointer + state * n * width, now)
    var weight = logScales[state] - eliminate(rows) / 2
    for i in 0..<n {
      let value = rows[i * width + 2 * n]
      weight += value * value / 2
    }
    renew(rows, renewal.pointer + state * n * shortWidth, target)
    return weight
  }

  /// How well what is known of a bin goes with what it and later ones show: the log of the integral of both over its
  /// trajectories.
  private func agreement(_ bin: Int, _ known: Pointer) -> Double {
    let n = size
    let message = messages.pointer + bin * n * shortWidth
    let (factor, value) = (scratch.pointer, scratch.pointer + n * n)
    for i in 0..<n {
      for j in 0...i { factor[i * n + j] = known[i * shortWidth + j] + message[i * shortWidth + j] }
      for j in (i + 1)..<max(n, i + 1) {
        factor[i * n + j] = known[j * shortWidth + i] + message[j * shortWidth + i]
      }
    }
    SmallMatrix.choleskyWithJitter(factor, n)
    var sum = -SmallMatrix.logDeterminant(ofFactor: factor, n) / 2
    for i in 0..<n {
      var entry = known[i * shortWidth + n] + message[i * shortWidth + n]
      for j in 0..<i { entry -= factor[i * n + j] * value[j] }
      value[i] = entry / factor[i * n + i]
      sum += value[i] * value[i] / 2
    }
    return sum
  }
}
