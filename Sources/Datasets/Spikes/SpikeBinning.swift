import Foundation
import Support
import Tensors

/// How spike times become a dense array: steps of equal width, and neighbouring channels summed in groups.
public struct SpikeBinning: Sendable, Equatable {
  /// Seconds a step.
  public var width: Double
  /// How many steps; spikes after the last are left out.
  public var steps: Int
  /// How many neighbouring channels are summed into one.
  public var group: Int
  /// Whether several spikes in a bin count as one.
  public var isBinary: Bool

  /// - Parameter duration: Seconds that are covered, rounded up to whole steps.
  public init(width: Double, duration: Double, group: Int = 1, isBinary: Bool = false) {
    precondition(
      width > 0 && duration > 0 && group > 0, "bins of \(width) s to \(duration) s, groups of \(group)")
    self.width = width
    // A duration of 1 s has 100 steps of 10 ms, not 101 because of a last digit.
    steps = max(1, Int((duration / width - 1e-9).rounded(.up)))
    self.group = group
    self.isBinary = isBinary
  }

  /// How many channels are left of `channels`.
  public func channels(of channels: Int) -> Int { (channels + group - 1) / group }
}

extension LabelledSpikes {
  /// Spikes a bin as `[B, T, N]`, at most 255, of the samples in `range` (all by default).
  public func counts(_ binning: SpikeBinning, samples range: Range<Int>? = nil) -> [UInt8] {
    counts(binning, at: Array(range ?? 0..<count))
  }

  /// Spikes a bin as `[B, T, N]`, at most 255, of the samples at `indices`.
  public func counts(_ binning: SpikeBinning, at indices: [Int]) -> [UInt8] {
    let size = binning.steps * binning.channels(of: channelCount)
    var counts = [UInt8](repeating: 0, count: indices.count * size)
    counts.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      let base = SendableAddress(start)
      parallelFor(indices.count) { bin(indices[$0], binning, into: base.pointer! + $0 * size) }
    }
    return counts
  }

  /// Spikes a bin as `[T, B, N]`, of the samples in `range` (all by default).
  public func tensor(
    _ binning: SpikeBinning, samples range: Range<Int>? = nil, as type: ElementType = .float32
  ) -> Tensor {
    tensor(binning, at: Array(range ?? 0..<count), as: type)
  }

  /// Spikes a bin as `[T, B, N]`, of the samples at `indices`.
  public func tensor(_ binning: SpikeBinning, at indices: [Int], as type: ElementType = .float32) -> Tensor {
    let shape = [indices.count, binning.steps, binning.channels(of: channelCount)]
    return Tensor(counts(binning, at: indices), shape: shape).transposed(0, 1).to(type).contiguous()
  }

  /// The classes as whole numbers `[B]`.
  public var labelTensor: Tensor { Tensor(labels) }

  /// Adds one sample to `[T, N]` counts.
  private func bin(_ index: Int, _ binning: SpikeBinning, into counts: UnsafeMutablePointer<UInt8>) {
    let channels = binning.channels(of: channelCount)
    let (perSecond, group) = (1 / binning.width, Int32(binning.group))
    let limit: UInt8 = binning.isBinary ? 1 : .max
    for spike in spikes(of: index) {
      // Times of single precision stand a little below the edge they were rounded to.
      let position = Double(times[spike]) * perSecond + 1e-6
      guard position < Double(binning.steps) else { continue }
      let place = counts + Int(position) * channels + Int(units[spike] / group)
      if place.pointee < limit { place.pointee += 1 }
    }
  }
}
