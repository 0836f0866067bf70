import Support
import Tensors

/// The way back to the input of delayed synapses, which is dense whatever the spikes: surrogates are zero nowhere.
extension DelayedProduct {
  /// Steps that are computed together, their sums in registers.
  private static let tile = 16

  /// The gradient of the input `[T, B, in]`: `Σ_i Σ_d K[d, i, j] g[t + d, b, i]`, sixteen inputs and steps at a time.
  func inputGradient(_ gradient: Tensor, _ weight: Tensor, _ position: Tensor) -> Tensor {
    let result = Tensor.uninitialized([events.steps, events.batch, events.neurons])
    let kernels = denseKernels(weight, position)
    let columns = (events.neurons + Lanes.width - 1) / Lanes.width
    // One batch at a time, its gradient turned so that steps lie side by side, zeros behind the last.
    let tiles = (events.steps + Self.tile - 1) / Self.tile
    let pitch = tiles * Self.tile + length - 1
    let (source, target) = (SendableAddress(elements(gradient)), SendableAddress(elements(result)))
    withExtendedLifetime((gradient, result)) {
      kernels.withUnsafeBufferPointer { kernels in
        let kernels = UncheckedLanes(start: kernels.baseAddress!)
        parallelFor(events.batch) { batch in
          let turned = UnsafeMutablePointer<Float>.allocate(capacity: outputs * pitch)
          defer { turned.deallocate() }
          turn(source.pointer!, batch, to: turned, pitch)
          for column in 0..<columns {
            for tile in 0..<tiles {
              correlate(
                kernels.start + column * outputs * length, turned + tile * Self.tile, pitch,
                to: target.pointer!, batch, column, from: tile * Self.tile)
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient of a batch as `[out, pitch]`.
  private func turn(_ gradient: Values, _ batch: Int, to turned: Values, _ pitch: Int) {
    turned.update(repeating: 0, count: outputs * pitch)
    for t in 0..<min(steps, pitch) {
      let line = gradient + (t * events.batch + batch) * outputs
      for i in 0..<outputs { turned[i * pitch + t] = line[i] }
    }
  }

  /// Sixteen steps of sixteen inputs.
  @inline(__always)
  private func correlate(
    _ kernels: UnsafePointer<Lanes>, _ turned: Values, _ pitch: Int, to target: Values, _ batch: Int,
    _ column: Int, from start: Int
  ) {
    let zero = Lanes(repeating: 0)
    var (s0, s1, s2, s3, s4, s5, s6, s7) = (zero, zero, zero, zero, zero, zero, zero, zero)
    var (s8, s9, sA, sB, sC, sD, sE, sF) = (zero, zero, zero, zero, zero, zero, zero, zero)
    for output in 0..<outputs {
      let (kernel, line) = (kernels + output * length, turned + output * pitch)
      for delay in 0..<length {
        let (k, g) = (kernel[delay], line + delay)
        s0.add(k, times: g[0])
        s1.add(k, times: g[1])
        s2.add(k, times: g[2])
        s3.add(k, times: g[3])
        s4.add(k, times: g[4])
        s5.add(k, times: g[5])
        s6.add(k, times: g[6])
        s7.add(k, times: g[7])
        s8.add(k, times: g[8])
        s9.add(k, times: g[9])
        sA.add(k, times: g[10])
        sB.add(k, times: g[11])
        sC.add(k, times: g[12])
        sD.add(k, times: g[13])
        sE.add(k, times: g[14])
        sF.add(k, times: g[15])
      }
    }
    let width = min(Lanes.width, events.neurons - column * Lanes.width)
    let sums = [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, sA, sB, sC, sD, sE, sF]
    for step in 0..<min(Self.tile, events.steps - start) {
      let place = ((start + step) * events.batch + batch) * events.neurons + column * Lanes.width
      sums[step].store(to: target + place, width)
    }
  }

  /// The kernels as `[in / 16, out, M]` of sixteen inputs each.
  private func denseKernels(_ weight: Tensor, _ position: Tensor) -> [Lanes] {
    let columns = (events.neurons + Lanes.width - 1) / Lanes.width
    let places = (SendableAddress(elements(weight)), SendableAddress(elements(position)))
    return [Lanes](unsafeUninitializedCapacity: columns * outputs * length) { buffer, count in
      count = columns * outputs * length
      let target = SendableAddress(
        UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: Float.self))
      withExtendedLifetime((weight, position)) {
        parallelFor(columns) { column in
          let kernels = UnsafeMutablePointer<Lanes>.allocate(capacity: length)
          defer { kernels.deallocate() }
          for lane in 0..<Lanes.width {
            let neuron = column * Lanes.width + lane
            for block in 0..<blocks {
              if neuron < events.neurons {
                let place = neuron * padded + block * Lanes.width
                write(to: kernels, places.0.pointer! + place, places.1.pointer! + place, scale: 1)
              } else {
                kernels.update(repeating: Lanes(repeating: 0), count: length)
              }
              for output in block * Lanes.width..<min((block + 1) * Lanes.width, outputs) {
                let line = target.pointer! + (column * outputs + output) * length * Lanes.width + lane
                for delay in 0..<length {
                  line[delay * Lanes.width] = kernels[delay].values[output - block * Lanes.width]
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Lanes that several threads read.
private struct UncheckedLanes: @unchecked Sendable { let start: UnsafePointer<Lanes> }
