import CQuantised
import Foundation
import Support

/// One way through all blocks for some tokens: the same function on every thread, with barriers where one needs what
/// others have made.
final class InferencePass {
  /// The most tokens at a time: their activity stays in the caches.
  static let chunk = 128
  /// The most positions whose logits are kept.
  static let logitRows = 16

  private let model: InferenceModel
  private let shape: DecoderConfiguration
  private let team: ThreadTeam
  private let cache: KeyValueCache
  /// `[tokens, D]`: the residual stream.
  private let stream: UnsafeMutablePointer<Float>
  /// `[tokens, (H + 2K)·E]`.
  private let attention: UnsafeMutablePointer<Float>
  /// `[tokens, H·E]`.
  private let heads: UnsafeMutablePointer<Float>
  /// `[tokens, 2N]`: gates and ups, then neurons in place of the gates.
  private let gateUp: UnsafeMutablePointer<Float>
  /// `[rows, V]`.
  private let logitBuffer: UnsafeMutablePointer<Float>
  private let logitStride: Int
  /// Shared by the threads where several tokens pass.
  private let normed, mixed, inner: QuantisedActivity
  private let scratch: [ThreadScratch]
  /// Cosines and sines of each token's position.
  private let rotation: UnsafeMutablePointer<Float>
  private let frequencies: [Double]

  init(_ model: InferenceModel, capacity: Int, threads: Int) {
    let shape = model.configuration
    (self.model, self.shape) = (model, shape)
    team = ThreadTeam(threads)
    cache = KeyValueCache(shape, capacity: capacity)
    let queries = shape.heads * shape.headWidth
    let chunk = Self.chunk
    stream = .aligned(chunk * shape.width)
    attention = .aligned(chunk * (queries + 2 * shape.keyValueHeads * shape.headWidth))
    heads = .aligned(chunk * queries)
    gateUp = .aligned(chunk * 2 * shape.neurons)
    logitStride = (shape.vocabulary + 15) / 16 * 16
    logitBuffer = .aligned(Self.logitRows * logitStride)
    normed = QuantisedActivity(tokens: chunk, width: shape.width)
    mixed = QuantisedActivity(tokens: chunk, width: queries)
    inner = QuantisedActivity(tokens: chunk, width: shape.neurons)
    scratch = (0..<threads).map { _ in ThreadScratch(shape, capacity: capacity) }
    rotation = .aligned(chunk * shape.headWidth)
    frequencies = shape.rotaryFrequencies
  }

  deinit { for buffer in [stream, attention, heads, gateUp, logitBuffer, rotation] { free(buffer) } }

  /// The logits of the first row that was asked for.
  var logits: UnsafeMutablePointer<Float> { logitBuffer }
  func logits(_ row: Int) -> UnsafeMutablePointer<Float> { logitBuffer + row * logitStride }

  /// Makes the logits of `row` the first.
  func keepLogits(of row: Int) {
    if row > 0 { memcpy(logitBuffer, logits(row), shape.vocabulary * MemoryLayout<Float>.size) }
  }

