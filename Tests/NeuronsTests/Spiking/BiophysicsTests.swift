import Foundation
import Neurons
import Support
import Tensors
import Testing

/// Single neurons against closed forms, finer integration and published firing patterns.
@Suite struct BiophysicsTests {
  /// Times of the spikes of one neuron under a current, in steps.
  private func spikeTimes<Model: NeuronModel>(_ model: Model, _ current: [Double]) -> [Int] {
    let spikes = model(Tensor(current, shape: [current.count, 1, 1]).to(.float32)).output.floats
    return spikes.indices.filter { spikes[$0] > 0 }
  }

  /// A single input draws the exact postsynaptic potential.
  @Test(arguments: [SynapticKernel.exponential, .alpha]) func currentBasedPotentialIsExact(
    _ kernel: SynapticKernel
  ) {
    var p = CurrentLIF.Parameters()
    (p.step, p.membraneTimeConstant, p.synapticTimeConstant) = (0.5, 12, 3)
    (p.kernel, p.resistance, p.threshold) = (kernel, 2, 1e9)
    let model = CurrentLIF(p)
    let (m, s) = (12.0, 3.0)
    func potential(_ t: Double) -> Double {
      let k = 1 / s - 1 / m
      return switch kernel {
      case .exponential: p.resistance / m * (exp(-t / m) - exp(-t / s)) / k
      // ∫ (e u/s) exp(-u/s) exp(-(t - u)/m) du
      case .alpha:
        p.resistance / m * M_E / s * exp(-t / m) * (1 / (k * k) - exp(-k * t) * (t / k + 1 / (k * k)))
      }
    }
    var state = model.rest(like: Tensor.zeros([1, 1], .float64))
    for step in 0..<60 {
      state = model.step(Tensor.full([1, 1], step == 0 ? 1 : 0, .float64), state).state
      #expect(abs(state.membrane.item - potential(Double(step + 1) * 0.5)) < 1e-12)
    }
  }

  /// Against the equations in steps a thousand times as fine.
  @Test(arguments: ConductanceLIF.Integration.allCases)
  func conductanceBasedMembraneConverges(_ integration: ConductanceLIF.Integration) {
    func end(_ step: Double) -> Double {
      var p = ConductanceLIF.Parameters()
      (p.step, p.threshold, p.integration) = (step, 1e9, integration)
      let count = Int((40 / step).rounded())
      let x = (0..<count).map { $0 == 0 ? 0.5 : 0 }
      let y = (0..<count).map { $0 == count / 4 ? 1.5 : 0 }
      let tensors = [x, y].map { Tensor($0, shape: [count, 1, 1]) }
      return ConductanceLIF(p).unfused(tensors).state.membrane.item
    }
    let (coarse, half, fine) = (end(0.2), end(0.1), end(0.0125))
    #expect(abs(coarse - fine) < 0.05 && abs(half - fine) < 0.6 * abs(coarse - fine))
  }

  /// A refractory period adds to the period of a neuron that is driven steadily.
  @Test func refractorinessLengthensThePeriod() {
    let current = [Double](repeating: 2.5, count: 200)
    func period(_ steps: Int) -> Int {
      let times = spikeTimes(RefractoryLIF(LIFParameters(timeConstant: 8), refractorySteps: steps), current)
      return times[5] - times[4]
    }
    #expect(period(3) == period(0) + 3 && period(10) == period(0) + 10)
    var p = CurrentLIF.Parameters()
    (p.refractoryPeriod, p.reset) = (4, .hard())
    let times = spikeTimes(CurrentLIF(p), [Double](repeating: 5, count: 200))
    #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 > 4 })
  }

