import CQuantised
import Foundation
import Support

/// A matrix in 4 or 8 bits, its rows in groups of 16, as the kernels read it.
struct QuantisedMatrix: @unchecked Sendable {
  let rows: Int
  let columns: Int
  let bits: Int
  private(set) var layout: cajal_matrix
  private let memory: AnyObject?

  var groups: Int { (rows + 15) / 16 }
  var bytes: Int { groups * Int(layout.group_bytes) }

  static func groupBytes(_ columns: Int, bits: Int) -> Int {
    let blocks = columns / 32
    return bits == 4 ? blocks * 320 : (blocks * 32 + 63) / 64 * 64 + blocks * 512
  }

  /// Where a matrix is going to lie, before its weights are there.
  init(rows: Int, columns: Int, bits: Int, at start: UnsafeMutablePointer<UInt8>, in memory: AnyObject?) {
    (self.rows, self.columns, self.bits, self.memory) = (rows, columns, bits, memory)
    layout = cajal_matrix(
      groups: UnsafePointer(start), group_bytes: Int64(Self.groupBytes(columns, bits: bits)),
      blocks: Int64(columns / 32), vectors: nil, bits: Int32(bits))
  }

  /// One whose blocks hold only some of their columns: of block b the first `vectors[b]` vectors.
  init(
    rows: Int, columns: Int, bits: Int, groupBytes: Int, at start: UnsafeMutablePointer<UInt8>,
    vectors: UnsafePointer<UInt8>, in memory: AnyObject
  ) {
    (self.rows, self.columns, self.bits, self.memory) = (rows, columns, bits, memory)
    layout = cajal_matrix(
      groups: UnsafePointer(start), group_bytes: Int64(groupBytes), blocks: Int64(columns / 32),
      vectors: vectors, bits: Int32(bits))
  }

  /// The memory of a group, for whoever fills it.
  func group(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutablePointer(mutating: layout.groups) + index * Int(layout.group_bytes)
  }

  /// y[t, row] = W x (added to y where `adding`), for the rows of some groups.
  @inline(__always)
  func product(
    _ groups: Range<Int>, _ activity: QuantisedActivity, tokens: Int, into y: UnsafeMutablePointer<Float>,
    stride: Int, adding: Bool = false
  ) {
    withUnsafePointer(to: layout) { layout in
      withUnsafePointer(to: activity.layout) { x in
        cajal_product(
          layout, Int64(groups.lowerBound), Int64(groups.upperBound), x, Int64(tokens), y, Int64(stride),
          adding ? 1 : 0)
      }
    }
  }

  /// The groups of one of several threads.
  func share(_ index: Int, of count: Int, unit: Int = 1) -> Range<Int> {
    let units = (groups + unit - 1) / unit
    return Swift.min(
      groups, units * index / count * unit)..<Swift.min(groups, units * (index + 1) / count * unit)
  }

  /// Writes a row as floats.
  func decode(row: Int, into target: UnsafeMutablePointer<Float>) {
    let start = UnsafeRawPointer(group(row / 16))
    let lane = row % 16
    let blocks = columns / 32
    for block in 0..<blocks {
      if bits == 4 {
        let place = start + block * 320
        let scale = Float(place.load(fromByteOffset: 2 * lane, as: Float16.self))
        let offset = Float(place.load(fromByteOffset: 32 + 2 * lane, as: Float16.self))
        for j in 0..<16 {
          let byte = place.load(fromByteOffset: 64 + j / 4 * 64 + 4 * lane + j % 4, as: UInt8.self)
          target[32 * block + j] = scale * Float(byte & 15) + offset
          target[32 * block + 16 + j] = scale * Float(byte >> 4) + offset
        }
      } else {
        let scale = Float(start.load(fromByteOffset: 32 * block + 2 * lane, as: Float16.self))
        let place = start + (blocks * 32 + 63) / 64 * 64 + block * 512
        for j in 0..<32 {
          let byte = place.load(fromByteOffset: j / 4 * 64 + 4 * lane + j % 4, as: UInt8.self)
          target[32 * block + j] = scale * Float(Int(byte) - 128)
        }
      }
    }
  }
}

/// Activity of some tokens in 16 bits, a coarse and a fine byte, a scale for every 32 numbers.
final class QuantisedActivity: @unchecked Sendable {
  let layout: cajal_activity
  private let blocks: Int

  /// - Parameter width: Numbers a token, a multiple of 32.
  init(tokens: Int, width: Int) {
    blocks = width / 32
    let count = tokens * blocks
    layout = cajal_activity(
      values: .aligned(2 * tokens * width), fine: Int64(width), scales: .aligned(count),
      sums: .aligned(count),
      totals: .aligned(count), stride: Int64(2 * width), blocks: Int64(blocks))
  }

  deinit {
    free(layout.values)
    free(layout.scales)
    free(layout.sums)
    free(layout.totals)
  }

  @inline(__always)
  func quantise(_ x: UnsafePointer<Float>, token: Int, blocks: Range<Int>? = nil) {
    let range = blocks ?? 0..<self.blocks
    withUnsafePointer(to: layout) {
      cajal_quantise(x, $0, Int64(token), Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}

extension UnsafeMutablePointer {
  /// Memory at a multiple of 64 bytes, not initialised: what is never written takes none. Release with `free`.
  static func aligned(_ count: Int) -> UnsafeMutablePointer {
    var place: UnsafeMutableRawPointer?
    let bytes = Swift.max(64, count * MemoryLayout<Pointee>.stride)
    precondition(posix_memalign(&place, 64, bytes) == 0, "no memory for \(bytes) bytes")
    return place!.bindMemory(to: Pointee.self, capacity: count)
  }
}
