import Foundation
import Statistics
import Support

/// Evolution strategies (Salimans et al., 2017): a list of numbers climbs along the mean direction of its better neighbours.
///
/// Each generation tries pairs `θ ± σ ε`, gives the returns their ranks, centred to -½...½, and takes the step of Adam along
/// `Σ rank ε / (population σ)`. Nothing is asked of what is optimised but its value.
///
/// ```swift
/// var strategy = EvolutionStrategy(circuit.parameters, .init(population: 8, deviation: 0.1, learningRate: 0.1))
/// for _ in 0..<30 { strategy.advance(using: &generator) { candidate, seed in value(of: candidate, seed) } }
/// ```
public struct EvolutionStrategy: Sendable {
  public struct Settings: Sendable, Equatable {
    /// An even number: pairs.
    public var population: Int
    /// σ.
    public var deviation: Double
    public var learningRate: Double
    /// A share of every parameter that a step takes away, of the learning rate.
    public var weightDecay: Double
    /// Ranks instead of values.
    public var usesRanks: Bool

    public init(
      population: Int = 8, deviation: Double = 0.1, learningRate: Double = 0.1, weightDecay: Double = 0,
      usesRanks: Bool = true
    ) {
      precondition(population > 0 && population % 2 == 0, "a population of \(population), which are no pairs")
      precondition(deviation > 0 && learningRate > 0, "σ \(deviation), rate \(learningRate)")
      (self.population, self.deviation, self.learningRate) = (population, deviation, learningRate)
      (self.weightDecay, self.usesRanks) = (weightDecay, usesRanks)
    }
  }

  /// What a generation found.
  public struct Generation: Sendable, Equatable {
    public let mean, best: Double
  }

  public let settings: Settings
  /// θ.
  public private(set) var parameters: [Double]
  public private(set) var generations = 0
  private var mean, square: [Double]

  public init(_ start: [Double], _ settings: Settings = Settings()) {
    (parameters, self.settings) = (start, settings)
    mean = [Double](repeating: 0, count: start.count)
    square = mean
  }

  /// One generation. Candidates are tried side by side; the number of threads changes nothing.
  ///
  /// - Parameter value: Of a candidate, larger is better; the generator is the same for a pair, so that both meet the same luck.
  @discardableResult
  public mutating func advance(
    using generator: inout RandomGenerator, value: @Sendable ([Double], RandomGenerator) -> Double
  ) -> Generation {
    let pairs = settings.population / 2
    let noise = (0..<pairs).map { _ in parameters.map { _ in generator.normal() } }
    let luck = RandomGenerator(seed: generator.next())
    let (centre, deviation) = (parameters, settings.deviation)
    let values = parallelMap(settings.population) { k -> Double in
      let (pair, sign) = (k / 2, k % 2 == 0 ? 1.0 : -1.0)
      return value(zip(centre, noise[pair]).map { $0 + sign * deviation * $1 }, luck.split(pair))
    }
    let weights = settings.usesRanks ? Self.centredRanks(values) : values
    var gradient = [Double](repeating: 0, count: parameters.count)
    for pair in 0..<pairs {
      let weight = weights[2 * pair] - weights[2 * pair + 1]
      for k in gradient.indices { gradient[k] += weight * noise[pair][k] }
    }
    climb(gradient.map { $0 / (Double(settings.population) * deviation) })
    return Generation(mean: values.reduce(0, +) / Double(values.count), best: values.max()!)
  }

  /// Adam, upwards.
  private mutating func climb(_ gradient: [Double]) {
    generations += 1
    let (a, b) = (1 - pow(0.9, Double(generations)), 1 - pow(0.999, Double(generations)))
    for k in parameters.indices {
      mean[k] = 0.9 * mean[k] + 0.1 * gradient[k]
      square[k] = 0.999 * square[k] + 0.001 * gradient[k] * gradient[k]
      let step = mean[k] / a / ((square[k] / b).squareRoot() + 1e-8)
      parameters[k] += settings.learningRate * (step - settings.weightDecay * parameters[k])
    }
  }

  /// Ranks from -½ to ½; equal values share the mean of theirs.
  public static func centredRanks(_ values: [Double]) -> [Double] {
    guard values.count > 1 else { return values.map { _ in 0 } }
    return Correlation.ranks(values).map { ($0 - 1) / Double(values.count - 1) - 0.5 }
  }
}
