import Foundation
import Support

extension IzhikevichReservoir {
  /// What differs from neuron to neuron.
  public struct Heterogeneity: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The neurons' constants; without it all excitatory and all inhibitory ones are alike.
    public static let neurons = Heterogeneity(rawValue: 1)
    /// The time constants of synapses and of features; without it all have the middle one.
    public static let synapses = Heterogeneity(rawValue: 2)
    public static let all: Heterogeneity = [.neurons, .synapses]
  }

  /// How a random reservoir is drawn.
  public struct Configuration: Sendable, Equatable {
    /// N
    public var size: Int
    /// Input channels.
    public var inputs: Int
    public var heterogeneity = Heterogeneity.all
    public var excitatoryShare = 0.8
    public var connectionProbability = 0.1
    /// g: weights are `|N(0, 1)| g/√(p N)`.
    public var gain = 2.0
    /// What weights of inhibitory neurons are multiplied by, with a minus.
    public var inhibitoryFactor = 4.0
    public var bias = 4.0
    /// Input weights are this times N(0, 1).
    public var inputStrength = 25.0
    /// The share of neurons that a channel reaches.
    public var inputShare = 0.5
    public var membraneNoise = 0.0
    /// Milliseconds, uniform.
    public var synapticTimeConstants = 5.0...50.0
    /// How many different synaptic time constants there are: synapses that decay alike are added up, so that a step costs N times
    /// this and not N².
    public var synapticLevels = 8
    /// Milliseconds, uniform in the logarithm.
    public var readoutTimeConstants = 10.0...200.0
    /// What recovery's rate a is multiplied by, uniform in the logarithm: adaptation of many speeds.
    public var adaptationFactors = 0.1...2.0
    /// Channels, behind ``inputs``, of a temporal drive; 0 for none. All neurons receive it, with weights of ``temporalStrength``
    /// times N(0, 1).
    public var temporalChannels = 0
    public var temporalStrength = 10.0

    public init(size: Int = 300, inputs: Int = 1) { (self.size, self.inputs) = (size, inputs) }

    /// The heterogeneity from the name that options use: `all`, `neurons`, `synapses` or `none`.
    public static let heterogeneities: [String: Heterogeneity] = [
      "all": .all, "neurons": .neurons, "synapses": .synapses, "none": [],
    ]
  }

  /// Draws a reservoir; the same generator and configuration give the same one.
  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    let c = configuration
    precondition(
      c.size > 1 && c.inputs > 0 && c.synapticLevels > 0, "\(c.size) neurons, \(c.inputs) inputs")
    // Streams of their own: what one part draws does not move another, so that variants are paired.
    var streams = (0..<5).map { generator.split($0) }
    _ = generator.next()
    let excitatory = Int((c.excitatoryShare * Double(c.size)).rounded())
    self.init(
      population: Self.population(c, excitatory, using: &streams[0]), excitatoryCount: excitatory,
      synapses: Self.synapses(c, excitatory, using: &streams[1]),
      inputWeights: Self.inputWeights(c, using: &streams[2]),
      synapticTimeConstants: Self.synapticTimeConstants(c, using: &streams[3]),
      readoutTimeConstants: Self.readoutTimeConstants(c, using: &streams[4]), bias: c.bias,
      membraneNoise: c.membraneNoise)
  }

  private static func population(
    _ c: Configuration, _ excitatory: Int, using generator: inout RandomGenerator
  ) -> IzhikevichPopulation {
    let variation = (0..<c.size).map { _ in generator.uniform() }
    guard c.heterogeneity.contains(.neurons) else {
      return IzhikevichPopulation(
        variation: [Double](repeating: 0.5, count: c.size), excitatory: excitatory)
    }
    var population = IzhikevichPopulation(variation: variation, excitatory: excitatory)
    for neuron in 0..<c.size {
      population.a[neuron] *= Self.logarithmic(c.adaptationFactors, generator.uniform())
    }
    return population
  }

  private static func synapses(
    _ c: Configuration, _ excitatory: Int, using generator: inout RandomGenerator
  ) -> SparseColumns {
    let scale = c.gain / (c.connectionProbability * Double(c.size)).squareRoot()
    return SparseColumns(
      columns: (0..<c.size).map { sender in
        let sign = sender < excitatory ? 1 : -c.inhibitoryFactor
        var column: [(row: Int, weight: Double)] = []
        for receiver in 0..<c.size where receiver != sender {
          guard generator.uniform() < c.connectionProbability else { continue }
          column.append((receiver, sign * scale * abs(generator.normal())))
        }
        return column
      })
  }

  private static func inputWeights(_ c: Configuration, using generator: inout RandomGenerator) -> [[Double]] {
    let cues = (0..<c.inputs).map { _ in
      (0..<c.size).map { _ in
        generator.uniform() < c.inputShare ? c.inputStrength * generator.normal() : 0
      }
    }
    let drive = (0..<c.temporalChannels).map { _ in
      (0..<c.size).map { _ in c.temporalStrength * generator.normal() }
    }
    return cues + drive
  }

  private static func synapticTimeConstants(
    _ c: Configuration, using generator: inout RandomGenerator
  ) -> [Double] {
    let range = c.synapticTimeConstants
    return (0..<c.size).map { _ in
      let drawn = generator.integer(below: c.synapticLevels)
      let place = c.heterogeneity.contains(.synapses) ? (Double(drawn) + 0.5) / Double(c.synapticLevels) : 0.5
      return range.lowerBound + place * (range.upperBound - range.lowerBound)
    }
  }

  private static func readoutTimeConstants(
    _ c: Configuration, using generator: inout RandomGenerator
  ) -> [Double] {
    (0..<c.size).map { _ in
      let drawn = generator.uniform()
      return logarithmic(c.readoutTimeConstants, c.heterogeneity.contains(.synapses) ? drawn : 0.5)
    }
  }

  /// The number at a share of the way through a range, by its logarithm.
  static func logarithmic(_ range: ClosedRange<Double>, _ share: Double) -> Double {
    range.lowerBound * pow(range.upperBound / range.lowerBound, share)
  }
}
