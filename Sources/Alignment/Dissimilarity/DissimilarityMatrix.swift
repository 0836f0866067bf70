import Statistics
import Support
import Tensors

/// How different a population's responses to any two conditions are: what is compared in representational similarity analysis
/// (Kriegeskorte, Mur and Bandettini, 2008).
///
/// ```swift
/// let brain = try DissimilarityMatrix(responses, .correlation)       // [C, N]
/// let model = try DissimilarityMatrix(activity, .correlation)
/// let agreement = brain.compared(with: model, .spearman)
/// ```
public struct DissimilarityMatrix: Sendable, Equatable {
  public enum Measure: String, Sendable, CaseIterable {
    /// 1 - Pearson's correlation of the two response patterns.
    case correlation
    case euclidean
    case squaredEuclidean
    /// 1 - the cosine of the two response patterns.
    case cosine
  }

  /// How many conditions there are.
  public let conditions: Int
  /// The pairs (0, 1), (0, 2), …, (1, 2), …
  public let values: [Double]

  /// - Throws: `CajalError` unless there are `C (C - 1) / 2` finite numbers.
  public init(conditions: Int, values: [Double]) throws {
    guard conditions > 1, values.count == conditions * (conditions - 1) / 2, values.allSatisfy(\.isFinite)
    else {
      throw CajalError(
        "\(values.count) dissimilarities of \(conditions) conditions, expected \(conditions * (conditions - 1) / 2) finite ones"
      )
    }
    (self.conditions, self.values) = (conditions, values)
  }

  /// Of response patterns `[C, N]`.
  ///
  /// - Throws: `CajalError` for another shape, values that are not finite, and a pattern without variation where it needs some.
  public init(_ patterns: Tensor, _ measure: Measure = .correlation) throws {
    guard patterns.rank == 2, patterns.size(0) > 1, patterns.size(1) > 0 else {
      throw CajalError("patterns of the shape \(patterns.shape), expected conditions × units")
    }
    conditions = patterns.size(0)
    values = try withoutGradients {
      let plain = patterns.detached().to(.float64)
      guard plain.isFinite().all(axis: 1).all(axis: 0).item == 1 else {
        throw CajalError("the patterns have values that are not finite")
      }
      switch measure {
      case .squaredEuclidean: return Self.condensed(PopulationSimilarity.squaredDistances(plain))
      case .euclidean: return Self.condensed(PopulationSimilarity.squaredDistances(plain).sqrt())
      case .correlation, .cosine: return try Self.angular(plain, measure)
      }
    }
  }

  private static func angular(_ patterns: Tensor, _ measure: Measure) throws -> [Double] {
    let (rows, norms) = directions(patterns, measure)
    if let flat = norms.firstIndex(of: 0) {
      throw CajalError("the pattern of condition \(flat) is constant: it has no \(measure.rawValue) distance")
    }
    let unit = (rows / Tensor(norms, shape: [norms.count, 1])).contiguous()
    let count = norms.count
    return [Double](unsafeUninitializedCapacity: count * (count - 1) / 2) { buffer, initialized in
      // Block by block, and no more than the half above the diagonal.
      for start in stride(from: 0, to: count, by: blockSize) {
        let end = Swift.min(count, start + blockSize)
        let block = unit.narrowed(0, from: start, to: end)
          .matmul(unit.narrowed(0, from: start, to: count).transposed()).contiguous()
        block.withUnsafeElements(of: Double.self) { cosines in
          for i in start..<end {
            let row = cosines.baseAddress! + (i - start) * (count - start) - start
            for j in (i + 1)..<Swift.max(i + 1, count) {
              buffer[initialized] = Swift.max(0, Swift.min(2, 1 - row[j]))
              initialized += 1
            }
          }
        }
      }
    }
  }
  private static let blockSize = 128

  /// What has an angle to others: patterns `[C, N]` for cosines, for correlations without their mean; and the lengths, 0 where nothing
  /// but rounding is left.
  static func directions(_ patterns: Tensor, _ measure: Measure) -> (rows: Tensor, norms: [Double]) {
    let plain = patterns.detached().to(.float64)
    let rows = measure == .cosine ? plain : plain - plain.mean(axis: 1, keep: true)
    let rounding = plain.norm(axes: [1]) * 1e-13
    return (rows, rows.norm(axes: [1]).filled(rows.norm(axes: [1]) .<= rounding, with: 0).doubles)
  }

  init(square: Tensor) {
    conditions = square.size(0)
    values = Self.condensed(square)
  }

