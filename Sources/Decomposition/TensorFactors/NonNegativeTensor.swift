import Support

/// A dense tensor of any number of axes, without negative values, some of which may not have been observed.
///
/// ```swift
/// let tensor = try NonNegativeTensor(values, shape: [240, 12, 780], missing: .alike(isMissing))
/// ```
/// The last axis should be the longest: the loops run along it.
public struct NonNegativeTensor: Sendable {
  /// Which values have not been observed; what `values` holds there does not matter.
  public enum Missing: Sendable {
    case none
    /// The same ones at every index of the first axis, row-major over the other axes: a pair of neurons that an animal lacks is
    /// lacking all the time. Costs next to nothing.
    case alike([Bool])
    /// Any, row-major over all axes.
    case entries([Bool])
  }

  /// How the values are had.
  enum Source: Sendable {
    case values([Double])
    /// Writes the values of some indices of the first axis.
    case slabs(@Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void)
  }

  public let shape: [Int]
  let source: Source
  let missing: Missing
  /// The sum of the squares of what was observed.
  let squares: Double

  public var count: Int { shape.reduce(1, *) }
  /// How many values one index of the first axis has.
  var slabSize: Int { shape.dropFirst().reduce(1, *) }

  /// - Parameters:
  ///   - values: Row-major, the last axis fastest.
  ///   - shape: At least two axes.
  /// - Throws: `CajalError` naming the first value that is negative or not finite, a count that does not fit the shape, or a
  ///   tensor in which nothing was observed.
  public init(_ values: [Double], shape: [Int], missing: Missing = .none) throws {
    try Self.check(shape, missing)
    guard values.count == shape.reduce(1, *) else {
      throw CajalError("\(values.count) values for a tensor of the shape \(shape)")
    }
    var values = values
    try Self.clear(&values, missing)
    if let wrong = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CajalError(
        "value \(values[wrong]) at position \(wrong) of the tensor should be a number from 0 up")
    }
    squares = values.withUnsafeBufferPointer { VectorLoops.dot($0.baseAddress!, $0.baseAddress!, $0.count) }
    guard squares > 0 else { throw CajalError("the tensor \(shape) holds no observed value above 0") }
    self.shape = shape
    self.missing = missing
    source = .values(values)
  }

  /// A tensor too large to hold: `fill` writes the values of some indices of the first axis, row-major, whenever they are
  /// needed (twice a sweep), and always the same; from several threads at once.
  ///
  /// - Throws: `CajalError` for a tensor of which nothing is above 0, or with a value below 0 or not finite. Missing entries can only be
  ///   alike along the first axis.
  public init(
    shape: [Int], missingAlike: [Bool]? = nil,
    fill: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) throws {
    let missing = missingAlike.map { Missing.alike($0) } ?? .none
    try Self.check(shape, missing)
    let slab = shape.dropFirst().reduce(1, *)
    let lacking = missingAlike.map { flags in flags.indices.filter { flags[$0] } } ?? []
    let clear: @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void = { range, target in
      fill(range, target)
      for index in 0..<range.count { for q in lacking { target[index * slab + q] = 0 } }
    }
    let sums = parallelMap(shape[0]) { index -> Double in
      let buffer = UnsafeMutablePointer<Double>.allocate(capacity: slab)
      defer { buffer.deallocate() }
      clear(index..<index + 1, buffer)
      for q in 0..<slab where !(buffer[q] >= 0 && buffer[q].isFinite) { return .nan }
      return VectorLoops.dot(buffer, buffer, slab)
    }
    if let wrong = sums.firstIndex(where: \.isNaN) {
      throw CajalError("slab \(wrong) of the tensor \(shape) holds a value that is no number from 0 up")
    }
    squares = sums.reduce(0, +)
    guard squares > 0 else { throw CajalError("the tensor \(shape) holds no observed value above 0") }
    self.shape = shape
    self.missing = missing
    source = .slabs(clear)
  }

  /// The values at one index of the first axis, row-major over the others; 0 where nothing was observed.
  public func slab(_ index: Int) -> [Double] {
    precondition((0..<shape[0]).contains(index), "index \(index) of \(shape[0])")
    switch source {
    case .values(let values): return Array(values[index * slabSize..<(index + 1) * slabSize])
    case .slabs(let fill):
      return [Double](unsafeUninitializedCapacity: slabSize) { buffer, initialized in
        fill(index..<index + 1, buffer.baseAddress!)
        initialized = slabSize
      }
    }
  }

  private static func check(_ shape: [Int], _ missing: Missing) throws {
    guard shape.count >= 2, shape.allSatisfy({ $0 > 0 }) else {
      throw CajalError("a tensor of the shape \(shape), expected at least two axes that are not empty")
    }
    let expected: Int
    let given: Int
    switch missing {
    case .none: return
    case .alike(let flags): (expected, given) = (shape.dropFirst().reduce(1, *), flags.count)
    case .entries(let flags): (expected, given) = (shape.reduce(1, *), flags.count)
    }
    guard expected == given else {
      throw CajalError("\(given) marks of missing values for the shape \(shape), expected \(expected)")
    }
  }

  /// Sets to 0 what was not observed.
  private static func clear(_ values: inout [Double], _ missing: Missing) throws {
    switch missing {
    case .none: break
    case .alike(let flags):
      let lacking = flags.indices.filter { flags[$0] }
      for start in stride(from: 0, to: values.count, by: flags.count) {
        for q in lacking { values[start + q] = 0 }
      }
    case .entries(let flags): for q in flags.indices where flags[q] { values[q] = 0 }
    }
  }
}
