import Foundation
import Support

/// What a population does differently after adaptation: responses to the same stimuli before and after, judged under the context that it
/// adapted to.
public struct AdaptationReport: Sendable {
  /// `[N, S]`, with what the population had adapted to before.
  public let before: ResponseMatrix
  /// `[N, S]`, adapted.
  public let after: ResponseMatrix
  /// The probabilities `[S]` of stimuli in the context before, and in the one adapted to.
  public let reference, context: [Double]

  /// - Throws: `CajalError` when shapes differ.
  public init(before: ResponseMatrix, after: ResponseMatrix, reference: [Double], context: [Double]) throws {
    guard before.neurons == after.neurons, before.stimuli == after.stimuli else {
      throw CajalError(
        "responses \(before.neurons)×\(before.stimuli) before and \(after.neurons)×\(after.stimuli) after adaptation, expected the same shape"
      )
    }
    guard reference.count == before.stimuli, context.count == before.stimuli else {
      throw CajalError(
        "\(reference.count) and \(context.count) probabilities for \(before.stimuli) stimuli, expected one each"
      )
    }
    (self.before, self.after, self.reference, self.context) = (before, after, reference, context)
  }

  /// Each neuron's mean in the context over its mean in the reference, had it not adapted, and as it did: equal numbers are
  /// equalisation.
  public var relativeMeans: (before: [Double], after: [Double]) {
    let usual = before.means(under: reference)
    func relative(_ responses: ResponseMatrix) -> [Double] {
      zip(responses.means(under: context), usual).map { $0 / $1 }
    }
    return (relative(before), relative(after))
  }

  /// The coefficient of variation of ``relativeMeans`` over neurons.
  public var variation: (before: Double, after: Double) {
    let means = relativeMeans
    return (Self.coefficient(means.before), Self.coefficient(means.after))
  }

  /// Standard deviation over mean, of the numbers themselves: divided by their count.
  static func coefficient(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count)).squareRoot() / mean
  }

  /// How much smaller the variation is: 0 for not at all, 1 for equal means.
  public var equalisation: Double { 1 - variation.after / variation.before }

  /// The ratio after : before of the largest and the smallest response of each neuron `[N]`.
  public var extremeRatios: (maximum: [Double], minimum: [Double]) {
    func ratios(_ pick: ([Double]) -> Double) -> [Double] {
      (0..<before.neurons).map { pick(after.curve($0)) / pick(before.curve($0)) }
    }
    return (ratios { $0.max()! }, ratios { $0.min()! })
  }

  /// How neurons go together under the context, without each one's own variance.
  public struct Correlations: Sendable {
    /// `[N · N]`
    public let before, after: [Double]
    /// Frobenius norm of covariances off the diagonal.
    public let covarianceBefore, covarianceAfter: Double
    /// Root mean square of correlations off the diagonal.
    public let correlationBefore, correlationAfter: Double
  }

  public var correlations: Correlations {
    let (old, new) = (offDiagonal(before), offDiagonal(after))
    return Correlations(
      before: old.correlations, after: new.correlations, covarianceBefore: old.norm,
      covarianceAfter: new.norm, correlationBefore: old.size, correlationAfter: new.size)
  }

  private func offDiagonal(_ responses: ResponseMatrix) -> (
    correlations: [Double], norm: Double, size: Double
  ) {
    let n = responses.neurons
    let covariance = responses.covariance(under: context)
    var correlations = covariance
    var (squares, sizes) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n {
        let scale = (covariance[i * n + i] * covariance[j * n + j]).squareRoot()
        let correlation = scale > 0 ? covariance[i * n + j] / scale : 0
        correlations[i * n + j] = correlation
        guard i != j else { continue }
        squares += covariance[i * n + j] * covariance[i * n + j]
        sizes += correlation * correlation
      }
    }
    return (correlations, squares.squareRoot(), (sizes / Double(max(1, n * (n - 1)))).squareRoot())
  }

  /// The change of responses as a factor of each neuron times one of each stimulus.
  public struct Factors: Sendable {
    /// `[N]`, of geometric mean 1 with those of stimuli taking the rest.
    public let neurons: [Double]
    /// `[S]`
    public let stimuli: [Double]
    /// The share of the variance of log ratios that both explain.
    public let explained: Double
  }

  /// `R_after / R_before ≈ n_i q_s`, by averages of logarithms over neurons and stimuli in turn; pairs without a positive response on both
  /// sides are left out.
  public var factors: Factors {
    let (n, m) = (before.neurons, before.stimuli)
    let logs = (0..<n * m).map { k in
      before.values[k] > 0 && after.values[k] > 0 ? log(after.values[k] / before.values[k]) : .nan
    }
    var (own, shared) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: m))
    for _ in 0..<200 {
      let last = shared
      for i in 0..<n { own[i] = Self.mean((0..<m).map { logs[i * m + $0] - shared[$0] }) }
      for s in 0..<m { shared[s] = Self.mean((0..<n).map { logs[$0 * m + s] - own[$0] }) }
      if zip(last, shared).allSatisfy({ abs($0 - $1) < 1e-14 }) { break }
    }
    let level = Self.mean(own)
    let used = (0..<n * m).filter { !logs[$0].isNaN }
    let overall = Self.mean(logs)
    let rest = used.reduce(0) { sum, k in
      let miss = logs[k] - own[k / m] - shared[k % m]
      return sum + miss * miss
    }
    let total = used.reduce(0) { $0 + (logs[$1] - overall) * (logs[$1] - overall) }
    return Factors(
      neurons: own.map { exp($0 - level) }, stimuli: shared.map { exp($0 + level) },
      explained: total > 0 ? 1 - rest / total : 1)
  }

  /// Of what is a number.
  private static func mean(_ values: [Double]) -> Double {
    let numbers = values.filter { !$0.isNaN }
    return numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
  }
}

