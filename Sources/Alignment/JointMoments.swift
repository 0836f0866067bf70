import Support
import Tensors

/// Means and covariances within and between two populations that saw the same samples, gathered in a stream.
///
/// Only `[N, N]` matrices are kept, in 64 bits, however many samples come. Every batch is centred at its own means before it is
/// multiplied out, and merged (Chan, Golub and LeVeque, 1983): a large common offset costs no digits.
///
/// ```swift
/// var moments = JointMoments(first: 16, second: 16)
/// for batch in batches { try moments.add(a.activity(batch), b.activity(batch)) }
/// let matching = UnitMatching.oneToOne(moments.correlations().between)
/// ```
public struct JointMoments: Sendable {
  /// How many units the populations have.
  public let first: Int
  public let second: Int
  /// How many samples were added.
  public private(set) var count = 0
  /// The means of the units of the first population, then of the second.
  public private(set) var means: [Double]
  /// Sums of products of distances from the means, `[first, first]`, `[first, second]`, `[second, second]`.
  private var scatter: [Tensor]

  public init(first: Int, second: Int) {
    precondition(first > 0 && second > 0, "populations of \(first) and \(second) units")
    (self.first, self.second) = (first, second)
    means = Array(repeating: 0, count: first + second)
    scatter = [[first, first], [first, second], [second, second]].map { .zeros($0, .float64) }
  }

  /// The moments of activity `[S, N]` of both.
  ///
  /// - Throws: As ``add(_:_:)``.
  public init(_ a: Tensor, _ b: Tensor) throws {
    guard a.rank == 2, b.rank == 2, a.size(1) > 0, b.size(1) > 0 else {
      throw CajalError("activity of the shapes \(a.shape) and \(b.shape), expected samples × units twice")
    }
    self.init(first: a.size(1), second: b.size(1))
    try add(a, b)
  }

  /// Adds samples `[S, first]` and `[S, second]`; sample s of both is the same stimulus or moment.
  ///
  /// - Throws: `CajalError` for other shapes, and for values that are not finite.
  public mutating func add(_ a: Tensor, _ b: Tensor) throws {
    guard a.rank == 2, b.rank == 2, a.size(0) == b.size(0), a.size(1) == first, b.size(1) == second else {
      throw CajalError(
        "activity of the shapes \(a.shape) and \(b.shape), expected [S, \(first)] and [S, \(second)]")
    }
    guard a.size(0) > 0 else { return }
    var batch = JointMoments(first: first, second: second)
    withoutGradients {
      let (a, b) = (a.detached().to(.float64), b.detached().to(.float64))
      let (meanA, meanB) = (a.mean(axis: 0), b.mean(axis: 0))
      let (centredA, centredB) = (a - meanA, b - meanB)
      batch.count = a.size(0)
      batch.means = meanA.doubles + meanB.doubles
      batch.scatter = [
        centredA.transposed().matmul(centredA), centredA.transposed().matmul(centredB),
        centredB.transposed().matmul(centredB),
      ]
    }
    guard batch.means.allSatisfy(\.isFinite) else {
      let unit = batch.means.firstIndex { !$0.isFinite }!
      let (which, number) = unit < first ? ("first", unit) : ("second", unit - first)
      throw CajalError("unit \(number) of the \(which) population has a value that is not finite")
    }
    merge(batch)
  }

  /// Adds the samples that `other` has seen.
  public mutating func merge(_ other: JointMoments) {
    precondition(
      other.first == first && other.second == second,
      "moments of \(other.first) and \(other.second) units joined to those of \(first) and \(second)")
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let cross = Double(count) * Double(other.count) / total
    withoutGradients {
      let distance = Tensor(zip(other.means, means).map { $0 - $1 })
      let (a, b) = (distance[0..<first], distance[first..<first + second])
      scatter = [
        scatter[0] + other.scatter[0] + a.outer(a) * cross,
        scatter[1] + other.scatter[1] + a.outer(b) * cross,
        scatter[2] + other.scatter[2] + b.outer(b) * cross,
      ]
    }
    for unit in means.indices {
      means[unit] += (other.means[unit] - means[unit]) * Double(other.count) / total
    }
    count += other.count
  }

