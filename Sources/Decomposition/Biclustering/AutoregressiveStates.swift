import Foundation
import Statistics
import Support

/// States of observed series by their linear dynamics: the sticky hidden Markov model with autoregressive emissions
/// (Fox et al., 2011) on its own, for series that are seen as they are.
public struct AutoregressiveStates: Sendable {
  /// Kept draws, `[samples][T]`.
  public let samples: [[Int]]

  /// - Parameters:
  ///   - series: `[D][T]`.
  ///   - states: The most there can be.
  ///   - scale: Of the prior of the steps' covariance, on its diagonal.
  ///   - sweeps: Half of them are kept.
  /// - Throws: `CajalError` for series of different lengths or fewer than three bins.
  public init(
    _ series: [[Double]], states: Int = 10, alpha: Double = 5, gamma: Double = 5, kappa: Double = 10,
    scale: Double = 0.01, sweeps: Int = 200, using generator: inout RandomGenerator
  ) throws {
    let (size, bins) = (series.count, series.first?.count ?? 0)
    guard size > 0, bins >= 3, series.allSatisfy({ $0.count == bins }), states > 0 else {
      throw CajalError(
        "\(size) series of \(bins) bins; at least one of three, all of one length, was expected")
    }
    let stride = LaneBuffer.padded(bins)
    let memory = LaneBuffer(size * stride + 8)
    for (row, values) in series.enumerated() {
      for bin in 0..<bins { memory.pointer[row * stride + bin] = values[bin] }
    }
    let sampler = DynamicsSampler()
    sampler.load(memory.pointer, size: size, bins: bins, stride: stride)
    let prior = MatrixNormalInverseWishart.aroundIdentity(size, scale: scale, freedom: Double(size + 2))
    var best: (score: Double, dynamics: SwitchingDynamics, sticky: StickyStates, states: [Int32])?
    // The likeliest of several starts, by windows of random length in random states.
    for _ in 0..<10 {
      var dynamics = SwitchingDynamics(randomWalk: size, states: states, variance: scale)
      var sticky = StickyStates(count: states, alpha: alpha, gamma: gamma, kappa: kappa)
      let window = 5 + generator.integer(below: 40)
      let names = (0...bins / window).map { _ in Int32(generator.integer(below: min(3, states))) }
      var sequence = (0..<bins).map { names[$0 / window] }
      sampler.drawDynamics(prior, &dynamics, sequence, using: &generator)
      for _ in 0..<30 { _ = sampler.sweep(prior, &dynamics, &sticky, &sequence, using: &generator) }
      let score = sampler.logCollapsed(prior, sticky, sequence)
      if best.map({ score > $0.score }) ?? true { best = (score, dynamics, sticky, sequence) }
    }
    var chain = best!
    var kept: [[Int]] = []
    for sweep in 0..<sweeps {
      _ = sampler.sweep(prior, &chain.dynamics, &chain.sticky, &chain.states, using: &generator)
      if sweep >= sweeps / 2 { kept.append(chain.states.map(Int.init)) }
    }
    samples = kept
  }

  /// The sampled partition of the bins with the largest expected adjusted Rand index.
  public var partition: [Int] { PosteriorPartition.maxPEAR(samples) }
}
