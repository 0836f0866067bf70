import Foundation
import Statistics
import Support

/// Merges and splits of groups in the burn-in, which single neurons' moves hardly ever make.
///
/// A proposal is taken if the groups' evidence times the prior of the partition is higher with it: a search for the
/// region in which the chain is then run, not a step of the chain. After the burn-in there is none.
extension BiclusterSampler {
  func searchClusters(_ generator: inout RandomGenerator) {
    let evidence = ClusterEvidence(table, model, dispersions: dispersions.pointer, states: statesInto)
    var fits = startFits(evidence)
    var hasChanged = false
    while let merged = bestMerge(fits, evidence) {
      fits.remove(at: max(merged.pair.0, merged.pair.1))
      fits[min(merged.pair.0, merged.pair.1)] = merged.fit
      hasChanged = true
    }
    var place = 0
    while place < fits.count {
      if fits.count < maximumClusters, let halves = bestSplit(fits[place], evidence, &generator),
        gain(halves, over: [fits[place]], of: fits.count) > 0
      {
        fits[place] = halves[0]
        fits.append(halves[1])
        hasChanged = true
      }
      place += 1
    }
    if redistribute(&fits, evidence, &generator) { hasChanged = true }
    if hasChanged { adopt(fits) }
  }

  /// The groups as they are, under the paths of trajectories that suit them best: one of four for all states, or one
  /// fitted for each.
  private func startFits(_ evidence: ClusterEvidence) -> [ClusterEvidence.Fit] {
    var candidates = ClusterEvidence.paths.map { [ClusterEvidence.Path](repeating: $0, count: model.states) }
    candidates.append(evidence.fittedPaths(trajectories.pointer, rows: clusters * model.blockSize))
    var best: (score: Double, paths: [ClusterEvidence.Path], fits: [ClusterEvidence.Fit])?
    for paths in candidates {
      evidence.use(paths)
      let fits = (0..<clusters).map { cluster in
        evidence.fit(labels.indices.filter { labels[$0] == cluster }, from: trajectory(cluster))
      }
      let score = fits.reduce(0) { $0 + $1.logEvidence }
      if best.map({ score > $0.score }) ?? true { best = (score, paths, fits) }
    }
    evidence.use(best!.paths)
    return best!.fits
  }

  /// The prior of a partition into so many groups, up to what the sizes of all others add.
  private func logPartition(_ sizes: [Int], of clusters: Int) -> Double {
    logCoefficients[clusters - 1] + sizes.reduce(0) { $0 + model.clusterPrior.logSizeFactor($1) }
  }

  /// The logarithm of how much more probable `new` groups are than the `old` ones that they replace among `count` groups.
  private func gain(_ new: [ClusterEvidence.Fit], over old: [ClusterEvidence.Fit], of count: Int) -> Double {
    func score(_ fits: [ClusterEvidence.Fit], _ count: Int) -> Double {
      fits.reduce(logPartition(fits.map(\.members.count), of: count)) { $0 + $1.logEvidence }
    }
    return score(new, count + new.count - old.count) - score(old, count)
  }

  /// Two groups' neurons as one group, from the trajectory of the first.
  private func union(_ a: ClusterEvidence.Fit, _ b: ClusterEvidence.Fit, _ evidence: ClusterEvidence)
    -> ClusterEvidence.Fit
  {
    evidence.fit(a.members + b.members, from: a.trajectory.pointer, covariance: a.covariance, rounds: 8)
  }

  private func bestMerge(_ fits: [ClusterEvidence.Fit], _ evidence: ClusterEvidence) -> (
    pair: (Int, Int), fit: ClusterEvidence.Fit
  )? {
    var best: (gain: Double, pair: (Int, Int), fit: ClusterEvidence.Fit)?
    for i in fits.indices {
      for j in 0..<i {
        for fit in [union(fits[i], fits[j], evidence), union(fits[j], fits[i], evidence)] {
          let gain = gain([fit], over: [fits[i], fits[j]], of: fits.count)
          if gain > max(0, best?.gain ?? 0) { best = (gain, (i, j), fit) }
        }
      }
    }
    return best.map { ($0.pair, $0.fit) }
  }

