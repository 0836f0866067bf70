import Foundation
import Support

/// How evidence becomes a loss, at every step and place.
public enum MotifLoss: String, Sendable, CaseIterable {
  /// Softmax over classes and cross entropy with the current label (the authors' code).
  case crossEntropy
  /// A sigmoid a class and binary cross entropy, mean over classes (the paper).
  case binary
}

/// Forward and backward passes of ``DelayKernelLayer`` over a raster. Steps run in parallel forwards, delays backwards: results
/// don't depend on the number of threads.
struct MotifPass<Scalar: KernelScalar>: Sendable {
  let kernel: MotifKernel<Scalar>
  let biases: [Scalar]
  var raster: SpikeRaster

  var shape: MotifShape { kernel.shape }
  var exchanges: Bool { kernel.lanes != shape.classes }
  var places: Int { raster.height * raster.width }

  init(
    weights: UnsafeBufferPointer<Scalar>, biases: UnsafeBufferPointer<Scalar>, _ shape: MotifShape,
    exchanging: Bool, _ raster: SpikeRaster
  ) {
    kernel = MotifKernel(weights, shape, exchanging: exchanging)
    self.biases = Array(biases)
    self.raster = raster
  }

  /// The evidence of every lane at one step: `[height, width, lanes]`.
  private func lanes(at time: Int, into frame: UnsafeMutablePointer<Scalar>) {
    let classes = shape.classes
    biases.withUnsafeBufferPointer { biases in
      for group in 0..<places * kernel.lanes / classes {
        (frame + group * classes).update(from: biases.baseAddress!, count: classes)
      }
    }
    kernel.scatter(raster, at: time, into: frame)
  }

