import Datasets
import Foundation
import Support

/// What one pass of the fast transformer computes for some sequences, and the gradients on its way back. Activity lies token by token,
/// `[B T, D]`; queries, keys and values side by side, `[B T, 3 D]`; patterns `[B, H, T, T]`.
final class AttentionPass {
  typealias Floats = UnsafeMutablePointer<Float>
  typealias Kernels = HatchlingProducts

  let shape: AttentionOnlyConfiguration
  /// Sequences that there is room for.
  let capacity: Int
  /// Sequences of the current batch.
  var count = 0
  /// Whether the last block computes the rows of all tokens, not only of the query, whose output alone is read.
  var computesAllRows = false

  /// Before each block, and after the last.
  let stream: [Floats]
  let normal, hidden, mixed: [Floats]
  let scale: [Floats]
  /// Queries and keys are turned.
  let projected: [Floats]
  let scores, pattern: [Floats]
  let finalNormal, finalHidden, finalScale, logits: Floats

  // The way back.
  let streamGradient: Floats
  let projectedGradient: [Floats]
  let patternGradient, scoreGradient: [Floats]
  let scratch: Floats
  private let storage: Floats
  private let storageCount: Int
  private let (cosines, sines): ([Float], [Float])

  init(_ shape: AttentionOnlyConfiguration, capacity: Int) {
    self.shape = shape
    self.capacity = capacity
    let tokens = capacity * shape.length
    let (wide, square) = (tokens * shape.width, capacity * shape.heads * shape.length * shape.length)
    var sizes: [Int] = []
    func need(_ count: Int, _ times: Int = 1) {
      sizes += Array(repeating: (count + 15) / 16 * 16, count: times)
    }
    need(wide, 4 * shape.blocks + 1)
    need(tokens, shape.blocks)
    need(3 * wide, 2 * shape.blocks)
    need(square, 4 * shape.blocks)
    need(capacity * shape.width, 2)
    need(capacity)
    need(capacity * shape.labels)
    need(wide, 2)
    let total = sizes.reduce(0, +)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * total, alignment: 64)
    let base = memory.initializeMemory(as: Float.self, repeating: 0, count: total)
    (storage, storageCount) = (base, total)
    var next = base
    var index = 0
    func take() -> Floats {
      defer { (next, index) = (next + sizes[index], index + 1) }
      return next
    }
    func takeEach(_ count: Int) -> [Floats] { (0..<count).map { _ in take() } }
    stream = takeEach(shape.blocks + 1)
    (normal, hidden, mixed) = (takeEach(shape.blocks), takeEach(shape.blocks), takeEach(shape.blocks))
    scale = takeEach(shape.blocks)
    (projected, projectedGradient) = (takeEach(shape.blocks), takeEach(shape.blocks))
    (scores, pattern) = (takeEach(shape.blocks), takeEach(shape.blocks))
    (patternGradient, scoreGradient) = (takeEach(shape.blocks), takeEach(shape.blocks))
    (finalNormal, finalHidden, finalScale, logits) = (take(), take(), take(), take())
    (streamGradient, scratch) = (take(), take())
    (cosines, sines) = shape.rotation
  }

  deinit {
    storage.deinitialize(count: storageCount)
    UnsafeMutableRawPointer(storage).deallocate()
  }

  /// B T.
  var tokens: Int { count * shape.length }
  var squares: Int { count * shape.heads * shape.length * shape.length }

  /// The first token of a sequence whose row a block computes.
  func firstRow(_ block: Int) -> Int { block == shape.blocks - 1 && !computesAllRows ? shape.length - 1 : 0 }

  // MARK: Forward

  /// From the stream before a block to its patterns.
  func attend(_ block: Int, _ weights: Floats, _ layout: AttentionOnlyLayout.Block, temperatures: [Float]) {
    let width = shape.width
    let x = stream[block]
    let (plain, affine) = (normal[block], hidden[block])
    for token in 0..<tokens {
      let place = token * width
      scale[block][token] = normalise(x + place, width, into: plain + place)
      scaleAndShift(
        plain + place, weights + layout.norm, weights + layout.normBias, width, into: affine + place)
    }
    let first = firstRow(block)
    let rows = projected[block]
    // Queries of the tokens whose rows count, keys and values of all.
    Kernels.product(
      affine + first * width, rowStride: step(first) * width, columnStride: 1, weights + layout.projection,
      3 * width, rows + first * 3 * width, step(first) * 3 * width, rows: tokens / step(first), inner: width,
      columns: width)
    Kernels.product(
      affine, rowStride: width, columnStride: 1, weights + layout.projection + width, 3 * width,
      rows + width, 3 * width, rows: tokens, inner: width, columns: 2 * width)
    turn(rows, 1)
    compare(block, first, temperatures)
  }

  /// Tokens between two whose rows count, 1 or a whole sequence.
  func step(_ first: Int) -> Int { first == 0 ? 1 : shape.length }

  /// Scores and their softmax.
  private func compare(_ block: Int, _ first: Int, _ temperatures: [Float]) {
    let (length, heads, head) = (shape.length, shape.heads, shape.headWidth)
    let stride = 3 * shape.width
    for sequence in 0..<count {
      let rows = projected[block] + sequence * length * stride
      for index in 0..<heads {
        let factor = 1 / (Float(head).squareRoot() * temperatures[index])
        let place = (sequence * heads + index) * length * length
        for token in first..<length {
          let query = rows + token * stride + index * head
          let score = scores[block] + place + token * length
          var largest = -Float.infinity
          for other in 0...token {
            let key = rows + other * stride + shape.width + index * head
            score[other] = AttentionLoops.dot(query, key, head) * factor
            largest = max(largest, score[other])
          }
          let weight = pattern[block] + place + token * length
          var total: Float = 0
          for other in 0...token {
            weight[other] = exp(score[other] - largest)
            total += weight[other]
          }
          for other in 0...token { weight[other] /= total }
        }
      }
    }
  }

  /// Adds to the stream what heads read of the values.
  func mix(
    _ block: Int, _ weights: Floats, _ layout: AttentionOnlyLayout.Block, ablated: [Bool], values: Floats
  ) {
    let (length, heads, head, width) = (shape.length, shape.heads, shape.headWidth, shape.width)
    let first = firstRow(block)
    for sequence in 0..<count {
      for index in 0..<heads {
        let place = (sequence * heads + index) * length * length
        for token in first..<length {
          let target = mixed[block] + (sequence * length + token) * width + index * head
          for number in 0..<head { target[number] = 0 }
          if ablated[index] { continue }
          let weight = pattern[block] + place + token * length
          for other in 0...token {
            let value = values + (sequence * length + other) * 3 * width + 2 * width + index * head
            AttentionLoops.add(target, weight[other], value, head)
          }
        }
      }
    }
    let (from, to) = (stream[block], stream[block + 1])
    to.update(from: from, count: tokens * width)
    Kernels.product(
      mixed[block] + first * width, rowStride: step(first) * width, columnStride: 1, weights + layout.output,
      width, to + first * width, step(first) * width, rows: tokens / step(first), inner: width,
      columns: width, adds: true)
  }

  /// Logits `[B, K]` at the queries.
  func readOut(_ weights: Floats, _ layout: AttentionOnlyLayout) {
    let (width, length) = (shape.width, shape.length)
    for sequence in 0..<count {
      let place = sequence * width
      finalScale[sequence] = normalise(
        stream[shape.blocks] + (sequence * length + length - 1) * width, width, into: finalNormal + place)
      scaleAndShift(
        finalNormal + place, weights + layout.norm, weights + layout.normBias, width,
        into: finalHidden + place)
      for label in 0..<shape.labels {
        logits[sequence * shape.labels + label] = weights[layout.unembeddingBias + label]
      }
    }
    Kernels.product(
      finalHidden, rowStride: width, columnStride: 1, weights + layout.unembedding, shape.labels, logits,
      shape.labels, rows: count, inner: width, columns: shape.labels, adds: true)
  }

  // MARK: Parts

  /// Turns queries and keys of all tokens by their positions, or back.
  func turn(_ rows: Floats, _ direction: Float) {
    let (half, length, stride) = (shape.headWidth / 2, shape.length, 3 * shape.width)
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for token in 0..<tokens where token % length > 0 {
          let angle = token % length * half
          let row = rows + token * stride
          for head in 0..<2 * shape.heads {
            let place = row + head * 2 * half
            for pair in 0..<half {
              let (c, s) = (cosines[angle + pair], direction * sines[angle + pair])
              let (a, b) = (place[2 * pair], place[2 * pair + 1])
              place[2 * pair] = a * c - b * s
              place[2 * pair + 1] = a * s + b * c
            }
          }
        }
      }
    }
  }

  private func normalise(_ x: Floats, _ width: Int, into result: Floats) -> Float {
    if width % 16 == 0 { return Kernels.normalise(x, width, into: result) }
    var mean: Float = 0
    for place in 0..<width { mean += x[place] / Float(width) }
    var variance: Float = 0
    for place in 0..<width { variance += (x[place] - mean) * (x[place] - mean) / Float(width) }
    let scale = 1 / (variance + 1e-5).squareRoot()
    for place in 0..<width { result[place] = (x[place] - mean) * scale }
    return scale
  }

  func normaliseBack(
    _ above: Floats, _ normal: Floats, _ scale: Float, _ width: Int, into result: Floats
  ) {
    if width % 16 == 0 { return Kernels.normaliseBack(above, normal, scale, width, into: result) }
    var (mean, slope): (Float, Float) = (0, 0)
    for place in 0..<width {
      mean += above[place] / Float(width)
      slope += above[place] * normal[place] / Float(width)
    }
    for place in 0..<width { result[place] = (above[place] - mean - normal[place] * slope) * scale }
  }

  private func scaleAndShift(
    _ x: Floats, _ factor: Floats, _ shift: Floats, _ width: Int, into result: Floats
  ) {
    for place in 0..<width { result[place] = x[place] * factor[place] + shift[place] }
  }

  /// The gradients of a norm's factors, and in place that of what it scaled.
  func affineBack(
    _ above: Floats, _ normal: Floats, _ factor: Floats, _ factorGradient: Floats, _ shiftGradient: Floats,
    _ width: Int
  ) {
    for place in 0..<width {
      factorGradient[place] += above[place] * normal[place]
      shiftGradient[place] += above[place]
      above[place] *= factor[place]
    }
  }
}
