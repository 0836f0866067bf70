/// Spike-timing-dependent plasticity of pairs of spikes.
///
/// At a postsynaptic spike `w ← w + A₊ f₊(w) x`, at a presynaptic one `w ← w - A₋ f₋(w) y`, where `x` and `y` are the traces
/// of the other side's spikes and `f₊`, `f₋` the ``WeightDependence``; after every single change the weight is clipped.
///
/// ```swift
/// let rule = PairSTDP(potentiation: 0.01, depression: 0.012, bounds: 0...1)
/// let timeline = SynapseTimeline(weight: 0.5, rule: rule, presynaptic: [10, 60], postsynaptic: [15])
/// ```
public struct PairSTDP: PlasticityRule, Equatable {
  /// A₊ and A₋, what one pair of spikes without delay changes where the weight dependence is 1, in units of weights.
  public let potentiation, depression: Double
  /// τ₊ and τ₋, ms.
  public let potentiationTimeConstant, depressionTimeConstant: Double
  /// Whether all earlier spikes of the other side count, or the nearest alone (symmetric: on both sides).
  public let pairing: PlasticityTrace.Pairing
  public let coincidentSpikes: CoincidentSpikes
  private let change: BoundedChange

  public init(
    potentiation: Double, depression: Double, potentiationTimeConstant: Double = 20,
    depressionTimeConstant: Double = 20, weightDependence: WeightDependence = .additive,
    bounds: ClosedRange<Double> = 0...1, pairing: PlasticityTrace.Pairing = .all,
    coincidentSpikes: CoincidentSpikes = .ignored
  ) {
    precondition(
      potentiationTimeConstant > 0 && depressionTimeConstant > 0,
      "time constants of \(potentiationTimeConstant) and \(depressionTimeConstant) ms")
    (self.potentiation, self.depression) = (potentiation, depression)
    (self.potentiationTimeConstant, self.depressionTimeConstant) = (
      potentiationTimeConstant, depressionTimeConstant
    )
    (self.pairing, self.coincidentSpikes) = (pairing, coincidentSpikes)
    change = BoundedChange(bounds, weightDependence)
  }

  public var bounds: ClosedRange<Double> { change.bounds }
  public var weightDependence: WeightDependence { change.dependence }

  public var presynaptic: [PlasticityTrace] {
    [PlasticityTrace(timeConstant: potentiationTimeConstant, pairing: pairing)]
  }
  public var postsynaptic: [PlasticityTrace] {
    [PlasticityTrace(timeConstant: depressionTimeConstant, pairing: pairing)]
  }

  @inline(__always)
  public func afterPostsynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    change.potentiated(weight, by: S(potentiation) * presynaptic.first)
  }

  @inline(__always)
  public func afterPresynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    change.depressed(weight, by: S(depression) * postsynaptic.first)
  }
}

extension PairSTDP {
  /// Competition of synapses by timing (Song, Miller and Abbott, 2000): A₊ = 0.005, A₋ = 1.05 A₊, both of the largest
  /// weight; 20 ms; additive.
  public static func songMillerAbbott(maximum: Double = 1) -> PairSTDP {
    PairSTDP(potentiation: 0.005 * maximum, depression: 0.00525 * maximum, bounds: 0...maximum)
  }

  /// Between additive and multiplicative (Gütig et al., 2003): λ = 0.005, α = 1.05, 20 ms, weights from 0 to 1.
  /// - Parameter exponent: μ, from 0, which is additive, to 1.
  public static func guetig(exponent: Double, learningRate: Double = 0.005, asymmetry: Double = 1.05)
    -> PairSTDP
  {
    PairSTDP(
      potentiation: learningRate, depression: asymmetry * learningRate, weightDependence: .power(exponent))
  }

  /// A stable distribution of weights (van Rossum, Bi and Turrigiano, 2000), in pS: potentiation by 1 pS, depression by
  /// 0.003 of the weight; 20 ms.
  /// - Parameter maximum: Far above where weights settle, some 300 pS; the paper has none.
  public static func vanRossum(maximum: Double = 10_000) -> PairSTDP {
    PairSTDP(
      potentiation: 1, depression: 0.003 * maximum, weightDependence: .multiplicativeDepression,
      bounds: 0...maximum)
  }

  /// Hippocampal neurons in culture (Bi and Poo, 2001: 0.777 and 16.8 ms, -0.273 and 33.7 ms after sixty pairs), each
  /// pair a sixtieth, for weights that start at one.
  public static let hippocampalCulture = PairSTDP(
    potentiation: 0.777 / 60, depression: 0.273 / 60, potentiationTimeConstant: 16.8,
    depressionTimeConstant: 33.7, bounds: 0...(.infinity))

  /// As sPyNNaker computes on SpiNNaker: additive, all pairs, clipped after every single change, and a difference of zero
  /// depresses. A postsynaptic spike comes with a dendritic delay, which the synapse has, not the rule.
  /// - Parameters:
  ///   - potentiation: A₊ in units of weights. PyNN's own amplitudes are shares of the largest weight; multiply them.
  public static func spiNNaker(
    potentiation: Double, depression: Double, potentiationTimeConstant: Double = 20,
    depressionTimeConstant: Double = 20, bounds: ClosedRange<Double>
  ) -> PairSTDP {
    PairSTDP(
      potentiation: potentiation, depression: depression,
      potentiationTimeConstant: potentiationTimeConstant, depressionTimeConstant: depressionTimeConstant,
      bounds: bounds, coincidentSpikes: .depress)
  }

  /// The synapses of the content-addressable memory of Casanueva-Morato et al. (2024): one pair moves a weight from one
  /// bound to the other, 0 to 6 nA, 3 ms. Their delay of 1 ms is dendritic.
  public static let contentAddressableMemory = PairSTDP.spiNNaker(
    potentiation: 6, depression: 6, potentiationTimeConstant: 3, depressionTimeConstant: 3, bounds: 0...6)
}
