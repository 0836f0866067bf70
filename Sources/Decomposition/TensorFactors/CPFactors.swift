import Statistics
import Support

/// A tensor as a sum of R outer products of non-negative vectors, one vector of each along every axis.
public struct CPFactors: Sendable, Equatable {
  public let shape: [Int]
  /// How many components.
  public let rank: Int
  /// `[axes][R][size of the axis]`
  public var columns: [[[Double]]]

  /// - Parameter columns: `[axes][R][size of the axis]`, as many components along every axis.
  public init(columns: [[[Double]]]) {
    let rank = columns.first?.count ?? 0
    precondition(
      columns.count >= 2 && rank > 0 && columns.allSatisfy { $0.count == rank }
        && columns.allSatisfy { axis in axis.allSatisfy { $0.count == axis[0].count } },
      "factors need the same number of components along two axes or more, all of one length an axis")
    self.columns = columns
    self.rank = rank
    shape = columns.map { $0[0].count }
  }

  /// Numbers drawn uniformly from `range`.
  public static func random(
    shape: [Int], rank: Int, in range: ClosedRange<Double> = 0.1...1, using generator: inout RandomGenerator
  ) -> CPFactors {
    CPFactors(
      columns: shape.map { size in
        (0..<rank).map { _ in
          (0..<size).map { _ in
            range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
          }
        }
      })
  }

  /// The vector of a component along an axis.
  public func column(axis: Int, component: Int) -> [Double] { columns[axis][component] }

  /// The same sum with vectors of length 1 along all axes but `axis`, which takes their lengths.
  public func normalised(into axis: Int) -> CPFactors {
    var result = self
    for component in 0..<rank {
      var scale = 1.0
      for other in shape.indices where other != axis {
        let length = Self.length(columns[other][component])
        guard length > 0 else { continue }
        for index in result.columns[other][component].indices {
          result.columns[other][component][index] /= length
        }
        scale *= length
      }
      for index in result.columns[axis][component].indices { result.columns[axis][component][index] *= scale }
    }
    return result
  }

  /// The lengths of the components: products of those of their vectors.
  public var norms: [Double] {
    (0..<rank).map { component in columns.reduce(1) { $0 * Self.length($1[component]) } }
  }

  /// The components in another order.
  public func reordered(_ order: [Int]) -> CPFactors {
    CPFactors(columns: columns.map { axis in order.map { axis[$0] } })
  }

  /// The components of the largest norm first.
  public var sorted: CPFactors {
    let norms = norms
    return reordered((0..<rank).sorted { (norms[$0], $1) > (norms[$1], $0) })
  }

  /// The whole tensor, row-major.
  public var values: [Double] {
    var rows: [[Double]] = [[Double]](repeating: [1], count: rank)
    for axis in columns {
      rows = rows.enumerated().map { component, row in
        row.flatMap { left in axis[component].map { left * $0 } }
      }
    }
    return rows.dropFirst().reduce(rows[0]) { sum, row in zip(sum, row).map { $0 + $1 } }
  }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

// How alike two decompositions are.
extension CPFactors {
  /// The product over axes of the cosines between a component of this and one of the other.
  public func similarity(of component: Int, to other: CPFactors, _ otherComponent: Int) -> Double {
    columns.indices.reduce(1) { product, axis in
      let (a, b) = (columns[axis][component], other.columns[axis][otherComponent])
      let lengths = Self.length(a) * Self.length(b)
      return lengths > 0 ? product * zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / lengths : 0
    }
  }

  /// Which component of `other` goes with each of these, one to one (best sum of similarities), -1 where there are too few, and how
  /// alike they are.
  public func matched(with other: CPFactors) -> [(component: Int, similarity: Double)] {
    precondition(shape == other.shape, "factors of the shapes \(shape) and \(other.shape)")
    let similarities = (0..<rank).map { a in (0..<other.rank).map { similarity(of: a, to: other, $0) } }
    let columns = LinearAssignment.maximising(similarities).columnOfRow(rows: rank)
    return columns.enumerated().map { ($1, $1 < 0 ? 0 : similarities[$0][$1]) }
  }

  /// The factor match score: the mean similarity of matched components, 1 for equal decompositions up to order and scale; with unequal
  /// ranks over those of the smaller one.
  public func matchScore(_ other: CPFactors) -> Double {
    let (small, large) = rank <= other.rank ? (self, other) : (other, self)
    return small.matched(with: large).reduce(0) { $0 + $1.similarity } / Double(small.rank)
  }
}
