/// Spike-timing-dependent plasticity of triplets of spikes (Pfister and Gerstner, 2006, equations 3 and 4).
///
/// At a postsynaptic spike `w ← w + r₁ (A₂⁺ + A₃⁺ o₂)`, at a presynaptic one `w ← w - o₁ (A₂⁻ + A₃⁻ r₂)`, with a fast and
/// a slow trace on either side, the slow one as it was just before the spike. Pairs repeated at a high rate potentiate,
/// whatever their order, as they do in cortex and as no rule of pairs does.
public struct TripletSTDP: PlasticityRule, Equatable {
  /// A₂ and A₃ of one direction, in units of weights.
  public struct Amplitudes: Sendable, Equatable {
    public let pair, triplet: Double
    public init(pair: Double, triplet: Double) { (self.pair, self.triplet) = (pair, triplet) }
  }

  /// A₂⁺ and A₃⁺, A₂⁻ and A₃⁻.
  public let potentiation, depression: Amplitudes
  /// τ₊ and τ_x of the presynaptic traces, τ₋ and τ_y of the postsynaptic ones, ms.
  public let potentiationTimeConstant, slowPresynapticTimeConstant: Double
  public let depressionTimeConstant, slowPostsynapticTimeConstant: Double
  /// Whether all earlier spikes count, or the nearest alone. Published amplitudes were fitted for one of them.
  public let pairing: PlasticityTrace.Pairing
  public let coincidentSpikes: CoincidentSpikes
  private let change: BoundedChange

  public init(
    potentiation: Amplitudes, depression: Amplitudes, potentiationTimeConstant: Double = 16.8,
    slowPresynapticTimeConstant: Double, depressionTimeConstant: Double = 33.7,
    slowPostsynapticTimeConstant: Double, weightDependence: WeightDependence = .additive,
    bounds: ClosedRange<Double> = 0...(.infinity), pairing: PlasticityTrace.Pairing = .all,
    coincidentSpikes: CoincidentSpikes = .ignored
  ) {
    let constants = [
      potentiationTimeConstant, slowPresynapticTimeConstant, depressionTimeConstant,
      slowPostsynapticTimeConstant,
    ]
    precondition(constants.allSatisfy { $0 > 0 }, "time constants of \(constants) ms")
    (self.potentiation, self.depression) = (potentiation, depression)
    (self.potentiationTimeConstant, self.slowPresynapticTimeConstant) = (constants[0], constants[1])
    (self.depressionTimeConstant, self.slowPostsynapticTimeConstant) = (constants[2], constants[3])
    (self.pairing, self.coincidentSpikes) = (pairing, coincidentSpikes)
    change = BoundedChange(bounds, weightDependence)
  }

  public var bounds: ClosedRange<Double> { change.bounds }
  public var weightDependence: WeightDependence { change.dependence }

  public var presynaptic: [PlasticityTrace] {
    [
      PlasticityTrace(timeConstant: potentiationTimeConstant, pairing: pairing),
      PlasticityTrace(timeConstant: slowPresynapticTimeConstant, pairing: pairing),
    ]
  }
  public var postsynaptic: [PlasticityTrace] {
    [
      PlasticityTrace(timeConstant: depressionTimeConstant, pairing: pairing),
      PlasticityTrace(timeConstant: slowPostsynapticTimeConstant, pairing: pairing),
    ]
  }

  @inline(__always)
  public func afterPostsynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    let amplitude = S(potentiation.pair) + S(potentiation.triplet) * postsynaptic.second
    return change.potentiated(weight, by: presynaptic.first * amplitude)
  }

  @inline(__always)
  public func afterPresynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    let amplitude = S(depression.pair) + S(depression.triplet) * presynaptic.second
    return change.depressed(weight, by: postsynaptic.first * amplitude)
  }
}

extension TripletSTDP {
  /// Layer 5 of rat visual cortex, fitted to Sjöström et al. (2001): Pfister and Gerstner (2006), table 3.
  /// - Parameters:
  ///   - minimal: The model without A₂⁺ and A₃⁻, which fits as well; the full one otherwise.
  ///   - unit: The weight that counts as one: amplitudes are shares of the weight before the experiment.
  public static func visualCortex(
    _ pairing: PlasticityTrace.Pairing = .all, minimal: Bool = false, unit: Double = 1,
    bounds: ClosedRange<Double> = 0...(.infinity)
  ) -> TripletSTDP {
    let fit: Fit =
      switch (pairing, minimal) {
      case (.all, false): Fit(5e-10, 6.2e-3, 7e-3, 2.3e-4, 101, 125)
      case (.all, true): Fit(0, 6.5e-3, 7.1e-3, 0, 101, 114)
      case (.nearest, false): Fit(8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714, 40)
      case (.nearest, true): Fit(0, 5e-2, 8e-3, 0, 714, 40)
      }
    return fit.rule(pairing, unit, bounds)
  }

  /// Hippocampal neurons in culture, fitted to Wang et al. (2005): Pfister and Gerstner (2006), table 4.
  /// - Parameters:
  ///   - minimal: The model without A₃⁻; the full one otherwise.
  ///   - unit: The weight that counts as one.
  public static func hippocampalCulture(
    _ pairing: PlasticityTrace.Pairing = .all, minimal: Bool = false, unit: Double = 1,
    bounds: ClosedRange<Double> = 0...(.infinity)
  ) -> TripletSTDP {
    let fit: Fit =
      switch (pairing, minimal) {
      case (.all, false): Fit(6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27)
      case (.all, true): Fit(5.3e-3, 8e-3, 3.5e-3, 0, 946, 40)
      case (.nearest, false): Fit(4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575, 47)
      case (.nearest, true): Fit(4.6e-3, 9.1e-3, 3e-3, 0, 575, 48)
      }
    return fit.rule(pairing, unit, bounds)
  }

  /// The rule that digits were learned with (Diehl and Cook, 2015, the constants of their program): a presynaptic spike
  /// depresses by a ten-thousandth, a postsynaptic one potentiates by a hundredth where another came shortly before.
  public static func diehlCook(bounds: ClosedRange<Double> = 0...1) -> TripletSTDP {
    TripletSTDP(
      potentiation: Amplitudes(pair: 0, triplet: 0.01), depression: Amplitudes(pair: 0.0001, triplet: 0),
      potentiationTimeConstant: 20, slowPresynapticTimeConstant: 20, depressionTimeConstant: 20,
      slowPostsynapticTimeConstant: 40, bounds: bounds, pairing: .nearest, coincidentSpikes: .potentiate)
  }

  /// A row of the paper's tables: A₂⁺, A₃⁺, A₂⁻, A₃⁻, τ_x, τ_y. Where A₃⁻ is 0 the value of τ_x does not matter.
  private struct Fit {
    let potentiation, depression: (Double, Double)
    let slow: (Double, Double)

    init(_ a2: Double, _ a3: Double, _ b2: Double, _ b3: Double, _ tauX: Double, _ tauY: Double) {
      (potentiation, depression, slow) = ((a2, a3), (b2, b3), (tauX, tauY))
    }

    func rule(_ pairing: PlasticityTrace.Pairing, _ unit: Double, _ bounds: ClosedRange<Double>)
      -> TripletSTDP
    {
      TripletSTDP(
        potentiation: Amplitudes(pair: unit * potentiation.0, triplet: unit * potentiation.1),
        depression: Amplitudes(pair: unit * depression.0, triplet: unit * depression.1),
        slowPresynapticTimeConstant: slow.0, slowPostsynapticTimeConstant: slow.1, bounds: bounds,
        pairing: pairing)
    }
  }
}
