import Foundation
import Support
import Tensors

/// Feature vectors of classes with several exemplars each: what few-shot sequences are made of.
public struct FewShotFeatures: Sendable {
  /// `[classes, exemplars, dimension]`, row-major.
  public let values: [Float]
  public let classes, exemplars, dimension: Int

  /// - Throws: `CajalError` when the numbers do not fill the shape, or one is not finite.
  public init(_ values: [Float], classes: Int, exemplars: Int, dimension: Int) throws {
    guard classes > 0, exemplars > 0, dimension > 0, values.count == classes * exemplars * dimension else {
      throw CajalError(
        "features of shape [\(classes), \(exemplars), \(dimension)] need \(classes * exemplars * dimension) numbers, not \(values.count)"
      )
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw CajalError("feature \(place % dimension) of class \(place / dimension / exemplars) is not finite")
    }
    (self.values, self.classes, self.exemplars, self.dimension) = (values, classes, exemplars, dimension)
  }

  /// Reads `[classes, exemplars, dimension]`, or `[classes, dimension]` for one exemplar each, from a file: NPY, NPZ or
  /// safetensors with a single array of such a shape, or the first such data set of an HDF5 file.
  ///
  /// - Throws: `CajalError` naming the file and what was expected.
  public init(contentsOf url: URL) throws {
    let isHDF5 = ["h5", "hdf5"].contains(url.pathExtension.lowercased())
    let (shape, values) = try isHDF5 ? Self.hdf5(url) : Self.tensor(url)
    do {
      try self.init(
        values, classes: shape[0], exemplars: shape.count == 3 ? shape[1] : 1, dimension: shape.last!)
    } catch let error as CajalError { throw CajalError("\(url.path): \(error.message)") }
  }

  private static let expected = "features of shape [classes, exemplars, dimension] or [classes, dimension]"

  private static func tensor(_ url: URL) throws -> (shape: [Int], values: [Float]) {
    let tensors = try TensorFile.read(url)
    guard let tensor = tensors.first(where: { (2...3).contains($0.tensor.rank) })?.tensor else {
      let shapes = tensors.map { "\($0.name) \($0.tensor.shape)" }.joined(separator: ", ")
      throw CajalError("\(url.path) holds \(shapes.isEmpty ? "nothing" : shapes), expected \(expected)")
    }
    return (tensor.shape, tensor.to(.float32).array(of: Float.self))
  }

  private static func hdf5(_ url: URL) throws -> (shape: [Int], values: [Float]) {
    var open = [try HDF5File(contentsOf: url).root]
    // Links may go in circles.
    for _ in 0..<1_000 where !open.isEmpty {
      let group = open.removeFirst()
      for name in try group.names() {
        switch try group.member(name) {
        case .group: open.append(try group.group(name))
        case .dataset:
          let dataset = try group.dataset(name)
          if (2...3).contains(dataset.shape.count) { return (dataset.shape, try dataset.read(Float.self)) }
        default: break
        }
      }
    }
    throw CajalError("\(url.path) has no data set of a fitting shape, expected \(expected)")
  }

  /// How many feature vectors there are.
  public var rows: Int { classes * exemplars }

  /// The vector of a row, `class · exemplars + exemplar`.
  public func row(_ row: Int) -> ArraySlice<Float> { values[row * dimension..<(row + 1) * dimension] }

  /// The cosine of the angle between two rows; 0 where one of them is zero.
  public func cosine(_ a: Int, _ b: Int) -> Double {
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (x, y) in zip(row(a), row(b)) {
      let (x, y) = (Double(x), Double(y))
      (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y)
    }
    let product = (aa * bb).squareRoot()
    return product > 0 ? ab / product : 0
  }

  /// The mean length of the vectors. Networks that are trained with small steps learn slowly from short ones.
  public var meanNorm: Double {
    let norms = (0..<rows).map { Double(row($0).reduce(0) { $0 + $1 * $1 }).squareRoot() }
    return norms.reduce(0, +) / Double(rows)
  }

  /// The same directions with a mean length of `norm`.
  public func scaled(toMeanNorm norm: Double) -> FewShotFeatures {
    let factor = Float(norm / max(meanNorm, 1e-30))
    return try! FewShotFeatures(
      values.map { $0 * factor }, classes: classes, exemplars: exemplars, dimension: dimension)
  }
}

extension FewShotFeatures {
  /// Made features: each class is a normal vector, each exemplar that vector with normal noise.
  ///
  /// - Parameters:
  ///   - code: Numbers of a class's code, which a random matrix takes to `dimension`; the whole dimension if nil. Few make
  ///     classes that resemble each other, so that new ones can be told by what was learned of old ones.
  ///   - noise: Standard deviation of exemplars about their class, where features have 1.
  public static func made(
    classes: Int, exemplars: Int = 5, dimension: Int = 512, code: Int? = nil, noise: Double = 0.1,
    using generator: inout RandomGenerator
  ) -> FewShotFeatures {
    let width = code ?? dimension
    let mixing = (0..<(code == nil ? 0 : width * dimension)).map { _ in
      Float(generator.normal() / Double(width).squareRoot())
    }
    var values: [Float] = []
    values.reserveCapacity(classes * exemplars * dimension)
    for _ in 0..<classes {
      let coordinates = (0..<width).map { _ in Float(generator.normal()) }
      var centre = coordinates
      if code != nil {
        centre = [Float](repeating: 0, count: dimension)
        for (row, value) in coordinates.enumerated() {
          for column in 0..<dimension { centre[column] += value * mixing[row * dimension + column] }
        }
      }
      for _ in 0..<exemplars { values += centre.map { $0 + Float(noise * generator.normal()) } }
    }
    return try! FewShotFeatures(values, classes: classes, exemplars: exemplars, dimension: dimension)
  }
}
