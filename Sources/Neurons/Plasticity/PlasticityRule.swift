/// What spikes leave behind at a synapse: a trace that rises with each of them and decays.
public struct PlasticityTrace: Sendable, Equatable {
  /// Which spikes count.
  public enum Pairing: Sendable, Equatable {
    /// All: every spike adds one.
    case all
    /// Only the nearest: every spike sets the trace to one.
    case nearest
  }
  /// Milliseconds.
  public var timeConstant: Double
  public var pairing: Pairing

  public init(timeConstant: Double, pairing: Pairing = .all) {
    precondition(timeConstant > 0, "a trace's time constant of \(timeConstant) ms")
    (self.timeConstant, self.pairing) = (timeConstant, pairing)
  }
}

/// The values of at most two traces of one neuron; zero where a rule has fewer.
public struct TraceValues<Scalar: SimulationScalar>: Sendable, Equatable {
  public var first, second: Scalar
  @inlinable @inline(__always) public init(_ first: Scalar, _ second: Scalar = 0) {
    (self.first, self.second) = (first, second)
  }
}

/// What counts where both spikes meet at the synapse in the same step.
public enum CoincidentSpikes: Sendable, Equatable {
  /// The presynaptic spike sees the postsynaptic one: a difference of zero depresses (sPyNNaker).
  case depress
  /// The postsynaptic spike sees the presynaptic one: a difference of zero potentiates (Brian2).
  case potentiate
  /// Neither sees the other (NEST).
  case ignored
}

/// A rule by which a synapse changes with the spikes on its two sides.
///
/// A rule says what a spike of either side does to one weight, given the traces that earlier spikes left. Who calls it, and
/// when, is not its business: the simulator applies it when a presynaptic spike arrives, to every postsynaptic spike since the
/// last one in order of time, which gives the same weights as at once, since nobody reads a weight in between.
public protocol PlasticityRule: Sendable {
  /// Traces of the presynaptic spikes, at most two.
  var presynaptic: [PlasticityTrace] { get }
  /// Traces of the postsynaptic spikes, at most two.
  var postsynaptic: [PlasticityTrace] { get }
  /// Between which weights stay; the rule itself clips.
  var bounds: ClosedRange<Double> { get }
  var coincidentSpikes: CoincidentSpikes { get }

  /// The weight after a postsynaptic spike.
  /// - Parameters:
  ///   - presynaptic: The traces at this moment.
  ///   - postsynaptic: The traces just before this spike.
  func afterPostsynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S
  /// The weight after a presynaptic spike, which is what the spike itself transmits.
  /// - Parameters:
  ///   - presynaptic: The traces just before this spike.
  ///   - postsynaptic: The traces at this moment.
  func afterPresynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S
  /// The simulator's loops; never written by a rule, requirements so that they are compiled where the rule is.
  var singleKernel: PlasticityKernel<Float> { get }
  var doubleKernel: PlasticityKernel<Double> { get }
}

extension PlasticityRule {
  public var coincidentSpikes: CoincidentSpikes { .ignored }
}
