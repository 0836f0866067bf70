import Foundation
import Statistics

/// A group's trajectories over the posterior, with bands.
public struct TrajectoryBands: Sendable {
  /// The offset first, then the factors: `[q][T]` each.
  public let mean: [[Double]]
  public let lower: [[Double]]
  public let upper: [[Double]]
  /// How many samples had the group.
  public let count: Int

  /// The share of bins at which the band of a row holds the truth.
  public func coverage(_ row: Int, of truth: [Double]) -> Double {
    let inside = truth.indices.count { lower[row][$0] <= truth[$0] && truth[$0] <= upper[row][$0] }
    return Double(inside) / Double(truth.count)
  }
}

extension BiclusterPosterior {
  /// The trajectories of the group that some neurons form, over the samples in which most of them are together.
  ///
  /// Factors of different samples mean the same only up to a rotation: they are turned on those of the sample with the
  /// highest likelihood (orthogonal Procrustes), or, where a truth is given, mapped on it by the least-squares map of
  /// their mean.
  ///
  /// - Parameters:
  ///   - members: Neurons.
  ///   - level: Of the bands, by quantiles at each bin.
  ///   - truth: `[q][T]`, offset first.
  /// - Returns: nil when no sample has such a group, or trajectories were not kept.
  public func trajectories(of members: [Int], level: Double = 0.95, truth: [[Double]]? = nil)
    -> TrajectoryBands?
  {
    let q = chains[0].model.blockSize
    var paths: [(likelihood: Double, rows: [[Double]])] = []
    for sample in samples where !sample.trajectories.isEmpty {
      let counts = Dictionary(members.map { (sample.labels[$0], 1) }, uniquingKeysWith: +)
      guard let (group, shared) = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        2 * shared > members.count, 2 * shared > sample.labels.count(where: { $0 == group })
      else { continue }
      let bins = sample.states.count
      let rows = (0..<q).map { row in
        let start = (group * q + row) * bins
        return sample.trajectories[start..<start + bins].map(Double.init)
      }
      paths.append((sample.logLikelihood, rows))
    }
    guard let reference = paths.max(by: { $0.likelihood < $1.likelihood })?.rows else { return nil }
    var turned = paths.map {
      [$0.rows[0]] + Self.turned(Array($0.rows.dropFirst()), on: Array(reference.dropFirst()))
    }
    if let truth { turned = Self.mapped(turned, on: truth) }
    return Self.bands(turned, level)
  }

  private static func bands(_ paths: [[[Double]]], _ level: Double) -> TrajectoryBands {
    let (q, bins) = (paths[0].count, paths[0][0].count)
    var (mean, lower, upper) = ([[Double]](), [[Double]](), [[Double]]())
    for row in 0..<q {
      var (means, lows, highs) = ([Double](), [Double](), [Double]())
      for bin in 0..<bins {
        let values = paths.map { $0[row][bin] }.sorted()
        means.append(values.reduce(0, +) / Double(values.count))
        lows.append(Percentile.quantile(ofSorted: values, (1 - level) / 2))
        highs.append(Percentile.quantile(ofSorted: values, (1 + level) / 2))
      }
      mean.append(means)
      lower.append(lows)
      upper.append(highs)
    }
    return TrajectoryBands(mean: mean, lower: lower, upper: upper, count: paths.count)
  }

  /// `x` turned to lie on `reference` as closely as a rotation or reflection can make it: by the orthogonal factor of
  /// `reference xᵀ`.
  private static func turned(_ x: [[Double]], on reference: [[Double]]) -> [[Double]] {
    let p = x.count
    var product = [Double](repeating: 0, count: p * p)
    for i in 0..<p {
      for j in 0..<p { product[i * p + j] = zip(reference[i], x[j]).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    // The orthogonal factor is (B Bᵀ)^(-1/2) B.
    var square = [Double](repeating: 0, count: p * p)
    for i in 0..<p {
      for j in 0..<p {
        square[i * p + j] = (0..<p).reduce(0) { $0 + product[i * p + $1] * product[j * p + $1] }
      }
    }
    let (values, vectors) = SmallMatrix.symmetricEigen(square, p)
    guard let least = values.last, least > 1e-12 * (values.first ?? 1) else { return x }
    var root = [Double](repeating: 0, count: p * p)
    for (value, vector) in zip(values, vectors) {
      for i in 0..<p { for j in 0..<p { root[i * p + j] += vector[i] * vector[j] / value.squareRoot() } }
    }
    let rotation = (0..<p * p).map { index in
      (0..<p).reduce(0.0) { $0 + root[index / p * p + $1] * product[$1 * p + index % p] }
    }
    return applied(rotation, x)
  }

  /// Factors mapped on the truth by the least-squares map of their mean; the offset stays.
  private static func mapped(_ paths: [[[Double]]], on truth: [[Double]]) -> [[[Double]]] {
    let (p, bins) = (truth.count - 1, truth[0].count)
    let count = Double(paths.count)
    let mean = (0..<p).map { row -> [Double] in
      (0..<bins).map { bin -> Double in paths.reduce(0.0) { $0 + $1[row + 1][bin] } / count }
    }
    var gram = [Double](repeating: 0, count: p * p)
    var cross = gram
    for i in 0..<p {
      for j in 0..<p {
        gram[i * p + j] = zip(mean[i], mean[j]).reduce(0.0) { $0 + $1.0 * $1.1 }
        cross[i * p + j] = zip(truth[i + 1], mean[j]).reduce(0.0) { $0 + $1.0 * $1.1 }
      }
    }
    let (values, vectors) = SmallMatrix.symmetricEigen(gram, p)
    var inverse = [Double](repeating: 0, count: p * p)
    for (value, vector) in zip(values, vectors) where value > 1e-12 * values[0] {
      for i in 0..<p { for j in 0..<p { inverse[i * p + j] += vector[i] * vector[j] / value } }
    }
    var map = [Double](repeating: 0, count: p * p)
    for i in 0..<p {
      for j in 0..<p {
        for k in 0..<p { map[i * p + j] += cross[i * p + k] * inverse[k * p + j] }
      }
    }
    return paths.map { [$0[0]] + applied(map, Array($0.dropFirst())) }
  }

  private static func applied(_ matrix: [Double], _ x: [[Double]]) -> [[Double]] {
    let p = x.count
    return (0..<p).map { i in
      (0..<x[0].count).map { bin in (0..<p).reduce(0) { $0 + matrix[i * p + $1] * x[$1][bin] } }
    }
  }
}
