import Support
import Tensors

/// Mean, variance, extremes and share of active samples of every neuron, gathered in a stream.
///
/// Batches are added in any order and parts merged (Chan, Golub and LeVeque, 1983); sums are kept in 64 bits. A value
/// that is not a number makes mean and variance of its neuron not a number.
public struct ActivationStatistics: Sendable, Equatable {
  /// A neuron is active on a sample above this value.
  public let threshold: Float
  /// How many samples were added.
  public private(set) var count = 0
  /// The mean of each neuron; 0 without samples.
  public private(set) var means: [Double]
  /// The sums of squared distances from the mean.
  private var squares: [Double]
  /// The least and the greatest value of each neuron; infinite without samples.
  public private(set) var minima: [Float]
  public private(set) var maxima: [Float]
  /// On how many samples each neuron was active.
  public private(set) var activeCounts: [Int]

  public init(neurons: Int, threshold: Float = 0) {
    self.threshold = threshold
    means = Array(repeating: 0, count: neurons)
    squares = means
    minima = Array(repeating: .infinity, count: neurons)
    maxima = Array(repeating: -.infinity, count: neurons)
    activeCounts = Array(repeating: 0, count: neurons)
  }

  public var neurons: Int { means.count }

  /// The variance of each neuron; `correction` is subtracted from the count. Not a number where nothing is left.
  public func variances(correction: Int = 1) -> [Double] {
    let divisor = count > correction ? Double(count - correction) : .nan
    return squares.map { $0 / divisor }
  }

  /// The unbiased variance of one neuron.
  func variance(_ neuron: Int) -> Double { count > 1 ? squares[neuron] / Double(count - 1) : .nan }

  public func deviations(correction: Int = 1) -> [Double] {
    variances(correction: correction).map { $0.squareRoot() }
  }

  /// On which share of the samples each neuron was active; not a number without samples.
  public var activeShares: [Double] { activeCounts.map { Double($0) / Double(count) } }

  /// Adds samples `[…, N]`.
  public mutating func add(_ samples: Tensor) {
    precondition(samples.size(-1) == neurons, "samples \(samples.shape) for \(neurons) neurons")
    let plain = samples.detached().to(.float32).to(.cpu).contiguous()
    plain.withUnsafeElements { add($0) }
  }

  /// Adds samples `[S, N]` that lie in memory one after the other.
  public mutating func add(_ samples: UnsafeBufferPointer<Float>) {
    precondition(samples.count % neurons == 0, "\(samples.count) values for \(neurons) neurons")
    let rows = samples.count / neurons
    guard rows > 0, let base = samples.baseAddress else { return }
    var batch = ActivationStatistics(neurons: neurons, threshold: threshold)
    batch.gather(base, rows)
    merge(batch)
  }

  /// Fills these empty statistics: means first, then squares about them.
  private mutating func gather(_ base: UnsafePointer<Float>, _ rows: Int) {
    let neurons = neurons
    count = rows
    var actives = [Int32](repeating: 0, count: neurons)
    means.withUnsafeMutableBufferPointer { means in
      minima.withUnsafeMutableBufferPointer { minima in
        maxima.withUnsafeMutableBufferPointer { maxima in
          actives.withUnsafeMutableBufferPointer { actives in
            for row in 0..<rows {
              let x = base + row * neurons
              for n in 0..<neurons {
                means[n] += Double(x[n])
                minima[n] = x[n] < minima[n] ? x[n] : minima[n]
                maxima[n] = x[n] > maxima[n] ? x[n] : maxima[n]
                actives[n] &+= x[n] > threshold ? 1 : 0
              }
            }
          }
        }
      }
      for n in 0..<neurons { means[n] /= Double(rows) }
    }
    activeCounts = actives.map(Int.init)
    squares.withUnsafeMutableBufferPointer { squares in
      means.withUnsafeBufferPointer { means in
        for row in 0..<rows {
          let x = base + row * neurons
          for n in 0..<neurons {
            let distance = Double(x[n]) - means[n]
            squares[n] += distance * distance
          }
        }
      }
    }
  }

  /// Adds the samples that `other` has seen.
  public mutating func merge(_ other: ActivationStatistics) {
    precondition(
      other.neurons == neurons && other.threshold == threshold,
      "statistics of \(other.neurons) neurons above \(other.threshold) joined to \(neurons) above \(threshold)"
    )
    guard other.count > 0 else { return }
    let total = count + other.count
    let share = Double(other.count) / Double(total)
    let cross = share * Double(count)
    for n in means.indices {
      let distance = other.means[n] - means[n]
      means[n] += distance * share
      squares[n] += other.squares[n] + distance * distance * cross
      minima[n] = Swift.min(minima[n], other.minima[n])
      maxima[n] = Swift.max(maxima[n], other.maxima[n])
      activeCounts[n] += other.activeCounts[n]
    }
    count = total
  }
}

extension ActivationStatistics {
  /// Statistics for each of `labels` labels of samples `[S, N]`; `label` gives the label of every sample.
  public static func byLabel(_ samples: Tensor, label: [Int], labels: Int, threshold: Float = 0)
    -> [ActivationStatistics]
  {
    precondition(
      samples.rank == 2 && samples.size(0) == label.count,
      "\(label.count) labels for samples \(samples.shape)")
    let positions = SampleGroups(label, labels).positions
    return positions.map { rows in
      var statistics = ActivationStatistics(neurons: samples.size(1), threshold: threshold)
      if !rows.isEmpty { statistics.add(samples.selected(Tensor(rows), axis: 0)) }
      return statistics
    }
  }
}

/// Which samples carry which label.
package struct SampleGroups {
  /// The positions of the samples, by label.
  package let positions: [[Int]]

  package init(_ label: [Int], _ labels: Int) {
    var positions = [[Int]](repeating: [], count: labels)
    for (sample, label) in label.enumerated() {
      precondition((0..<labels).contains(label), "label \(label) of \(labels) at sample \(sample)")
      positions[label].append(sample)
    }
    self.positions = positions
  }
}
