import Foundation
import Statistics
import Support

/// Step 1 and 3 of a sweep: trajectories and loadings, both Gaussian once Pólya-Gamma numbers are drawn.
extension BiclusterSampler {
  /// Draws the trajectories of some groups together under the given dynamics of theirs.
  func drawTrajectories(_ chosen: [Int], _ dynamics: SwitchingDynamics, _ into: [Int32]) {
    let (q, stride, bins) = (model.blockSize, table.stride, table.bins)
    let size = chosen.count * q
    gatherObservations(chosen)
    LaneBuffer.reserve(&normals, (bins + 1) * size)
    lanes.fillNormal(normals.pointer, (bins + 1) * size)
    filter.prepare(dynamics)
    let observations = SwitchingFilter.Observations(
      rows: observationRows.pointer, stride: stride, clusters: chosen.count, blockSize: q)
    into.withUnsafeBufferPointer { _ = filter.forward(into: $0.baseAddress!, bins: bins, observations) }
    drawBack(chosen)
  }

  /// As ``drawTrajectories(_:_:_:)`` for all groups, with the changes of state moved first, trajectories integrated out.
  func moveChangesAndDrawTrajectories(_ generator: inout RandomGenerator) {
    let chosen = Array(0..<clusters)
    let size = clusters * model.blockSize
    gatherObservations(chosen)
    LaneBuffer.reserve(&normals, (table.bins + 1) * size)
    lanes.fillNormal(normals.pointer, (table.bins + 1) * size)
    filter.prepare(dynamics)
    let observations = SwitchingFilter.Observations(
      rows: observationRows.pointer, stride: table.stride, clusters: clusters, blockSize: model.blockSize)
    var into = statesInto
    let logTransitions = sticky.transitions.map { log($0) }
    into.withUnsafeMutableBufferPointer {
      filter.forwardMovingChanges(
        into: $0.baseAddress!, bins: table.bins, count: model.states, logTransitions: logTransitions,
        observations,
        using: &generator)
    }
    for bin in 1..<table.bins { states[bin - 1] = into[bin] }
    states[table.bins - 1] = states[table.bins - 2]
    drawBack(chosen)
  }

  /// Draws trajectories on the way back.
  private func drawBack(_ chosen: [Int]) {
    let (q, stride, bins) = (model.blockSize, table.stride, table.bins)
    let size = chosen.count * q
    if chosen == Array(0..<chosen.count) {
      filter.backward(bins: bins, normals: normals.pointer, into: trajectories.pointer, stride: stride)
      return
    }
    let drawn = LaneBuffer(size * stride)
    filter.backward(bins: bins, normals: normals.pointer, into: drawn.pointer, stride: stride)
    for (place, cluster) in chosen.enumerated() {
      trajectory(cluster).update(from: drawn.pointer + place * q * stride, count: q * stride)
    }
  }

  /// Draws the Pólya-Gamma numbers of the groups' neurons and sums what they say of the trajectories: precisions `Σ ω
  /// (1, c)(1, c)ᵀ` and informations `Σ ((y - r)/2 + ω (log r - d)) (1, c)`.
  private func gatherObservations(_ chosen: [Int]) {
    let (q, stride) = (model.blockSize, table.stride)
    let perCluster = q * (q + 1) / 2 + q
    LaneBuffer.reserve(&observationRows, chosen.count * perCluster * stride)
    observationRows.pointer.update(repeating: 0, count: chosen.count * perCluster * stride)
    for neuron in labels.indices {
      guard let place = chosen.firstIndex(of: labels[neuron]) else { continue }
      let rows = observationRows.pointer + place * perCluster * stride
      let x = trajectory(labels[neuron])
      let c = loading(neuron)
      let (y, weights) = (table.counts(neuron), table.weights(neuron))
      let r = dispersions.pointer[neuron]
      let shift = log(r) - baselines.pointer[neuron]
      for bin in Swift.stride(from: 0, to: stride, by: 8) {
        var linear = x.lanes(bin)
        for j in 1..<q { linear += c[j - 1] * x.lanes(j * stride + bin) }
        let counts = y.lanes(bin)
        let weight = weights.lanes(bin)
        let omega = weight * PolyaGamma.draw(counts + r, linear - shift, &lanes)
        let information = 0.5 * weight * (counts - r) + shift * omega
        var place = bin
        for i in 0..<q {
          let scaled = i == 0 ? omega : omega * c[i - 1]
          for j in 0...i {
            rows.store(rows.lanes(place) + (j == 0 ? scaled : scaled * c[j - 1]), place)
            place += stride
          }
        }
        for i in 0..<q {
          rows.store(rows.lanes(place) + (i == 0 ? information : information * c[i - 1]), place)
          place += stride
        }
      }
    }
  }

  /// Draws baseline and loadings of a neuron given its group's trajectory.
  func drawLoading(_ neuron: Int) {
    let (q, stride) = (model.blockSize, table.stride)
    let x = trajectory(labels[neuron])
    let c = loading(neuron)
    let (y, weights) = (table.counts(neuron), table.weights(neuron))
    let r = dispersions.pointer[neuron]
    let logR = log(r)
    let shift = baselines.pointer[neuron] - logR
    conditional.begin()
    for bin in Swift.stride(from: 0, to: stride, by: 8) {
      let offset = x.lanes(bin)
      var linear = offset + shift
      for j in 1..<q { linear += c[j - 1] * x.lanes(j * stride + bin) }
      let counts = y.lanes(bin)
      let weight = weights.lanes(bin)
      let omega = weight * PolyaGamma.draw(counts + r, linear, &lanes)
      conditional.add(omega, 0.5 * weight * (counts - r) + omega * (logR - offset), x, stride, bin)
    }
    let drawn = lanes.normal()
    let value = conditional.draw { $0 < 8 ? drawn[$0] : lanes.normal()[0] }
    baselines.pointer[neuron] = value[0]
    for j in 1..<q { loading(neuron)[j - 1] = value[j] }
  }

  /// Step 5: centres and turns every group's trajectory; loadings and dynamics follow.
  func constrain() {
    let (p, q) = (model.factors, model.blockSize)
    let size = clusters * q
    var forward = [Double](repeating: 0, count: size * size)
    var centre: [Double] = []
    for cluster in 0..<clusters {
      let change = Identifiability.constrain(
        trajectory(cluster), factors: p, bins: table.bins, stride: table.stride)
      centre += change.centre
      let start = cluster * q
      forward[start * size + start] = 1
      for i in 0..<p {
        for j in 0..<p { forward[(start + 1 + i) * size + start + 1 + j] = change.axes[i * p + j] }
      }
      for neuron in labels.indices where labels[neuron] == cluster {
        Identifiability.follow(
          change, baseline: &baselines.pointer[neuron], loadings: loading(neuron), factors: p)
      }
    }
    // The change is orthonormal: its inverse is its transpose.
    let backward = (0..<size * size).map { forward[$0 % size * size + $0 / size] }
    dynamics.transform(forward, backward, centre: centre)
  }
}