  /// Sends tokens through, the first at `position`, and makes logits for some of them.
  func run(
    _ tokens: [Int], at position: Int, core: CoreWeights?, observer: InferenceSession.NeuronObserver?,
    logitRows: Range<Int>
  ) {
    let count = tokens.count
    for (index, _) in tokens.enumerated() {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Double(position + index) * frequency
        rotation[index * shape.headWidth + pair] = Float(cos(angle))
        rotation[index * shape.headWidth + shape.headWidth / 2 + pair] = Float(sin(angle))
      }
    }
    team.run { [self] thread in
      for token in stride(from: thread, to: count, by: team.count) {
        model.embedding.decode(row: tokens[token], into: stream + token * shape.width)
      }
      team.barrier()
      for index in model.blocks.indices {
        attend(model.blocks[index], index, count, position, thread)
        feedForward(model.blocks[index], index, count, thread, core?.blocks[index])
        if let observer {
          if thread == 0 {
            observer(
              .init(
                block: index, position: position, tokens: count, values: UnsafePointer(gateUp),
                stride: 2 * shape.neurons))
          }
          team.barrier()
        }
      }
      if !logitRows.isEmpty { makeLogits(logitRows, thread) }
    }
  }

  /// The normalised stream in 8 bits. One token is normalised by every thread for itself, several in turns.
  private func normalise(_ weights: [Float], _ count: Int, _ thread: Int) -> QuantisedActivity {
    let own = scratch[thread]
    func normalise(_ token: Int, _ target: QuantisedActivity) {
      cajal_rms_norm(
        stream + token * shape.width, weights, Float(shape.normEpsilon), Int64(shape.width), own.normed)
      target.quantise(own.normed, token: token)
    }
    guard count > 1 else {
      normalise(0, own.activity)
      return own.activity
    }
    for token in stride(from: thread, to: count, by: team.count) { normalise(token, normed) }
    team.barrier()
    return normed
  }

  private func attend(
    _ block: InferenceModel.Block, _ index: Int, _ count: Int, _ position: Int, _ thread: Int
  ) {
    let x = normalise(block.attentionNorm, count, thread)
    let width = block.attention.rows
    let groups = block.attention.share(thread, of: team.count)
    block.attention.product(groups, x, tokens: count, into: attention, stride: width)
    for group in groups { turnAndStore(group, index, count, position) }
    team.barrier()
    mixHeads(index, count, position, thread)
    team.barrier()
    let y = quantised(heads, shape.heads * shape.headWidth, mixed, scratch[thread].mixed, count, thread)
    let rows = block.attentionOutput.share(thread, of: team.count)
    block.attentionOutput.product(rows, y, tokens: count, into: stream, stride: shape.width, adding: true)
    team.barrier()
  }

  /// Turns 16 rows of queries or keys by their positions, and brings keys and values into the cache.
  private func turnAndStore(_ group: Int, _ index: Int, _ count: Int, _ position: Int) {
    let (width, queries, shared) = (
      shape.headWidth, shape.heads * shape.headWidth, shape.keyValueHeads * shape.headWidth
    )
    let stride = queries + 2 * shared
    let row = group * 16
    for token in 0..<count {
      let values = attention + token * stride + row
      if row < queries + shared {
        cajal_rotate(values, 16, rotation + token * width, Int64(width), Int64(row % width))
      }
      guard row >= queries else { continue }
      let isKey = row < queries + shared
      let place = row - queries - (isKey ? 0 : shared)
      cache.store(
        values, isKey: isKey, block: index, head: place / width, offset: place % width,
        position: position + token)
    }
  }

  /// Attention of the heads, a few queries of one head of keys at a time.
  private func mixHeads(_ index: Int, _ count: Int, _ position: Int, _ thread: Int) {
    let group = shape.heads / shape.keyValueHeads
    let tile = max(1, ThreadScratch.rows / group)
    let tiles = (count + tile - 1) / tile
    for unit in stride(from: thread, to: tiles * shape.keyValueHeads, by: team.count) {
      let (head, first) = (unit % shape.keyValueHeads, unit / shape.keyValueHeads * tile)
      mix(index, head, first..<min(first + tile, count), position, scratch[thread])
    }
  }

  private func mix(_ index: Int, _ head: Int, _ tokens: Range<Int>, _ position: Int, _ own: ThreadScratch) {
    let width = shape.headWidth
    let group = shape.heads / shape.keyValueHeads
    let stride = (shape.heads + 2 * shape.keyValueHeads) * width
    let scale = 1 / Float(width).squareRoot()
    var row = 0
    for token in tokens {
      for member in 0..<group {
        let query = attention + token * stride + (head * group + member) * width
        for i in 0..<width { own.queries[row * width + i] = query[i] * scale }
        own.lengths[row] = Int32(position + token + 1)
        row += 1
      }
    }
    cajal_attend(
      own.queries, Int64(row), own.lengths, cache.keys(index, head), cache.values(index, head), Int64(width),
      own.scores, Int64(own.scoreStride), own.results)
    row = 0
    for token in tokens {
      for member in 0..<group {
        memcpy(
          heads + (token * shape.heads + head * group + member) * width, own.results + row * width,
          width * MemoryLayout<Float>.size)
        row += 1
      }
    }
  }

  /// `[tokens, width]` in 8 bits, as ``normalise(_:_:_:)`` shares the work.
  private func quantised(
    _ x: UnsafePointer<Float>, _ width: Int, _ shared: QuantisedActivity, _ own: QuantisedActivity,
    _ count: Int,
    _ thread: Int
  ) -> QuantisedActivity {
    guard count > 1 else {
      own.quantise(x, token: 0)
      return own
    }
    for token in stride(from: thread, to: count, by: team.count) {
      shared.quantise(x + token * width, token: token)
    }
    team.barrier()
    return shared
  }

  private func feedForward(
    _ block: InferenceModel.Block, _ index: Int, _ count: Int, _ thread: Int, _ core: CoreWeights.Block?
  ) {
    let x = normalise(block.feedForwardNorm, count, thread)
    let (matrix, down) = (core?.gateUp ?? block.gateUp, core?.down ?? block.down)
    let stride = 2 * shape.neurons
    // Four groups are the gates and ups of 32 neurons, whose products this thread can finish.
    let groups = matrix.share(thread, of: team.count, unit: 4)
    matrix.product(groups, x, tokens: count, into: gateUp, stride: stride)
    for token in 0..<count {
      for pair in Swift.stride(from: groups.lowerBound, to: groups.upperBound, by: 2) {
        let gate = gateUp + token * stride + 16 * pair
        cajal_gated(gate, gate + 16, 16)
      }
    }
    if let core {
      team.barrier()
      core.quantise(
        gateUp, stride: stride, tokens: count, into: inner, thread: thread, of: team.count, scratch[thread])
    } else {
      gather(groups, count, stride, scratch[thread])
    }
    team.barrier()
    let rows = down.share(thread, of: team.count)
    down.product(rows, inner, tokens: count, into: stream, stride: shape.width, adding: true)
    team.barrier()
  }

  /// The neurons of some groups in 8 bits.
  private func gather(_ groups: Range<Int>, _ count: Int, _ stride: Int, _ own: ThreadScratch) {
    for token in 0..<count {
      for group in Swift.stride(from: groups.lowerBound, to: groups.upperBound, by: 4) {
        let first = gateUp + token * stride + 16 * group
        let block = group / 4
        let target = own.neurons + 32 * block
        memcpy(target, first, 64)
        memcpy(target + 16, first + 32, 64)
        inner.quantise(own.neurons, token: token, blocks: block..<block + 1)
      }
    }
  }

  private func makeLogits(_ rows: Range<Int>, _ thread: Int) {
    let own = scratch[thread]
    for (place, row) in rows.enumerated() where place % team.count == thread {
      cajal_rms_norm(
        stream + row * shape.width, model.norm, Float(shape.normEpsilon), Int64(shape.width), own.normed)
      normed.quantise(own.normed, token: place)
    }
    team.barrier()
    model.output.product(
      model.output.share(thread, of: team.count), normed, tokens: rows.count, into: logitBuffer,
      stride: logitStride)
  }
}

/// What a thread works in.
final class ThreadScratch: @unchecked Sendable {
  /// Queries that are attended at a time.
  static let rows = 12
  let activity, mixed: QuantisedActivity
  let normed, queries, scores, results, neurons: UnsafeMutablePointer<Float>
  let lengths: UnsafeMutablePointer<Int32>
  let scoreStride: Int

  init(_ shape: DecoderConfiguration, capacity: Int) {
    activity = QuantisedActivity(tokens: 1, width: shape.width)
    mixed = QuantisedActivity(tokens: 1, width: shape.heads * shape.headWidth)
    let rows = max(Self.rows, shape.heads / shape.keyValueHeads)
    scoreStride = capacity
    normed = .aligned(shape.width)
    queries = .aligned(rows * shape.headWidth)
    scores = .aligned(rows * scoreStride)
    results = .aligned(rows * shape.headWidth)
    neurons = .aligned(shape.neurons)
    lengths = .aligned(rows)
  }

  deinit {
    for buffer in [normed, queries, scores, results, neurons] { free(buffer) }
    free(lengths)
  }
}
