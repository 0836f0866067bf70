import Support
import Tensors

/// What a hidden neuron of the integration network does with its sum.
public enum IntegrationActivation: String, Sendable, CaseIterable {
  case relu, silu
}

/// Matrices of the integration network as the kernel reads them: for each input, the weights towards sixteen outputs lie side by side.
final class PackedIntegration: @unchecked Sendable {
  /// One linear map: forward `[in, out]`, backward `[out, in]`, the last axis padded to whole vectors.
  struct Map {
    let inputs, outputs: Int
    let forward, backward: Values
    /// Padded; nil for the recurrent map, whose bias the drive holds.
    let bias: Values?
    var paddedOutputs: Int { PackedIntegration.padded(outputs) }
    var paddedInputs: Int { PackedIntegration.padded(inputs) }
  }

  /// From decayed memory to the first layer.
  let recurrent: Map
  let layers: [Map]
  let decay, gain: Values
  let memory: Int

  static func padded(_ count: Int) -> Int {
    (count + Lanes.width - 1) / Lanes.width * Lanes.width
  }

  /// - Parameters:
  ///   - recurrent: `[H, d]`.
  ///   - layers: `[out, in]` and `[out]` each.
  init(recurrent: Tensor, layers: [(weight: Tensor, bias: Tensor)], decay: Tensor, gain: Tensor) {
    self.recurrent = Self.map(recurrent, nil)
    self.layers = layers.map { Self.map($0.weight, $0.bias) }
    self.decay = Self.row(decay)
    self.gain = Self.row(gain)
    memory = decay.count
  }

  deinit {
    for map in [recurrent] + layers {
      map.forward.deallocate()
      map.backward.deallocate()
      map.bias?.deallocate()
    }
    decay.deallocate()
    gain.deallocate()
  }

  private static func zeros(_ count: Int) -> Values {
    let values = Values.allocate(capacity: count)
    values.initialize(repeating: 0, count: count)
    return values
  }

  private static func row(_ tensor: Tensor) -> Values {
    let result = zeros(padded(tensor.count))
    let plain = tensor.contiguous()
    withExtendedLifetime(plain) { result.update(from: elements(plain), count: tensor.count) }
    return result
  }

  private static func map(_ weight: Tensor, _ bias: Tensor?) -> Map {
    let (outputs, inputs) = (weight.size(0), weight.size(1))
    let (wideOutputs, wideInputs) = (padded(outputs), padded(inputs))
    let (forward, backward) = (zeros(inputs * wideOutputs), zeros(outputs * wideInputs))
    let plain = weight.contiguous()
    withExtendedLifetime(plain) {
      let source = elements(plain)
      for o in 0..<outputs {
        for i in 0..<inputs {
          forward[i * wideOutputs + o] = source[o * inputs + i]
          backward[o * wideInputs + i] = source[o * inputs + i]
        }
      }
    }
    return Map(
      inputs: inputs, outputs: outputs, forward: forward, backward: backward, bias: bias.map(row))
  }
}

/// The recurrence over memory units for a tile of four sequences: `m[t] = κ m[t-1] + g φ(MLP([b[t]; κ m[t-1]]))`.
///
/// What branches contribute to the first layer does not depend on memory and is given as the drive, for all steps at once; only `H + d` numbers
/// a step are left to scan.
struct MemoryScanKernel: @unchecked Sendable {
  static let tile = 4
  let network: PackedIntegration
  let activation: IntegrationActivation
  let steps, batch: Int
  /// `[T, B, H]`.
  let drive: Values
  /// `[B, d]`.
  let start: Values

  var tiles: Int { (batch + Self.tile - 1) / Self.tile }

  /// Layers that an activation follows: all but the last map.
  var hiddenCount: Int { network.layers.count }

  /// Sequences of a tile; behind the last one, the last again, whose result is not kept.
  @inline(__always) func sequence(_ tile: Int, _ lane: Int) -> Int { min(tile * Self.tile + lane, batch - 1) }
  @inline(__always) func isReal(_ tile: Int, _ lane: Int) -> Bool { tile * Self.tile + lane < batch }

