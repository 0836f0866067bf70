import Support
import Tensors

/// Products with delayed synapses over events.
///
/// Sixteen outputs at a time: the kernels of an input towards them are computed from weights and positions into a buffer
/// that stays in cache, and every event of that input adds them to the steps that follow it. Backward, the
/// same buffer collects what the events saw, and is folded into gradients of weights and positions at once.
struct DelayedProduct: Sendable {
  let events: SpikeEvents
  /// Outputs; taps K of a synapse; M.
  let outputs, taps, length: Int
  /// T′ of the output.
  let steps: Int
  let kernel: DelayKernel
  let width: Double

  var blocks: Int { (outputs + Lanes.width - 1) / Lanes.width }
  var padded: Int { blocks * Lanes.width }
  /// Rows of a scratch of one batch: no event writes behind them.
  private var scratchRows: Int { Self.scratchRows(events.steps, length) }
  /// The stride of a batch in the places of events.
  static func scratchRows(_ steps: Int, _ length: Int) -> Int { steps + length - 1 }

  /// `[T, B, in]`, weights and positions `[out, in, K]` to `[T′, B, out]`.
  func run(_ x: Tensor, _ weight: Tensor, _ position: Tensor) -> Tensor {
    let wantsInput = x.requiresGradient
    return customGradient([x, weight, position]) { inputs in
      let tables = (table(inputs[1]), table(inputs[2]))
      return (
        [forward(tables.0, tables.1)],
        { gradients in
          guard let gradient = gradients[0]?.contiguous() else { return [nil, nil, nil] }
          let (towardsWeight, towardsPosition) = parameterGradients(gradient, tables.0, tables.1)
          let towardsInput = wantsInput ? inputGradient(gradient, tables.0, tables.1) : nil
          return [towardsInput, towardsWeight, towardsPosition]
        }
      )
    }[0]
  }

  /// `[out, in, K]` as `[K, in, out]`, outputs filled up to whole vectors.
  private func table(_ parameter: Tensor) -> Tensor {
    let table = Tensor.zeros([taps, events.neurons, padded])
    table[.all, .all, 0..<outputs].assign(parameter.permuted(2, 1, 0))
    return table
  }

  private func back(_ table: Tensor) -> Tensor {
    table[.all, .all, 0..<outputs].permuted(2, 1, 0).contiguous()
  }

  /// The kernels of one input towards sixteen outputs, by delay: M lanes.
  @inline(__always)
  func write(
    to target: UnsafeMutablePointer<Lanes>, _ weights: Values, _ positions: Values, scale: Float
  ) {
    let extent = kernel.extent(width)
    for tap in 0..<taps {
      let place = tap * events.neurons * padded
      let weight = Lanes(weights + place) * Double(scale)
      let centre = Lanes(positions + place) + Double(length / 2)
      var sum = Lanes(repeating: kernel.isNormalised ? DelayKernel.guardedSum : 1)
      if kernel.isNormalised {
        for n in 0..<length { sum = sum + kernel.tap(n, centre, extent).value }
      }
      let factor = weight / sum
      for n in 0..<length {
        let value = factor * kernel.tap(n, centre, extent).value
        let delay = length - 1 - n
        target[delay] = tap == 0 ? value : target[delay] + value
      }
    }
  }

  private func forward(_ weight: Tensor, _ position: Tensor) -> Tensor {
    let output = Tensor.uninitialized([steps, events.batch, outputs])
    let places = (SendableAddress(elements(weight)), SendableAddress(elements(position)))
    let target = SendableAddress(elements(output))
    // Several pieces for every thread; a piece computes its kernels itself.
    let parts = max(1, min(events.batch, (2 * Threads.count + blocks - 1) / blocks))
    withExtendedLifetime((weight, position, output)) {
      parallelFor(blocks * parts) { piece in
        let (block, part) = (piece / parts, piece % parts)
        let batches = events.batch * part / parts..<events.batch * (part + 1) / parts
        let kernels = UnsafeMutablePointer<Lanes>.allocate(capacity: events.neurons * length)
        defer { kernels.deallocate() }
        for neuron in 0..<events.neurons {
          let place = neuron * padded + block * Lanes.width
          write(
            to: kernels + neuron * length, places.0.pointer! + place, places.1.pointer! + place,
            scale: events.common ?? 1)
        }
        scatter(
          batches, kernels, to: target.pointer! + block * Lanes.width,
          min(Lanes.width, outputs - block * Lanes.width))
      }
    }
    return output
  }