  /// Izhikevich's figure: what each pattern does, in counts and times of spikes.
  @Test func firingPatternsAreThoseOfTheFigure() {
    func times(_ pattern: FiringPattern) -> [Double] {
      let step = pattern.parameters.step
      let count = Int(pattern.duration / step)
      let current = (0..<count).map { pattern.current(at: Double($0) * step) }
      return spikeTimes(Izhikevich(pattern.parameters), current).map { Double($0 + 1) * step }
    }
    func gaps(_ times: [Double]) -> [Double] { zip(times.dropFirst(), times).map(-) }
    var t = times(.tonicSpiking)
    #expect(t.count >= 4 && t.allSatisfy { $0 > 10 } && t.last! > 80)
    #expect(times(.phasicSpiking).count == 1)
    t = times(.tonicBursting)
    #expect(gaps(t).min()! < 5 && gaps(t).max()! > 20 && gaps(t).filter { $0 > 15 }.count >= 2)
    t = times(.phasicBursting)
    #expect(t.count >= 3 && t.last! < 100)
    t = times(.mixedMode)
    #expect(gaps(t)[0] < 6 && gaps(t).last! > 2 * gaps(t)[0])
    t = times(.spikeFrequencyAdaptation)
    #expect(gaps(t).last! > 2 * gaps(t)[0])
    t = times(.class1Excitability)
    #expect(gaps(t)[0] > 2 * gaps(t).last!)
    t = times(.class2Excitability)
    #expect(gaps(t)[0] < 2 * gaps(t).last!)
    t = times(.spikeLatency)
    #expect(t.count == 1 && t[0] > 20)
    #expect(times(.subthresholdOscillations).count == 1)
    t = times(.resonator)  // only the pair of pulses in its own rhythm
    #expect(t.count == 1 && t[0] > 320)
    t = times(.integrator)  // only the close pair
    #expect(t.count == 1 && t[0] < 30)
    t = times(.reboundSpike)
    #expect(t.count == 1 && t[0] > 25)
    t = times(.reboundBurst)
    #expect(t.count >= 3 && t[0] > 25)
    t = times(.thresholdVariability)  // the same pulse fires only after inhibition
    #expect(t.count == 1 && t[0] > 75)
    t = times(.bistability)
    #expect(t.count > 3 && t.last! < 230)
    #expect(times(.depolarizingAfterpotential).count == 1)
    t = times(.accommodation)  // the slow ramp does not, the fast one does
    #expect(t.count == 1 && t[0] > 300)
    t = times(.inhibitionInducedSpiking)
    #expect(t.count >= 3 && t.allSatisfy { $0 > 50 && $0 < 260 })
    t = times(.inhibitionInducedBursting)
    #expect(t.count >= 4 && gaps(t).min()! < 10 && t.allSatisfy { $0 > 50 })
  }

  /// Spike times of AdEx approach those of a fine integration.
  @Test func adaptiveExponentialConverges() {
    func times(_ step: Double) -> [Double] {
      var p = AdEx.Parameters()
      p.step = step
      let count = Int(300 / step)
      return spikeTimes(AdEx(p), [Double](repeating: 1_000, count: count)).map { Double($0) * step }
    }
    let (coarse, fine) = (times(0.1), times(0.005))
    #expect(coarse.count == fine.count && fine.count >= 5)
    #expect(zip(coarse, fine).allSatisfy { abs($0 - $1) < 0.02 * $1 })
    let gaps = zip(fine.dropFirst(), fine).map(-)
    #expect(gaps.last! > 1.3 * gaps[0])  // adaptation
  }

  /// The squid's axon stays at rest, and fires as fast as a Runge-Kutta integration says.
  @Test func hodgkinHuxleyFollowsAFinerIntegrator() {
    let model = HodgkinHuxley()
    let rest = model.unfused(Tensor.zeros([400, 1, 1], .float64)).state
    #expect(abs(rest.membrane.item + 65) < 0.02)
    let count = 20_000  // 500 ms
    let times = spikeTimes(model, [Double](repeating: 10, count: count)).map { Double($0) * 0.025 }
    let rate = Double(times.count - 2) / (times.last! - times[1]) * 1_000
    let reference = SquidAxon().rate(current: 10, duration: 500)
    #expect(abs(rate - reference) < 0.01 * reference, "\(rate) Hz against \(reference) Hz")
    #expect(spikeTimes(model, [Double](repeating: 2, count: 8_000)).isEmpty)
  }

