import CQuantised
import Support
import Tensors

/// Rows of a matrix as blocks of 4 bits (20 bytes: scale, offset, halves of bytes) or 8 bits (34 bytes: scale, bytes).
struct RowSource: Sendable {
  typealias Bytes = UnsafePointer<UInt8>
  let rows: Int
  let columns: Int
  /// The fewest bits that hold the rows as they are.
  let bits: Int
  /// A row in blocks of so many bits; `scratch` has room for one and may be used for it.
  let read: @Sendable (_ row: Int, _ bits: Int, _ scratch: UnsafeMutablePointer<UInt8>) -> Bytes
  /// Says that rows will not be read again soon.
  var forget: @Sendable (Range<Int>) -> Void = { _ in }

  /// Bytes of a row.
  static func bytes(_ columns: Int, bits: Int) -> Int { columns / 32 * (bits == 4 ? 20 : 34) }
}

extension RowSource {
  /// The rows of a file's tensor.
  init(_ file: GGUFFile, _ entry: GGUFFile.Entry) {
    let format = entry.format
    let width = format.bytes(entry.rowLength)
    let fourBits: Set<BlockFormat> = [.q4, .q4Offset, .q4K]
    self.init(
      rows: entry.rows, columns: entry.rowLength, bits: fourBits.contains(format) ? 4 : 8,
      read: { row, bits, scratch in
        let start = file.bytes.baseAddress! + entry.range.lowerBound + row * width
        switch (format, bits) {
        case (.q4Offset, 4), (.q8, 8): return start.assumingMemoryBound(to: UInt8.self)
        case (.q4, 4): Self.offsetBlocks(ofQ4: start, count: entry.rowLength, into: scratch)
        case (.q4K, 4): Self.offsetBlocks(ofQ4K: start, count: entry.rowLength, into: scratch)
        default:
          withUnsafeTemporaryAllocation(of: Float.self, capacity: entry.rowLength) { values in
            file.decode(entry, row: row, into: values.baseAddress!)
            cajal_blocks8(values.baseAddress!, Int64(values.count), scratch)
          }
        }
        return UnsafePointer(scratch)
      },
      forget: { rows in
        let start = entry.range.lowerBound
        file.forget(start + rows.lowerBound * width..<start + rows.upperBound * width)
      })
  }

  /// The rows of floats; `order` gives for each row the one that is read.
  init(_ matrix: Tensor, order: [Int]? = nil) {
    let values = matrix.detached().to(.float32).contiguous()
    let columns = matrix.size(1)
    self.init(
      rows: matrix.size(0), columns: columns, bits: 8,
      read: { row, _, scratch in
        values.withUnsafeElements(of: Float.self) {
          cajal_blocks8($0.baseAddress! + (order?[row] ?? row) * columns, Int64(columns), scratch)
        }
        return UnsafePointer(scratch)
      })
  }

  /// Q4_0 has no offset: it is -8 scales.
  private static func offsetBlocks(
    ofQ4 source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    for block in 0..<count / 32 {
      let (from, to) = (source + 18 * block, UnsafeMutableRawPointer(target + 20 * block))
      let scale = Float16(bitPattern: from.loadUnaligned(as: UInt16.self))
      to.storeBytes(of: scale, as: Float16.self)
      to.storeBytes(of: -8 * scale, toByteOffset: 2, as: Float16.self)
      (to + 4).copyMemory(from: from + 2, byteCount: 16)
    }
  }

  /// The eight sub-blocks of a Q4_K block, each with its own scale and offset.
  private static func offsetBlocks(
    ofQ4K source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    for sub in 0..<count / 32 {
      let from = source + sub / 8 * 144
      let part = sub % 8
      let scale = Float(Float16(bitPattern: from.loadUnaligned(as: UInt16.self)))
      let least = Float(Float16(bitPattern: from.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      let (six, base) = BlockFormat.sixBits(from + 4, part)
      let to = UnsafeMutableRawPointer(target + 20 * sub)
      to.storeBytes(of: Float16(scale * Float(six)), as: Float16.self)
      to.storeBytes(of: Float16(-least * Float(base)), toByteOffset: 2, as: Float16.self)
      let bytes = (from + 16 + part / 2 * 32).assumingMemoryBound(to: UInt8.self)
      func nibble(_ j: Int) -> UInt8 { part % 2 == 0 ? bytes[j] & 15 : bytes[j] >> 4 }
      for j in 0..<16 { target[20 * sub + 4 + j] = nibble(j) | nibble(j + 16) << 4 }
    }
  }
}
