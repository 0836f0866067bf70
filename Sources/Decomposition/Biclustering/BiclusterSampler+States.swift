import Foundation
import Statistics
import Support

/// Step 2 of a sweep: states and dynamics given trajectories.
extension BiclusterSampler {
  /// Around the identity, with `K (p + 1) + 2` degrees of freedom.
  var dynamicsPrior: MatrixNormalInverseWishart {
    let size = clusters * model.blockSize
    return .aroundIdentity(size, scale: model.innovationScale, freedom: Double(size + 2))
  }

  /// The sweep at which the bins get their first states; until then all are in one.
  private var segmentationSweep: Int { Int(settings.singleStateShare * Double(settings.burnIn)) }

  /// Whether states are drawn in this sweep.
  var drawsStates: Bool {
    settings.steps.contains(.states) && model.states > 1
      && sweep >= segmentationSweep + settings.settlingSweeps
  }

  func updateStates(_ generator: inout RandomGenerator) {
    guard settings.steps.contains(.dynamics) else { return }
    dynamicsSampler.load(
      trajectories.pointer, size: clusters * model.blockSize, bins: table.bins, stride: table.stride)
    let prior = dynamicsPrior
    let isSegmented = settings.steps.contains(.states) && model.states > 1 && sweep >= segmentationSweep
    guard isSegmented else {
      return dynamicsSampler.drawDynamics(prior, &dynamics, states, using: &generator)
    }
    if settings.startStates == nil, sweep == segmentationSweep { states = segmentation(&generator) }
    if !drawsStates {
      return dynamicsSampler.drawDynamics(prior, &dynamics, states, using: &generator)
    }
    for _ in 0..<settings.stateSweeps {
      _ = dynamicsSampler.sweep(prior, &dynamics, &sticky, &states, using: &generator)
    }
  }

  /// Bins grouped by how much each group's expected trajectory moves around them (k-means of smoothed log energies).
  private func segmentation(_ generator: inout RandomGenerator) -> [Int32] {
    let (q, stride, bins) = (model.blockSize, table.stride, table.bins)
    let mean = LaneBuffer(clusters * q * stride + 8)
    filter.backward(bins: bins, normals: nil, into: mean.pointer, stride: stride)
    var features = [[Double]](repeating: [], count: bins)
    for cluster in 0..<clusters {
      var energies = [Double](repeating: 0, count: bins)
      for row in cluster * q..<(cluster + 1) * q {
        let values = mean.pointer + row * stride
        let average = (0..<bins).reduce(0) { $0 + values[$1] } / Double(bins)
        for bin in 0..<bins { energies[bin] += (values[bin] - average) * (values[bin] - average) }
      }
      for bin in 0..<bins {
        let window = max(0, bin - 4)...min(bins - 1, bin + 4)
        let sum = window.reduce(0) { $0 + energies[$1] } / Double(window.count)
        features[bin].append(log(sum + 1e-3))
      }
    }
    return KMeans.fit(
      features, count: min(settings.startStateCount, model.states, bins), restarts: 4, using: &generator
    ).labels.map { Int32($0) }
  }

  /// Step 4: dispersions by slice sampling of log r (Neal, 2003), its conditional given the means.
  func drawDispersions(_ generator: inout RandomGenerator) {
    for neuron in labels.indices {
      fillMeans(neuron)
      var position = log(dispersions.pointer[neuron])
      var height = logDispersion(position, neuron) + log(1 - generator.uniform())
      if !height.isFinite { height = -.infinity }
      var low = position - generator.uniform()
      var high = low + 1
      for _ in 0..<8 where logDispersion(low, neuron) > height { low -= 1 }
      for _ in 0..<8 where logDispersion(high, neuron) > height { high += 1 }
      for _ in 0..<60 {
        let candidate = low + generator.uniform() * (high - low)
        if logDispersion(candidate, neuron) > height {
          position = candidate
          break
        }
        if candidate < position { low = candidate } else { high = candidate }
      }
      dispersions.pointer[neuron] = exp(min(max(position, -7), 9))
    }
  }

  /// The neuron's means into working memory.
  func fillMeans(_ neuron: Int) {
    let stride = table.stride
    let x = trajectory(labels[neuron])
    let c = loading(neuron)
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      var linear = x.lanes(bin) + baselines.pointer[neuron]
      for j in 0..<model.factors { linear += c[j] * x.lanes((1 + j) * stride + bin) }
      predictor.pointer.store(linear, bin)
      meanBuffer.pointer.store(VectorMath.exponential(linear), bin)
    }
  }

  /// Log prior and likelihood of `log r` at the means in working memory, up to what does not depend on r.
  private func logDispersion(_ logR: Double, _ neuron: Int) -> Double {
    let r = exp(logR)
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    var sum = SIMD8<Double>.zero
    for bin in Swift.stride(from: 0, to: table.stride, by: 8) {
      sum += weights.lanes(bin) * (y.lanes(bin) + r) * VectorMath.logarithm(meanBuffer.pointer.lanes(bin) + r)
    }
    var result = model.dispersionShape * logR - model.dispersionRate * r
    result += table.observed[neuron] * r * logR - sum.sum()
    for (value, count) in table.above[neuron].enumerated() { result += count * log(r + Double(value)) }
    return result
  }
}
