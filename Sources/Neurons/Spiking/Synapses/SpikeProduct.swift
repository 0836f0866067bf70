import Support
import Tensors

extension Tensor {
  /// The product of a sequence `[T, B, N]` with weights `[out, N]`, as `linear`: `[T, B, out]`.
  ///
  /// Where at most a fifth of the sequence is nonzero, as with spikes, the product and its gradient towards the weights
  /// run over the nonzero elements only, and nothing else is kept for the way back.
  public func spikeProduct(_ weight: Tensor) -> Tensor {
    precondition(
      rank == 3 && weight.rank == 2,
      "a sequence [T, B, N] and weights [out, N] are needed, not \(shape) and \(weight.shape)")
    // Widths that do not fit are refused where those of all products are, so that a user's can become an error.
    guard weight.size(1) == size(2), elementType == .float32, weight.elementType == .float32, device == .cpu,
      count > 0
    else { return linear(weight) }
    guard let events = SpikeEvents(detached().contiguous(), limit: 0.2, strides: (1, size(1))) else {
      return linear(weight)
    }
    let wantsInput = requiresGradient
    return customGradient([self, weight]) { inputs in
      let product = SpikeProduct(events, outputs: weight.size(0))
      let weight = inputs[1]
      return (
        [product.forward(weight)],
        { gradients in
          guard let gradient = gradients[0]?.contiguous() else { return [nil, nil] }
          return [wantsInput ? gradient.matmul(weight) : nil, product.weightGradient(gradient)]
        }
      )
    }[0]
  }
}

/// Products over events. Outputs are taken four vectors at a time, which stay in registers.
private struct SpikeProduct: Sendable {
  let events: SpikeEvents
  let outputs: Int
  /// Outputs rounded up to whole blocks.
  private var padded: Int { (outputs + Self.block - 1) / Self.block * Self.block }
  private static let block = 4 * Lanes.width
  private var rows: Int { events.steps * events.batch }

  init(_ events: SpikeEvents, outputs: Int) { (self.events, self.outputs) = (events, outputs) }

  /// Weights `[out, N]` to `[T, B, out]`.
  func forward(_ weight: Tensor) -> Tensor {
    let (byRow, padded) = (EventRows(events), padded)
    let target = Tensor.uninitialized([events.steps, events.batch, outputs])
    // [N, out], each row a whole number of blocks.
    let table = Tensor.zeros([events.neurons, padded])
    table[.all, 0..<outputs].assign(weight.transposed())
    let (w, y) = (SendableAddress(elements(table)), SendableAddress(elements(target)))
    let (events, outputs, rows) = (events, outputs, rows)
    let parts = max(1, min(rows, 8 * Threads.count))
    withExtendedLifetime((table, target)) {
      parallelFor(parts) { part in
        for row in rows * part / parts..<rows * (part + 1) / parts {
          let line = y.pointer! + row * outputs
          for start in stride(from: 0, to: outputs, by: Self.block) {
            var sum = Block()
            for index in byRow.range(row) {
              sum.add(
                w.pointer! + Int(byRow.neurons[index]) * padded + start,
                times: events.common == nil ? byRow.values[index] : 1)
            }
            if let common = events.common, common != 1 { sum.scale(by: common) }
            sum.store(to: line + start, outputs - start)
          }
        }
      }
    }
    return target
  }

  /// The gradient of the weights `[out, N]` from that of the product `[T, B, out]`.
  func weightGradient(_ gradient: Tensor) -> Tensor {
    let (events, outputs, padded) = (events, outputs, padded)
    let table = Tensor.uninitialized([events.neurons, outputs])
    // Rows of the gradient, with whole blocks.
    let source = padded == outputs ? gradient : gradient.padded([0, padded - outputs])
    let (g, target) = (SendableAddress(elements(source)), SendableAddress(elements(table)))
    withExtendedLifetime((source, table)) {
      parallelFor(events.neurons) { neuron in
        for start in stride(from: 0, to: outputs, by: Self.block) {
          var sum = Block()
          for index in events.range(neuron) {
            sum.add(
              g.pointer! + Int(events.places[index]) * padded + start,
              times: events.common == nil ? events.values[index] : 1)
          }
          if let common = events.common, common != 1 { sum.scale(by: common) }
          sum.store(to: target.pointer! + neuron * outputs + start, outputs - start)
        }
      }
    }
    return table.transposed()
  }
}

/// Four vectors of sums.
private struct Block {
  private var a = Lanes(repeating: 0)
  private var b = Lanes(repeating: 0)
  private var c = Lanes(repeating: 0)
  private var d = Lanes(repeating: 0)

  @inline(__always) init() {}

  @inline(__always)
  mutating func add(_ source: UnsafePointer<Float>, times value: Float) {
    let width = Lanes.width
    if value == 1 {
      a = a + Lanes(source)
      b = b + Lanes(source + width)
      c = c + Lanes(source + 2 * width)
      d = d + Lanes(source + 3 * width)
    } else {
      let factor = Lanes(Lanes.Vector(repeating: value))
      a = a + factor * Lanes(source)
      b = b + factor * Lanes(source + width)
      c = c + factor * Lanes(source + 2 * width)
      d = d + factor * Lanes(source + 3 * width)
    }
  }

  @inline(__always)
  mutating func scale(by value: Float) {
    let factor = Lanes(Lanes.Vector(repeating: value))
    (a, b, c, d) = (a * factor, b * factor, c * factor, d * factor)
  }

  /// Writes the first `count` sums, at most all.
  @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>, _ count: Int) {
    let width = Lanes.width
    a.store(to: target, min(count, width))
    if count > width { b.store(to: target + width, min(count - width, width)) }
    if count > 2 * width { c.store(to: target + 2 * width, min(count - 2 * width, width)) }
    if count > 3 * width { d.store(to: target + 3 * width, min(count - 3 * width, width)) }
  }
}

/// The same events by row: for each batch and time, which neurons were active.
struct EventRows: Sendable {
  let first: [Int32]
  let neurons: [Int32]
  let values: [Float]

  init(_ events: SpikeEvents) {
    let rows = events.steps * events.batch
    var first = [Int32](repeating: 0, count: rows + 1)
    for place in events.places { first[Int(place) + 1] += 1 }
    for row in 0..<rows { first[row + 1] += first[row] }
    var next = first
    var neurons = [Int32](repeating: 0, count: events.count)
    var values = [Float](repeating: 0, count: events.values.count)
    for neuron in 0..<events.neurons {
      for index in events.range(neuron) {
        let row = Int(events.places[index])
        let place = Int(next[row])
        neurons[place] = Int32(neuron)
        if events.common == nil { values[place] = events.values[index] }
        next[row] += 1
      }
    }
    (self.first, self.neurons, self.values) = (first, neurons, values)
  }

  @inline(__always)
  func range(_ row: Int) -> Range<Int> { Int(first[row])..<Int(first[row + 1]) }
}
