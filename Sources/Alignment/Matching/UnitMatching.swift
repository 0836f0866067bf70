import Statistics
import Support
import Tensors

/// Which unit of a second population goes with each unit of a first, by a matrix of similarities `[first, second]`.
///
/// Li, Yosinski, Clune, Lipson and Hopcroft, Convergent Learning (2016), section 3.
public struct UnitMatching: Sendable, Equatable {
  /// The partner of each unit of the first population; -1 for one without, where the first has more units.
  public let partners: [Int]
  /// The similarity to the partner; not a number for a unit without.
  public let similarities: [Double]
  /// How many units the second population has.
  public let second: Int

  /// Whether a similarity counts by its size alone: for activity before rectification, where a feature may come with either sign.
  public enum Sign: Sendable { case signed, absolute }

  /// Each unit with its most similar one; several may choose the same.
  public static func nearest(_ similarity: Tensor, _ sign: Sign = .signed) -> UnitMatching {
    let (values, rows, columns) = Self.values(similarity, sign)
    let partners = (0..<rows).map { row -> Int in
      var best = 0
      for column in 1..<max(1, columns) where values[row * columns + column] > values[row * columns + best] {
        best = column
      }
      return best
    }
    return UnitMatching(partners, values, columns)
  }

  /// Each unit with one of its own, so that the sum of similarities is the largest there is (``LinearAssignment``).
  public static func oneToOne(_ similarity: Tensor, _ sign: Sign = .signed) -> UnitMatching {
    let (values, rows, columns) = Self.values(similarity, sign)
    let best = LinearAssignment.maximising(values, rows: rows, columns: columns)
    return UnitMatching(best.columnOfRow(rows: rows), values, columns)
  }

  private init(_ partners: [Int], _ values: [Double], _ columns: Int) {
    self.partners = partners
    similarities = partners.enumerated().map { $1 < 0 ? .nan : values[$0 * columns + $1] }
    second = columns
  }

  private static func values(_ similarity: Tensor, _ sign: Sign) -> ([Double], Int, Int) {
    precondition(
      similarity.rank == 2 && similarity.count > 0,
      "similarities of the shape \(similarity.shape), expected units × units")
    let signed = sign == .absolute ? similarity.abs() : similarity
    return (signed.doubles, similarity.size(0), similarity.size(1))
  }

  /// The mean similarity of the units that have a partner.
  public var mean: Double {
    let known = similarities.filter { !$0.isNaN }
    return known.reduce(0, +) / Double(known.count)
  }

  /// The share of all units whose similarity is above, or below, a bar.
  public func share(above bar: Double) -> Double {
    Double(similarities.count { $0 > bar }) / Double(similarities.count)
  }
  public func share(below bar: Double) -> Double {
    Double(similarities.count { $0 < bar }) / Double(similarities.count)
  }

  /// The units from the best matched down; those without a partner last.
  public var order: [Int] { ranking(similarities.map { $0.isNaN ? -.infinity : $0 }) }

  /// The second population's units in the order of their partners, those without one behind: matched pairs stand on
  /// the diagonal.
  public var columns: [Int] {
    let matched = partners.filter { $0 >= 0 }
    let taken = Set(matched)
    return matched + (0..<second).filter { !taken.contains($0) }
  }
}
