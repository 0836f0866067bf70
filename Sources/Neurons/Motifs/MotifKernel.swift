import Support

/// The loops of ``DelayKernelLayer`` over plain numbers: every spike adds slices of the kernel to the evidence around it.
///
/// Kernels are packed as `[channel, delay, row offset, column offset, lane]` with lanes innermost, so that what a spike adds
/// to a row of places is one run of consecutive numbers. A lane is a class; where polarities may be exchanged there are two
/// a class, the second with the kernel of the other polarity, and one pass computes both.
struct MotifKernel<Scalar: KernelScalar>: Sendable {
  let shape: MotifShape
  let lanes: Int
  let packed: [Scalar]
  /// Whether a row of the kernel, by channel, delay and row offset, has a weight that is not 0: others cost nothing.
  private let isActive: [Bool]

  /// - Parameter weights: `[classes, channels, delays, height, width]`, the last step being delay 0 and offsets as in a
  ///   cross-correlation: the first row sees what lies above.
  init(_ weights: UnsafeBufferPointer<Scalar>, _ shape: MotifShape, exchanging: Bool) {
    self.shape = shape
    lanes = shape.classes * (exchanging ? 2 : 1)
    var packed = [Scalar](repeating: 0, count: lanes * shape.synapsesPerClass)
    Self.visit(shape, lanes: lanes, exchanging: exchanging) { packed[$0] = weights[$1] }
    let row = shape.width * lanes
    isActive = (0..<packed.count / row).map { index in
      packed[index * row..<(index + 1) * row].contains { $0 != 0 }
    }
    self.packed = packed
  }

  /// The gradient of the weights from that of the packed kernel.
  static func unpacked(
    _ packed: [Scalar], _ shape: MotifShape, exchanging: Bool, into weights: UnsafeMutablePointer<Scalar>
  ) {
    let lanes = shape.classes * (exchanging ? 2 : 1)
    weights.initialize(repeating: 0, count: shape.synapseCount)
    visit(shape, lanes: lanes, exchanging: exchanging) { place, weight in weights[weight] += packed[place] }
  }

  /// Calls `body` with the places of each weight in the packed kernel and in the weights.
  @inline(__always)
  private static func visit(
    _ shape: MotifShape, lanes: Int, exchanging: Bool, _ body: (_ packed: Int, _ weight: Int) -> Void
  ) {
    let volume = shape.delays * shape.area
    for channel in 0..<shape.channels {
      for place in 0..<volume {
        // Time and offsets run backwards: the evidence at t + d, x + dx takes the weight for what came d ago from -dx.
        let base = (channel * volume + volume - 1 - place) * lanes
        for c in 0..<shape.classes {
          body(base + c, (c * shape.channels + channel) * volume + place)
          if exchanging {
            body(base + shape.classes + c, (c * shape.channels + 1 - channel) * volume + place)
          }
        }
      }
    }
  }

  /// Adds to the evidence of one step what the spikes of the last steps bring; `frame` is `[height, width, lanes]`.
  func scatter(_ raster: SpikeRaster, at time: Int, into frame: UnsafeMutablePointer<Scalar>) {
    packed.withUnsafeBufferPointer { kernel in
      for delay in 0..<min(shape.delays, time + 1) {
        for spike in raster.spikes(at: time - delay) {
          runs(spike, delay, raster) { kernelRow, kernelStart, frameStart, count in
            guard isActive[kernelRow] else { return }
            Self.add(kernel.baseAddress! + kernelStart, to: frame + frameStart, count)
          }
        }
      }
    }
  }

  /// The gradient of the packed kernel at one delay, summed over all steps in their order; `frames` is the gradient of the
  /// evidence `[duration, height, width, lanes]`.
  func gather(
    _ raster: SpikeRaster, delay: Int, _ frames: UnsafePointer<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>
  ) {
    let frameSize = raster.height * raster.width * lanes
    for time in delay..<max(raster.duration, delay) {
      let frame = frames + time * frameSize
      for spike in raster.spikes(at: time - delay) {
        runs(spike, delay, raster) { _, kernelStart, frameStart, count in
          Self.add(frame + frameStart, to: gradient + kernelStart, count)
        }
      }
    }
  }

  /// Calls `body` for every run of numbers that a spike touches: the kernel's row, the run's start in the packed kernel and in
  /// a frame, and its length.
  @inline(__always)
  private func runs(
    _ spike: SpikeRaster.Spike, _ delay: Int, _ raster: SpikeRaster, _ body: (Int, Int, Int, Int) -> Void
  ) {
    let (row, column) = (Int(spike.row), Int(spike.column))
    let (up, left) = (shape.height / 2, shape.width / 2)
    let slice = (Int(spike.channel) * shape.delays + delay) * shape.height
    let first = max(-left, -column)
    let count = (min(left, raster.width - 1 - column) - first + 1) * lanes
    for offset in max(-up, -row)...min(up, raster.height - 1 - row) {
      let kernelRow = slice + offset + up
      body(
        kernelRow, (kernelRow * shape.width + first + left) * lanes,
        ((row + offset) * raster.width + column + first) * lanes, count)
    }
  }

  @inline(__always)
  private static func add(
    _ source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    var i = 0
    while i + 16 <= count {
      Vector16.store(Vector16.load(target + i) + Vector16.load(source + i), target + i)
      i += 16
    }
    while i < count {
      target[i] += source[i]
      i += 1
    }
  }
}
