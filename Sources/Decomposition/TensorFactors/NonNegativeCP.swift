import Support

/// Non-negative canonical polyadic decomposition (NTF, PARAFAC) by hierarchical alternating least squares (Cichocki and Phan,
/// 2009), of tensors of any number of axes, whole or with missing values.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let fit = try NonNegativeCP(rank: 5, restarts: 10).fit(tensor, using: &generator)
/// let time = fit.best.factors.column(axis: 0, component: 2)
/// ```
/// Minimises the squared distance over what was observed. After a sweep all columns but those of the last axis have length
/// 1. Missing values take those of the model at the start of every sweep, which never increases the error.
public struct NonNegativeCP: Sendable {
  /// When a run has converged; errors are relative, ‖x - model‖ / ‖x‖.
  public enum StoppingRule: Sendable, Equatable {
    /// The error changes by less than this share of itself.
    case relativeChange(Double)
    /// The error changes by less than this (TensorLy's rule).
    case change(Double)
    /// Never: all sweeps are made.
    case none
  }

  /// How many components.
  public var rank: Int
  /// How many random starts; the best is kept.
  public var restarts: Int
  /// The most sweeps of a run.
  public var sweeps: Int
  public var stopping: StoppingRule
  /// How often each factor's columns are gone through before the next factor's turn.
  public var innerSweeps: Int

  public init(
    rank: Int, restarts: Int = 10, sweeps: Int = 500, stopping: StoppingRule = .relativeChange(1e-5),
    innerSweeps: Int = 1
  ) {
    precondition(
      rank > 0 && restarts > 0 && sweeps > 0 && innerSweeps > 0,
      "rank \(rank), \(restarts) restarts, \(sweeps) sweeps, \(innerSweeps) inner sweeps: all should be positive"
    )
    self.rank = rank
    self.restarts = restarts
    self.sweeps = sweeps
    self.stopping = stopping
    self.innerSweeps = innerSweeps
  }

  /// One run from given factors.
  public struct Run: Sendable, Equatable {
    /// Components of the largest norm first, except for ``NonNegativeCP/run(_:from:)``, which keeps their order.
    public var factors: CPFactors
    /// The relative error after every sweep.
    public let errors: [Double]
    public let isConverged: Bool
    public var error: Double { errors.last ?? .nan }
  }

  /// The runs of all restarts.
  public struct Fit: Sendable, Equatable {
    /// In the order of the starts.
    public let runs: [Run]
    /// The position of the run of the least error.
    public let bestIndex: Int
    public var best: Run { runs[bestIndex] }
    /// The mean factor match score of the other runs with the best; 1 for a single run.
    public let similarity: Double
  }

  /// The best of several random starts (uniform in 0.1...1), in parallel.
  ///
  /// - Parameter generator: Results do not depend on the number of threads.
  public func fit(_ tensor: NonNegativeTensor, using generator: inout RandomGenerator) -> Fit {
    let own = generator
    _ = generator.next()
    let start: @Sendable (Int) -> Run = { index in
      var stream = own.split(index)
      return run(tensor, from: .random(shape: tensor.shape, rank: rank, using: &stream))
    }
    var runs = restarts == 1 ? [start(0)] : parallelMap(restarts, start)
    for index in runs.indices { runs[index].factors = runs[index].factors.sorted }
    let best = runs.indices.min { (runs[$0].error, $0) < (runs[$1].error, $1) }!
    let others = runs.indices.filter { $0 != best }
    let scores = others.map { runs[best].factors.matchScore(runs[$0].factors) }
    return Fit(
      runs: runs, bestIndex: best,
      similarity: scores.isEmpty ? 1 : scores.reduce(0, +) / Double(scores.count))
  }

  /// A run from given factors of this shape; their rank counts.
  public func run(_ tensor: NonNegativeTensor, from start: CPFactors) -> Run {
    precondition(
      start.shape == tensor.shape, "factors of the shape \(start.shape) for a tensor \(tensor.shape)")
    let iteration = CPIteration(tensor, from: start, innerSweeps: innerSweeps)
    var errors: [Double] = []
    var isConverged = false
    for _ in 0..<sweeps {
      errors.append(iteration.sweep())
      isConverged = hasConverged(errors)
      if isConverged { break }
    }
    return Run(factors: iteration.work.result, errors: errors, isConverged: isConverged)
  }

  private func hasConverged(_ errors: [Double]) -> Bool {
    guard errors.count > 1 else { return false }
    let (before, now) = (errors[errors.count - 2], errors[errors.count - 1])
    return switch stopping {
    case .relativeChange(let share): abs(before - now) < share * before
    case .change(let difference): abs(before - now) < difference
    case .none: false
    }
  }
}
