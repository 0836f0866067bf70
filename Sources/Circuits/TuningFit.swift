import Foundation
import Statistics
import Support

/// The gain model fitted to tuning curves from before and after adaptation: one set of weights and prices, both states by their optimal
/// gains.
public struct TuningFit: Sendable {
  /// All that the model has to be told.
  public struct Parameters: Sendable, Equatable {
    /// The amplitude is in the units of the data; the objective sees the drive at amplitude 1.
    public var tuning: OrientationTuning
    public var weights: OrientationWeights
    /// α
    public var activityPrice: Double
    /// γ
    public var homeostasis: Double

    public init(
      tuning: OrientationTuning = OrientationTuning(), weights: OrientationWeights = OrientationWeights(),
      activityPrice: Double = 1, homeostasis: Double = 0.6
    ) {
      (self.tuning, self.weights) = (tuning, weights)
      (self.activityPrice, self.homeostasis) = (activityPrice, homeostasis)
    }

    /// Responses `[N, S]` with the optimal gains of each context `[S]`.
    ///
    /// - Throws: `CajalError` where the network has no steady state.
    public func responses(
      preferred: [Double], stimuli: [Double], reference: [Double], context: [Double]
    ) throws -> (before: ResponseMatrix, after: ResponseMatrix) {
      var unit = tuning
      unit.amplitude = 1
      let network = try GainNetwork(weights: weights.matrix(preferred: preferred), neurons: preferred.count)
      let objective = try GainObjective(
        network, drive: unit.drive(preferred: preferred, stimuli: stimuli), activityPrice: activityPrice,
        homeostasis: homeostasis)
      let usual = try objective.adapt(to: reference)
      let adapted = try objective.adapt(to: context, from: usual.gains)
      let scale = [Double](repeating: tuning.amplitude, count: preferred.count)
      return (
        try network.responses(to: objective.drive, gains: usual.gains).scaled(by: scale),
        try network.responses(to: objective.drive, gains: adapted.gains).scaled(by: scale)
      )
    }
  }

  public let parameters: Parameters
  /// What the fitted model responds `[N, S]`.
  public let before, after: ResponseMatrix
  /// The squared error over both states as a share of the responses' squares.
  public let error: Double
  /// The share of the variance of the change `R_after - R_before` that the model explains.
  public let changeExplained: Double
  /// How the best start ended.
  public let search: BoundedMinimiser.Result

  /// The share of the variance of the change in `measured` that responses `before` and `after` explain.
  public static func changeExplained(
    of measured: MeasuredTuning, by before: ResponseMatrix, _ after: ResponseMatrix
  ) -> Double {
    let change = zip(measured.after.values, measured.before.values).map { $0 - $1 }
    let model = zip(after.values, before.values).map { $0 - $1 }
    let mean = change.reduce(0, +) / Double(change.count)
    let total = change.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return 1 - zip(change, model).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / total
  }

  /// Fits from several starts; the amplitude follows in closed form.
  ///
  /// - Parameters:
  ///   - reference: The probabilities `[S]` before.
  ///   - context: Those adapted to; the data's own if nil.
  ///   - starts: The first from the canonical parameters, the others at random places.
  ///   - iterations: Of each start, at most.
  ///   - progress: Called behind each start with how many are done.
  /// - Throws: `CajalError` when nobody says what the context was, or no start has a steady state; what `progress` throws.
  public init(
    _ measured: MeasuredTuning, reference: [Double], context: [Double]? = nil, starts: Int = 3,
    iterations: Int = 60, using generator: inout RandomGenerator, progress: (Int) throws -> Void = { _ in }
  ) throws {
    guard let context = context ?? measured.context else {
      throw CajalError("how often was each stimulus shown? The data have no column 'probability'")
    }
    let problem = Problem(measured: measured, reference: reference, context: context)
    var best: BoundedMinimiser.Result?
    for start in 0..<max(1, starts) {
      let from =
        start == 0
        ? Problem.vector(Parameters())
        : Problem.random(using: &generator)
      let found = try? BoundedMinimiser(iterations: iterations, gradientTolerance: 1e-7, valueTolerance: 1e-9)
        .minimise(from: from, lower: Problem.lower, upper: Problem.upper, problem.valueAndGradient)
      if let found, found.value < best?.value ?? .infinity { best = found }
      try progress(start + 1)
    }
    guard let best, let state = problem.state(best.point) else {
      throw CajalError("no start of the fit has a steady state")
    }
    (search, error) = (best, best.value)
    (parameters, before, after) = (state.parameters, state.before, state.after)
    changeExplained = Self.changeExplained(of: measured, by: before, after)
  }
}

