import Support
import Tensors

/// A dragon hatchling that reads token after token: its memory is a state of L · n · d numbers, however long the text.
///
/// Only active neurons' rows of synapses are read and written, so that sparse activity is fast activity. Logits equal those of the
/// parallel form.
///
/// ```swift
/// let session = try DragonHatchlingSession(model)
/// let logits = session.feed(Array("In the beginning ".utf8).map(Int.init))
/// let written = session.generate(200, sampler: Sampler(temperature: 1, topK: 3), using: &generator)
/// ```
public final class DragonHatchlingSession {
  typealias Floats = UnsafeMutablePointer<Float>

  public let configuration: DragonHatchlingConfiguration
  /// How many tokens were fed.
  public private(set) var position = 0
  /// The logits `[V]` behind the last token; empty before the first.
  public private(set) var logits: [Float] = []
  /// The share of neurons that were active at the last token, by layer: before attention, and behind the gate.
  public private(set) var activeShares: [(activity: Double, neurons: Double)] = []
  private let weights: SessionWeights
  private let rotation: HatchlingRotation
  /// What each layer remembers: `[1, h, N, P]`, P the width filled up to a multiple of 16.
  private var states: [Tensor] = []
  private var scratch: SessionScratch
  /// Texts longer than this are read by the parallel form, piece by piece.
  private static let piece = 64

  /// A copy of the model's weights as they are now; dropout is off.
  ///
  /// - Throws: `CajalError` for softmax attention, which needs all earlier keys.
  public init(_ model: DragonHatchling) throws {
    configuration = model.configuration
    guard configuration.attention == .linear else {
      throw CajalError("a hatchling with softmax attention has no state of constant size")
    }
    weights = SessionWeights(model)
    rotation = model.rotation
    scratch = SessionScratch(configuration, weights.padded)
    reset()
  }

  /// How many numbers the state holds.
  public var stateCount: Int { states.reduce(0) { $0 + $1.count } }

  /// Forgets the text.
  public func reset() {
    let shape = configuration
    states = (0..<shape.layers).map { _ in
      .zeros([1, shape.heads, shape.neuronsPerHead, weights.padded])
    }
    (position, logits) = (0, [])
  }

  /// Reads tokens; the logits `[V]` behind the last.
  @discardableResult
  public func feed(_ tokens: [Int]) -> [Float] {
    _ = logits(feeding: tokens, all: false)
    return logits
  }

  /// Reads tokens; the logits behind each, `[T][V]`.
  public func logits(feeding tokens: [Int]) -> [[Float]] { logits(feeding: tokens, all: true) }

  private func logits(feeding tokens: [Int], all: Bool) -> [[Float]] {
    var results: [[Float]] = []
    var rest = tokens[...]
    while rest.count >= Self.piece, readsPieces {
      results += feedPiece(Array(rest.prefix(Self.piece)), all: all)
      rest = rest.dropFirst(Self.piece)
    }
    for token in rest {
      step(token)
      if all { results.append(logits) }
    }
    return results
  }

  /// Writes `count` tokens behind what was fed.
  ///
  /// - Parameter onToken: Called with each; false ends it.
  public func generate(
    _ count: Int, sampler: Sampler = Sampler(temperature: 1, topK: 3), using generator: inout RandomGenerator,
    onToken: (Int) -> Bool = { _ in true }
  ) -> [Int] {
    precondition(position > 0, "generation goes on with a text: feed at least one token")
    var written: [Int] = []
    while written.count < count {
      let token = sampler.choose(logits, after: written, using: &generator)
      written.append(token)
      step(token)
      guard onToken(token) else { break }
    }
    return written
  }

  // MARK: - One token

  private func step(_ token: Int) {
    let shape = configuration
    precondition((0..<shape.vocabulary).contains(token), "token \(token) of \(shape.vocabulary)")
    let (cosines, sines) = rotation.angles(position)
    let vector = scratch.vector
    vector.update(from: weights.embedding + token * weights.padded, count: weights.padded)
    if shape.residual == .stream { normalise(vector) }
    scratch.activity.update(repeating: 0, count: shape.neurons)
    activeShares = []
    for layer in 0..<shape.layers {
      activeShares.append(stepLayer(layer, cosines, sines))
    }
    position += 1
    logits = [Float](unsafeUninitializedCapacity: shape.vocabulary) { buffer, count in
      HatchlingProducts.product(
        vector, rowStride: 0, columnStride: 1, weights.output, shape.vocabulary, buffer.baseAddress!,
        shape.vocabulary, rows: 1, inner: shape.width, columns: shape.vocabulary)
      count = shape.vocabulary
    }
  }

