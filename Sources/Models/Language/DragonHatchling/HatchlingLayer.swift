import CVector
import Support
import Tensors

/// One layer of a dragon hatchling in plain Swift, forward and backward, every head of every text within a core's caches.
///
/// What the tensor form computes, less what is not needed: scores are half a matrix, keys and queries are one product on
/// the way back, and behind the gate only active neurons are read or written.
struct HatchlingLayer: Sendable {
  typealias Floats = UnsafeMutablePointer<Float>
  typealias Products = HatchlingProducts

  var batch, length, width, heads, neurons: Int
  /// Whether positions read themselves.
  var readsItself = false
  /// Whether the activity behind attention is multiplied by that before it.
  var gates = true
  /// `[T, N/2]` of the positions of the texts.
  var cosines, sines: [Float]

  /// Whether the kernels can do these sizes.
  static func fits(width: Int, neurons: Int) -> Bool { width % 16 == 0 && neurons % 16 == 0 }

  /// The layer's matrices.
  struct Weights {
    /// `[h, d, N]`, `[h, d, N]`, `[hN, d]`
    var encoder, gate, decoder: Tensor
  }

  /// What the way back needs of the way forth.
  struct Trace {
    /// `[B, T, d]`
    var input: Tensor
    /// `[B, h, T, N]`: before attention; behind it, before the product of both.
    var activity, response: Tensor
    /// `[B, h, T, T]`
    var scores: Tensor
    /// `[B, h, T, d]` and `[B, h, T]`
    var attention, attentionScale: Tensor
    /// `[B, T, d]` and `[B, T]`
    var update, updateScale: Tensor
    var output, outputScale: Tensor
  }

  // MARK: - Forward

  /// - Parameters:
  ///   - x: `[B, T, d]`, contiguous.
  ///   - dropout: Factors of the neurons' activity `[B, h, T, N]`.
  ///   - state: What positions before these have left, `[B, h, N, d]`; these are added.
  func forward(_ x: Tensor, _ weights: Weights, dropout: Tensor? = nil, state: Tensor? = nil) -> Trace {
    let trace = Trace(
      input: x, activity: .uninitialized([batch, heads, length, neurons]),
      response: .uninitialized([batch, heads, length, neurons]),
      scores: .uninitialized([batch, heads, length, length]),
      attention: .uninitialized([batch, heads, length, width]),
      attentionScale: .uninitialized([batch, heads, length]), update: .uninitialized([batch, length, width]),
      updateScale: .uninitialized([batch, length]), output: .uninitialized([batch, length, width]),
      outputScale: .uninitialized([batch, length]))
    let parts = Tensor.uninitialized([batch, heads, length, width])
    let (given, sums) = (Places(trace), Self.place(parts))
    let matrices = Matrices(weights, dropout, state)
    parallelFor(batch * heads) { task in forwardHead(task, given, matrices, sums) }
    parallelFor(batch) { text in addHeads(text, given, sums) }
    withExtendedLifetime((trace, weights, dropout, state, parts)) {}
    return trace
  }