/// The squared error of the model as a function of seven numbers.
private struct Problem: Sendable {
  let measured: MeasuredTuning
  let reference, context: [Double]

  /// Logarithms of κ_f, κ_w, α and γ, and b, ρ and w as they are, in the order of ``vector(_:)``.
  static let lower: [Double] = [log(0.2), 0, log(0.2), 0, 0, log(1e-3), log(1e-3)]
  static let upper: [Double] = [log(20), 2, log(20), 0.97, 0.6, log(10), log(10)]

  /// Within the middle seven tenths of every range.
  static func random(using generator: inout RandomGenerator) -> [Double] {
    lower.indices.map { i in
      let share: Double = 0.15 + 0.7 * generator.uniform()
      return lower[i] + share * (upper[i] - lower[i])
    }
  }

  static func vector(_ p: TuningFit.Parameters) -> [Double] {
    [
      log(p.tuning.concentration), p.tuning.baseline, log(p.weights.concentration), p.weights.strength,
      p.weights.inhibition, log(p.activityPrice), log(p.homeostasis),
    ]
  }

  /// The model at a point, in the units of the data; nil where it has no steady state.
  func state(_ x: [Double]) -> (
    parameters: TuningFit.Parameters, before: ResponseMatrix, after: ResponseMatrix
  )? {
    var parameters = TuningFit.Parameters(
      tuning: OrientationTuning(concentration: exp(x[0]), baseline: x[1]),
      weights: OrientationWeights(concentration: exp(x[2]), strength: x[3], inhibition: x[4]),
      activityPrice: exp(x[5]), homeostasis: exp(x[6]))
    guard
      let (before, after) = try? parameters.responses(
        preferred: measured.preferred, stimuli: measured.stimuli, reference: reference, context: context)
    else { return nil }
    func product(_ a: ResponseMatrix, _ b: ResponseMatrix) -> Double {
      zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let scale =
      (product(measured.before, before) + product(measured.after, after))
      / (product(before, before) + product(after, after))
    parameters.tuning.amplitude = scale
    let scales = [Double](repeating: scale, count: before.neurons)
    return (parameters, before.scaled(by: scales), after.scaled(by: scales))
  }

  func error(_ x: [Double]) -> Double {
    guard let state = state(x) else { return .infinity }
    var (wrong, all) = (0.0, 0.0)
    for (data, model) in [(measured.before, state.before), (measured.after, state.after)] {
      for (d, m) in zip(data.values, model.values) {
        wrong += (d - m) * (d - m)
        all += d * d
      }
    }
    return wrong / all
  }

  /// The gradient by central differences, side by side: each needs two optima of the gains, whose own rounding asks for wide steps.
  func valueAndGradient(_ x: [Double], _ gradient: inout [Double]) -> Double {
    let width = 1e-3
    let points =
      [x]
      + x.indices.flatMap { i in
        [-width, width].map { step in
          var moved = x
          moved[i] = max(Self.lower[i], min(Self.upper[i], x[i] + step))
          return moved
        }
      }
    let tried = points
    let values = parallelMap(tried.count) { error(tried[$0]) }
    for i in x.indices {
      let distance = points[2 * i + 2][i] - points[2 * i + 1][i]
      gradient[i] = (values[2 * i + 2] - values[2 * i + 1]) / distance
    }
    return values[0]
  }
}