  /// Shares the neurons of pairs of groups out anew, where that is more probable.
  private func redistribute(
    _ fits: inout [ClusterEvidence.Fit], _ evidence: ClusterEvidence, _ generator: inout RandomGenerator
  ) -> Bool {
    var hasChanged = false
    // With many groups there is much to merge first.
    guard fits.count <= 8 else { return false }
    for i in fits.indices {
      for j in 0..<i {
        let (a, b) = fits[i].members.count >= fits[j].members.count ? (fits[i], fits[j]) : (fits[j], fits[i])
        guard let halves = bestSplit(union(a, b, evidence), evidence, &generator),
          gain(halves, over: [a, b], of: fits.count) > 1
        else { continue }
        (fits[i], fits[j]) = (halves[0], halves[1])
        hasChanged = true
      }
    }
    return hasChanged
  }

  /// Two groups made of one: from their loadings, which lie on two sides where two groups share a trajectory, or from
  /// their smoothed counts, and then by who fits where.
  private func bestSplit(
    _ whole: ClusterEvidence.Fit, _ evidence: ClusterEvidence, _ generator: inout RandomGenerator
  ) -> [ClusterEvidence.Fit]? {
    guard whole.members.count > 1 else { return nil }
    let q = model.blockSize
    let loadings = whole.members.indices.map { Array(whole.coefficients[($0 * q + 1)..<($0 * q + q)]) }
    var best: [ClusterEvidence.Fit]?
    for features in [loadings, whole.members.map { smoothedRows[$0] }] {
      let start = KMeans.fit(features, count: 2, restarts: 2, iterations: 20, using: &generator).labels
      guard let halves = settle(start, whole, evidence) else { continue }
      let score = halves[0].logEvidence + halves[1].logEvidence
      if best.map({ score > $0[0].logEvidence + $0[1].logEvidence }) ?? true { best = halves }
    }
    return best
  }

  /// Fits both sides, and lets every neuron go to the side that suits it, four times.
  private func settle(_ start: [Int], _ whole: ClusterEvidence.Fit, _ evidence: ClusterEvidence)
    -> [ClusterEvidence.Fit]?
  {
    var sides = start
    for round in 0..<4 {
      let halves = [0, 1].map { side in
        whole.members.indices.filter { sides[$0] == side }.map { whole.members[$0] }
      }
      guard halves.allSatisfy({ !$0.isEmpty }) else { return nil }
      let fits = halves.map {
        evidence.fit(
          $0, from: whole.trajectory.pointer, covariance: whole.covariance, rounds: round == 3 ? 12 : 6)
      }
      if round == 3 { return fits }
      sides = whole.members.map {
        evidence.logMarginal($0, fits[0]) >= evidence.logMarginal($0, fits[1]) ? 0 : 1
      }
    }
    return nil
  }

  /// Takes on a partition with its fits.
  private func adopt(_ fits: [ClusterEvidence.Fit]) {
    let (p, q) = (model.factors, model.blockSize)
    // Groups that are what they were keep their dynamics.
    let old = (0..<clusters).map { cluster in labels.indices.filter { labels[$0] == cluster } }
    let origins = fits.map { fit in old.firstIndex(of: fit.members.sorted()) ?? -1 }
    let kept = LaneBuffer(clusters * q * table.stride)
    kept.pointer.update(from: trajectories.pointer, count: clusters * q * table.stride)
    for (place, fit) in fits.enumerated() {
      let source =
        origins[place] < 0 ? fit.trajectory.pointer : kept.pointer + origins[place] * q * table.stride
      trajectory(place).update(from: source, count: q * table.stride)
      for (index, neuron) in fit.members.enumerated() {
        labels[neuron] = place
        guard origins[place] < 0 else { continue }
        baselines.pointer[neuron] = fit.coefficients[index * q]
        for j in 0..<p { loading(neuron)[j] = fit.coefficients[index * q + 1 + j] }
      }
    }
    adopt(origins, sources: Array(fits.indices))
  }
}