  private static func condensed(_ square: Tensor) -> [Double] {
    let count = square.size(0)
    return square.contiguous().withUnsafeElements(of: Double.self) { all in
      [Double](unsafeUninitializedCapacity: count * (count - 1) / 2) { buffer, initialized in
        for i in 0..<count {
          for j in (i + 1)..<Swift.max(i + 1, count) {
            buffer[initialized] = all[i * count + j]
            initialized += 1
          }
        }
      }
    }
  }

  /// Of two conditions.
  public subscript(i: Int, j: Int) -> Double {
    if i == j { return 0 }
    let (low, high) = (Swift.min(i, j), Swift.max(i, j))
    return values[low * conditions - low * (low + 1) / 2 + high - low - 1]
  }

  /// Row by row, zeros on the diagonal.
  public var rows: [[Double]] { (0..<conditions).map { i in (0..<conditions).map { self[i, $0] } } }
}

/// Distances of patterns that were measured several times, free of the bias that noise gives to distances.
extension DissimilarityMatrix {
  /// Cross-validated Mahalanobis distances, "crossnobis" (Walther and others, 2016): products of differences that were measured in different
  /// runs, in units of the noise. 0 on average where two conditions do not differ; they can be below 0.
  ///
  /// - Parameters:
  ///   - runs: The patterns of every run, `[R, C, N]`, at least two.
  ///   - noise: Residuals of the measurement `[n, N]`, as of the model that the patterns were estimated with. If nil, the differences of runs
  ///     serve: where conditions times runs are not many more than units, this favours large distances.
  ///   - shrinkage: How far the covariance of the noise is drawn to its diagonal; nil for the estimate of Schäfer and Strimmer (2005).
  /// - Throws: `CajalError` for another shape.
  public static func crossValidated(_ runs: Tensor, noise: Tensor? = nil, shrinkage: Double? = nil) throws
    -> DissimilarityMatrix
  {
    guard runs.rank == 3, runs.size(0) > 1, runs.size(1) > 1 else {
      throw CajalError("runs of the shape \(runs.shape), expected at least 2 runs × 2 conditions × units")
    }
    if let noise, noise.rank != 2 || noise.size(1) != runs.size(2) || noise.size(0) < 2 {
      throw CajalError("residuals of the shape \(noise.shape), expected [n, \(runs.size(2))]")
    }
    return withoutGradients {
      let plain = runs.detached().to(.float64)
      let (count, conditions, units) = (runs.size(0), runs.size(1), runs.size(2))
      let residuals =
        noise?.detached().to(.float64) ?? (plain - plain.mean(axis: 0, keep: true)).reshaped(-1, units)
      let freedom = noise.map { $0.size(0) - 1 } ?? conditions * (count - 1)
      let centred = noise == nil ? residuals : residuals - residuals.mean(axis: 0, keep: true)
      let covariance = shrunk(centred, freedom: freedom, shrinkage)
      let (values, vectors) = covariance.eigh()
      let scale = values.clamped(atLeast: Swift.max(values.max().item, 1e-300) * 1e-12).rsqrt()
      let white = plain.matmul(vectors * scale)
      let total = white.sum(axis: 0)
      var gram = total.matmul(total.transposed())
      for run in 0..<count { gram = gram - white[run].matmul(white[run].transposed()) }
      let norms = gram.diagonal()
      let sums: Tensor = norms.unsqueezed(0) + norms.unsqueezed(1)
      return DissimilarityMatrix(square: (sums - gram * 2) / Double(count * (count - 1) * units))
    }
  }

  /// The covariance of residuals `[n, N]`, drawn to its diagonal.
  static func shrunk(_ residuals: Tensor, freedom: Int, _ shrinkage: Double?) -> Tensor {
    let samples = Double(residuals.size(0))
    let products = residuals.transposed().matmul(residuals)
    let diagonal = products.diagonal().diagonalMatrix()
    let weight: Double
    if let shrinkage {
      weight = shrinkage
    } else {
      let squares = residuals.square()
      // Of every product of two units: its variance over the samples.
      let variance = squares.transposed().matmul(squares) - products.square() / samples
      let noise = (variance - variance.diagonal().diagonalMatrix()).sum().item
      let signal = (products - diagonal).square().sum().item
      weight = signal > 0 ? Swift.max(0, Swift.min(1, noise * samples / (samples - 1) / signal)) : 1
    }
    return (products * (1 - weight) + diagonal * weight) / Double(freedom)
  }
}