  /// Adds `weights · x` to `y` for four sequences; `x` and `y` have rows of their padded widths.
  @inline(__always)
  static func accumulate(
    _ weights: Values, inputs: Int, outputs width: Int, _ x: Values, _ stride: Int, into y: Values
  ) {
    let (x1, x2, x3) = (x + stride, x + 2 &* stride, x + 3 &* stride)
    var column = 0
    while column &+ 32 <= width {
      let (r0, r1, r2, r3) = (
        y + column, y + (width &+ column), y + (2 &* width &+ column), y + (3 &* width &+ column)
      )
      var (a0, a1, a2, a3) = (Lanes(r0), Lanes(r1), Lanes(r2), Lanes(r3))
      var (b0, b1, b2, b3) = (Lanes(r0 + 16), Lanes(r1 + 16), Lanes(r2 + 16), Lanes(r3 + 16))
      var source = weights + column
      for k in 0..<inputs {
        let (w, v) = (Lanes(source), Lanes(source + 16))
        let (p, q, r, s) = (x[k], x1[k], x2[k], x3[k])
        a0.add(w, times: p)
        a1.add(w, times: q)
        a2.add(w, times: r)
        a3.add(w, times: s)
        b0.add(v, times: p)
        b1.add(v, times: q)
        b2.add(v, times: r)
        b3.add(v, times: s)
        source += width
      }
      a0.store(to: r0)
      a1.store(to: r1)
      a2.store(to: r2)
      a3.store(to: r3)
      b0.store(to: r0 + 16)
      b1.store(to: r1 + 16)
      b2.store(to: r2 + 16)
      b3.store(to: r3 + 16)
      column &+= 32
    }
    guard column < width else { return }
    let (r0, r1, r2, r3) = (
      y + column, y + (width &+ column), y + (2 &* width &+ column), y + (3 &* width &+ column)
    )
    var (a0, a1, a2, a3) = (Lanes(r0), Lanes(r1), Lanes(r2), Lanes(r3))
    var source = weights + column
    for k in 0..<inputs {
      let w = Lanes(source)
      a0.add(w, times: x[k])
      a1.add(w, times: x1[k])
      a2.add(w, times: x2[k])
      a3.add(w, times: x3[k])
      source += width
    }
    a0.store(to: r0)
    a1.store(to: r1)
    a2.store(to: r2)
    a3.store(to: r3)
  }

  /// `1.7159 tanh(2u/3)` and tanh itself.
  @inline(__always)
  static func squashed(_ u: Lanes) -> (value: Lanes, tanh: Lanes) {
    let one = Lanes.Vector(repeating: 1)
    let e = Lanes(u.values * Lanes.Vector(repeating: 4 / 3)).exp().values
    let tanh = one - Lanes.Vector(repeating: 2) / (e + one)
    return (Lanes(tanh * Lanes.Vector(repeating: 1.7159)), Lanes(tanh))
  }

  @inline(__always)
  private func activate(_ z: Values, into h: Values, _ count: Int) {
    switch activation {
    case .relu:
      for place in stride(from: 0, to: count, by: Lanes.width) {
        Lanes(z + place).relu().store(to: h + place)
      }
    case .silu:
      for place in stride(from: 0, to: count, by: Lanes.width) {
        let value = Lanes(z + place)
        (value * value.sigmoid()).store(to: h + place)
      }
    }
  }

  /// Multiplies the gradient of activity by the activation's slope at `z`.
  @inline(__always)
  private func applySlope(at z: Values, to gradient: Values, _ count: Int) {
    let one = Lanes.Vector(repeating: 1)
    for place in stride(from: 0, to: count, by: Lanes.width) {
      let (value, given) = (Lanes(z + place), Lanes(gradient + place))
      switch activation {
      case .relu:
        Lanes(given.values.replacing(with: 0, where: value.values .<= 0)).store(to: gradient + place)
      case .silu:
        let s = value.sigmoid().values
        Lanes(given.values * s * (one + value.values * (one - s))).store(to: gradient + place)
      }
    }
  }

