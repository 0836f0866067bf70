import Statistics
import Support
import Tensors

/// How similar two populations are on the samples that both saw: one number, and what chance alone would give.
///
/// Whatever the measure, it is prepared once as either the product of two matrices over the samples or the product of two
/// matrices between samples; a permutation of the samples then costs one such product. All measures are tested alike.
///
/// ```swift
/// let similarity = try PopulationSimilarity.linearCKA(a, b)        // activity [S, N], [S, M]
/// let test = similarity.test(permutations: 1_000, using: &generator)
/// print(similarity.value, test.pGreater)
/// ```
public struct PopulationSimilarity: Sendable {
  /// What is multiplied out.
  private enum Form: Sendable {
    /// The measure is a function of `Aᵀ B`; of matrices `[S, p]` and `[S, q]`.
    case overSamples(Tensor, Tensor, @Sendable (Tensor) -> Double)
    /// The measure is the scalar product of two symmetric matrices `[S, S]`.
    case betweenSamples([Double], [Double])
  }

  /// How many samples both populations saw.
  public let samples: Int
  private let form: Form

  /// A measure that is a function of the product over samples of what was prepared of either population.
  public init(_ a: Tensor, _ b: Tensor, _ function: @escaping @Sendable (Tensor) -> Double) {
    precondition(a.rank == 2 && b.rank == 2 && a.size(0) == b.size(0), "\(a.shape) and \(b.shape)")
    samples = a.size(0)
    form = .overSamples(a.transposed().contiguous(), b.contiguous(), function)
  }

  /// A measure that is the scalar product of symmetric matrices between samples, `[S · S]`.
  public init(betweenSamples a: [Double], _ b: [Double], samples: Int) {
    precondition(a.count == samples * samples && b.count == a.count, "\(a.count) and \(b.count) numbers")
    self.samples = samples
    form = .betweenSamples(a, b)
  }

  public var value: Double { value(order: nil) }

  /// The measure beside its values with the second population's samples in random order.
  ///
  /// - Parameter generator: Draws do not depend on the number of threads.
  public func test(
    _ exchange: NullDistribution.Exchange = .free, permutations: Int = 1_000,
    using generator: inout RandomGenerator
  ) -> NullDistribution {
    var usesTensors = false
    if case .overSamples = form { usesTensors = true }
    return NullDistribution.permuting(
      samples, exchange, permutations: permutations, usesTensors: usesTensors, using: &generator
    ) { value(order: $0) }
  }

  /// With the second population's samples in this order.
  func value(order: [Int]?) -> Double {
    switch form {
    case .overSamples(let a, let b, let function):
      return withoutGradients {
        function(a.matmul(order.map { b.selected(Tensor($0), axis: 0) } ?? b))
      }
    case .betweenSamples(let a, let b):
      let order = order ?? Array(0..<samples)
      return a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          order.withUnsafeBufferPointer { order in
            var sum = 0.0
            for i in 0..<samples {
              let (left, right) = (a.baseAddress! + i * samples, b.baseAddress! + order[i] * samples)
              var (part0, part1) = (0.0, 0.0)
              var j = 0
              while j + 1 < samples {
                part0 += left[j] * right[order[j]]
                part1 += left[j + 1] * right[order[j + 1]]
                j += 2
              }
              if j < samples { part0 += left[j] * right[order[j]] }
              sum += part0 + part1
            }
            return sum
          }
        }
      }
    }
  }

  /// Activity of two populations in 64 bits, centred.
  ///
  /// - Throws: `CajalError` unless both are matrices of finite numbers with the same samples, at least `least`.
  static func centred(_ a: Tensor, _ b: Tensor, least: Int = 2) throws -> (Tensor, Tensor) {
    guard a.rank == 2, b.rank == 2, a.size(0) == b.size(0), a.size(1) > 0, b.size(1) > 0 else {
      throw CajalError(
        "activity of the shapes \(a.shape) and \(b.shape), expected samples × units with the same samples")
    }
    guard a.size(0) >= least else {
      throw CajalError("\(a.size(0)) samples are too few for this measure: at least \(least)")
    }
    return try withoutGradients {
      let both = try [(a, "first"), (b, "second")].map { activity, name in
        let plain = activity.detached().to(.float64)
        guard plain.isFinite().all(axis: 1).all(axis: 0).item == 1 else {
          throw CajalError("the \(name) population has values that are not finite")
        }
        return plain - plain.mean(axis: 0, keep: true)
      }
      return (both[0], both[1])
    }
  }
}

/// Matches of single units and distances of whole populations.
extension PopulationSimilarity {
  /// The mean correlation of the best one-to-one pairs of units; units that never change count as uncorrelated.
  public static func matching(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    let (a, b) = try centred(a, b)
    return PopulationSimilarity(unit(a), unit(b)) { UnitMatching.oneToOne($0).mean }
  }

  /// 1 - d²/2 of the Procrustes distance d: the nuclear norm of the product of the populations, each of norm 1. It is 1 where one
  /// is the other rotated, reflected and scaled (Schönemann, 1966; Williams and others, 2021).
  public static func procrustes(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    let (a, b) = try centred(a, b)
    let norms = [a, b].map { $0.square().sum().item.squareRoot() }
    guard norms[0] > 0, norms[1] > 0 else { throw CajalError("a population never changes") }
    return PopulationSimilarity(a / norms[0], b / norms[1]) { $0.svd().s.sum().item }
  }

  /// The Procrustes distance that goes with a ``procrustes(_:_:)`` similarity, from 0 to √2.
  public static func procrustesDistance(_ similarity: Double) -> Double {
    (2 - 2 * Swift.min(1, similarity)).squareRoot()
  }

  /// Centred columns made of length 1; of constant ones nothing is left.
  private static func unit(_ centred: Tensor) -> Tensor {
    let norms = centred.norm(axes: [0], keep: true)
    let limit = norms.max().item * 1e-12
    return (centred / norms.clamped(atLeast: 1e-300)).filled(norms .<= limit, with: 0)
  }
}