  /// Adds the kernels of every event of some batches, a few batches at a time so that their sums stay in cache.
  private func scatter(
    _ batches: Range<Int>, _ kernels: UnsafePointer<Lanes>, to target: Values, _ lanes: Int
  ) {
    let rows = scratchRows
    let group = max(1, min(batches.count, 32 << 10 / (rows * MemoryLayout<Lanes>.stride)))
    let sums = UnsafeMutablePointer<Lanes>.allocate(capacity: group * rows)
    defer { sums.deallocate() }
    var next = (0..<events.neurons).map { neuron in
      events.places.firstIndex(in: events.range(neuron), notBelow: Int32(batches.lowerBound * rows))
    }
    for start in stride(from: batches.lowerBound, to: batches.upperBound, by: group) {
      let end = min(start + group, batches.upperBound)
      sums.update(repeating: Lanes(repeating: 0), count: (end - start) * rows)
      for neuron in 0..<events.neurons {
        let (last, stop) = (Int(events.first[neuron + 1]), Int32(end * rows))
        var index = next[neuron]
        let kernel = kernels + neuron * length
        while index < last, events.places[index] < stop {
          add(
            kernel, to: sums + (Int(events.places[index]) - start * rows),
            times: events.common == nil ? events.values[index] : 1)
          index += 1
        }
        next[neuron] = index
      }
      for b in start..<end {
        for t in 0..<steps {
          sums[(b - start) * rows + t].store(to: target + (t * events.batch + b) * outputs, lanes)
        }
      }
    }
  }

  @inline(__always)
  private func add(_ kernel: UnsafePointer<Lanes>, to sums: UnsafeMutablePointer<Lanes>, times value: Float) {
    if value == 1 {
      for delay in 0..<length { sums[delay] = sums[delay] + kernel[delay] }
    } else {
      let factor = Lanes(Lanes.Vector(repeating: value))
      for delay in 0..<length { sums[delay] = sums[delay] + kernel[delay] * factor }
    }
  }
}

extension DelayedProduct {
  private func parameterGradients(_ gradient: Tensor, _ weight: Tensor, _ position: Tensor) -> (
    Tensor, Tensor
  ) {
    let (towardsWeight, towardsPosition) = (Tensor.zeros(like: weight), Tensor.zeros(like: position))
    let places = (SendableAddress(elements(weight)), SendableAddress(elements(position)))
    let targets = (SendableAddress(elements(towardsWeight)), SendableAddress(elements(towardsPosition)))
    let source = SendableAddress(elements(gradient))
    let parts = max(1, min(events.neurons, (2 * Threads.count + blocks - 1) / blocks))
    let rows = scratchRows
    withExtendedLifetime((gradient, weight, position)) {
      parallelFor(blocks * parts) { piece in
        let (block, part) = (piece / parts, piece % parts)
        let seen = UnsafeMutablePointer<Lanes>.allocate(capacity: events.batch * rows + length)
        defer { seen.deallocate() }
        gather(
          source.pointer! + block * Lanes.width, min(Lanes.width, outputs - block * Lanes.width), to: seen)
        let collected = seen + events.batch * rows
        for neuron in events.neurons * part / parts..<events.neurons * (part + 1) / parts {
          collect(neuron, seen, in: collected)
          let place = neuron * padded + block * Lanes.width
          fold(
            collected, places.0.pointer! + place, places.1.pointer! + place, targets.0.pointer! + place,
            targets.1.pointer! + place)
        }
      }
    }
    return (back(towardsWeight), back(towardsPosition))
  }

  /// The gradient of sixteen outputs, batch by batch, with zeros behind the last step.
  private func gather(_ source: Values, _ lanes: Int, to target: UnsafeMutablePointer<Lanes>) {
    for b in 0..<events.batch {
      let line = target + b * scratchRows
      for t in 0..<steps { line[t] = Lanes(source + (t * events.batch + b) * outputs, lanes) }
      for t in steps..<max(steps, scratchRows) { line[t] = Lanes(repeating: 0) }
    }
  }

  /// What the events of a neuron saw at each delay, summed.
  @inline(__always)
  private func collect(_ neuron: Int, _ seen: UnsafePointer<Lanes>, in collected: UnsafeMutablePointer<Lanes>)
  {
    for delay in 0..<length { collected[delay] = Lanes(repeating: 0) }
    for index in events.range(neuron) {
      add(
        seen + Int(events.places[index]), to: collected,
        times: events.common == nil ? events.values[index] : 1)
    }
    if let common = events.common, common != 1 {
      for delay in 0..<length { collected[delay] = collected[delay] * Double(common) }
    }
  }

  /// Gradients of the dense kernel to those of weights and positions, through the normalisation.
  @inline(__always)
  private func fold(
    _ collected: UnsafePointer<Lanes>, _ weights: Values, _ positions: Values, _ towardsWeights: Values,
    _ towardsPositions: Values
  ) {
    let extent = kernel.extent(width)
    for tap in 0..<taps {
      let place = tap * events.neurons * padded
      let centre = Lanes(positions + place) + Double(length / 2)
      var sum = Lanes(repeating: kernel.isNormalised ? DelayKernel.guardedSum : 1)
      var (slopes, values, moved) = (Lanes(repeating: 0), Lanes(repeating: 0), Lanes(repeating: 0))
      for n in 0..<length {
        let (value, slope) = kernel.tap(n, centre, extent)
        let seen = collected[length - 1 - n]
        if kernel.isNormalised {
          sum = sum + value
          slopes = slopes + slope
        }
        values = values + seen * value
        moved = moved + seen * slope
      }
      let share = values / sum
      share.store(to: towardsWeights + place)
      (Lanes(weights + place) * (moved - share * slopes) / sum).store(to: towardsPositions + place)
    }
  }
}

extension [Int32] {
  /// The first index of a sorted range whose element is not below `value`.
  fileprivate func firstIndex(in range: Range<Int>, notBelow value: Int32) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