  /// One step of the network: from decayed memory to the last layer's sum, in `scratch`.
  @inline(__always)
  private func integrate(_ tile: Int, _ time: Int, _ scratch: ScanScratch) {
    let first = network.recurrent
    let (wide, width) = (first.paddedOutputs, first.outputs)
    for lane in 0..<Self.tile {
      let row = (time &* batch &+ sequence(tile, lane)) &* width
      (scratch.sums[0] + lane &* wide).update(from: drive + row, count: width)
    }
    Self.accumulate(
      first.forward, inputs: first.inputs, outputs: wide, scratch.decayed, scratch.memoryWidth,
      into: scratch.sums[0])
    for (number, layer) in network.layers.enumerated() {
      let from = layer.paddedInputs
      activate(scratch.sums[number], into: scratch.active[number], Self.tile &* from)
      let to = layer.paddedOutputs
      for lane in 0..<Self.tile {
        (scratch.sums[number &+ 1] + lane &* to).update(from: layer.bias!, count: to)
      }
      Self.accumulate(
        layer.forward, inputs: layer.inputs, outputs: to, scratch.active[number], from,
        into: scratch.sums[number &+ 1])
    }
  }

  /// Writes memory `[T, B, d]`.
  func forward(_ tile: Int, to output: Values) {
    let scratch = ScanScratch(network)
    let (d, wide) = (network.memory, scratch.memoryWidth)
    let m = scratch.memory
    for lane in 0..<Self.tile { (m + lane * wide).update(from: start + sequence(tile, lane) * d, count: d) }
    let sum = scratch.sums[hiddenCount]
    for time in 0..<steps {
      scaled(m, into: scratch.decayed, wide)
      integrate(tile, time, scratch)
      for lane in 0..<Self.tile {
        for place in stride(from: 0, to: wide, by: Lanes.width) {
          let at = lane &* wide &+ place
          var next = Lanes(scratch.decayed + at)
          next = next + Lanes(network.gain + place) * Self.squashed(Lanes(sum + at)).value
          next.store(to: m + at)
        }
        if isReal(tile, lane) {
          let row = (time &* batch &+ sequence(tile, lane)) &* d
          (output + row).update(from: m + lane &* wide, count: d)
        }
      }
    }
  }

  /// `κ m`.
  @inline(__always)
  private func scaled(_ m: Values, into decayed: Values, _ wide: Int) {
    for lane in 0..<Self.tile {
      for place in stride(from: 0, to: wide, by: Lanes.width) {
        let at = lane &* wide &+ place
        (Lanes(m + at) * Lanes(network.decay + place)).store(to: decayed + at)
      }
    }
  }

  /// Runs backward from the last step; sums of layers are computed once more on the way.
  func backward(_ tile: Int, _ targets: ScanTargets) {
    let scratch = ScanScratch(network)
    let (d, wide) = (network.memory, scratch.memoryWidth)
    for time in stride(from: steps - 1, through: 0, by: -1) {
      for lane in 0..<Self.tile {
        let b = sequence(tile, lane)
        let before = time == 0 ? start + b &* d : targets.memory + ((time &- 1) &* batch &+ b) &* d
        (scratch.memory + lane &* wide).update(from: before, count: d)
        (scratch.given + lane &* wide).update(
          from: targets.ofMemory + (time &* batch &+ b) &* d, count: d)
      }
      scaled(scratch.memory, into: scratch.decayed, wide)
      integrate(tile, time, scratch)
      towardsSum(scratch, wide)
      throughLayers(tile, time, scratch, targets)
      towardsMemory(scratch, wide)
    }
    for lane in 0..<Self.tile where isReal(tile, lane) {
      let (row, b) = (lane * wide, sequence(tile, lane))
      (targets.ofStart + b * d).update(from: scratch.carry + row, count: d)
      (targets.ofDecay + b * d).update(from: scratch.ofDecay + row, count: d)
      (targets.ofGain + b * d).update(from: scratch.ofGain + row, count: d)
    }
  }

  /// From memory to the last layer's sum.
  @inline(__always)
  private func towardsSum(_ scratch: ScanScratch, _ wide: Int) {
    let one = Lanes.Vector(repeating: 1)
    let (sum, gradient) = (scratch.sums[hiddenCount], scratch.gradients[hiddenCount])
    for at in stride(from: 0, to: Self.tile &* wide, by: Lanes.width) {
      let total = Lanes(scratch.given + at) + Lanes(scratch.carry + at)
      total.store(to: scratch.given + at)
      let (value, tanh) = Self.squashed(Lanes(sum + at))
      (Lanes(scratch.ofGain + at) + total * value).store(to: scratch.ofGain + at)
      let slope = (one - tanh.values * tanh.values) * Lanes.Vector(repeating: 1.7159 * 2 / 3)
      let gain = Lanes(network.gain + at % wide)
      (total * gain * Lanes(slope)).store(to: gradient + at)
    }
  }

