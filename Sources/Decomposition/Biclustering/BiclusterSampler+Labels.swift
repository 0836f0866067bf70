import Foundation
import Statistics
import Support

/// Step 6 of a sweep: the neurons' groups, loadings integrated out.
extension BiclusterSampler {
  /// What a pass over the neurons keeps track of.
  private struct Pass {
    /// Members of each group; groups that died keep their place until the end.
    var sizes: [Int]
    /// From factors to whitened factors, `[p · p]` of each group.
    var whitening: [[Double]]
    /// `[groups][N]`.
    var marginals: [[Double]]
  }

  /// Gibbs sampling of the labels with one auxiliary group (algorithm 8 of Neal, 2000).
  func drawLabels(_ generator: inout RandomGenerator) {
    let before = clusters
    var pass = Pass(sizes: [], whitening: [], marginals: [])
    for cluster in 0..<clusters {
      pass.sizes.append(labels.count { $0 == cluster })
      pass.whitening.append(whiten(cluster))
      pass.marginals.append(labels.indices.map { logMarginal($0, cluster) })
    }
    for neuron in labels.indices { drawLabel(neuron, &pass, &generator) }
    compact(pass.sizes, before)
  }

  private func drawLabel(_ neuron: Int, _ pass: inout Pass, _ generator: inout RandomGenerator) {
    let own = labels[neuron]
    pass.sizes[own] -= 1
    let isSingle = pass.sizes[own] == 0
    let others = pass.sizes.count { $0 > 0 }
    var weights = pass.sizes.indices.map { cluster in
      pass.sizes[cluster] == 0
        ? -Double.infinity
        : model.clusterPrior.logJoin(pass.sizes[cluster]) + pass.marginals[cluster][neuron]
    }
    let logNew = others == 0 ? 0 : model.clusterPrior.logNew(others, logCoefficients)
    let fresh = pass.sizes.count
    var freshWhitening: [Double] = []
    if isSingle {
      // A single neuron's own trajectory is the proposal for a group of its own.
      weights[own] = logNew + pass.marginals[own][neuron]
    } else if fresh < maximumClusters {
      propose(fresh, &generator)
      freshWhitening = whiten(fresh)
      weights.append(logNew + logMarginal(neuron, fresh))
    }
    let chosen = generator.categorical(logWeights: weights)
    if chosen == fresh {
      pass.sizes.append(0)
      pass.whitening.append(freshWhitening)
      pass.marginals.append(labels.indices.map { logMarginal($0, fresh) })
    }
    pass.sizes[chosen] += 1
    if chosen != own { move(neuron, to: chosen, pass.whitening[chosen]) }
  }

  /// Gives a neuron its new group, and loadings drawn for it at once.
  private func move(_ neuron: Int, to cluster: Int, _ whitening: [Double]) {
    let p = model.factors
    labels[neuron] = cluster
    _ = logMarginal(neuron, cluster)
    LaneBuffer.reserve(&normals, 8 * (regression.count / 8 + 1))
    lanes.fillNormal(normals.pointer, regression.count)
    regression.draw(normals.pointer)
    for j in 0..<p {
      loading(neuron)[j] = (0..<p).reduce(0) { $0 + whitening[$1 * p + j] * regression.mode[$1] }
    }
    if settings.integratesBaseline { baselines.pointer[neuron] = regression.mode[p] }
  }

  /// The likelihood of a neuron's counts under a group's trajectory, its loadings integrated out.
  private func logMarginal(_ neuron: Int, _ cluster: Int) -> Double {
    let p = model.factors
    for j in 0..<p { regression.setRow(j, whitened.pointer + (cluster * p + j) * table.stride) }
    if settings.integratesBaseline { regression.setRow(p, ones.pointer) }
    // The normaliser does not depend on the group.
    return regression.logMarginal(
      target(
        neuron, offset: trajectory(cluster),
        constant: settings.integratesBaseline ? 0 : baselines.pointer[neuron])
    )
  }

