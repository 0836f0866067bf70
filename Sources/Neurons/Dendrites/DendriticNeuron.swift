import Support

/// A neuron of many dendritic segments, each a detector of one sparse pattern or of a cluster of them.
///
/// Every synapse has a permanence; it counts only while that is at or above
/// ``PermanenceRule/connected``. The connected synapses of all segments are kept packed, so that
/// a pattern meets hundreds of segments within a microsecond.
public struct DendriticNeuron: Sendable {
  /// Cells in the input population.
  public let n: Int
  /// What a segment contributes, given its active synapses.
  public var nonlinearity: DendriticNonlinearity
  /// The potential synapses of every segment.
  public internal(set) var segments: [[Synapse]]
  /// The connected synapses of every segment.
  public internal(set) var connected: SDRMatrix
  /// The number of synapses a segment is given.
  public let synapsesPerSegment: Int

  /// A connection from one input cell.
  public struct Synapse: Sendable, Equatable {
    /// The input cell.
    public var cell: Int32
    /// From 0 to 1.
    public var permanence: Float

    /// A synapse on `cell`.
    public init(cell: Int32, permanence: Float) {
      self.cell = cell
      self.permanence = permanence
    }
  }

  /// A neuron whose segments hold the given cells, all of them connected.
  ///
  /// - Throws: `CajalError` when there is no segment or their numbers of cells differ.
  public init(
    segments: [SDR], nonlinearity: DendriticNonlinearity, permanence: Float = PermanenceRule().initial
  ) throws {
    connected = try SDRMatrix(segments)
    n = connected.n
    self.nonlinearity = nonlinearity
    self.segments = segments.map { $0.indices.map { Synapse(cell: $0, permanence: permanence) } }
    synapsesPerSegment = segments.map(\.activeCount).max() ?? 0
  }

  /// Active synapses of every segment.
  public func activations(_ pattern: SDR) -> [Int32] { connected.overlaps(with: pattern) }

  /// The sum of all segments' responses.
  public func response(_ pattern: SDR) -> Double {
    let table = nonlinearity.table(upTo: synapsesPerSegment)
    return activations(pattern).reduce(0) { $0 + table[Int($1)] }
  }

  /// The responses to many patterns, on all threads; `[patterns.count]`.
  public func responses(_ patterns: SDRMatrix) -> [Double] {
    let table = nonlinearity.table(upTo: synapsesPerSegment)
    return connected.histograms(patterns, upTo: synapsesPerSegment).map { counts in
      zip(counts, table).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
  }

  /// Whether any segment has at least `theta` active synapses.
  public func fires(_ pattern: SDR, theta: Int) -> Bool { connected.maximumOverlap(pattern) >= theta }

  /// Whether the response is above zero: with the threshold nonlinearity, whether any segment spikes.
  public func predict(_ pattern: SDR) -> Bool { response(pattern) > 0 }
}

/// Two neurons that compete for a pattern, each the detector of its class.
public struct CompetingNeurons: Sendable {
  /// The neuron that stores the first class.
  public var positive: DendriticNeuron
  /// The neuron that stores the second class.
  public var negative: DendriticNeuron

  /// A pair of neurons over the same cells.
  public init(positive: DendriticNeuron, negative: DendriticNeuron) {
    self.positive = positive
    self.negative = negative
  }

  /// The sign of the difference of the responses for every pattern: 1, -1, or 0 for undecided, an error.
  public func decisions(_ patterns: SDRMatrix) -> [Int] {
    zip(positive.responses(patterns), negative.responses(patterns)).map {
      $0 > $1 ? 1 : ($0 < $1 ? -1 : 0)
    }
  }
}
