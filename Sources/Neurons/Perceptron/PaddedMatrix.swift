import Support

/// A row-major matrix whose rows are padded with zeros to whole vectors of 16 numbers.
///
/// The padding lets the kernels of ``MatrixKernels`` work without remainders; it stays zero.
final class PaddedMatrix<Scalar: KernelScalar>: @unchecked Sendable {
  let rows: Int
  let columns: Int
  /// Distance between rows, a multiple of 16.
  let stride: Int
  let base: UnsafeMutablePointer<Scalar>

  /// Zeros of shape `[rows, columns]`.
  init(rows: Int, columns: Int) {
    precondition(rows > 0 && columns > 0, "a matrix needs rows and columns, not [\(rows), \(columns)]")
    self.rows = rows
    self.columns = columns
    stride = (columns + 15) / 16 * 16
    let bytes = rows * stride * MemoryLayout<Scalar>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Scalar.self, capacity: rows * stride)
    clear()
  }

  deinit { base.deallocate() }

  /// The start of row `row`.
  @inline(__always) func row(_ row: Int) -> UnsafeMutablePointer<Scalar> { base + row * stride }

  func clear() { base.initialize(repeating: 0, count: rows * stride) }

  /// The numbers without padding, row by row.
  var values: [Scalar] {
    (0..<rows).flatMap { Array(UnsafeBufferPointer(start: row($0), count: columns)) }
  }

  /// Overwrites the numbers, row by row.
  func fill(_ values: [Scalar]) {
    precondition(
      values.count == rows * columns, "\(values.count) numbers for a matrix [\(rows), \(columns)]")
    values.withUnsafeBufferPointer { source in
      for r in 0..<rows { row(r).update(from: source.baseAddress! + r * columns, count: columns) }
    }
  }
}
