import Foundation
import Support

/// What an event sees of the recent past around it: for each pixel nearby the time since its last event, exponentially
/// discounted (Lagorce and others, 2017).
public struct TimeSurface: Sendable, Equatable {
  /// Pixels to each side.
  public var radius: Int
  /// Time constant in steps.
  public var decay: Double

  public init(radius: Int, decay: Double) {
    precondition(radius >= 0 && decay > 0, "a time surface of radius \(radius) and decay \(decay)")
    self.radius = radius
    self.decay = decay
  }

  /// Features of a surface: channels × (2·radius + 1)².
  public func size(channels: Int) -> Int { channels * (2 * radius + 1) * (2 * radius + 1) }

  /// The surfaces of all spikes in order, one after the other, and the step of each. The spike's own channel comes first,
  /// so that surfaces don't depend on polarity; pixels without an event yet give 0.
  public func surfaces(_ raster: SpikeRaster) -> (features: [Float], steps: [Int]) {
    let width = raster.width + 2 * radius
    let plane = (raster.height + 2 * radius) * width
    var last = [Float](repeating: -.infinity, count: raster.channels * plane)
    var features: [Float] = []
    features.reserveCapacity(raster.spikes.count * size(channels: raster.channels))
    var steps: [Int] = []
    for time in 0..<raster.duration {
      for spike in raster.spikes(at: time) {
        let centre = (Int(spike.row) + radius) * width + Int(spike.column) + radius
        last[Int(spike.channel) * plane + centre] = Float(time)
      }
      for spike in raster.spikes(at: time) {
        for turn in 0..<raster.channels {
          let channel = (Int(spike.channel) + turn) % raster.channels
          for row in 0...2 * radius {
            let start = channel * plane + (Int(spike.row) + row) * width + Int(spike.column)
            for column in 0...2 * radius {
              features.append(exp((last[start + column] - Float(time)) / Float(decay)))
            }
          }
        }
        steps.append(time)
      }
    }
    return (features, steps)
  }
}
