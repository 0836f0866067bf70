import Support

/// A recurrent network of Izhikevich neurons whose spikes, filtered, are read out linearly.
///
///     v <- v + ½ (0.04 v² + 5 v + 140 - u + I), twice;  u <- u + a (b v - u);  where v >= 30: a spike, v <- c, u <- u + d
///     I = bias + W s + W_in input + σ N(0, 1)
///     s <- s exp(-1/τ_s) + 10 spikes/τ_s;  x <- x exp(-1/τ_x) + 10 spikes/τ_x
///
/// A step is a millisecond. s are the synapses (a decay for each sending neuron), x the features, behind which stands a constant 1.
/// Every run starts from `v = -65`, `u = b v`, without traces: equal inputs give equal spikes, unless there is noise.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let reservoir = IzhikevichReservoir(.init(size: 300, inputs: 2), using: &generator)
/// let cue = ReservoirInput(steps: 800, channels: 2, pulses: [.init(channel: 0, start: 100, length: 50)])
/// let run = reservoir.run(cue, using: &generator)       // run.spikes, run.features [800, 301]
/// ```
public struct IzhikevichReservoir: Reservoir {
  public let population: IzhikevichPopulation
  /// How many neurons, from the first, excite.
  public let excitatoryCount: Int
  public let bias: Double
  /// σ of the noise on the current, drawn for each neuron and step.
  public let membraneNoise: Double
  /// τ_s of each sending neuron, in milliseconds.
  public let synapticTimeConstants: [Double]
  /// τ_x of each neuron, in milliseconds.
  public let readoutTimeConstants: [Double]
  let synapses: SparseColumns
  /// W_in by channel, `[C][N]`.
  public let inputWeights: [[Double]]
  /// The different τ_s, and which of them each neuron has: synapses of one time constant decay together.
  let decayLevels: [Double]
  let level: [Int]

  public var size: Int { population.count }
  public var inputCount: Int { inputWeights.count }
  public var featureCount: Int { size + 1 }
  public var isDeterministic: Bool { membraneNoise == 0 }
  /// W, `[N][N]`: `weights[i][j]` from neuron j to i.
  public var weights: [[Double]] { synapses.dense }
  /// Synapses within the reservoir.
  public var synapseCount: Int { synapses.weights.count }

  /// A reservoir with weights of one's own.
  ///
  /// - Parameters:
  ///   - weights: W `[N][N]`, `weights[i][j]` from neuron j to i.
  ///   - inputWeights: W_in `[C][N]`.
  public init(
    population: IzhikevichPopulation, excitatoryCount: Int, weights: [[Double]], inputWeights: [[Double]],
    synapticTimeConstants: [Double], readoutTimeConstants: [Double], bias: Double = 4,
    membraneNoise: Double = 0
  ) {
    self.init(
      population: population, excitatoryCount: excitatoryCount, synapses: SparseColumns(rows: weights),
      inputWeights: inputWeights, synapticTimeConstants: synapticTimeConstants,
      readoutTimeConstants: readoutTimeConstants, bias: bias, membraneNoise: membraneNoise)
  }

  init(
    population: IzhikevichPopulation, excitatoryCount: Int, synapses: SparseColumns, inputWeights: [[Double]],
    synapticTimeConstants: [Double], readoutTimeConstants: [Double], bias: Double, membraneNoise: Double
  ) {
    let size = population.count
    precondition(
      synapses.count == size && !inputWeights.isEmpty && inputWeights.allSatisfy { $0.count == size }
        && synapticTimeConstants.count == size && readoutTimeConstants.count == size,
      "weights and time constants for another number than \(size) neurons")
    precondition(
      (synapticTimeConstants + readoutTimeConstants).allSatisfy { $0 > 0 } && membraneNoise >= 0,
      "time constants above 0 and noise from 0 up are needed")
    (self.population, self.excitatoryCount, self.synapses) = (population, excitatoryCount, synapses)
    (self.inputWeights, self.bias, self.membraneNoise) = (inputWeights, bias, membraneNoise)
    (self.synapticTimeConstants, self.readoutTimeConstants) = (synapticTimeConstants, readoutTimeConstants)
    let levels = Array(Set(synapticTimeConstants)).sorted()
    decayLevels = levels
    level = synapticTimeConstants.map { levels.firstIndex(of: $0)! }
  }

  public func features(_ input: ReservoirInput, using generator: inout RandomGenerator) -> FeatureTrajectory {
    run(input, using: &generator).features
  }
}

/// A sparse square matrix, column by column: what a spike of one neuron adds to the others.
struct SparseColumns: Sendable, Equatable {
  /// Where each column starts, and where the last one ends.
  private(set) var starts: [Int]
  private(set) var rows: [Int32]
  private(set) var weights: [Double]
  var count: Int { starts.count - 1 }

  /// Row by row, with zeros.
  var dense: [[Double]] {
    var dense = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for column in 0..<count {
      for entry in starts[column]..<starts[column + 1] { dense[Int(rows[entry])][column] = weights[entry] }
    }
    return dense
  }

  /// - Parameter columns: The entries of each column by row.
  init(columns: [[(row: Int, weight: Double)]]) {
    starts = [0]
    rows = columns.flatMap { $0.map { Int32($0.row) } }
    weights = columns.flatMap { $0.map(\.weight) }
    for column in columns { starts.append(starts.last! + column.count) }
  }

  /// - Parameter dense: Row by row; zeros are left out.
  init(rows dense: [[Double]]) {
    precondition(dense.allSatisfy { $0.count == dense.count }, "the weights are not square")
    self.init(
      columns: dense.indices.map { column in
        dense.indices.filter { dense[$0][column] != 0 }.map { ($0, dense[$0][column]) }
      })
  }
}
