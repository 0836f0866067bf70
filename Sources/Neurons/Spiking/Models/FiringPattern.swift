/// The twenty firing patterns of Izhikevich (2004, figure 1), each with parameters and the current that shows it.
public enum FiringPattern: String, CaseIterable, Sendable {
  case tonicSpiking, phasicSpiking, tonicBursting, phasicBursting, mixedMode, spikeFrequencyAdaptation
  case class1Excitability, class2Excitability, spikeLatency, subthresholdOscillations, resonator, integrator
  case reboundSpike, reboundBurst, thresholdVariability, bistability, depolarizingAfterpotential
  case accommodation, inhibitionInducedSpiking, inhibitionInducedBursting

  public var parameters: Izhikevich.Parameters {
    func of(_ a: Double, _ b: Double, _ c: Double, _ d: Double, start: Double = -70) -> Izhikevich.Parameters
    {
      var p = Izhikevich.Parameters(a: a, b: b, c: c, d: d, start: start)
      (p.step, p.halvesStep) = (step, false)
      return p
    }
    /// The two patterns with a different parabola.
    func of(_ a: Double, _ b: Double, _ c: Double, _ d: Double, slow: Void) -> Izhikevich.Parameters {
      var p = of(a, b, c, d, start: -60)
      (p.linear, p.constant) = (4.1, 108)
      return p
    }
    switch self {
    case .tonicSpiking: return of(0.02, 0.2, -65, 6)
    case .phasicSpiking: return of(0.02, 0.25, -65, 6, start: -64)
    case .tonicBursting: return of(0.02, 0.2, -50, 2)
    case .phasicBursting: return of(0.02, 0.25, -55, 0.05, start: -64)
    case .mixedMode: return of(0.02, 0.2, -55, 4)
    case .spikeFrequencyAdaptation: return of(0.01, 0.2, -65, 8)
    case .class1Excitability: return of(0.02, -0.1, -55, 6, slow: ())
    case .class2Excitability: return of(0.2, 0.26, -65, 0, start: -64)
    case .spikeLatency: return of(0.02, 0.2, -65, 6)
    case .subthresholdOscillations: return of(0.05, 0.26, -60, 0, start: -62)
    case .resonator: return of(0.1, 0.26, -60, -1, start: -62)
    case .integrator: return of(0.02, -0.1, -55, 6, slow: ())
    case .reboundSpike: return of(0.03, 0.25, -60, 4, start: -64)
    case .reboundBurst: return of(0.03, 0.25, -52, 0, start: -64)
    case .thresholdVariability: return of(0.03, 0.25, -60, 4, start: -64)
    case .bistability: return of(0.1, 0.26, -60, 0, start: -61)
    case .depolarizingAfterpotential: return of(1, 0.2, -60, -21)
    case .accommodation:
      var p = of(0.02, 1, -55, 4, start: -65)
      (p.recoveryOffset, p.recoveryDecays, p.recoveryStart) = (65, false, -16)
      return p
    case .inhibitionInducedSpiking: return of(-0.02, -1, -60, 8, start: -63.8)
    case .inhibitionInducedBursting: return of(-0.026, -1, -45, 0, start: -63.8)
    }
  }

  /// Milliseconds of a step in the figure.
  private var step: Double {
    switch self {
    case .phasicBursting, .spikeLatency, .reboundSpike, .reboundBurst: 0.2
    case .depolarizingAfterpotential: 0.1
    case .accommodation, .inhibitionInducedSpiking, .inhibitionInducedBursting: 0.5
    default: 0.25
    }
  }

  /// How long the pattern is shown, in milliseconds.
  public var duration: Double {
    switch self {
    case .tonicBursting: 220
    case .phasicSpiking, .phasicBursting, .reboundSpike, .reboundBurst, .subthresholdOscillations: 200
    case .class1Excitability, .class2Excitability, .bistability: 300
    case .resonator, .accommodation: 400
    case .mixedMode: 160
    case .spikeFrequencyAdaptation: 85
    case .depolarizingAfterpotential: 50
    case .inhibitionInducedSpiking, .inhibitionInducedBursting: 350
    default: 100
    }
  }

  /// The current at a time in milliseconds.
  public func current(at time: Double) -> Double {
    func within(_ from: Double, _ length: Double) -> Bool { time > from && time < from + length }
    func step(_ from: Double, _ value: Double) -> Double { time > from ? value : 0 }
    switch self {
    case .tonicSpiking: return step(10, 14)
    case .phasicSpiking: return step(20, 0.5)
    case .tonicBursting: return step(22, 15)
    case .phasicBursting: return step(20, 0.6)
    case .mixedMode: return step(16, 10)
    case .spikeFrequencyAdaptation: return step(8.5, 30)
    case .class1Excitability: return time > 30 ? 0.075 * (time - 30) : 0
    case .class2Excitability: return time > 30 ? -0.5 + 0.015 * (time - 30) : -0.5
    case .spikeLatency: return within(10, 3) ? 7.04 : 0
    case .subthresholdOscillations: return within(20, 5) ? 2 : 0
    case .resonator:
      return [40, 60, 280, 320].contains { within($0, 4) } ? 0.65 : 0
    case .integrator:
      return [100.0 / 11, 100.0 / 11 + 5, 70, 80].contains { within($0, 2) } ? 9 : 0
    case .reboundSpike, .reboundBurst: return within(20, 5) ? -15 : 0
    case .thresholdVariability:
      if within(10, 5) || within(80, 5) { return 1 }
      return within(70, 5) ? -6 : 0
    case .bistability: return within(37.5, 5) || within(216, 5) ? 1.24 : 0.24
    case .depolarizingAfterpotential: return abs(time - 10) < 1 ? 20 : 0
    case .accommodation:
      if time < 200 { return time / 25 }
      return within(300, 12.5) ? (time - 300) / 12.5 * 4 : 0
    case .inhibitionInducedSpiking, .inhibitionInducedBursting: return within(50, 200) ? 75 : 80
    }
  }
}
