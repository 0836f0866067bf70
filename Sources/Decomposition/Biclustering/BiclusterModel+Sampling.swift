import Foundation
import Statistics
import Support

extension BiclusterModel {
  /// Runs a chain, or goes on with one.
  ///
  /// - Parameters:
  ///   - checkpoint: A file that keeps the chain every hundred sweeps, when `progress` throws, and in the end. If it is there already, its chain
  ///     goes on from where it stopped, and in the end is what it would have been without the interruption.
  ///   - progress: Called after each sweep with the number done; what it throws stops the chain.
  /// - Throws: `CajalError` for settings that make no chain, or a file of another chain; what `progress` throws.
  public func sample(
    _ counts: SpikeCounts, _ settings: BiclusterSettings = .init(), seed: UInt64, checkpoint: URL? = nil,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> BiclusterChain {
    let sampler = try BiclusterSampler(counts, self, settings, RandomGenerator(seed: seed))
    var chain = BiclusterChain(self, settings, seed: seed, counts, sampler.snapshot())
    if let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) {
      let kept = try BiclusterChain(contentsOf: checkpoint)
      guard kept.model == self, kept.settings == settings, kept.seed == seed,
        kept.fingerprint == chain.fingerprint
      else {
        throw CajalError("\(checkpoint.path) is a chain of another model, other settings, seed or counts")
      }
      chain = kept
      try sampler.restore(chain.state)
    }
    do {
      while sampler.sweep < settings.sweeps {
        sampler.runSweep()
        sampler.note(in: &chain, counts)
        if checkpoint != nil, sampler.sweep % 100 == 0 { try keep(&chain, sampler, checkpoint) }
        try progress(sampler.sweep)
      }
    } catch {
      try keep(&chain, sampler, checkpoint)
      throw error
    }
    try keep(&chain, sampler, checkpoint)
    return chain
  }

  private func keep(_ chain: inout BiclusterChain, _ sampler: BiclusterSampler, _ checkpoint: URL?) throws {
    chain.state = sampler.snapshot()
    if let checkpoint { try chain.write(to: checkpoint) }
  }

  /// Runs several chains side by side, each from a seed of its own made of `seed`.
  ///
  /// - Parameters:
  ///   - settings: Of each chain.
  ///   - progress: Called from any thread with chain and sweep.
  public func sampleChains(
    _ counts: SpikeCounts, _ settings: [BiclusterSettings], seed: UInt64,
    progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> [BiclusterChain] {
    let root = RandomGenerator(seed: seed)
    return try parallelMap(
      settings.count,
      throwing: { index in
        var own = root.split(index)
        return try sample(counts, settings[index], seed: own.next()) { try progress(index, $0) }
      })
  }
}

extension BiclusterSampler {
  /// Notes the sweep just done.
  func note(in chain: inout BiclusterChain, _ counts: SpikeCounts) {
    let occupied = occupiedStates
    let likelihood = logLikelihood()
    chain.clusterTrace.append(clusters)
    chain.stateTrace.append(occupied.count)
    chain.logLikelihoodTrace.append(likelihood)
    guard sweep > settings.burnIn, (sweep - settings.burnIn) % settings.thinning == 0 else { return }
    let (n, p, q, bins) = (table.neurons, model.factors, model.blockSize, table.bins)
    let area = dynamics.size * dynamics.size
    var trajectories: [Float] = []
    if settings.keepsTrajectories {
      trajectories.reserveCapacity(clusters * q * bins)
      for row in 0..<clusters * q {
        let values = self.trajectories.pointer + row * table.stride
        for bin in 0..<bins { trajectories.append(Float(values[bin])) }
      }
    }
    chain.samples.append(
      BiclusterChain.Sample(
        sweep: sweep, labels: labels, states: states, baselines: (0..<n).map { baselines.pointer[$0] },
        loadings: (0..<n * p).map { loadings.pointer[$0] },
        dispersions: (0..<n).map { dispersions.pointer[$0] }, trajectories: trajectories, occupied: occupied,
        matrices: occupied.flatMap { state in
          dynamics.a[Int(state) * area..<(Int(state) + 1) * area].map { Float($0) }
        },
        logLikelihood: likelihood))
    addHidden(&chain.hiddenProbabilities, counts)
  }

  /// The states with at least a hundredth of the bins.
  private var occupiedStates: [Int32] {
    var counts = [Int](repeating: 0, count: model.states)
    for state in states { counts[Int(state)] += 1 }
    return counts.indices.filter { Double(counts[$0]) >= 0.01 * Double(states.count) }.map { Int32($0) }
  }

  /// Of all seen counts.
  private func logLikelihood() -> Double {
    var sum = 0.0
    for neuron in labels.indices {
      fillMeans(neuron)
      let r = dispersions.pointer[neuron]
      let (y, weights) = (table.counts(neuron), table.weights(neuron))
      var vector = SIMD8<Double>.zero
      for bin in Swift.stride(from: 0, to: table.stride, by: 8) {
        let (linear, mean) = (predictor.pointer.lanes(bin), meanBuffer.pointer.lanes(bin))
        let counts = y.lanes(bin)
        if model.likelihood == .poisson {
          vector += weights.lanes(bin) * (counts * linear - mean)
        } else {
          let term = counts * (linear - log(r)) - (counts + r) * VectorMath.logarithm(1 + mean / r)
          vector += weights.lanes(bin) * term
        }
      }
      sum += vector.sum()
      sum +=
        model.likelihood == .poisson
        ? -table.logFactorials[neuron] : table.logNormaliser(neuron, dispersion: r)
    }
    return sum
  }

  /// Adds the probability of each hidden entry under the state as it is.
  private func addHidden(_ sums: inout [Double], _ counts: SpikeCounts) {
    guard !sums.isEmpty else { return }
    var place = 0
    for neuron in labels.indices {
      fillMeans(neuron)
      for bin in 0..<table.bins where !counts.isObserved[neuron * table.bins + bin] {
        let count = Int(counts.counts[neuron * table.bins + bin])
        let mean = meanBuffer.pointer[bin]
        sums[place] += exp(
          model.likelihood == .poisson
            ? CountDistribution.logPoisson(count, mean: mean)
            : CountDistribution.logNegativeBinomial(
              count, mean: mean, dispersion: dispersions.pointer[neuron]))
        place += 1
      }
    }
  }
}
