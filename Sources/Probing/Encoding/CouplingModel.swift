import Foundation
import Recordings
import Statistics
import Support
import Tensors

/// How each neuron's spikes follow its own past, that of the others, and what is known of the moment: a generalised linear model with
/// Poisson counts and an exponential (Truccolo et al., 2005; Pillow et al., 2008).
///
/// The past enters through raised cosines on a logarithmic axis of time. Weights are held small by a price on their squares, and
/// fitted by Newton's method with halved steps, all neurons side by side.
public struct CouplingModel: Sendable {
  public struct Settings: Sendable {
    /// Seconds of the past that count.
    public var history = 0.1
    /// Raised cosines over it.
    public var basis = 5
    /// The price of squared weights; none on the constant.
    public var penalty = 1.0
    /// Whether other neurons count.
    public var isCoupled = true
    /// Columns of the samples that count too.
    public var covariates: [String] = []
    public var iterations = 50

    public init() {}
  }

  public let settings: Settings
  /// Raised cosines, `[bins of the past][basis]`, the first bin just before.
  public let basis: [[Double]]
  /// The log of the rate a bin without any past, by neuron.
  public let constants: [Double]
  /// `[to][from][basis]`
  public let coupling: [[[Double]]]
  /// `[neuron][covariate]`
  public let covariateWeights: [[Double]]
  /// Steps that each neuron's fit took; the limit where it did not settle.
  public let iterations: [Int]

  /// - Parameter counts: Spikes in short bins, as ``SpikeTrains/binned(width:)`` gives them.
  /// - Throws: `CajalError` without times, for a history shorter than a bin, or a covariate that is not there.
  public init(_ counts: Recording, _ settings: Settings = Settings()) throws {
    let time = try counts.requiredTime(for: "the past of spikes")
    let bins = Int((settings.history / time.step).rounded())
    guard bins >= 1, settings.basis >= 1, counts.sampleCount > bins else {
      throw CajalError("\(counts.name): a history of \(settings.history) s in bins of \(time.step) s")
    }
    self.settings = settings
    basis = Self.raisedCosines(bins, settings.basis)
    let features = try Self.features(counts, basis, settings)
    let (n, width) = (counts.neuronCount, settings.basis)
    let fits = parallelMap(n) { neuron in
      Self.fit(features, target: neuron, settings, n, width)
    }
    constants = fits.map { $0.weights[0] }
    coupling = fits.enumerated().map { neuron, fit in
      (0..<n).map { from in
        if !settings.isCoupled && from != neuron { return [Double](repeating: 0, count: width) }
        let start = 1 + (settings.isCoupled ? from * width : 0)
        return Array(fit.weights[start..<start + width])
      }
    }
    let own = 1 + (settings.isCoupled ? n : 1) * width
    covariateWeights = fits.map { Array($0.weights[own...]) }
    iterations = fits.map(\.iterations)
  }