  /// Two pulses a period apart move a resonator more than two half a period apart.
  @Test func resonatorsPreferTheirRhythm() {
    let model = ResonateAndFire(frequency: 2 * .pi / 40, damping: -0.01, threshold: 100)
    func peak(_ gap: Int) -> Double {
      var state = model.rest(like: Tensor.zeros([1, 1], .float64))
      return (0..<200).map { time in
        state = model.step(Tensor.full([1, 1], time == 0 || time == gap ? 1 : 0, .float64), state).state
        return state.imaginary.item
      }.max()!
    }
    #expect(peak(40) > 1.6 * peak(20))
    // One pulse: exp(bt) sin(ωt).
    var state = model.rest(like: Tensor.zeros([1, 1], .float64))
    for time in 0..<100 {
      state = model.step(Tensor.full([1, 1], time == 0 ? 1 : 0, .float64), state).state
      let t = Double(time)
      #expect(abs(state.imaginary.item - exp(-0.01 * t) * sin(2 * .pi / 40 * t)) < 1e-12)
    }
  }

  /// The response to one input has its peak of one where the kernel says.
  @Test func spikeResponseIsItsKernel() {
    let model = SpikeResponse(membraneTimeConstant: 10, synapticTimeConstant: 2.5, threshold: 0.5)
    let x = Tensor((0..<40).map { $0 == 3 ? 1.0 : 0 }, shape: [40, 1, 1])
    let times = spikeTimes(model, x.doubles)
    let top = 10 * 2.5 / 7.5 * log(4.0)
    let height = 1 / (exp(-top / 10) - exp(-top / 2.5))
    func kernel(_ t: Double) -> Double { (exp(-t / 10) - exp(-t / 2.5)) * height }
    #expect(abs(kernel(top) - 1) < 1e-12)
    #expect(times[0] == 3 + (1...).first { kernel(Double($0)) >= 0.5 }!)
  }

  /// The adaptation of a neuron that fires is the trace of its spikes.
  @Test func adaptationIsATraceOfTheSpikes() {
    let model = AdaptiveLIF(adaptationTimeConstant: 30, adaptationStrength: 0.5)
    let (spikes, state) = model(Tensor.full([200, 1, 1], 4))
    let keep = exp(-1.0 / 30)
    let trace = spikes.floats.reduce(0.0) { keep * $0 + (1 - keep) * Double($1) }
    #expect(abs(state.adaptation.item - trace) < 1e-5)
    let times = spikes.floats.indices.filter { spikes.floats[$0] > 0 }
    #expect(times.last! - times[times.count - 2] > times[1] - times[0])
  }
}

/// Hodgkin and Huxley's equations by the classical Runge-Kutta method, in small steps.
private struct SquidAxon {
  private func slopes(_ y: [Double], _ current: Double) -> [Double] {
    let (v, m, h, n) = (y[0], y[1], y[2], y[3])
    func ratio(_ x: Double) -> Double { abs(x) < 1e-9 ? 1 : x / (1 - exp(-x)) }
    let (am, bm) = (ratio((v + 40) / 10), 4 * exp(-(v + 65) / 18))
    let (ah, bh) = (0.07 * exp(-(v + 65) / 20), 1 / (1 + exp(-(v + 35) / 10)))
    let (an, bn) = (0.1 * ratio((v + 55) / 10), 0.125 * exp(-(v + 65) / 80))
    let ionic = 120 * m * m * m * h * (v - 50) + 36 * n * n * n * n * (v + 77) + 0.3 * (v + 54.387)
    return [current - ionic, am * (1 - m) - bm * m, ah * (1 - h) - bh * h, an * (1 - n) - bn * n]
  }

  /// Spikes per second after the second spike.
  func rate(current: Double, duration: Double, step: Double = 0.005) -> Double {
    var y = HodgkinHuxley().rest
    var times: [Double] = []
    for index in 0..<Int(duration / step) {
      func moved(_ k: [Double], _ by: Double) -> [Double] { zip(y, k).map { $0 + by * $1 } }
      let k1 = slopes(y, current)
      let k2 = slopes(moved(k1, step / 2), current)
      let k3 = slopes(moved(k2, step / 2), current)
      let k4 = slopes(moved(k3, step), current)
      let next = y.indices.map { y[$0] + step / 6 * (k1[$0] + 2 * k2[$0] + 2 * k3[$0] + k4[$0]) }
      if y[0] < 0, next[0] >= 0 { times.append(Double(index) * step) }
      y = next
    }
    return Double(times.count - 2) / (times.last! - times[1]) * 1_000
  }
}
