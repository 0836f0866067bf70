import Support

/// A recurrent population whose activity is read out linearly; nothing in it learns.
public protocol Reservoir: Sendable {
  /// Input channels C.
  var inputCount: Int { get }
  /// F; the last feature is the constant 1.
  var featureCount: Int { get }
  /// Whether equal inputs give equal features.
  var isDeterministic: Bool { get }
  /// The features of a trial `[T, F]`, from rest: every trial starts from the same state.
  func features(_ input: ReservoirInput, using generator: inout RandomGenerator) -> FeatureTrajectory
}
