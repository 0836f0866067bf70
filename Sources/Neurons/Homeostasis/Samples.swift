import Support

/// Labelled samples in a numeric matrix `[N, D]`: the user's own data, or images as numbers from 0 to 1.
public struct Samples<Scalar: KernelScalar>: Sendable {
  /// Row-major, `count · dimension` numbers.
  public let inputs: [Scalar]
  public let dimension: Int
  /// A class from 0 for every sample.
  public let labels: [Int]
  public let classCount: Int

  public var count: Int { labels.count }

  /// - Throws: ``CajalError`` when numbers and labels do not fit, a number is not finite, or a label is
  ///   outside `0..<classCount`.
  public init(inputs: [Scalar], dimension: Int, labels: [Int], classCount: Int) throws {
    guard dimension > 0, inputs.count == labels.count * dimension else {
      throw CajalError("\(inputs.count) numbers for \(labels.count) samples of \(dimension)")
    }
    if let wrong = labels.first(where: { $0 < 0 || $0 >= classCount }) {
      throw CajalError("label \(wrong) is outside 0..<\(classCount)")
    }
    if let position = inputs.firstIndex(where: { !$0.isFinite }) {
      throw CajalError(
        "sample \(position / dimension), column \(position % dimension) is not a finite number")
    }
    self.inputs = inputs
    self.dimension = dimension
    self.labels = labels
    self.classCount = classCount
  }

  /// Samples of bytes, divided by 255.
  public init(bytes: [UInt8], dimension: Int, labels: [Int], classCount: Int) throws {
    let values = (0...255).map { Scalar($0) / 255 }
    try self.init(
      inputs: bytes.map { values[Int($0)] }, dimension: dimension, labels: labels, classCount: classCount)
  }

  /// The inputs of sample `index`, `[D]`.
  public func row(_ index: Int) -> ArraySlice<Scalar> {
    inputs[index * dimension..<(index + 1) * dimension]
  }

  /// Copies rows into the first rows of a matrix.
  @inline(__always)
  func copy(_ indices: [Int], into target: PaddedMatrix<Scalar>) {
    precondition(
      target.columns == dimension, "samples of \(dimension) numbers for \(target.columns) inputs")
    inputs.withUnsafeBufferPointer { source in
      for (row, index) in indices.enumerated() {
        precondition(index >= 0 && index < count, "sample \(index) of \(count)")
        target.row(row).update(from: source.baseAddress! + index * dimension, count: dimension)
      }
    }
  }
}
