import CQuantised
import Foundation
import Support
import Testing

/// Products by one kind of kernel against sums in double precision.
enum KernelComparison {
  static func check(_ kind: String) {
    for bits in [4, 8] { compare(kind, bits: bits, tokens: 13, blocks: 3) }
  }

  /// 16 rows of random blocks, as they lie in files, times random activity.
  private static func compare(_ kind: String, bits: Int, tokens: Int, blocks: Int) {
    var generator = RandomGenerator(seed: UInt64(bits))
    let width = bits == 4 ? 20 : 34
    var rows = (0..<16).map { _ in
      (0..<blocks * width).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
    for row in rows.indices {
      for block in 0..<blocks {
        let scales = [Float16(0.01 + 0.01 * generator.uniform()), Float16(generator.normal() * 0.05)]
        for (index, value) in scales.prefix(bits == 4 ? 2 : 1).enumerated() {
          rows[row][block * width + 2 * index] = UInt8(value.bitPattern & 255)
          rows[row][block * width + 2 * index + 1] = UInt8(value.bitPattern >> 8)
        }
      }
    }
    let x = (0..<tokens * blocks * 32).map { _ in Float(generator.normal()) }
    let group = UnsafeMutablePointer<UInt8>.allocate(capacity: blocks * 544 + 128)
    defer { group.deallocate() }
    let pointers = rows.map { row in
      let place = UnsafeMutablePointer<UInt8>.allocate(capacity: row.count)
      place.initialize(from: row, count: row.count)
      return UnsafePointer(place) as UnsafePointer<UInt8>?
    }
    defer { for pointer in pointers { pointer?.deallocate() } }
    (bits == 4 ? cajal_pack4 : cajal_pack8)(pointers, Int64(blocks), group)
    var values = [Int8](repeating: 0, count: tokens * blocks * 64)
    var (scales, sums) = (
      [Float](repeating: 0, count: tokens * blocks), [Float](repeating: 0, count: tokens * blocks)
    )
    var totals = [Int32](repeating: 0, count: tokens * blocks)
    var y = [Float](repeating: 1, count: tokens * 16)
    var isKnown = false
    values.withUnsafeMutableBufferPointer { values in
      scales.withUnsafeMutableBufferPointer { scales in
        sums.withUnsafeMutableBufferPointer { sums in
          totals.withUnsafeMutableBufferPointer { totals in
            var activity = cajal_activity(
              values: values.baseAddress, fine: Int64(32 * blocks), scales: scales.baseAddress,
              sums: sums.baseAddress, totals: totals.baseAddress, stride: Int64(64 * blocks),
              blocks: Int64(blocks))
            var matrix = cajal_matrix(
              groups: group, group_bytes: 0, blocks: Int64(blocks), vectors: nil, bits: Int32(bits))
            isKnown = cajal_product_by(kind, &matrix, x, &activity, Int64(tokens), &y, 16) != 0
          }
        }
      }
    }
    guard isKnown else { return }
    for token in 0..<tokens {
      for row in 0..<16 {
        var sum = 1.0
        for column in 0..<32 * blocks {
          sum += Double(x[token * 32 * blocks + column]) * weight(rows[row], column, bits)
        }
        #expect(abs(Double(y[16 * token + row]) - sum) < 2e-3, "\(bits) bits, token \(token), row \(row)")
      }
    }
  }

  private static func weight(_ row: [UInt8], _ column: Int, _ bits: Int) -> Double {
    let start = column / 32 * (bits == 4 ? 20 : 34)
    func half(_ place: Int) -> Double {
      Double(Float16(bitPattern: UInt16(row[start + place]) | UInt16(row[start + place + 1]) << 8))
    }
    let inside = column % 32
    guard bits == 4 else { return half(0) * Double(Int8(bitPattern: row[start + 2 + inside])) }
    let byte = row[start + 4 + inside % 16]
    return half(0) * Double(inside < 16 ? byte & 15 : byte >> 4) + half(2)
  }
}