  /// The filter of each pair over the bins of the past, the nearest first: what a spike adds to the log of the rate.
  public func filter(from: Int, to: Int) -> [Double] {
    basis.map { zip($0, coupling[to][from]).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The log likelihood of counts, in bits a spike above a constant rate, by neuron.
  ///
  /// - Throws: `CajalError` for counts of other neurons or without the covariates.
  public func informationPerSpike(_ counts: Recording) throws -> [Double] {
    guard counts.neuronCount == constants.count else {
      throw CajalError("\(counts.name) has \(counts.neuronCount) neurons, the model \(constants.count)")
    }
    let features = try Self.features(counts, basis, settings)
    let (n, rows, width) = (constants.count, features.rows, settings.basis)
    return parallelMap(n) { neuron in
      let columns = features.columns(for: neuron, settings.isCoupled, n, width)
      var weights = [constants[neuron]]
      weights += settings.isCoupled ? coupling[neuron].flatMap { $0 } : coupling[neuron][neuron]
      weights += covariateWeights[neuron]
      let spikes = features.target(neuron)
      let total = spikes.reduce(0, +)
      let mean = total / Double(rows)
      guard total > 0 else { return .nan }
      var sum = 0.0
      for row in 0..<rows {
        var log = 0.0
        for (index, column) in columns.enumerated() { log += weights[index] * column[row] }
        sum += spikes[row] * (log - Foundation.log(mean)) - (exp(min(log, 30)) - mean)
      }
      return sum / total / Foundation.log(2)
    }
  }

  // MARK: Features

  private struct Features: Sendable {
    let rows: Int
    /// Each column by itself: a constant, the pasts, the covariates.
    let all: [[Double]]
    let counts: [[Double]]

    func target(_ neuron: Int) -> [Double] { counts[neuron] }

    func columns(for neuron: Int, _ isCoupled: Bool, _ n: Int, _ width: Int) -> [[Double]] {
      guard !isCoupled else { return all }
      let own = 1 + neuron * width
      return [all[0]] + all[own..<own + width] + all[(1 + n * width)...]
    }
  }

  private static func features(_ counts: Recording, _ basis: [[Double]], _ settings: Settings) throws
    -> Features
  {
    let (n, samples, bins) = (counts.neuronCount, counts.sampleCount, basis.count)
    let series = counts.series().doubles
    let rows = samples - bins
    let width = settings.basis
    let pasts = parallelMap(n * width) { index -> [Double] in
      let (neuron, bump) = (index / width, index % width)
      var column = [Double](repeating: 0, count: rows)
      for lag in 0..<bins where basis[lag][bump] != 0 {
        let weight = basis[lag][bump]
        let start = neuron * samples + bins - 1 - lag
        for row in 0..<rows { column[row] += weight * series[start + row] }
      }
      return column
    }
    let covariates = try settings.covariates.map { name -> [Double] in
      guard let values = counts.samples.numbers(name), values.allSatisfy(\.isFinite) else {
        throw CajalError("\(counts.name) has no column '\(name)' of numbers for every sample")
      }
      return Array(values[bins...])
    }
    return Features(
      rows: rows, all: [[Double](repeating: 1, count: rows)] + pasts + covariates,
      counts: (0..<n).map { Array(series[$0 * samples + bins..<($0 + 1) * samples]) })
  }

  /// Bumps that are narrow near the spike and wide further back, and add up to about one.
  static func raisedCosines(_ bins: Int, _ count: Int) -> [[Double]] {
    guard count > 1 else { return [[Double]](repeating: [1], count: bins) }
    let stretch = { (bin: Double) in log(bin + 1) }
    let (first, last) = (stretch(0), stretch(Double(bins - 1)))
    let spacing = max(last - first, 1e-9) / Double(count - 1)
    return (0..<bins).map { bin in
      (0..<count).map { bump in
        let distance = (stretch(Double(bin)) - first - Double(bump) * spacing) / spacing
        return abs(distance) < 2 ? 0.25 * (1 + cos(Double.pi * distance / 2)) : 0
      }
    }
  }

  // MARK: Fit

  private static func fit(
    _ features: Features, target neuron: Int, _ settings: Settings, _ n: Int, _ width: Int
  ) -> (weights: [Double], iterations: Int) {
    let columns = features.columns(for: neuron, settings.isCoupled, n, width)
    let spikes = features.target(neuron)
    let (rows, size) = (features.rows, columns.count)
    var weights = [Double](repeating: 0, count: size)
    weights[0] = log(max(spikes.reduce(0, +), 0.5) / Double(rows))
    func rates(_ weights: [Double]) -> [Double] {
      var logs = [Double](repeating: 0, count: rows)
      for (weight, column) in zip(weights, columns) where weight != 0 {
        for row in 0..<rows { logs[row] += weight * column[row] }
      }
      return logs.map { exp(min($0, 30)) }
    }
    func price(_ weights: [Double], _ rates: [Double]) -> Double {
      var sum = 0.0
      for row in 0..<rows {
        sum += rates[row] - (spikes[row] > 0 ? spikes[row] * log(max(rates[row], 1e-300)) : 0)
      }
      return sum + 0.5 * settings.penalty * weights.dropFirst().reduce(0) { $0 + $1 * $1 }
    }
    var current = rates(weights)
    var cost = price(weights, current)
    for iteration in 1...max(1, settings.iterations) {
      var gradient = [Double](repeating: 0, count: size)
      for (index, column) in columns.enumerated() {
        var sum = 0.0
        for row in 0..<rows { sum += (spikes[row] - current[row]) * column[row] }
        gradient[index] = sum - (index > 0 ? settings.penalty * weights[index] : 0)
      }
      let step = solve(hessian(columns, current, settings.penalty), gradient)
      var scale = 1.0
      var accepted = false
      while scale > 1e-6 {
        let trial = zip(weights, step).map { $0 + scale * $1 }
        let next = rates(trial)
        let value = price(trial, next)
        if value <= cost {
          accepted = cost - value > 1e-10 * (1 + abs(cost))
          (weights, current, cost) = (trial, next, value)
          break
        }
        scale /= 2
      }
      if !accepted { return (weights, iteration) }
    }
    return (weights, settings.iterations)
  }

  private static func hessian(_ columns: [[Double]], _ rates: [Double], _ penalty: Double) -> [[Double]] {
    let size = columns.count
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    var scaled = [Double](repeating: 0, count: rates.count)
    for i in 0..<size {
      for row in rates.indices { scaled[row] = rates[row] * columns[i][row] }
      for j in 0...i {
        var sum = 0.0
        columns[j].withUnsafeBufferPointer { other in
          for row in scaled.indices { sum += scaled[row] * other[row] }
        }
        matrix[i][j] = sum
        matrix[j][i] = sum
      }
      matrix[i][i] += i > 0 ? penalty : 1e-9
    }
    return matrix
  }

  private static func solve(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    let size = vector.count
    return Tensor(matrix.flatMap { $0 }, shape: [size, size]).solve(Tensor(vector, shape: [size, 1])).doubles
  }
}