  private func forwardHead(_ task: Int, _ given: Places, _ matrices: Matrices, _ sums: SendableAddress<Float>)
  {
    let (text, head) = (task / heads, task % heads)
    let (T, d, N) = (length, width, neurons)
    let scratch = Scratch(T * N + 2 * N + 16, integers: N + 16)
    defer { scratch.free() }
    let (turned, values) = (scratch.floats, scratch.floats + T * N)
    let x = given.input.pointer! + text * T * d
    let activity = given.activity.pointer! + task * T * N
    let response = given.response.pointer! + task * T * N
    let attention = given.attention.pointer! + task * T * d
    let scores = given.scores.pointer! + task * T * T
    Products.product(
      x, rowStride: d, columnStride: 1, matrices.encoder.pointer! + head * d * N, N, activity, N, rows: T,
      inner: d, columns: N)
    rectify(activity, T * N)
    turn(activity, turned, 1)
    Products.gram(turned, rows: T, width: N, scores, diagonal: readsItself)
    Products.product(
      scores, rowStride: T, columnStride: 1, x, d, attention, d, rows: T, inner: T, columns: d, shape: .lower)
    if let state = matrices.state?.pointer {
      let own = state + task * N * d
      Products.product(
        turned, rowStride: N, columnStride: 1, own, d, attention, d, rows: T, inner: N, columns: d, adds: true
      )
      Products.product(
        turned, rowStride: 1, columnStride: N, x, d, own, d, rows: N, inner: T, columns: d, adds: true)
    }
    for t in 0..<T {
      given.attentionScale.pointer![task * T + t] = Products.normalise(
        attention + t * d, d, into: attention + t * d)
    }
    Products.product(
      attention, rowStride: d, columnStride: 1, matrices.gate.pointer! + head * d * N, N, response, N,
      rows: T, inner: d, columns: N)
    rectify(response, T * N)
    let dropout = matrices.dropout?.pointer.map { $0 + task * T * N }
    let decoder = matrices.decoder.pointer! + head * N * d
    for t in 0..<T {
      let (xs, ys) = (activity + t * N, response + t * N)
      let count = active(ys, gates ? xs : ys, scratch.list)
      for k in 0..<count {
        let neuron = Int(scratch.list[k])
        let value = gates ? xs[neuron] * ys[neuron] : ys[neuron]
        values[k] = dropout.map { value * $0[t * N + neuron] } ?? value
      }
      let row = sums.pointer! + (task * T + t) * d
      row.update(repeating: 0, count: d)
      Products.addRows(row, values, scratch.list, count, decoder, d)
    }
  }

  /// Sums over heads, normalises, adds to the stream, normalises again.
  private func addHeads(_ text: Int, _ given: Places, _ sums: SendableAddress<Float>) {
    let (T, d) = (length, width)
    for t in 0..<T {
      let place = text * T + t
      let (update, output) = (given.update.pointer! + place * d, given.output.pointer! + place * d)
      let x = given.input.pointer! + place * d
      for k in 0..<d {
        var sum: Float = 0
        for head in 0..<heads { sum += sums.pointer![((text * heads + head) * T + t) * d + k] }
        update[k] = sum
      }
      given.updateScale.pointer![place] = Products.normalise(update, d, into: update)
      for k in 0..<d { output[k] = x[k] + update[k] }
      given.outputScale.pointer![place] = Products.normalise(output, d, into: output)
    }
  }

  // MARK: - Backward

  /// The gradients of input, encoder, gate and decoder, from that of the output `[B, T, d]`.
  func backward(_ gradient: Tensor, _ trace: Trace, _ weights: Weights, dropout: Tensor? = nil) -> [Tensor] {
    let (inner, result) = (
      Tensor.uninitialized([batch, length, width]), Tensor.uninitialized([batch, length, width])
    )
    let given = Places(trace)
    let (outer, before, stream) = (Self.place(gradient), Self.place(inner), Self.place(result))
    parallelFor(batch) { text in
      for place in text * length..<(text + 1) * length {
        let at = place * width
        Products.normaliseBack(
          outer.pointer! + at, given.output.pointer! + at, given.outputScale.pointer![place], width,
          into: stream.pointer! + at)
        Products.normaliseBack(
          stream.pointer! + at, given.update.pointer! + at, given.updateScale.pointer![place], width,
          into: before.pointer! + at)
      }
    }
    // Texts are dealt to as many groups on every machine, so that sums do not depend on threads.
    let groups = min(batch, 4)
    let parts = Tensor.zeros([batch, heads, length, width])
    let sums = (0..<3).map { _ in Tensor.zeros([groups, heads, neurons, width]) }
    let flipped = [weights.encoder, weights.gate].map { $0.transposed().contiguous() }
    let matrices = Matrices(weights, dropout, nil)
    let work = Backward(
      given: given, matrices: matrices, encoder: Self.place(flipped[0]), gate: Self.place(flipped[1]),
      before: before, parts: Self.place(parts), encoderSum: Self.place(sums[0]), gateSum: Self.place(sums[1]),
      decoderSum: Self.place(sums[2]))
    parallelFor(groups * heads) { task in
      let (group, head) = (task / heads, task % heads)
      let scratch = Scratch(3 * length * neurons + 2 * length * (length + width), integers: neurons + 16)
      defer { scratch.free() }
      for text in batch * group / groups..<batch * (group + 1) / groups {
        backwardHead(text, head, task, work, scratch)
      }
    }
    withExtendedLifetime((gradient, trace, weights, flipped, dropout, inner)) {}
    let ofWeights = sums.map { groups == 1 ? $0.squeezed(0) : $0.sum(axis: 0) }
    result.add(inPlace: parts.sum(axis: 1))
    return [
      result, ofWeights[0].transposed().contiguous(), ofWeights[1].transposed().contiguous(),
      ofWeights[2].reshaped(heads * neurons, width),
    ]
  }

