import Foundation
import Statistics
import Support
import Tensors

/// How well the units of one population are predicted linearly from another on samples that were held out: ridge regression
/// with the penalty chosen on the training samples alone.
public struct LinearPredictivity: Sendable {
  /// What was found for each of M targets.
  public struct Outcome: Sendable, Equatable {
    /// Pearson's correlation of prediction and activity on held-out samples, the mean over folds.
    public var correlations: [Double]
    /// 1 - squared error / squared distance from the training mean, over all held-out samples.
    public var explained: [Double]
    /// The penalty of each fold and target.
    public var penalties: [[Double]]

    /// Correlations divided by the most that noise allows; targets whose ceiling is below `least` are not a number.
    public func normalised(by ceilings: [Double], least: Double = 0.1) -> [Double] {
      precondition(ceilings.count == correlations.count, "\(ceilings.count) ceilings")
      return zip(correlations, ceilings).map { $1 >= least ? $0 / $1 : .nan }
    }
  }

  /// Penalties to choose from, in units of the mean variance of an input times the number of training samples.
  public var penalties: [Double] = (-4...4).map { pow(10, Double($0)) }
  public var folds = 5

  public init(folds: Int = 5) {
    precondition(folds > 1, "\(folds) folds")
    self.folds = folds
  }

  /// Predicts `b` `[S, M]` from `a` `[S, N]`.
  ///
  /// - Parameter groups: Samples of the same group (a subject, a film, a stretch of time) are held out together; each sample on its
  ///   own if nil.
  /// - Throws: `CajalError` for shapes that do not fit, or fewer groups than folds.
  public func run(_ a: Tensor, _ b: Tensor, groups: [Int]? = nil, using generator: inout RandomGenerator)
    throws
    -> Outcome
  {
    guard a.rank == 2, b.rank == 2, a.size(0) == b.size(0), a.size(1) > 0, b.size(1) > 0 else {
      throw CajalError("activity of the shapes \(a.shape) and \(b.shape), expected the same samples of both")
    }
    let samples = a.size(0)
    let parts = try folds(groups ?? Array(0..<samples), samples, &generator)
    let (a, b) = (a.detached().to(.float64), b.detached().to(.float64))
    let targets = b.size(1)
    var outcome = Outcome(
      correlations: Array(repeating: 0, count: targets), explained: [], penalties: [])
    var (errors, totals) = (Tensor.zeros([targets], .float64), Tensor.zeros([targets], .float64))
    withoutGradients {
      for held in parts {
        let isHeld = Set(held)
        let (train, test) = (Tensor((0..<samples).filter { !isHeld.contains($0) }), Tensor(held))
        let ridge = Ridge(a.selected(train, axis: 0), b.selected(train, axis: 0), penalties)
        outcome.penalties.append(ridge.penalties)
        let truth = b.selected(test, axis: 0)
        let predicted = ridge.predict(a.selected(test, axis: 0))
        errors += (truth - predicted).square().sum(axis: 0)
        totals += (truth - ridge.meanOfTargets).square().sum(axis: 0)
        for (target, value) in Self.correlations(predicted, truth).enumerated() {
          outcome.correlations[target] += value / Double(parts.count)
        }
      }
      outcome.explained = (1 - errors / totals.clamped(atLeast: 1e-300)).doubles
    }
    return outcome
  }

  /// The samples that are held out together, fold by fold.
  private func folds(_ groups: [Int], _ samples: Int, _ generator: inout RandomGenerator) throws -> [[Int]] {
    guard groups.count == samples else { throw CajalError("\(groups.count) groups for \(samples) samples") }
    var names = Array(Set(groups)).sorted()
    guard names.count >= folds else {
      throw CajalError("\(names.count) groups of samples cannot make \(folds) folds")
    }
    generator.shuffle(&names)
    let fold = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 % folds) })
    return (0..<folds).map { part in (0..<samples).filter { fold[groups[$0]] == part } }
  }

  /// Pearson's of each column; 0 where one does not vary.
  private static func correlations(_ x: Tensor, _ y: Tensor) -> [Double] {
    let (a, b) = (x - x.mean(axis: 0, keep: true), y - y.mean(axis: 0, keep: true))
    let scale = a.norm(axes: [0]) * b.norm(axes: [0])
    return ((a * b).sum(axis: 0) / scale.clamped(atLeast: 1e-300)).doubles
  }
}

/// Ridge regression of many targets, each with the penalty whose leave-one-out error on the training samples is least; that error
/// has a closed form.
private struct Ridge {
  let penalties: [Double]
  let meanOfTargets: Tensor
  private let meanOfInputs: Tensor
  private let weights: Tensor

  init(_ x: Tensor, _ y: Tensor, _ penalties: [Double]) {
    (meanOfInputs, meanOfTargets) = (x.mean(axis: 0, keep: true), y.mean(axis: 0, keep: true))
    let (centred, targets) = (x - meanOfInputs, y - meanOfTargets)
    let samples = Double(x.size(0))
    let (u, s, vh) = centred.svd()
    let squares = s.square()
    let unit = Swift.max(squares.sum().item / Double(x.size(1)), 1e-300)
    let coordinates = u.transposed().matmul(targets)
    let shares = penalties.map { squares / (squares + $0 * unit) }
    let errors = shares.map { share -> [Double] in
      let residual = targets - (u * share).matmul(coordinates)
      // The mean takes a share of 1/S of every sample.
      let leverage = (u.square() * share).sum(axis: 1, keep: true) + 1 / samples
      return (residual / (1 - leverage).clamped(atLeast: 1e-9)).square().sum(axis: 0).doubles
    }
    let best = (0..<y.size(1)).map { target in
      penalties.indices.min { (errors[$0][target], $0) < (errors[$1][target], $1) }!
    }
    self.penalties = best.map { penalties[$0] }
    let filters = Tensor.stacked(
      penalties.map { s / (squares + $0 * unit).clamped(atLeast: 1e-300) }, axis: 1)
    weights = vh.transposed().matmul(filters.selected(Tensor(best), axis: 1) * coordinates)
  }

  func predict(_ x: Tensor) -> Tensor { (x - meanOfInputs).matmul(weights) + meanOfTargets }
}
