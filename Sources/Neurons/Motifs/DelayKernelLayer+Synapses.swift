import Support
import Tensors

/// A synapse of a layer of motif detectors: where its input lies, how long it takes, how strong it is.
public struct DelayedSynapse: Sendable, Equatable {
  public var motif: Int
  public var channel: Int
  /// In steps.
  public var delay: Int
  /// From the input to the neuron, in rows and columns.
  public var rowOffset: Int
  public var columnOffset: Int
  public var weight: Double
}

extension DelayKernelLayer {
  /// All synapses whose weight is not 0, by class, channel and delay.
  public func synapses() -> [DelayedSynapse] {
    let weights = weight.value.doubles
    var found: [DelayedSynapse] = []
    for (index, value) in weights.enumerated() where value != 0 {
      let column = index % shape.width
      let row = index / shape.width % shape.height
      let step = index / shape.area % shape.delays
      let channel = index / (shape.area * shape.delays) % shape.channels
      found.append(
        DelayedSynapse(
          motif: index / shape.synapsesPerClass, channel: channel, delay: shape.delays - 1 - step,
          rowOffset: shape.height / 2 - row, columnOffset: shape.width / 2 - column, weight: value))
    }
    return found.sorted { ($0.motif, $0.channel, $0.delay) < ($1.motif, $1.channel, $1.delay) }
  }

  /// The weight of a synapse.
  public func weight(
    motif: Int, channel: Int, delay: Int, rowOffset: Int, columnOffset: Int, in weights: [Double]
  )
    -> Double
  {
    let step = shape.delays - 1 - delay
    let place =
      (step * shape.height + shape.height / 2 - rowOffset) * shape.width + shape.width / 2 - columnOffset
    return weights[(motif * shape.channels + channel) * shape.delays * shape.area + place]
  }

  /// How many weights are not 0.
  public var activeSynapses: Int { weight.value.doubles.count { $0 != 0 } }

  /// The layer with only the strongest synapses left, over all classes.
  ///
  /// - Parameter fraction: The share of the whole kernel that is kept, from 0 to 1.
  public func pruned(keeping fraction: Double) -> DelayKernelLayer {
    precondition((0...1).contains(fraction), "a share of \(fraction)")
    return pruned(toCount: Int((fraction * Double(shape.synapseCount)).rounded()))
  }

  /// The layer with its `count` strongest synapses left, over all classes.
  public func pruned(toCount count: Int) -> DelayKernelLayer {
    copy { weights in
      let order = weights.indices.sorted { (abs(weights[$0]), $1) > (abs(weights[$1]), $0) }
      for index in order.dropFirst(count) { weights[index] = 0 }
    }
  }

  /// The layer with its shortest delays left: 0 to `delays - 1`.
  public func shortened(to delays: Int) -> DelayKernelLayer {
    precondition((0...shape.delays).contains(delays), "\(delays) of \(shape.delays) delays")
    let volume = shape.delays * shape.area
    return copy { weights in
      for index in weights.indices where index % volume < (shape.delays - delays) * shape.area {
        weights[index] = 0
      }
    }
  }
}

/// A layer of motif detectors run spike by spike, as neuromorphic hardware would: every spike visits the synapses that are not 0.
public struct EventDrivenMotifs: Sendable {
  private struct Target: Sendable {
    var delay, rowOffset, columnOffset, motif: Int32
    var weight: Float
  }

  public let shape: MotifShape
  private let biases: [Float]
  private let exchanges: Bool
  /// By channel.
  private let targets: [[Target]]

  /// The evidence and what it cost.
  public struct Result: Sendable {
    /// `[duration, height, width, classes]`.
    public var evidence: [Float]
    /// Additions of a weight, those at the border left out.
    public var operations: Int
  }

  public init(_ layer: DelayKernelLayer) {
    shape = layer.shape
    biases = layer.bias.value.floats
    exchanges = layer.exchangesPolarities
    var targets = [[Target]](repeating: [], count: shape.channels)
    for synapse in layer.synapses() {
      targets[synapse.channel].append(
        Target(
          delay: Int32(synapse.delay), rowOffset: Int32(synapse.rowOffset),
          columnOffset: Int32(synapse.columnOffset), motif: Int32(synapse.motif),
          weight: Float(synapse.weight)))
    }
    self.targets = targets
  }

  /// Synapses that are not 0.
  public var synapseCount: Int { targets.reduce(0) { $0 + $1.count } }

  /// The evidence, as ``DelayKernelLayer/evidence(_:)`` computes it.
  public func evidence(_ raster: SpikeRaster) -> Result {
    precondition(raster.channels == shape.channels, "\(raster.channels) channels for \(shape.channels)")
    var first = oneWay(raster, exchanged: false)
    guard exchanges else { return first }
    let second = oneWay(raster, exchanged: true)
    for i in first.evidence.indices { first.evidence[i] = max(first.evidence[i], second.evidence[i]) }
    return Result(evidence: first.evidence, operations: first.operations + second.operations)
  }

  private func oneWay(_ raster: SpikeRaster, exchanged: Bool) -> Result {
    let places = raster.height * raster.width
    var evidence: [Float] = []
    evidence.reserveCapacity(raster.duration * places * shape.classes)
    for _ in 0..<raster.duration * places { evidence += biases }
    var operations = 0
    for time in 0..<raster.duration {
      for spike in raster.spikes(at: time) {
        for target in targets[exchanged ? 1 - Int(spike.channel) : Int(spike.channel)] {
          let (t, row) = (time + Int(target.delay), Int(spike.row + target.rowOffset))
          let column = Int(spike.column + target.columnOffset)
          guard t < raster.duration, (0..<raster.height).contains(row), (0..<raster.width).contains(column)
          else { continue }
          let place = (t * raster.height + row) * raster.width + column
          evidence[place * shape.classes + Int(target.motif)] += target.weight
          operations += 1
        }
      }
    }
    return Result(evidence: evidence, operations: operations)
  }
}