  /// Covariances `[first, first]`, `[first, second]`, `[second, second]`, divided by the number of samples.
  public var covariances: (withinFirst: Tensor, between: Tensor, withinSecond: Tensor) {
    precondition(count > 0, "covariances of no samples")
    let scale = 1 / Double(count)
    return (scatter[0] * scale, scatter[1] * scale, scatter[2] * scale)
  }

  /// Standard deviations of all units, first population first, divided by the number of samples.
  public var deviations: [Double] {
    let (a, _, b) = covariances
    return (a.diagonal().doubles + b.diagonal().doubles).map { $0.squareRoot() }
  }

  /// The correlations of all pairs of units.
  ///
  /// - Parameter silent: Units of a standard deviation below this count as silent: their correlations are 0.
  public func correlations(silent: Double = 1e-8) -> PopulationCorrelations {
    let deviations = deviations
    let inverse = deviations.map { $0 >= silent ? 1 / $0 : 0 }
    let (a, b) = (Tensor(Array(inverse[..<first])), Tensor(Array(inverse[first...])))
    let (within, between, other) = covariances
    return PopulationCorrelations(
      withinFirst: (within * a.outer(a)).clamped(to: -1...1),
      between: (between * a.outer(b)).clamped(to: -1...1),
      withinSecond: (other * b.outer(b)).clamped(to: -1...1),
      silentFirst: (0..<first).filter { inverse[$0] == 0 },
      silentSecond: (0..<second).filter { inverse[first + $0] == 0 })
  }
}

/// Correlations of all pairs of units of two populations, in 64 bits; those of silent units are 0.
public struct PopulationCorrelations: Sendable {
  /// `[first, first]`
  public let withinFirst: Tensor
  /// `[first, second]`
  public let between: Tensor
  /// `[second, second]`
  public let withinSecond: Tensor
  /// Units that never change.
  public let silentFirst: [Int]
  public let silentSecond: [Int]

  /// `[first + second, first + second]`: the first population's units, then the second's.
  public var joint: Tensor {
    Tensor.concatenated([
      Tensor.concatenated([withinFirst, between], axis: 1),
      Tensor.concatenated([between.transposed(), withinSecond], axis: 1),
    ])
  }

  /// The same without silent units; ``activeFirst`` and ``activeSecond`` tell which are left.
  public var active: PopulationCorrelations {
    let (a, b) = (Tensor(activeFirst), Tensor(activeSecond))
    return PopulationCorrelations(
      withinFirst: withinFirst.selected(a, axis: 0).selected(a, axis: 1),
      between: between.selected(a, axis: 0).selected(b, axis: 1),
      withinSecond: withinSecond.selected(b, axis: 0).selected(b, axis: 1), silentFirst: [], silentSecond: [])
  }

  /// The units that do change.
  public var activeFirst: [Int] { Array(Set(0..<withinFirst.size(0)).subtracting(silentFirst)).sorted() }
  public var activeSecond: [Int] { Array(Set(0..<withinSecond.size(0)).subtracting(silentSecond)).sorted() }

  /// The correlations of the same activity seen along random orthogonal axes of either population's standardised space: what is left of
  /// single units' meaning when only their space is kept.
  public func rotated(using generator: inout RandomGenerator) -> PopulationCorrelations {
    func turned(_ size: Int) -> Tensor {
      let (q, r) = Tensor.normal([size, size], .float64, using: &generator).qr()
      // With positive diagonals of R the rotation is uniform.
      return q * r.diagonal().sign()
    }
    let (p, q) = (turned(withinFirst.size(0)), turned(withinSecond.size(0)))
    let (a, b) = (
      p.transposed().matmul(withinFirst).matmul(p), q.transposed().matmul(withinSecond).matmul(q)
    )
    func inverse(_ covariance: Tensor) -> Tensor { covariance.diagonal().clamped(atLeast: 1e-12).rsqrt() }
    let (left, right) = (inverse(a), inverse(b))
    return PopulationCorrelations(
      withinFirst: a * left.outer(left),
      between: p.transposed().matmul(between).matmul(q) * left.outer(right),
      withinSecond: b * right.outer(right), silentFirst: [], silentSecond: [])
  }
}
