/// Plasticity at postsynaptic spikes alone, by the trace of the presynaptic ones (Diehl and Cook, 2015, equation 5; Querlioz
/// et al., 2013): `w ← w + η (x - x₀) (1 - w)^μ`.
///
/// Inputs that spoke shortly before the spike gain, silent ones lose; what comes in after it does not matter, and a
/// presynaptic spike changes nothing, so that it costs nothing.
public struct PresynapticTraceRule: PlasticityRule, Equatable {
  /// η, in units of weights.
  public let learningRate: Double
  /// x₀, the trace below which a weight shrinks.
  public let target: Double
  /// ms.
  public let timeConstant: Double
  public let pairing: PlasticityTrace.Pairing
  public let coincidentSpikes: CoincidentSpikes
  private let change: BoundedChange

  /// - Parameter exponent: μ, by which changes shrink towards the upper bound, whatever their sign.
  public init(
    learningRate: Double, target: Double = 0, timeConstant: Double = 20, exponent: Double = 0,
    bounds: ClosedRange<Double> = 0...1, pairing: PlasticityTrace.Pairing = .all,
    coincidentSpikes: CoincidentSpikes = .ignored
  ) {
    precondition(timeConstant > 0, "a trace's time constant of \(timeConstant) ms")
    (self.learningRate, self.target, self.timeConstant) = (learningRate, target, timeConstant)
    (self.pairing, self.coincidentSpikes) = (pairing, coincidentSpikes)
    change = BoundedChange(bounds, WeightDependence(potentiation: exponent, depression: 0))
  }

  public var exponent: Double { change.dependence.potentiation }
  public var bounds: ClosedRange<Double> { change.bounds }
  public var presynaptic: [PlasticityTrace] {
    [PlasticityTrace(timeConstant: timeConstant, pairing: pairing)]
  }
  public var postsynaptic: [PlasticityTrace] { [] }

  @inline(__always)
  public func afterPostsynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    change.potentiated(weight, by: S(learningRate) * (presynaptic.first - S(target)))
  }

  @inline(__always)
  public func afterPresynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    weight
  }
}