  private func stepLayer(_ layer: Int, _ cosines: [Float], _ sines: [Float]) -> (Double, Double) {
    let shape = configuration
    let (N, P) = (shape.neuronsPerHead, weights.padded)
    let (vector, update) = (scratch.vector, scratch.update)
    let set = weights.sets[shape.sharesLayers ? 0 : layer]
    update.update(repeating: 0, count: P)
    var (active, kept) = (0, 0)
    let state = states[layer].withUnsafeMutableElements(of: Float.self) { $0.baseAddress! }
    for head in 0..<shape.heads {
      let row = head * N
      let activity = scratch.activity + row
      HatchlingProducts.product(
        vector, rowStride: 0, columnStride: 1, set.encoder + head * shape.width * N, N, scratch.response, N,
        rows: 1, inner: shape.width, columns: N)
      for j in 0..<N {
        let added = max(0, scratch.response[j])
        activity[j] = shape.residual == .stream ? added : activity[j] + added
      }
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          HatchlingRotation.turn(
            activity, scratch.turned, cosines.baseAddress!, sines.baseAddress!, pairs: N / 2)
        }
      }
      attend(state + row * P)
      active += list(activity, activity, N)
      let count = shape.gatesByActivity ? list(activity, activity, N) : all(N)
      let matrix = set.gate + row * P
      var neurons = 0
      for k in 0..<count {
        let neuron = Int(scratch.list[k])
        let response = HatchlingProducts.dot(matrix + neuron * P, scratch.attention, P)
        guard response > 0 else { continue }
        scratch.chosen[neurons] = Int32(neuron)
        scratch.values[neurons] = shape.gatesByActivity ? response * activity[neuron] : response
        neurons += 1
      }
      HatchlingProducts.addRows(
        update, scratch.values, scratch.chosen, neurons, set.decoder + row * P, P)
      kept += neurons
    }
    if shape.normalises { normalise(update) }
    if shape.residual == .stream {
      for k in 0..<shape.width { vector[k] += update[k] }
      normalise(vector)
    } else {
      vector.update(from: update, count: P)
    }
    let all = Double(shape.neurons)
    return (Double(active) / all, Double(kept) / all)
  }

  /// Reads the state by the turned activity of a head, then adds to it: one pass over the rows of active neurons.
  private func attend(_ state: Floats) {
    let shape = configuration
    let (N, P) = (shape.neuronsPerHead, weights.padded)
    let attention = scratch.attention
    attention.update(repeating: 0, count: P)
    let count = list(scratch.turned, nil, N)
    for k in 0..<count { scratch.values[k] = scratch.turned[Int(scratch.list[k])] }
    if shape.readsItself { remember(state, count) }
    HatchlingProducts.addRows(attention, scratch.values, scratch.list, count, state, P)
    if !shape.readsItself { remember(state, count) }
    if shape.normalises { normalise(attention) }
  }

  private func remember(_ state: Floats, _ count: Int) {
    let width = weights.padded
    for k in 0..<count {
      HatchlingProducts.add(state + Int(scratch.list[k]) * width, scratch.values[k], scratch.vector, width)
    }
  }

  /// Lists the positive neurons, or those that are not zero where there is no second row.
  private func list(_ a: Floats, _ b: Floats?, _ count: Int) -> Int {
    var found = 0
    for neuron in 0..<count {
      scratch.list[found] = Int32(truncatingIfNeeded: neuron)
      found += (b == nil ? a[neuron] != 0 : a[neuron] > 0) ? 1 : 0
    }
    return found
  }

  private func all(_ count: Int) -> Int {
    for neuron in 0..<count { scratch.list[neuron] = Int32(neuron) }
    return count
  }

  private func normalise(_ x: Floats) {
    let width = configuration.width
    var (mean, squares): (Float, Float) = (0, 0)
    for k in 0..<width { mean += x[k] }
    mean /= Float(width)
    for k in 0..<width { squares += (x[k] - mean) * (x[k] - mean) }
    let scale = 1 / (squares / Float(width) + 1e-5).squareRoot()
    for k in 0..<width { x[k] = (x[k] - mean) * scale }
  }

  // MARK: - Many tokens

  private var readsPieces: Bool {
    configuration.residual == .stream
      && HatchlingLayer.fits(width: configuration.width, neurons: configuration.neuronsPerHead)
  }

  /// Reads a piece by the parallel form, what came before through the state.
  private func feedPiece(_ tokens: [Int], all: Bool) -> [[Float]] {
    let shape = configuration
    precondition(
      tokens.allSatisfy((0..<shape.vocabulary).contains), "a token that is not below \(shape.vocabulary)")
    var kernel = HatchlingLayer(
      batch: 1, length: tokens.count, width: shape.width, heads: shape.heads, neurons: shape.neuronsPerHead,
      readsItself: shape.readsItself, gates: shape.gatesByActivity, cosines: [], sines: [])
    for offset in tokens.indices {
      let (cosines, sines) = rotation.angles(position + offset)
      kernel.cosines += cosines
      kernel.sines += sines
    }
    return withoutGradients {
      var x = Tensor.uninitialized([1, tokens.count, shape.width])
      x.withUnsafeMutableElements(of: Float.self) { buffer in
        for (t, token) in tokens.enumerated() {
          let row = buffer.baseAddress! + t * shape.width
          row.update(from: weights.embedding + token * weights.padded, count: shape.width)
          normalise(row)
        }
      }
      for layer in 0..<shape.layers {
        x =
          kernel.forward(x, weights.sets[shape.sharesLayers ? 0 : layer].tensors, state: states[layer])
          .output
      }
      position += tokens.count
      let rows = all ? x[0] : x[0, (tokens.count - 1)..<tokens.count]
      let flat = rows.matmul(weights.outputTensor).floats
      let results = stride(from: 0, to: flat.count, by: shape.vocabulary).map {
        Array(flat[$0..<$0 + shape.vocabulary])
      }
      logits = results[results.count - 1]
      return results
    }
  }
}