  /// A neuron's counts as a target of regression, without the normaliser.
  func target(_ neuron: Int, offset: Pointer, constant: Double) -> LaplaceRegression.Target {
    LaplaceRegression.Target(
      counts: table.counts(neuron), weights: table.weights(neuron), offset: offset, constant: constant,
      dispersion: dispersions.pointer[neuron], stride: table.stride, logNormaliser: 0)
  }

  /// A group's factors with unit variance and no correlation, so that the prior of loadings has one meaning for all
  /// groups; `[p · p]`, what makes them of the factors.
  private func whiten(_ cluster: Int) -> [Double] {
    let (p, stride) = (model.factors, table.stride)
    let source = trajectory(cluster) + stride
    let target = whitened.pointer + cluster * p * stride
    var gram = [Double](repeating: 0, count: p * p)
    for i in 0..<p {
      for j in 0...i {
        var sum = SIMD8<Double>.zero
        for bin in Swift.stride(from: 0, to: stride, by: 8) {
          sum += source.lanes(i * stride + bin) * source.lanes(j * stride + bin)
        }
        gram[i * p + j] = sum.sum() / Double(table.bins) + (i == j ? 1e-12 : 0)
        gram[j * p + i] = gram[i * p + j]
      }
    }
    var inverse = [Double](repeating: 0, count: p * p)
    gram.withUnsafeMutableBufferPointer { gram in
      inverse.withUnsafeMutableBufferPointer {
        SmallMatrix.choleskyWithJitter(gram.baseAddress!, p)
        SmallMatrix.invertLower(gram.baseAddress!, p, into: $0.baseAddress!)
      }
    }
    for i in 0..<p {
      for bin in Swift.stride(from: 0, to: stride, by: 8) {
        var sum = SIMD8<Double>.zero
        for j in 0...i { sum += inverse[i * p + j] * source.lanes(j * stride + bin) }
        target.store(sum, i * stride + bin)
      }
    }
    return inverse
  }

  /// A trajectory drawn blindly for a group to be: a spline every tenth sweep, else an autoregressive path.
  private func propose(_ cluster: Int, _ generator: inout RandomGenerator) {
    for row in 0..<model.blockSize {
      let path = trajectory(cluster) + row * table.stride
      if sweep % 10 == 1 {
        ProposalPath.spline(path, table.bins, &generator)
      } else {
        LaneBuffer.reserve(&normals, table.stride)
        lanes.fillNormal(normals.pointer, table.bins)
        ProposalPath.autoregressive(path, table.bins, normals.pointer)
      }
    }
  }

  /// Closes the gaps that dead groups left, takes dynamics for the newborn, and fits those to their members.
  private func compact(_ sizes: [Int], _ before: Int) {
    let alive = sizes.indices.filter { sizes[$0] > 0 }
    guard alive != Array(0..<before) else { return }
    adopt(alive.map { $0 < before ? $0 : -1 }, sources: alive)
  }

  /// Rearranges groups: each new one takes the trajectory of the block in `sources`, and the dynamics of the old group
  /// in `origins`, or those of a random walk where that is -1; those are then fitted to their members.
  ///
  /// - Parameter sources: In ascending order; labels name them.
  func adopt(_ origins: [Int], sources: [Int]) {
    let (q, stride) = (model.blockSize, table.stride)
    for (place, source) in sources.enumerated() where place != source {
      trajectory(place).update(from: trajectory(source), count: q * stride)
    }
    let names = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
    for neuron in labels.indices { labels[neuron] = names[labels[neuron]]! }
    clusters = sources.count
    dynamics = dynamics.selecting(
      origins.flatMap { origin in (0..<q).map { origin < 0 ? -1 : origin * q + $0 } },
      newVariance: model.innovationScale)
    let walk = SwitchingDynamics(randomWalk: q, states: 1, variance: model.innovationScale)
    for cluster in origins.indices where origins[cluster] < 0 {
      drawTrajectories([cluster], walk, [Int32](repeating: 0, count: table.bins))
      for neuron in labels.indices where labels[neuron] == cluster { drawLoading(neuron) }
    }
  }
}
