import CQuantised
import Foundation
import Support

/// The weights of chosen neurons, gathered once so that decoding reads no others (CoreInfer's sparse feed-forward part).
///
/// Rows of gates and ups are copied. Columns of the down matrix stay in their blocks of 32, each with the scales it had:
/// what is left out of a block is left out of memory in steps of 8 columns (4 with 8-bit weights), so that no number is rounded anew.
public final class CoreWeights: Sendable {
  /// The chosen neurons of one block; nil in ``CoreWeights/blocks`` where all take part.
  final class Block: @unchecked Sendable {
    let gateUp: QuantisedMatrix
    let down: QuantisedMatrix
    /// Of each block of 32 the chosen neurons, by their order among all chosen, and where its columns begin in packed activity.
    private let ranges: [(neurons: Range<Int>, place: Int)]
    private let vectors: UnsafeMutablePointer<UInt8>
    private let columnsPerVector: Int

    init(_ block: InferenceModel.Block, neurons: [Int], of count: Int) throws {
      let bits = block.down.bits
      let unit = bits == 4 ? 8 : 4
      columnsPerVector = unit
      let blocks = count / 32
      vectors = .aligned(blocks)
      var ranges: [(neurons: Range<Int>, place: Int)] = []
      var (next, first) = (0, 0)
      for index in 0..<blocks {
        let end = neurons[first...].firstIndex { $0 >= 32 * (index + 1) } ?? neurons.count
        ranges.append((first..<end, next))
        vectors[index] = UInt8((end - first + unit - 1) / unit)
        next += Int(vectors[index]) * unit
        first = end
      }
      self.ranges = ranges
      let rows = (neurons.count + 31) / 32 * 32
      let scale = bits == 4 ? blocks * 64 : (blocks * 32 + 63) / 64 * 64
      let groupBytes = scale + next / unit * 64
      let memory = try WeightMemory(
        bytes: 2 * rows / 16 * Int(block.gateUp.layout.group_bytes) + block.down.groups * groupBytes + 4_096)
      gateUp = QuantisedMatrix(
        rows: 2 * rows, columns: block.gateUp.columns, bits: block.gateUp.bits,
        at: memory.take(2 * rows / 16 * Int(block.gateUp.layout.group_bytes)), in: memory)
      down = QuantisedMatrix(
        rows: block.down.rows, columns: count, bits: bits, groupBytes: groupBytes,
        at: memory.take(block.down.groups * groupBytes), vectors: vectors, in: memory)
      Self.copyRows(block.gateUp, neurons, into: gateUp)
      for group in 0..<down.groups { copyColumns(block.down, neurons, group: group) }
    }

    deinit { free(vectors) }

    /// Gates and ups of the chosen neurons, 16 of each in turns.
    private static func copyRows(_ from: QuantisedMatrix, _ neurons: [Int], into to: QuantisedMatrix) {
      for (place, neuron) in neurons.enumerated() {
        for part in 0..<2 {
          to.copyRow(
            from, group: 2 * (neuron / 16) + part, lane: neuron % 16, to: 2 * (place / 16) + part,
            lane: place % 16)
        }
      }
    }

    private func copyColumns(_ from: QuantisedMatrix, _ neurons: [Int], group: Int) {
      let (source, target) = (from.group(group), down.group(group))
      let isFour = from.bits == 4
      let scales = (ranges.count * 32 + 63) / 64 * 64
      if !isFour { memcpy(target, source, ranges.count * 32) }
      var place = isFour ? target : target + scales
      for (index, range) in ranges.enumerated() {
        let bytes = isFour ? source + index * 320 + 64 : source + scales + index * 512
        if isFour {
          memcpy(place, source + index * 320, 64)
          place += 64
        }
        let size = Int(vectors[index]) * 64
        memset(place, isFour ? 0 : 128, size)
        for (offset, neuron) in neurons[range.neurons].enumerated() {
          Self.copyColumn(bytes, neuron % 32, place, offset, isFour)
        }
        place += size
      }
    }