  private func backwardHead(_ text: Int, _ head: Int, _ task: Int, _ work: Backward, _ scratch: Scratch) {
    let (T, d, N) = (length, width, neurons)
    let place = text * heads + head
    let given = work.given
    let x = given.input.pointer! + text * T * d
    let activity = given.activity.pointer! + place * T * N
    let parts = work.parts.pointer! + place * T * d
    // Scratch: the gradient of activity, turned activity, that one's gradient, of scores, of attention, x transposed.
    let slope = scratch.floats
    let (turned, turnedSlope) = (slope + T * N, slope + 2 * T * N)
    let scores = slope + 3 * T * N
    let (attention, flipped) = (scores + T * T, scores + T * T + T * d)
    slope.update(repeating: 0, count: T * N)
    attention.update(repeating: 0, count: T * d)
    for t in 0..<T { backwardGate(t, place, head, task, work, slope, attention, scratch.list, turned) }
    for t in 0..<T {
      Products.normaliseBack(
        attention + t * d, given.attention.pointer! + (place * T + t) * d,
        given.attentionScale.pointer![place * T + t], d, into: attention + t * d)
    }
    // Scores and values.
    Products.transpose(x, rows: T, columns: d, flipped)
    Products.product(
      attention, rowStride: d, columnStride: 1, flipped, T, scores, T, rows: T, inner: d, columns: T)
    Products.product(
      given.scores.pointer! + place * T * T, rowStride: 1, columnStride: T, attention, d, parts, d, rows: T,
      inner: T, columns: d, shape: .upper, adds: true)
    // Queries are keys: their gradients are one product with a symmetric matrix.
    for i in 0..<T {
      scores[i * T + i] = readsItself ? 2 * scores[i * T + i] : 0
      for j in 0..<i { scores[j * T + i] = scores[i * T + j] }
    }
    turn(activity, turned, 1)
    Products.product(
      scores, rowStride: T, columnStride: 1, turned, N, turnedSlope, N, rows: T, inner: T, columns: N)
    turn(turnedSlope, turnedSlope, -1)
    let encoder = work.encoder.pointer! + head * N * d
    let sum = work.encoderSum.pointer! + task * N * d
    for t in 0..<T {
      let xs = activity + t * N
      let count = active(xs, xs, scratch.list)
      let values = turned
      for k in 0..<count {
        let neuron = Int(scratch.list[k])
        values[k] = slope[t * N + neuron] + turnedSlope[t * N + neuron]
        Products.add(sum + neuron * d, values[k], x + t * d, d)
      }
      Products.addRows(parts + t * d, values, scratch.list, count, encoder, d)
    }
  }

  /// From the sum over heads to attention and activity, through the neurons that are active at a position.
  @inline(__always)
  private func backwardGate(
    _ t: Int, _ place: Int, _ head: Int, _ task: Int, _ work: Backward, _ slope: Floats, _ attention: Floats,
    _ list: UnsafeMutablePointer<Int32>, _ values: Floats
  ) {
    let (T, d, N) = (length, width, neurons)
    let xs = work.given.activity.pointer! + (place * T + t) * N
    let ys = work.given.response.pointer! + (place * T + t) * N
    let normal = work.given.attention.pointer! + (place * T + t) * d
    let gradient = work.before.pointer! + (place / heads * T + t) * d
    let decoder = work.matrices.decoder.pointer! + head * N * d
    let (decoderSum, gateSum) = (
      work.decoderSum.pointer! + task * N * d, work.gateSum.pointer! + task * N * d
    )
    let gate = work.gate.pointer! + head * N * d
    let dropout = work.matrices.dropout?.pointer.map { $0 + (place * T + t) * N }
    let row = attention + t * d
    let count = active(ys, gates ? xs : ys, list)
    for k in 0..<count {
      let neuron = Int(list[k])
      let factor = dropout.map { $0[neuron] } ?? 1
      let inner = Products.dot(decoder + neuron * d, gradient, d) * factor
      let x = gates ? xs[neuron] : 1
      Products.add(decoderSum + neuron * d, x * ys[neuron] * factor, gradient, d)
      if gates { slope[t * N + neuron] = inner * ys[neuron] }
      values[k] = inner * x
      Products.add(gateSum + neuron * d, values[k], normal, d)
    }
    Products.addRows(row, values, list, count, gate, d)
  }