/// The weights of a session, rows filled up to a multiple of 16.
private final class SessionWeights {
  struct Set {
    /// `[h, d, N]`, and `[h N, P]` for both others.
    let encoder, gate, decoder: UnsafeMutablePointer<Float>
    let tensors: HatchlingLayer.Weights
  }

  /// The width, filled up.
  let padded: Int
  let sets: [Set]
  /// `[V, P]`
  let embedding: UnsafeMutablePointer<Float>
  /// `[d, V]`
  let output: UnsafeMutablePointer<Float>
  let outputTensor: Tensor
  private let kept: [Tensor]

  init(_ model: DragonHatchling) {
    let shape = model.configuration
    let padded = (shape.width + 15) / 16 * 16
    var kept: [Tensor] = []
    /// Keeps a copy alive and gives its place.
    func place(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
      let copy = tensor.detached().to(.float32).contiguous().cloned()
      kept.append(copy)
      return copy.withUnsafeMutableElements(of: Float.self) { $0.baseAddress! }
    }
    func rows(_ tensor: Tensor) -> Tensor { tensor.detached().padded([0, padded - shape.width]) }
    self.padded = padded
    sets = model.encoder.indices.map { index in
      let (encoder, gate) = (model.encoder[index].value.detached(), model.gate[index].value.detached())
      let decoder = model.decoder[index].value.detached()
      return Set(
        encoder: place(encoder), gate: place(rows(gate.transposed().reshaped(shape.neurons, shape.width))),
        decoder: place(rows(decoder)),
        tensors: .init(
          encoder: encoder.contiguous().cloned(), gate: gate.contiguous().cloned(),
          decoder: decoder.contiguous().cloned()))
    }
    embedding = place(rows(model.embedding.value))
    outputTensor = model.output.value.detached().contiguous().cloned()
    output = place(outputTensor)
    self.kept = kept
  }
}

/// Memory of a step.
private final class SessionScratch {
  let vector, update, attention, activity, turned, response, values: UnsafeMutablePointer<Float>
  let list, chosen: UnsafeMutablePointer<Int32>

  init(_ shape: DragonHatchlingConfiguration, _ padded: Int) {
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
      let place = UnsafeMutablePointer<Float>.allocate(capacity: count)
      place.initialize(repeating: 0, count: count)
      return place
    }
    (vector, update, attention) = (floats(padded), floats(padded), floats(padded))
    activity = floats(shape.neurons)
    (turned, response) = (floats(shape.neuronsPerHead), floats(shape.neuronsPerHead))
    values = floats(shape.neuronsPerHead)
    list = .allocate(capacity: shape.neuronsPerHead + 1)
    chosen = .allocate(capacity: shape.neuronsPerHead + 1)
  }

  deinit {
    for place in [vector, update, attention, activity, turned, response, values] { place.deallocate() }
    list.deallocate()
    chosen.deallocate()
  }
}
