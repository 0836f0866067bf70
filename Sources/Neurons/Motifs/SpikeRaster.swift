import Support

/// Spikes on a grid of time and space: channels (polarities, or neurons without a place), steps, rows and columns.
///
/// Kept as the list of spikes of each step, so that what reads it costs by spike and not by cell.
public struct SpikeRaster: Sendable, Equatable {
  public struct Spike: Sendable, Equatable {
    public var channel: Int32
    public var row: Int32
    public var column: Int32

    public init(channel: Int, row: Int, column: Int) {
      self.channel = Int32(channel)
      self.row = Int32(row)
      self.column = Int32(column)
    }
  }

  public let channels: Int
  public let duration: Int
  public let height: Int
  public let width: Int
  /// All spikes, by step.
  public let spikes: [Spike]
  /// Where the spikes of each step begin; one more entry for the end.
  let offsets: [Int]

  /// From dense cells `[channels, duration, height, width]`, a spike where the cell is not 0.
  ///
  /// - Throws: `CajalError` when the number of cells does not fit.
  public init(cells: [UInt8], channels: Int, duration: Int, height: Int, width: Int) throws {
    guard min(channels, duration, height, width) > 0, cells.count == channels * duration * height * width
    else {
      throw CajalError("\(cells.count) cells for a raster of [\(channels), \(duration), \(height), \(width)]")
    }
    var spikes: [Spike] = []
    var offsets = [0]
    for time in 0..<duration {
      for channel in 0..<channels {
        var place = (channel * duration + time) * height * width
        for row in 0..<height {
          for column in 0..<width {
            if cells[place] != 0 { spikes.append(Spike(channel: channel, row: row, column: column)) }
            place += 1
          }
        }
      }
      offsets.append(spikes.count)
    }
    (self.channels, self.duration, self.height, self.width) = (channels, duration, height, width)
    (self.spikes, self.offsets) = (spikes, offsets)
  }

  /// From spikes of `neurons` neurons without a place: cells `[duration, neurons]`. Each neuron is a channel.
  ///
  /// - Throws: `CajalError` when the number of cells does not fit.
  public init(steps cells: [UInt8], duration: Int, neurons: Int) throws {
    guard cells.count == duration * neurons else {
      throw CajalError("\(cells.count) cells for a raster of [\(duration), \(neurons)]")
    }
    var turned = [UInt8](repeating: 0, count: cells.count)
    for time in 0..<duration {
      for neuron in 0..<neurons { turned[neuron * duration + time] = cells[time * neurons + neuron] }
    }
    try self.init(cells: turned, channels: neurons, duration: duration, height: 1, width: 1)
  }

  /// The spikes of a step.
  public func spikes(at time: Int) -> ArraySlice<Spike> { spikes[offsets[time]..<offsets[time + 1]] }

  /// Dense cells `[channels, duration, height, width]`.
  public var cells: [UInt8] {
    var cells = [UInt8](repeating: 0, count: channels * duration * height * width)
    for time in 0..<duration {
      for spike in spikes(at: time) {
        let plane = (Int(spike.channel) * duration + time) * height
        cells[(plane + Int(spike.row)) * width + Int(spike.column)] = 1
      }
    }
    return cells
  }
}
