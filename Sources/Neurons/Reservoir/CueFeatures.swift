import Support

/// The features that a reservoir gives for each cue, scaled so that `|x|²` is 1 on average.
///
/// Where reservoir and features are without noise, every trial of a cue is the same: each is run once.
public struct CueFeatures: Sendable {
  public let timing: TrialTiming
  public let cueCount: Int
  public let reservoir: any Reservoir
  /// The standard deviation of the noise on each feature, behind scaling.
  public let featureNoise: Double
  /// What features are multiplied by.
  public let scale: Double
  private let kept: [FeatureTrajectory]

  /// - Parameter featureNoise: Times `1/√N`.
  public init(
    _ reservoir: any Reservoir, timing: TrialTiming = TrialTiming(), featureNoise: Double = 0,
    using generator: inout RandomGenerator
  ) {
    (self.reservoir, self.timing) = (reservoir, timing)
    cueCount = reservoir.inputCount - timing.temporalPulses
    precondition(cueCount > 0, "\(reservoir.inputCount) inputs leave no cue beside the temporal drive")
    self.featureNoise = featureNoise / Double(reservoir.featureCount - 1).squareRoot()
    let raw = (0..<cueCount).map {
      reservoir.features(
        timing.input(cue: $0, of: reservoir.inputCount - timing.temporalPulses), using: &generator)
    }
    let mean = raw.reduce(0) { $0 + $1.meanSquaredNorm } / Double(raw.count)
    let scale = 1 / mean.squareRoot()
    self.scale = scale
    kept = raw.map { $0.scaled(by: scale) }
  }

  /// F
  public var count: Int { reservoir.featureCount }

  /// A trial of a cue, `[T, F]`.
  public func trial(cue: Int, using generator: inout RandomGenerator) -> FeatureTrajectory {
    let clean =
      reservoir.isDeterministic
      ? kept[cue]
      : reservoir.features(timing.input(cue: cue, of: cueCount), using: &generator).scaled(by: scale)
    return featureNoise > 0 ? clean.withNoise(featureNoise, sparing: count - 1, using: &generator) : clean
  }
}
