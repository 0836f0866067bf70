import Foundation
import Statistics
import Support

/// The states of a recording's bins under a sticky hierarchical Dirichlet process (Fox et al., 2011) in its weak limit:
/// transitions, and draws of the state sequence by filtering forward and sampling backward.
public struct StickyStates: Sendable, Equatable, Codable {
  public let count: Int
  public let alpha: Double
  public let gamma: Double
  public let kappa: Double
  /// How likely states are overall, `[L]`.
  public private(set) var shares: [Double]
  /// From each state to each, `[L · L]` row by row.
  public private(set) var transitions: [Double]

  /// Equal shares, and transitions as expected from them.
  public init(count: Int, alpha: Double, gamma: Double, kappa: Double) {
    precondition(
      count > 0 && alpha > 0 && gamma > 0 && kappa >= 0,
      "states: \(count), α \(alpha), γ \(gamma), κ \(kappa)")
    (self.count, self.alpha, self.gamma, self.kappa) = (count, alpha, gamma, kappa)
    shares = [Double](repeating: 1 / Double(count), count: count)
    transitions = (0..<count * count).map { index in
      (alpha / Double(count) + (index / count == index % count ? kappa : 0)) / (alpha + kappa)
    }
  }

  /// Draws shares and transitions given the states of the bins.
  public mutating func resample(given states: [Int32], using generator: inout RandomGenerator) {
    var moves = [Int](repeating: 0, count: count * count)
    for (from, to) in zip(states, states.dropFirst()) { moves[Int(from) * count + Int(to)] += 1 }
    // Tables of the restaurant; those opened by stickiness alone tell nothing of the shares.
    let rho = kappa / (alpha + kappa)
    var tables = [Double](repeating: 0, count: count)
    for from in 0..<count {
      for to in 0..<count where moves[from * count + to] > 0 {
        let concentration = alpha * shares[to] + (from == to ? kappa : 0)
        var opened = generator.restaurantTables(
          customers: moves[from * count + to], concentration: concentration)
        if from == to { opened -= generator.binomial(opened, rho / (rho + shares[to] * (1 - rho))) }
        tables[to] += Double(opened)
      }
    }
    shares = generator.dirichlet(tables.map { gamma / Double(count) + $0 })
    for from in 0..<count {
      let weights = (0..<count).map { to in
        max(1e-9, alpha * shares[to]) + (from == to ? kappa : 0) + Double(moves[from * count + to])
      }
      transitions.replaceSubrange(from * count..<(from + 1) * count, with: generator.dirichlet(weights))
    }
  }

  /// Draws the states of all steps.
  ///
  /// - Parameters:
  ///   - logDensities: `[L][stride]`: of each step in each state.
  ///   - steps: How many steps.
  ///   - target: `[steps]`.
  /// - Returns: The log density of the steps with the states integrated out.
  func draw(
    _ logDensities: UnsafeMutablePointer<Double>, stride: Int, steps: Int,
    into target: UnsafeMutablePointer<Int32>,
    using generator: inout RandomGenerator
  ) -> Double {
    let padded = LaneBuffer.padded(count)
    let rows = LaneBuffer(count * padded)
    for from in 0..<count {
      for to in 0..<count { rows.pointer[from * padded + to] = transitions[from * count + to] }
    }
    let messages = LaneBuffer(steps * padded)
    let logEvidence = forward(logDensities, stride, steps, rows.pointer, messages.pointer, padded)
    var next = -1
    for step in Swift.stride(from: steps - 1, through: 0, by: -1) {
      let message = messages.pointer + step * padded
      var total = 0.0
      for state in 0..<count {
        total += next < 0 ? message[state] : message[state] * transitions[state * count + next]
      }
      var left = generator.uniform() * total
      var chosen = -1
      for state in 0..<count {
        let weight = next < 0 ? message[state] : message[state] * transitions[state * count + next]
        guard weight > 0 else { continue }
        chosen = state
        left -= weight
        if left < 0 { break }
      }
      next = max(0, chosen)
      target[step] = Int32(next)
    }
    return logEvidence
  }

  /// Messages scaled to sum to one, the first state uniform.
  private func forward(
    _ logDensities: UnsafeMutablePointer<Double>, _ stride: Int, _ steps: Int,
    _ rows: UnsafeMutablePointer<Double>,
    _ messages: UnsafeMutablePointer<Double>, _ padded: Int
  ) -> Double {
    let prior = LaneBuffer(padded)
    for state in 0..<count { prior.pointer[state] = 1 / Double(count) }
    var logEvidence = 0.0
    for step in 0..<steps {
      let message = messages + step * padded
      var top = -Double.infinity
      for state in 0..<count { top = max(top, logDensities[state * stride + step]) }
      for state in 0..<count { message[state] = logDensities[state * stride + step] - top }
      var sum = SIMD8<Double>.zero
      for place in Swift.stride(from: 0, to: padded, by: 8) {
        let value = VectorMath.exponential(message.lanes(place)) * prior.pointer.lanes(place)
        message.store(value, place)
        sum += value
      }
      // A step that no state of the prior explains: the densities alone decide.
      var total = sum.sum()
      if !(total > 1e-290) {
        for state in 0..<count { message[state] = exp(logDensities[state * stride + step] - top) }
        for state in count..<max(padded, count) { message[state] = 0 }
        total = (0..<count).reduce(0) { $0 + message[$1] }
      }
      logEvidence += top + log(total)
      let scale = 1 / total
      for place in Swift.stride(from: 0, to: padded, by: 8) {
        message.store(message.lanes(place) * scale, place)
        prior.pointer.store(.zero, place)
      }
      for from in 0..<count {
        let weight = message[from]
        for place in Swift.stride(from: 0, to: padded, by: 8) {
          prior.pointer.store(prior.pointer.lanes(place) + weight * rows.lanes(from * padded + place), place)
        }
      }
    }
    return logEvidence
  }
}

extension StickyStates {
  /// As the sampler draws them, from densities `[L][steps]`.
  package func draw(_ logDensities: [[Double]], using generator: inout RandomGenerator) -> (
    states: [Int], logEvidence: Double
  ) {
    precondition(
      logDensities.count == count, "densities of \(logDensities.count) states where there are \(count)")
    let steps = logDensities[0].count
    let memory = LaneBuffer(count * steps)
    for (state, row) in logDensities.enumerated() {
      for step in 0..<steps { memory.pointer[state * steps + step] = row[step] }
    }
    var states = [Int32](repeating: 0, count: steps)
    let logEvidence = states.withUnsafeMutableBufferPointer {
      draw(memory.pointer, stride: steps, steps: steps, into: $0.baseAddress!, using: &generator)
    }
    return (states.map(Int.init), logEvidence)
  }
}