/// Where tuning curves went: their peaks before and after adaptation to one orientation.
public struct TuningShifts: Sendable {
  /// Preferred orientation less the adapter of each neuron, -90 to 90 degrees `[N]`.
  public let distances: [Double]
  /// The movement of each peak in degrees, positive counter-clockwise `[N]`.
  public let shifts: [Double]

  /// - Parameters:
  ///   - report: Of stimuli at ``Orientation/even(_:)`` orientations.
  ///   - preferred: `[N]` in degrees.
  ///   - adapter: In degrees.
  /// - Throws: `CajalError` for another number of neurons, or fewer than three stimuli.
  public init(_ report: AdaptationReport, preferred: [Double], adapter: Double) throws {
    guard preferred.count == report.before.neurons, report.before.stimuli > 2 else {
      throw CajalError(
        "\(preferred.count) preferred orientations for \(report.before.neurons) neurons and \(report.before.stimuli) stimuli, expected one each and three stimuli at least"
      )
    }
    distances = preferred.map { Orientation.wrapped($0 - adapter) }
    shifts = preferred.indices.map {
      Orientation.wrapped(
        Orientation.peak(report.after.curve($0)) - Orientation.peak(report.before.curve($0)))
    }
  }

  /// The neuron that prefers the adapter, or is nearest to it.
  public var nearestNeuron: Int { distances.indices.min { abs(distances[$0]) < abs(distances[$1]) }! }

  /// The movement away from the adapter `[N]`; not a number for a neuron on it or orthogonal to it.
  public var repulsion: [Double] {
    zip(distances, shifts).map { distance, shift in
      abs(distance) < 1e-9 || abs(abs(distance) - 90) < 1e-9 ? .nan : distance > 0 ? shift : 0 - shift
    }
  }

  /// Repulsion of the neurons whose preference lies that far from the adapter, in degrees.
  public func repulsion(within range: ClosedRange<Double>) -> [Double] {
    zip(distances, repulsion).filter { range.contains(abs($0.0)) && !$0.1.isNaN }.map(\.1)
  }

  /// The largest movement towards the adapter, 0 if there is none.
  public var largestAttraction: Double { max(0, 0 - (repulsion.filter { !$0.isNaN }.min() ?? 0)) }
}
