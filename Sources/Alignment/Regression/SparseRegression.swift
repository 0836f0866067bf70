import Support
import Tensors

/// Predicts each unit of a second population from few units of a first: least squares with a penalty on absolute weights, by coordinate
/// descent on covariances alone, so that samples may be millions (Convergent Learning, section 4).
///
/// The error is `(1/2S) ‖y - X w‖² + λ ‖w‖₁`, as scikit-learn's `Lasso` has it. Of correlations, λ = 1 leaves no weight at
/// all.
public struct SparseRegression: Sendable {
  /// What one penalty gives.
  public struct Fit: Sendable, Equatable {
    public let penalty: Double
    /// The weights of each target, `[M][N]`.
    public let weights: [[Double]]
    /// The mean squared error of each target.
    public let errors: [Double]

    public var meanError: Double { errors.reduce(0, +) / Double(errors.count) }
    /// The mean number of inputs that a target uses.
    public var meanInputs: Double {
      Double(weights.reduce(0) { $0 + $1.count { $0 != 0 } }) / Double(weights.count)
    }
  }

  /// N inputs, M targets.
  public let inputs: Int
  public let targets: Int
  /// A sweep whose largest change of a weight is below this is the last.
  public var tolerance = 1e-10
  /// Sweeps at most, for each target and penalty.
  public var sweeps = 10_000
  private let gram: [Double]
  private let products: [Double]
  private let variances: [Double]

  /// - Parameters:
  ///   - gram: Covariances or correlations of the inputs, `[N, N]`.
  ///   - products: Of inputs with targets, `[N, M]`.
  ///   - variances: Of the targets; 1 for correlations if nil.
  /// - Throws: `CajalError` for shapes that do not fit.
  public init(gram: Tensor, products: Tensor, variances: [Double]? = nil) throws {
    guard gram.rank == 2, products.rank == 2, gram.size(0) == gram.size(1), products.size(0) == gram.size(0)
    else {
      throw CajalError(
        "products of the shapes \(gram.shape) and \(products.shape), expected [N, N] and [N, M]")
    }
    (inputs, targets) = (gram.size(0), products.size(1))
    self.gram = gram.doubles
    self.products = products.transposed().contiguous().doubles
    self.variances = variances ?? Array(repeating: 1, count: targets)
    guard self.variances.count == targets else {
      throw CajalError("\(self.variances.count) variances of \(targets) targets")
    }
  }

  /// Predicts the units of the second population from those of the first, both standardised. Units that never change have errors of 0 and
  /// no weights.
  public init(_ correlations: PopulationCorrelations) throws {
    let silent = Set(correlations.silentSecond)
    try self.init(
      gram: correlations.withinFirst, products: correlations.between,
      variances: (0..<correlations.between.size(1)).map { silent.contains($0) ? 0 : 1 })
  }

  /// The fits of all penalties, from the largest down, each starting where the last ended; in the order given.
  public func path(_ penalties: [Double]) -> [Fit] {
    precondition(penalties.allSatisfy { $0 >= 0 }, "a penalty below 0 in \(penalties)")
    let order = penalties.indices.sorted { penalties[$0] > penalties[$1] }
    let found = parallelMap(targets) { target -> [[Double]] in
      var weights = [Double](repeating: 0, count: inputs)
      var results = [[Double]](repeating: [], count: penalties.count)
      for index in order {
        descend(target, penalties[index], &weights)
        results[index] = weights
      }
      return results
    }
    return penalties.indices.map { index in
      let weights = found.map { $0[index] }
      return Fit(
        penalty: penalties[index], weights: weights,
        errors: weights.enumerated().map { error($0.element, target: $0.offset) })
    }
  }

  /// The mean squared error of weights for a target.
  public func error(_ weights: [Double], target: Int) -> Double {
    let used = weights.indices.filter { weights[$0] != 0 }
    var (linear, square) = (0.0, 0.0)
    for i in used {
      linear += weights[i] * products[target * inputs + i]
      for j in used { square += weights[i] * weights[j] * gram[i * inputs + j] }
    }
    return Swift.max(0, variances[target] - 2 * linear + square)
  }

  /// Sweeps over all weights, then over those in use until they stand still, and again.
  private func descend(_ target: Int, _ penalty: Double, _ weights: inout [Double]) {
    weights.withUnsafeMutableBufferPointer { weights in
      gram.withUnsafeBufferPointer { gram in
        var rest = Array(products[target * inputs..<(target + 1) * inputs])
        rest.withUnsafeMutableBufferPointer { rest in
          func change(_ j: Int, by delta: Double) {
            let row = gram.baseAddress! + j * inputs
            for i in 0..<inputs { rest[i] -= delta * row[i] }
          }
          func update(_ j: Int) -> Double {
            let diagonal = gram[j * inputs + j]
            guard diagonal > 1e-12 else { return 0 }
            let pull = rest[j] + diagonal * weights[j]
            let size = Swift.max(0, abs(pull) - penalty) / diagonal
            let delta = (pull < 0 ? -size : size) - weights[j]
            if delta != 0 {
              weights[j] += delta
              change(j, by: delta)
            }
            return abs(delta)
          }
          for j in 0..<inputs where weights[j] != 0 { change(j, by: weights[j]) }
          var left = sweeps
          while left > 0 {
            let largest = (0..<inputs).reduce(0.0) { Swift.max($0, update($1)) }
            left -= 1
            if largest < tolerance { return }
            let active = (0..<inputs).filter { weights[$0] != 0 }
            while left > 0, active.reduce(0.0, { Swift.max($0, update($1)) }) >= tolerance { left -= 1 }
          }
        }
      }
    }
  }
}

extension SparseRegression {
  /// The mean squared error of each target with the 1, 2, … `count` inputs that lower it most one after the other, all weights
  /// fitted anew each time (orthogonal matching pursuit); `[M][count]`.
  public func errorsOfFew(_ count: Int) -> [[Double]] {
    precondition(count > 0, "errors of \(count) inputs")
    return parallelMap(targets) { target in
      var errors: [Double] = []
      var pursuit = Pursuit(self, target)
      for _ in 0..<count { errors.append(pursuit.next()) }
      return errors
    }
  }

  /// Inputs one after the other, made orthogonal to those before by the columns of a Cholesky factor.
  private struct Pursuit {
    private let regression: SparseRegression
    /// What is left of the products with the target and of the variances.
    private var products: [Double]
    private var variances: [Double]
    private var columns: [[Double]] = []
    private var error: Double

    init(_ regression: SparseRegression, _ target: Int) {
      self.regression = regression
      let n = regression.inputs
      products = Array(regression.products[target * n..<(target + 1) * n])
      variances = (0..<n).map { regression.gram[$0 * n + $0] }
      error = regression.variances[target]
    }

    mutating func next() -> Double {
      let n = regression.inputs
      let gains = (0..<n).map { variances[$0] > 1e-9 ? products[$0] * products[$0] / variances[$0] : 0 }
      guard let best = gains.indices.max(by: { (gains[$0], $1) < (gains[$1], $0) }), gains[best] > 0 else {
        return error
      }
      let root = variances[best].squareRoot()
      let column = (0..<n).map { i -> Double in
        let known = columns.reduce(0.0) { $0 + $1[i] * $1[best] }
        return (regression.gram[best * n + i] - known) / root
      }
      let step = products[best] / root
      for i in 0..<n {
        products[i] -= column[i] * step
        variances[i] -= column[i] * column[i]
      }
      variances[best] = 0
      columns.append(column)
      error = Swift.max(0, error - step * step)
      return error
    }
  }
}
