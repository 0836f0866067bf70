import Datasets
import Foundation
import Support

/// A neuron of a soma and dendrites, each one compartment with leak, coupled to the soma; synapses on dendrites open AMPA and NMDA channels
/// (excitatory) or GABA-A channels (inhibitory):
///
///     C dV/dt = gL (EL - V) + gc (Vs - V) + gA (0 - V) + gN B(V) (0 - V) + gG (EG - V)
///     B(V) = 1 / (1 + 0.28 exp(-0.062 V))
///
/// Each event adds to a conductance that decays exponentially. The soma fires at a threshold, is reset and held for a refractory time. Units: ms,
/// mV, nS, pF. The magnesium block of NMDA makes dendrites non-linear: what neighbouring synapses do together differs from the sum.
public struct CompartmentalNeuron: Sendable {
  public var dendrites = 8
  public var somaCapacitance = 150.0
  public var somaLeak = 7.5
  public var dendriteCapacitance = 80.0
  public var dendriteLeak = 4.0
  /// Between the soma and each dendrite.
  public var coupling = 4.0
  public var rest = -70.0
  /// What one event opens.
  public var ampa = 0.35
  public var nmda = 0.09
  public var gaba = 0.4
  public var ampaDecay = 2.0
  public var nmdaDecay = 50.0
  public var gabaDecay = 10.0
  public var inhibitoryReversal = -75.0
  public var threshold = -50.0
  public var reset = -65.0
  public var refractory = 3.0
  /// Steps of the integration in a millisecond.
  public var stepsPerMillisecond = 10

  public init() {}

  /// Runs the neuron from rest over events of one sequence, a step a millisecond; the first half of the inputs is excitatory. Inputs lie along the
  /// dendrites: neighbours are on the same one.
  ///
  /// - Throws: `CajalError` when there is more than one sequence, or too few inputs for the dendrites.
  public func respond(to events: SynapticEvents) throws -> SynapticRecording {
    guard events.batch == 1, dendrites > 0, stepsPerMillisecond > 0, events.inputs / 2 >= dendrites else {
      throw CajalError(
        "\(events.inputs) inputs of \(events.batch) sequences for a neuron of \(dendrites) dendrites, which takes one sequence"
      )
    }
    var cell = Membranes(self)
    let excitatory = events.inputs / 2
    var spikes = [Bool](repeating: false, count: events.steps)
    var voltage = [Float](repeating: 0, count: events.steps)
    for t in 0..<events.steps {
      for event in Int(events.starts[t])..<Int(events.starts[t + 1]) {
        let input = Int(events.indices[event])
        let isExcitatory = input < excitatory
        let place = isExcitatory ? input : input - excitatory
        let kind = isExcitatory ? excitatory : events.inputs - excitatory
        cell.open(place * dendrites / kind, isExcitatory, abs(Double(events.values[event])))
      }
      for _ in 0..<stepsPerMillisecond where cell.advance() { spikes[t] = true }
      voltage[t] = Float(cell.soma)
    }
    return try SynapticRecording(events: events, spikes: spikes, voltage: voltage)
  }

  /// Recordings of this neuron under random input.
  public func recordings(
    _ count: Int, steps: Int, input: FluctuatingRates = FluctuatingRates(),
    name: String = "compartmental neuron",
    using generator: inout RandomGenerator
  ) throws -> SynapticRecordings {
    let base = RandomGenerator(seed: generator.next())
    let recordings = try parallelMap(
      count,
      throwing: { index in
        var own = base.split(index)
        return try respond(to: input.events(steps: steps, using: &own))
      })
    return try SynapticRecordings(
      name: name, recordings: recordings,
      fingerprint: Fingerprint.of(Data("\(self) \(input) \(count) \(steps) \(base)".utf8)))
  }

  /// The neuron with excitatory conductances scaled alike so that it fires at a rate, in spikes a second, under random input.
  ///
  /// - Throws: `CajalError` when no factor between 1/30 and 30 comes within a tenth of the rate.
  public func calibrated(
    to rate: Double, input: FluctuatingRates = FluctuatingRates(), recordings count: Int = 8,
    steps: Int = 4000,
    using generator: inout RandomGenerator
  ) throws -> CompartmentalNeuron {
    let base = generator
    func scaled(_ factor: Double) -> CompartmentalNeuron {
      var copy = self
      (copy.ampa, copy.nmda) = (ampa * factor, nmda * factor)
      return copy
    }
    var (low, high) = (log(1 / 30.0), log(30.0))
    for _ in 0..<24 {
      let middle = (low + high) / 2
      var own = base
      let found = try scaled(exp(middle)).recordings(count, steps: steps, input: input, using: &own).rate
      if abs(found - rate) < rate / 20 {
        _ = generator.next()
        return scaled(exp(middle))
      }
      if found < rate { low = middle } else { high = middle }
    }
    throw CajalError("no strength of excitatory synapses has the neuron fire at \(rate) spikes a second")
  }
}

/// Voltages and conductances while they run.
private struct Membranes {
  let p: CompartmentalNeuron
  private let step: Double
  private let decays: (ampa: Double, nmda: Double, gaba: Double)
  private(set) var soma: Double
  private var voltage, ampa, nmda, gaba: [Double]
  private var pause = 0

  init(_ neuron: CompartmentalNeuron) {
    p = neuron
    step = 1 / Double(neuron.stepsPerMillisecond)
    decays = (exp(-step / neuron.ampaDecay), exp(-step / neuron.nmdaDecay), exp(-step / neuron.gabaDecay))
    soma = neuron.rest
    voltage = [Double](repeating: neuron.rest, count: neuron.dendrites)
    (ampa, nmda, gaba) = (voltage.map { _ in 0 }, voltage.map { _ in 0 }, voltage.map { _ in 0 })
  }

  mutating func open(_ dendrite: Int, _ isExcitatory: Bool, _ size: Double) {
    if isExcitatory {
      ampa[dendrite] += p.ampa * size
      nmda[dendrite] += p.nmda * size
    } else {
      gaba[dendrite] += p.gaba * size
    }
  }

  /// One step; whether the soma fired.
  mutating func advance() -> Bool {
    var into = p.somaLeak * (p.rest - soma)
    for k in voltage.indices {
      let v = voltage[k]
      into += p.coupling * (v - soma)
      let unblocked = nmda[k] == 0 ? 0 : nmda[k] / (1 + 0.28 * exp(-0.062 * v))
      var current = p.dendriteLeak * (p.rest - v) + p.coupling * (soma - v)
      current += (ampa[k] + unblocked) * (0 - v) + gaba[k] * (p.inhibitoryReversal - v)
      voltage[k] = v + step * current / p.dendriteCapacitance
      ampa[k] *= decays.ampa
      nmda[k] *= decays.nmda
      gaba[k] *= decays.gaba
    }
    if pause > 0 {
      pause -= 1
      return false
    }
    soma += step * into / p.somaCapacitance
    guard soma >= p.threshold else { return false }
    soma = p.reset
    pause = Int((p.refractory / step).rounded())
    return true
  }
}