  /// From the last layer's sum to the first's; rows of activity and gradients are kept for the products that follow.
  @inline(__always)
  private func throughLayers(_ tile: Int, _ time: Int, _ scratch: ScanScratch, _ targets: ScanTargets) {
    for number in stride(from: hiddenCount - 1, through: 0, by: -1) {
      let layer = network.layers[number]
      let (from, to) = (layer.paddedInputs, layer.paddedOutputs)
      let below = scratch.gradients[number]
      below.update(repeating: 0, count: Self.tile &* from)
      Self.accumulate(
        layer.backward, inputs: layer.outputs, outputs: from, scratch.gradients[number &+ 1], to, into: below)
      applySlope(at: scratch.sums[number], to: below, Self.tile &* from)
      keep(scratch.active[number], from, layer.inputs, tile, time, targets.active[number])
      keep(scratch.gradients[number &+ 1], to, layer.outputs, tile, time, targets.gradients[number &+ 1])
    }
    let first = network.recurrent
    keep(scratch.gradients[0], first.paddedOutputs, first.outputs, tile, time, targets.gradients[0])
    let below = scratch.ofDecayed
    below.update(repeating: 0, count: Self.tile &* first.paddedInputs)
    Self.accumulate(
      first.backward, inputs: first.outputs, outputs: first.paddedInputs, scratch.gradients[0],
      first.paddedOutputs, into: below)
  }

  @inline(__always)
  private func keep(_ rows: Values, _ wide: Int, _ width: Int, _ tile: Int, _ time: Int, _ target: Values) {
    for lane in 0..<Self.tile where isReal(tile, lane) {
      let row = (time &* batch &+ sequence(tile, lane)) &* width
      (target + row).update(from: rows + lane &* wide, count: width)
    }
  }

  /// From decayed memory to the step before.
  @inline(__always)
  private func towardsMemory(_ scratch: ScanScratch, _ wide: Int) {
    for at in stride(from: 0, to: Self.tile &* wide, by: Lanes.width) {
      let total = Lanes(scratch.given + at) + Lanes(scratch.ofDecayed + at)
      (Lanes(scratch.ofDecay + at) + total * Lanes(scratch.memory + at)).store(to: scratch.ofDecay + at)
      (total * Lanes(network.decay + at % wide)).store(to: scratch.carry + at)
    }
  }
}

/// Where the way back reads and writes; the rows of layers are `[T, B, width]`.
struct ScanTargets: @unchecked Sendable {
  let memory, ofMemory: Values
  /// Activity below each layer, and gradients of each sum from the first layer's on.
  let active, gradients: [Values]
  /// `[B, d]`.
  let ofStart, ofDecay, ofGain: Values
}

/// The numbers of four sequences at one step, in rows of whole vectors.
final class ScanScratch {
  let memoryWidth: Int
  let memory, decayed, given, carry, ofDecay, ofGain, ofDecayed: Values
  /// Sums of each layer from the first on, their gradients, and activity between layers.
  let sums, gradients, active: [Values]
  private let base: Values

  init(_ network: PackedIntegration) {
    let tile = MemoryScanKernel.tile
    let units = PackedIntegration.padded(network.memory)
    let widths = [network.recurrent.paddedOutputs] + network.layers.map(\.paddedOutputs)
    let inner = network.layers.map(\.paddedInputs)
    let total = tile * (7 * units + 2 * widths.reduce(0, +) + inner.reduce(0, +))
    let block = Values.allocate(capacity: total)
    block.initialize(repeating: 0, count: total)
    var next = block
    func rows(_ width: Int) -> Values {
      defer { next += tile * width }
      return next
    }
    let m = (0..<7).map { _ in rows(units) }
    (base, memoryWidth) = (block, units)
    (memory, decayed, given, carry, ofDecay, ofGain, ofDecayed) = (m[0], m[1], m[2], m[3], m[4], m[5], m[6])
    sums = widths.map(rows)
    gradients = widths.map(rows)
    active = inner.map(rows)
  }

  deinit { base.deallocate() }
}