  // MARK: - Small loops

  @inline(__always)
  private func rectify(_ values: Floats, _ count: Int) {
    let zero = Products.Vector()
    for k in stride(from: 0, to: count, by: 16) {
      let v = Products.load(values + k)
      Products.store(v.replacing(with: zero, where: v .< zero), values + k)
    }
  }

  /// Turns all positions.
  @inline(__always)
  private func turn(_ from: Floats, _ to: Floats, _ direction: Float) {
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for t in 0..<length {
          HatchlingRotation.turn(
            from + t * neurons, to + t * neurons, cosines.baseAddress! + t * neurons / 2,
            sines.baseAddress! + t * neurons / 2, pairs: neurons / 2, direction: direction)
        }
      }
    }
  }

  /// The neurons that both rows are positive at.
  @inline(__always)
  private func active(_ a: Floats, _ b: Floats, _ list: UnsafeMutablePointer<Int32>) -> Int {
    var count = 0
    for start in stride(from: 0, to: neurons, by: 16) {
      var bits = cajal_both_positive(Products.load(a + start), Products.load(b + start))
      while bits != 0 {
        list[count] = Int32(truncatingIfNeeded: start + bits.trailingZeroBitCount)
        bits &= bits - 1
        count += 1
      }
    }
    return count
  }

  fileprivate static func place(_ tensor: Tensor) -> SendableAddress<Float> {
    tensor.withUnsafeMutableElements(of: Float.self) { SendableAddress($0.baseAddress) }
  }
}

/// Where the parts of a trace lie.
private struct Places: Sendable {
  let input, activity, response, scores, attention, attentionScale: SendableAddress<Float>
  let update, updateScale, output, outputScale: SendableAddress<Float>

  init(_ trace: HatchlingLayer.Trace) {
    let place = HatchlingLayer.place
    (input, activity, response) = (place(trace.input), place(trace.activity), place(trace.response))
    (scores, attention) = (place(trace.scores), place(trace.attention))
    attentionScale = place(trace.attentionScale)
    (update, updateScale) = (place(trace.update), place(trace.updateScale))
    (output, outputScale) = (place(trace.output), place(trace.outputScale))
  }
}

/// Where the matrices lie.
private struct Matrices: Sendable {
  let encoder, gate, decoder: SendableAddress<Float>
  let dropout, state: SendableAddress<Float>?

  init(_ weights: HatchlingLayer.Weights, _ dropout: Tensor?, _ state: Tensor?) {
    let place = HatchlingLayer.place
    (encoder, gate, decoder) = (place(weights.encoder), place(weights.gate), place(weights.decoder))
    (self.dropout, self.state) = (dropout.map(place), state.map(place))
  }
}

private struct Backward: Sendable {
  let given: Places
  let matrices: Matrices
  /// Transposed: `[h, N, d]`.
  let encoder, gate: SendableAddress<Float>
  let before, parts: SendableAddress<Float>
  /// `[groups, h, N, d]`
  let encoderSum, gateSum, decoderSum: SendableAddress<Float>
}

/// Memory of one task, to be given back by hand: pointers into it would not keep an object alive.
private struct Scratch {
  let floats: UnsafeMutablePointer<Float>
  let list: UnsafeMutablePointer<Int32>

  init(_ count: Int, integers: Int) {
    floats = .allocate(capacity: count)
    list = .allocate(capacity: integers)
  }

  func free() {
    floats.deallocate()
    list.deallocate()
  }
}