  /// The evidence `[duration, height, width, classes]`, the larger of both polarities' where they are exchanged.
  ///
  /// - Parameter shares: Set to twice the share of the gradient that is the exchanged polarity's, if wanted: 2 where it
  ///   wins, 1 where both are equal.
  func evidence(into result: UnsafeMutablePointer<Scalar>, shares: UnsafeMutablePointer<UInt8>? = nil) {
    let (target, winners) = (SendableAddress(result), SendableAddress(shares))
    let (classes, lanes, size) = (shape.classes, kernel.lanes, places * shape.classes)
    parallelFor(raster.duration) { time in
      let out = target.pointer! + time * size
      guard exchanges else { return self.lanes(at: time, into: out) }
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: places * lanes) { frame in
        let frame = frame.baseAddress!
        self.lanes(at: time, into: frame)
        for place in 0..<places {
          let (own, other) = (frame + place * lanes, frame + place * lanes + classes)
          for c in 0..<classes { out[place * classes + c] = own[c] > other[c] ? own[c] : other[c] }
          if let winners = winners.pointer {
            let flags = winners + time * size + place * classes
            for c in 0..<classes { flags[c] = other[c] > own[c] ? 2 : other[c] == own[c] ? 1 : 0 }
          }
        }
      }
    }
  }

  /// The gradients of weights and biases from that of every lane, `[duration, height, width, lanes]`.
  func gradients(
    ofLanes frames: UnsafeMutablePointer<Scalar>, weights: UnsafeMutablePointer<Scalar>,
    biases: UnsafeMutablePointer<Scalar>
  ) {
    var packed = [Scalar](repeating: 0, count: kernel.packed.count)
    packed.withUnsafeMutableBufferPointer { packed in
      let (gradient, frames) = (SendableAddress(packed.baseAddress), SendableAddress(frames))
      parallelFor(shape.delays) { delay in
        kernel.gather(raster, delay: delay, frames.pointer!, into: gradient.pointer!)
      }
    }
    MotifKernel.unpacked(packed, shape, exchanging: exchanges, into: weights)
    // In double precision: many small numbers are added one after the other.
    var sums = [Double](repeating: 0, count: kernel.lanes)
    for place in 0..<raster.duration * places {
      for lane in 0..<kernel.lanes { sums[lane] += Double(frames[place * kernel.lanes + lane]) }
    }
    for c in 0..<shape.classes {
      biases[c] = Scalar(sums[c] + (exchanges ? sums[shape.classes + c] : 0))
    }
  }

  /// Spreads the gradient of the evidence over the lanes: to the polarity that won, half and half where neither did.
  func laneGradient(
    _ gradient: UnsafePointer<Scalar>, shares: UnsafePointer<UInt8>?,
    into frames: UnsafeMutablePointer<Scalar>
  ) {
    let classes = shape.classes
    for place in 0..<raster.duration * places {
      for c in 0..<classes {
        let value = gradient[place * classes + c]
        guard let shares else {
          frames[place * classes + c] = value
          continue
        }
        let second = value * Scalar(shares[place * classes + c]) / 2
        frames[place * kernel.lanes + c] = value - second
        frames[place * kernel.lanes + classes + c] = second
      }
    }
  }

  /// The mean loss over all steps and places, and the gradient of every lane, in one sweep.
  ///
  /// - Parameters:
  ///   - labels: The class of every step.
  ///   - frames: Becomes the gradient `[duration, height, width, lanes]`.
  func loss(_ kind: MotifLoss, _ labels: [Int], gradient frames: UnsafeMutablePointer<Scalar>) -> Scalar {
    let frames = SendableAddress(frames)
    let size = places * kernel.lanes
    let perClass = kind == .binary ? shape.classes : 1
    let scale = 1 / Scalar(raster.duration * places * perClass)
    let losses = parallelMap(raster.duration) { time -> Scalar in
      let frame = frames.pointer! + time * size
      lanes(at: time, into: frame)
      return kind == .crossEntropy
        ? crossEntropy(frame, labels[time], scale) : binary(frame, labels[time], scale)
    }
    return losses.reduce(0, +) * scale
  }

  /// The summed cross entropy of one step; the frame's evidence becomes its gradient.
  private func crossEntropy(_ frame: UnsafeMutablePointer<Scalar>, _ label: Int, _ scale: Scalar) -> Scalar {
    let classes = shape.classes
    let count = (places * classes + 15) / 16 * 16
    return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: count) { buffer in
      let powers = buffer.baseAddress!
      (powers + places * classes).initialize(repeating: 0, count: count - places * classes)
      var total: Scalar = 0
      for place in 0..<places {
        let (lanes, row) = (frame + place * kernel.lanes, powers + place * classes)
        var largest = -Scalar.infinity
        for c in 0..<classes {
          let value = exchanges && lanes[classes + c] > lanes[c] ? lanes[classes + c] : lanes[c]
          row[c] = value
          largest = value > largest ? value : largest
        }
        for c in 0..<classes { row[c] -= largest }
        total -= row[label]
      }
      for i in stride(from: 0, to: count, by: 16) {
        Vector16.store(Scalar.exponential(ofNonPositive: Vector16.load(powers + i)), powers + i)
      }
      for place in 0..<places {
        let row = powers + place * classes
        var sum: Scalar = 0
        for c in 0..<classes { sum += row[c] }
        total += Scalar(log(Double(sum)))
        let factor = scale / sum
        for c in 0..<classes { row[c] *= factor }
        row[label] -= scale
        route(row, frame + place * kernel.lanes)
      }
      return total
    }
  }

  /// The summed binary cross entropy of one step; the frame's evidence becomes its gradient.
  private func binary(_ frame: UnsafeMutablePointer<Scalar>, _ label: Int, _ scale: Scalar) -> Scalar {
    let classes = shape.classes
    return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: classes) { buffer in
      let row = buffer.baseAddress!
      var total: Scalar = 0
      for place in 0..<places {
        let lanes = frame + place * kernel.lanes
        for c in 0..<classes {
          let value = exchanges && lanes[classes + c] > lanes[c] ? lanes[classes + c] : lanes[c]
          let target: Scalar = c == label ? 1 : 0
          let power = exp(-abs(Double(value)))
          total += max(value, 0) - target * value + Scalar(log1p(power))
          let sigmoid = Scalar((value >= 0 ? 1 : power) / (1 + power))
          row[c] = (sigmoid - target) * scale
        }
        route(row, lanes)
      }
      return total
    }
  }

  /// Writes the gradient of a place's classes over its lanes' evidence: to the polarity that won, half and
  /// half where neither did.
  @inline(__always)
  private func route(_ gradient: UnsafePointer<Scalar>, _ lanes: UnsafeMutablePointer<Scalar>) {
    let classes = shape.classes
    for c in 0..<classes {
      guard exchanges else {
        lanes[c] = gradient[c]
        continue
      }
      let (own, other) = (lanes[c], lanes[classes + c])
      let second = other > own ? gradient[c] : other == own ? gradient[c] / 2 : 0
      lanes[c] = gradient[c] - second
      lanes[classes + c] = second
    }
  }
}