    /// One column of 16 rows, from its place in a full block to its place among the kept.
    private static func copyColumn(
      _ from: UnsafePointer<UInt8>, _ column: Int, _ to: UnsafeMutablePointer<UInt8>, _ offset: Int,
      _ isFour: Bool
    ) {
      for lane in 0..<16 {
        if isFour {
          let byte = from[column % 16 / 4 * 64 + 4 * lane + column % 4]
          let bits = column < 16 ? byte & 15 : byte >> 4
          let target = offset / 8 * 64 + 4 * lane + offset % 4
          to[target] |= offset % 8 < 4 ? bits : bits << 4
        } else {
          to[offset / 4 * 64 + 4 * lane + offset % 4] = from[column / 4 * 64 + 4 * lane + column % 4]
        }
      }
    }

    /// The chosen neurons of some tokens in 8 bits, a scale for every block of 32 that they came from.
    func quantise(
      _ gateUp: UnsafePointer<Float>, stride: Int, tokens: Int, into target: QuantisedActivity, thread: Int,
      of threads: Int, _ own: ThreadScratch
    ) {
      let width = ranges.count * 32
      for token in Swift.stride(from: thread, to: tokens, by: threads) {
        let values = gateUp + token * stride
        let layout = target.layout
        for (index, range) in ranges.enumerated() {
          for i in 0..<32 { own.neurons[32 * index + i] = 0 }
          for (offset, neuron) in range.neurons.enumerated() {
            own.neurons[32 * index + offset] = values[neuron / 16 * 32 + neuron % 16]
          }
          target.quantise(own.neurons, token: token, blocks: index..<index + 1)
          // Blocks move together: what is packed never overtakes what is read.
          let kept = Int(vectors[index]) * columnsPerVector
          guard kept > 0 else { continue }
          for row in [layout.values! + 2 * token * width, layout.values! + (2 * token + 1) * width] {
            memmove(row + range.place, row + 32 * index, kept)
          }
        }
      }
    }
  }

  let blocks: [Block?]
  /// How many neurons take part in each block.
  public let counts: [Int]
  /// Bytes of the gathered weights and of the others that a token reads in feed-forward parts.
  public let feedForwardBytesPerToken: Int

  /// - Parameter neurons: For each block the positions that take part, ascending; nil for all.
  /// - Throws: `CajalError` when there is no memory.
  public init(_ model: InferenceModel, neurons: [[Int]?]) throws {
    let count = model.configuration.neurons
    precondition(
      neurons.count == model.blocks.count, "\(neurons.count) choices for \(model.blocks.count) blocks")
    let gathered = try parallelMap(neurons.count) { index throws -> Block? in
      guard let chosen = neurons[index] else { return nil }
      precondition(
        zip(chosen, chosen.dropFirst()).allSatisfy(<) && chosen.allSatisfy { (0..<count).contains($0) },
        "neurons of block \(index) are not ascending positions below \(count)")
      return try Block(model.blocks[index], neurons: chosen, of: count)
    }
    blocks = gathered
    counts = neurons.map { $0?.count ?? count }
    feedForwardBytesPerToken = zip(model.blocks, gathered).reduce(0) { sum, pair in
      sum + (pair.1?.gateUp.bytes ?? pair.0.gateUp.bytes) + (pair.1?.down.bytes ?? pair.0.down.bytes)
    }
  }
}

extension QuantisedMatrix {
  /// Copies one row of a matrix of the same columns and bits.
  fileprivate func copyRow(_ other: QuantisedMatrix, group: Int, lane: Int, to target: Int, lane newLane: Int)
  {
    let (from, to) = (other.group(group), self.group(target))
    let blocks = columns / 32
    if bits == 4 {
      for block in 0..<blocks {
        let (a, b) = (from + block * 320, to + block * 320)
        for part in 0..<2 { memcpy(b + 32 * part + 2 * newLane, a + 32 * part + 2 * lane, 2) }
        for v in 0..<4 { memcpy(b + 64 + 64 * v + 4 * newLane, a + 64 + 64 * v + 4 * lane, 4) }
      }
    } else {
      let scales = (blocks * 32 + 63) / 64 * 64
      for block in 0..<blocks {
        memcpy(to + 32 * block + 2 * newLane, from + 32 * block + 2 * lane, 2)
        for v in 0..<8 {
          let place = scales + block * 512 + 64 * v
          memcpy(to + place + 4 * newLane, from + place + 4 * lane, 4)
        }
      }
    }
  }
}
