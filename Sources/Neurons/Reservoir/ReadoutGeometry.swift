import Foundation

/// Directions and subspaces of weights.
public enum ReadoutGeometry {
  /// The largest principal angle between two subspaces, in degrees, 0...90; for two vectors the angle between their axes.
  ///
  /// By cosines it would be blind to small angles: this is `asin` of the larger distance of a unit vector of the smaller subspace to
  /// the other one (Björck and Golub, 1973).
  ///
  /// - Parameters:
  ///   - first, second: Vectors that span the subspaces, all of the same length; dependent ones do no harm.
  /// - Returns: Not a number where one of them spans nothing.
  public static func subspaceAngle(_ first: [[Double]], _ second: [[Double]]) -> Double {
    let (a, b) = (orthonormalBasis(first), orthonormalBasis(second))
    guard !a.isEmpty, !b.isEmpty else { return .nan }
    let (small, large) = a.count <= b.count ? (a, b) : (b, a)
    let residuals = small.map { projectOut(large, from: $0) }
    // The largest singular value of the residuals, by the power method on their Gram matrix.
    let gram = residuals.map { one in residuals.map { dot(one, $0) } }
    let sine = largestEigenvalue(gram).squareRoot()
    return asin(min(1, sine)) * 180 / .pi
  }

  /// The angle between the axes of two vectors, in degrees, 0...90.
  public static func subspaceAngle(_ first: [Double], _ second: [Double]) -> Double {
    subspaceAngle([first], [second])
  }

  /// The vector without its part in the span of the others.
  public static func projectOut(_ axes: [[Double]], from vector: [Double]) -> [Double] {
    var rest = vector
    for axis in orthonormalBasis(axes) {
      let share = dot(axis, rest)
      for index in rest.indices { rest[index] -= share * axis[index] }
    }
    return rest
  }

  /// The vector without its part along an axis.
  public static func projectOut(_ axis: [Double], from vector: [Double]) -> [Double] {
    projectOut([axis], from: vector)
  }

  /// Gram and Schmidt's, twice over; what is (almost) a combination of the vectors before it is left out.
  static func orthonormalBasis(_ vectors: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for vector in vectors {
      precondition(vector.count == vectors[0].count, "vectors of different lengths")
      let length = dot(vector, vector).squareRoot()
      guard length > 0 else { continue }
      var rest = vector.map { $0 / length }
      for _ in 0..<2 {
        for axis in basis {
          let share = dot(axis, rest)
          for index in rest.indices { rest[index] -= share * axis[index] }
        }
      }
      let left = dot(rest, rest).squareRoot()
      if left > 1e-10 { basis.append(rest.map { $0 / left }) }
    }
    return basis
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) numbers")
    return ReadoutKernels.dot(a, b, a.count)
  }

  private static func largestEigenvalue(_ gram: [[Double]]) -> Double {
    guard gram.count > 1 else { return gram[0][0] }
    var (vector, value) = (gram.indices.map { 1 + 0.01 * Double($0) }, 0.0)
    for _ in 0..<1_000 {
      let next = gram.map { dot($0, vector) }
      let length = dot(next, next).squareRoot()
      guard length > 0 else { return 0 }
      vector = next.map { $0 / length }
      if abs(length - value) <= 1e-15 * length { return length }
      value = length
    }
    return value
  }
}
