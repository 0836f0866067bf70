import Foundation
import Support
import Tensors

extension EventStream {
  /// How many events fell into each step, polarity and pixel, at most 255, as `[T, 2, H, W]`; polarity 0 is
  /// darker.
  ///
  /// - Parameters:
  ///   - binWidth: Microseconds a step.
  ///   - steps: How many steps from the first event on; as many as there are events for if nil.
  public func counts(binWidth: Int64, steps: Int? = nil) -> (values: [UInt8], steps: Int) {
    precondition(binWidth > 0, "bins of \(binWidth) µs")
    let start = times.first ?? 0
    let steps = steps ?? (times.isEmpty ? 0 : Int(duration / binWidth) + 1)
    let frame = 2 * height * width
    var values = [UInt8](repeating: 0, count: steps * frame)
    for index in times.indices {
      let step = Int((times[index] - start) / binWidth)
      guard step < steps else { break }
      let place = step * frame + (Int(polarity[index]) * height + Int(y[index])) * width + Int(x[index])
      if values[place] < .max { values[place] += 1 }
    }
    return (values, steps)
  }

  /// Counts as a tensor `[T, 2, H, W]`.
  public func tensor(binWidth: Int64, steps: Int? = nil, as type: ElementType = .float32) -> Tensor {
    let (values, steps) = counts(binWidth: binWidth, steps: steps)
    return Tensor(values, shape: [steps, 2, height, width]).to(type)
  }

  /// A grid of `[bins, H, W]` in which each event adds its sign to the two nearest of `bins` instants, in
  /// proportion to its distance (Zhu et al., 2019).
  public func voxelGrid(bins: Int) -> Tensor {
    precondition(bins > 0, "a grid of \(bins) bins")
    var values = [Float](repeating: 0, count: bins * height * width)
    let scale = duration > 0 ? Double(bins - 1) / Double(duration) : 0
    for index in times.indices {
      let position = Double(times[index] - times[0]) * scale
      let lower = min(Int(position), bins - 1)
      let share = Float(position - Double(lower))
      let sign: Float = polarity[index] == 1 ? 1 : -1
      let place = (lower * height + Int(y[index])) * width + Int(x[index])
      values[place] += sign * (1 - share)
      if lower + 1 < bins { values[place + height * width] += sign * share }
    }
    return Tensor(values, shape: [bins, height, width])
  }

  /// How recent the last event of each polarity and pixel is, `[2, H, W]`: exp(-(time - t)/decay), zero where
  /// there was none (Lagorce et al., 2017).
  ///
  /// - Parameters:
  ///   - time: Microseconds on the recording's clock; later events do not count.
  ///   - decay: Microseconds.
  public func timeSurface(at time: Int64, decay: Double) -> Tensor {
    precondition(decay > 0, "a time surface that decays in \(decay) µs")
    var values = [Float](repeating: 0, count: 2 * height * width)
    for index in times.indices where times[index] <= time {
      let place = (Int(polarity[index]) * height + Int(y[index])) * width + Int(x[index])
      values[place] = Float(exp(-Double(time - times[index]) / decay))
    }
    return Tensor(values, shape: [2, height, width])
  }
}
