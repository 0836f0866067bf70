import Foundation
import Statistics
import Support

/// Merges and splits of groups in the burn-in, which single neurons' moves hardly ever make.
///
/// A proposal is taken if the groups' evidence times the prior of the partition is higher with it: a search for the region in which the chain is
/// then run, not a step of the chain. After the burn-in there is none.
extension BiclusterSampler {
  func searchClusters(_ generator: inout RandomGenerator) {
    let evidence = ClusterEvidence(table, model, dispersions: dispersions.pointer)
    var fits = startFits(evidence)
    var hasChanged = false
    while let merged = bestMerge(fits, evidence) {
      fits.remove(at: max(merged.pair.0, merged.pair.1))
      fits[min(merged.pair.0, merged.pair.1)] = merged.fit
      hasChanged = true
    }
    var place = 0
    while place < fits.count {
      if fits.count < maximumClusters, let halves = bestSplit(fits[place], fits.count, evidence, &generator) {
        fits[place] = halves.0
        fits.append(halves.1)
        hasChanged = true
      }
      place += 1
    }
    if hasChanged { adopt(fits) }
  }

  /// The groups as they are, with the path of trajectories that suits them best.
  private func startFits(_ evidence: ClusterEvidence) -> [ClusterEvidence.Fit] {
    var best: (score: Double, path: ClusterEvidence.Path, fits: [ClusterEvidence.Fit])?
    for path in ClusterEvidence.paths {
      evidence.use(path)
      let fits = (0..<clusters).map { cluster in
        evidence.fit(labels.indices.filter { labels[$0] == cluster }, from: trajectory(cluster))
      }
      let score = fits.reduce(0) { $0 + $1.logEvidence }
      if best.map({ score > $0.score }) ?? true { best = (score, path, fits) }
    }
    evidence.use(best!.path)
    return best!.fits
  }

  /// How much more probable the partition is with a group of `size` of its own beside `others`.
  private func logPartition(_ sizes: [Int], of clusters: Int) -> Double {
    logCoefficients[clusters - 1] + sizes.reduce(0) { $0 + model.clusterPrior.logSizeFactor($1) }
  }

  private func bestMerge(_ fits: [ClusterEvidence.Fit], _ evidence: ClusterEvidence) -> (
    pair: (Int, Int), fit: ClusterEvidence.Fit
  )? {
    var best: (gain: Double, pair: (Int, Int), fit: ClusterEvidence.Fit)?
    for i in fits.indices {
      for j in 0..<i {
        let (a, b) = (fits[i], fits[j])
        let apart =
          a.logEvidence + b.logEvidence
          + logPartition([a.members.count, b.members.count], of: fits.count)
        for start in [a, b] {
          let fit = evidence.fit(
            a.members + b.members, from: start.trajectory.pointer, covariance: start.covariance, rounds: 8)
          let gain = fit.logEvidence + logPartition([fit.members.count], of: fits.count - 1) - apart
          if gain > max(0, best?.gain ?? 0) { best = (gain, (i, j), fit) }
        }
      }
    }
    return best.map { ($0.pair, $0.fit) }
  }

  /// Two groups made of one, by their smoothed counts at first and by who fits where then, if they are more probable.
  private func bestSplit(
    _ whole: ClusterEvidence.Fit, _ count: Int, _ evidence: ClusterEvidence, _ generator: inout RandomGenerator
  ) -> (ClusterEvidence.Fit, ClusterEvidence.Fit)? {
    guard whole.members.count > 1 else { return nil }
    var sides = startSides(whole.members, &generator)
    for round in 0..<4 {
      let halves = [0, 1].map { side in whole.members.indices.filter { sides[$0] == side }.map { whole.members[$0] } }
      guard halves.allSatisfy({ !$0.isEmpty }) else { return nil }
      let fits = halves.map { evidence.fit(
          $0, from: whole.trajectory.pointer, covariance: whole.covariance, rounds: round == 3 ? 12 : 6) }
      if round == 3 {
        let apart =
          fits[0].logEvidence + fits[1].logEvidence + logPartition(halves.map(\.count), of: count + 1)
        let together = whole.logEvidence + logPartition([whole.members.count], of: count)
        return apart > together ? (fits[0], fits[1]) : nil
      }
      sides = whole.members.map { evidence.logMarginal($0, fits[0]) >= evidence.logMarginal($0, fits[1]) ? 0 : 1 }
    }
    return nil
  }

  /// Two random members, and every other with the one that its smoothed counts resemble more.
  private func startSides(_ members: [Int], _ generator: inout RandomGenerator) -> [Int] {
    let rows = members.map { smoothed($0) }
    let count = min(2, members.count)
    return KMeans.fit(rows, count: count, restarts: 2, iterations: 20, using: &generator).labels
  }

  private func smoothed(_ neuron: Int) -> [Double] {
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    let row = (0..<table.bins).map { bin -> Double in
      var (sum, weight) = (0.0, 1e-9)
      for other in max(0, bin - 6)...min(table.bins - 1, bin + 6) {
        let distance = Double(other - bin)
        let factor = exp(-distance * distance / 18) * weights[other]
        sum += factor * y[other].squareRoot()
        weight += factor
      }
      return sum / weight
    }
    return Self.standardised(row)
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
