import Recordings
import Support

extension ContentAddressableMemory {
  /// The spikes of a layer so far, in seconds.
  public func spikes(of layer: Layer) throws -> SpikeTrains { try simulation.spikes(of: circuit[layer]) }

  /// Neurons that fired, millisecond by millisecond: only those with spikes.
  public func raster(of layer: Layer) throws -> [(time: Int, neurons: [Int])] {
    try Self.raster(simulation.firings(of: circuit[layer], from: 0))
  }

  /// What was put in, likewise.
  public func inputRaster() throws -> (
    cues: [(time: Int, neurons: [Int])], content: [(time: Int, neurons: [Int])]
  ) {
    (
      Self.raster(try simulation.firings(of: cueInput, from: 0)),
      Self.raster(try simulation.firings(of: contentInput, from: 0))
    )
  }

  private static func raster(_ firings: [(step: Int, neuron: Int)]) -> [(time: Int, neurons: [Int])] {
    var rows: [(time: Int, neurons: [Int])] = []
    for firing in firings {
      if rows.last?.time == firing.step {
        rows[rows.count - 1].neurons.append(firing.neuron)
      } else {
        rows.append((firing.step, [firing.neuron]))
      }
    }
    return rows
  }

  /// All spikes of all layers as CSV: layer, millisecond, neurons with spaces between.
  public func rasterText() throws -> String {
    var text = "layer,time_ms,neurons\n"
    for layer in Layer.allCases {
      for row in try raster(of: layer) {
        text += "\(layer.rawValue),\(row.time),\(row.neurons.map(String.init).joined(separator: " "))\n"
      }
    }
    return text
  }
}
