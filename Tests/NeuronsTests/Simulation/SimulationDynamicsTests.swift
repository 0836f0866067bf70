import Foundation
import Neurons
import Recordings
import Support
import Tensors
import Testing

/// The series of a variable of the only neuron of a network that was run.
func series(
  _ type: NeuronType, _ variable: String, steps: Int, step: Time, precision: Precision = .double,
  _ build: (inout Network, Population) -> Void
) throws -> [Double] {
  var network = Network(step: step, seed: 5)
  let neuron = network.add("neuron", 1, type)
  build(&network, neuron)
  network.record([variable], of: neuron, every: step)
  let simulation = try Simulation(network, precision: precision, threads: 1)
  try simulation.run(for: Time(Double(steps) * step.value))
  return try simulation.recording(of: variable, in: neuron).activity.doubles
}

@Suite struct SimulationDynamicsTests {
  let never = 1000.mV

  @Test(arguments: Precision.allCases)
  func aConstantCurrentChargesTheMembraneExactly(_ precision: Precision) throws {
    let type = NeuronType.currentLIF(
      membrane: 20.ms, rest: -65.mV, threshold: never, capacitance: 0.25.nF)
    let v = try series(type, "membrane", steps: 400, step: 0.1.ms, precision: precision) {
      $0.inject(0.2.nA, into: $1)
    }
    // R = τ/C = 80 MΩ, so that 0.2 nA bring 16 mV in the end; recordings keep single precision.
    for (k, value) in v.enumerated() {
      let exact = -65 + 16 * (1 - exp(-Double(k + 1) * 0.1 / 20))
      #expect(abs(value - exact) < (precision == .double ? 1e-5 : 2e-4))
    }
  }

  @Test func aSpikeMovesTheMembraneAsTheClosedFormSays() throws {
    let type = NeuronType.currentLIF(
      membrane: 20.ms, excitatory: 5.ms, inhibitory: 5.ms, rest: 0.mV, threshold: never)
    let delay = 1.3.ms
    let v = try series(type, "membrane", steps: 300, step: 0.1.ms) { network, neuron in
      let input = network.addSpikes("input", at: [[2.0]])
      network.connect(input, to: neuron, .all(), weight: 3.mV, delay: delay)
    }
    for (k, value) in v.enumerated() {
      let t = Double(k + 1) * 0.1 - 3.3
      // τs/(τm - τs) (exp(-t/τm) - exp(-t/τs)), the response to exp(-t/τs)/τm.
      let exact = t <= 0 ? 0 : 3 * 5.0 / 15 * (exp(-t / 20) - exp(-t / 5))
      #expect(abs(value - exact) < 1e-6, "at \(t) ms")
    }
  }

  @Test func aNeuronFiresWithThePeriodOfTheClosedForm() throws {
    let step = 0.01.ms
    var network = Network(step: step)
    let neuron = network.add(
      "neuron", 1,
      .currentLIF(membrane: 20.ms, rest: -60.mV, threshold: -50.mV, reset: -60.mV, refractory: 2.ms))
    network.inject(15.mV, into: neuron)
    network.recordSpikes(of: neuron)
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 500.ms)
    let times = try Array(simulation.spikes(of: neuron)[0])
    // From -60 towards -45 mV, and a pause of 2 ms.
    let period = 20 * log(15.0 / 5.0) + 2
    #expect(times.count == Int((500 + 2) / period))
    for (a, b) in zip(times, times.dropFirst()) { #expect(abs((b - a) * 1000 - period) <= step.value * 1.01) }
  }

  /// Every neuron type against the same model run on tensors.
  @Test(arguments: [
    "current", "held", "late", "conductance", "alpha", "conductance by Euler", "alpha by Euler", "izhikevich",
    "adex", "adex currents", "hodgkin", "bare",
  ])
  func aSimulatedNeuronIsTheLayersNeuron(_ kind: String) throws {
    let h = kind.hasPrefix("hodgkin") ? 0.025 : kind == "izhikevich" || kind == "bare" ? 0.5 : 0.1
    let steps = 1600
    let (type, layer) = cases(kind, h)
    var generator = RandomGenerator(seed: 8)
    let spikeTimes = (0..<2).map { _ in
      (0..<steps).filter { _ in generator.uniform() < 0.03 }.map { (Double($0) + 0.25) * h }
    }
    // Strong enough for several spikes, in the unit of the current.
    let drives = [
      "bare": 9, "izhikevich": 9, "hodgkin": 25, "conductance": 0.2, "alpha": 0.2, "adex": 1.5,
      "adex currents": 1.5,
    ]
    let weights = ["hodgkin": 0.1, "izhikevich": 0.05, "adex currents": 0.2]
    let (drive, weight) = (
      drives[kind.replacingOccurrences(of: " by Euler", with: "")] ?? 6, weights[kind] ?? 2
    )
    let unitOfCurrent = type.inputs.last!.unit
    var network = Network(step: Time(h))
    let neuron = network.add("neuron", 1, type)
    inject(&network, neuron, unitOfCurrent, drive, h)
    if kind != "bare" {
      for (k, receptor) in [Receptor.excitatory, .inhibitory].enumerated() {
        let input = network.addSpikes("input \(k)", at: [spikeTimes[k]])
        connect(&network, input, neuron, type.inputs[k].unit, weight, h, receptor)
      }
    }
    network.recordSpikes(of: neuron)
    network.record(["membrane"], of: neuron, every: Time(h))
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: Time(Double(steps) * h))
    let membrane = try simulation.recording(of: "membrane", in: neuron).activity.doubles
    let fired = try simulation.spikes(of: neuron)[0].map { Int(($0 * 1000 / h).rounded()) }

    let inputs = type.inputs.enumerated().map { index, input -> Tensor in
      var values = [Double](repeating: 0, count: steps)
      if index == type.inputs.count - 1 {
        for k in steps / 8..<steps { values[k] = drive * scale(kind).current }
      } else {
        for time in spikeTimes[index] {
          let arrives = Int(time / h) + 1
          if arrives < steps { values[arrives] += weight * scale(kind).weight }
        }
      }
      return Tensor(values, shape: [steps, 1, 1], as: .float64)
    }
    let (spikes, membranes) = layer(inputs)
    #expect(fired.count > 2)
    #expect(fired == spikes.indices.filter { spikes[$0] > 0.5 })
    let worst = zip(membrane, membranes).map { abs($0 - $1) }.max()!
    #expect(worst < 1e-3, "\(kind): \(worst)")
  }

  private func scale(_ kind: String) -> (weight: Double, current: Double) {
    switch kind {
    case "conductance", "alpha", "conductance by Euler", "alpha by Euler": (0.1, 100)
    case "adex": (1, 1000)
    case "adex currents": (1000, 1000)
    default: (1, 1)
    }
  }

  private func inject(_ n: inout Network, _ p: Population, _ unit: String, _ value: Double, _ h: Double) {
    let during = Time(Double(1600 / 8) * h)..<1000.s
    if unit == "nA" { n.inject(value.nA, into: p, during: during) }
    if unit == "mV" { n.inject(value.mV, into: p, during: during) }
    if unit == "1" { n.inject(value.number, into: p, during: during) }
  }

  private func connect(
    _ n: inout Network, _ a: Population, _ b: Population, _ unit: String, _ w: Double, _ h: Double,
    _ r: Receptor
  ) {
    if unit == "nA" { n.connect(a, to: b, .all(), weight: w.nA, delay: Time(h), receptor: r) }
    if unit == "mV" { n.connect(a, to: b, .all(), weight: w.mV, delay: Time(h), receptor: r) }
    if unit == "nS" { n.connect(a, to: b, .all(), weight: w.nS, delay: Time(h), receptor: r) }
    if unit == "1" { n.connect(a, to: b, .all(), weight: w.number, delay: Time(h), receptor: r) }
  }

  /// The type, and the same neuron as a layer: spikes and membranes, step by step.
  private func cases(_ kind: String, _ h: Double) -> (NeuronType, ([Tensor]) -> ([Double], [Double])) {
    func layer<M: NeuronModel>(_ model: M) -> ([Tensor]) -> ([Double], [Double]) {
      { inputs in
        var state = model.rest(like: inputs[0][0])
        var (spikes, membranes): ([Double], [Double]) = ([], [])
        for t in 0..<inputs[0].size(0) {
          let (output, next) = model.step(inputs.map { $0[t] }, state)
          state = next
          spikes.append(output.item)
          membranes.append(state.variables[0].item)
        }
        return (spikes, membranes)
      }
    }
    func current(_ integration: DualCurrentLIF.Integration) -> (
      NeuronType, ([Tensor]) -> ([Double], [Double])
    ) {
      var p = DualCurrentLIF.Parameters()
      (p.step, p.rest, p.integration) = (h, -52, integration)
      return (.currentLIF(rest: -52.mV, integration: integration), layer(DualCurrentLIF(p)))
    }
    func conductance(
      _ kernel: SynapticKernel, _ integration: ConductanceLIF.Integration = .exponentialEuler
    ) -> (NeuronType, ([Tensor]) -> ([Double], [Double])) {
      var p = ConductanceLIF.Parameters()
      (p.step, p.kernel, p.rest, p.integration) = (h, kernel, -58, integration)
      return (
        .conductanceLIF(kernel: kernel, rest: -58.mV, integration: integration),
        layer(DrivenConductanceLIF(p))
      )
    }
    var s = SynapticNeuron<Izhikevich>.Synapses()
    s.reversal = .init()
    switch kind {
    case "held": return current(.heldCurrents)
    case "late": return current(.exactAfterwards)
    case "conductance": return conductance(.exponential)
    case "alpha": return conductance(.alpha)
    case "conductance by Euler": return conductance(.exponential, .euler)
    case "alpha by Euler": return conductance(.alpha, .euler)
    case "izhikevich":
      var p = Izhikevich.Parameters.regularSpiking
      p.step = h
      return (
        .izhikevich(synapses: .conductances(excitatory: 5.ms, inhibitory: 10.ms)),
        layer(SynapticNeuron(Izhikevich(p), s, step: h))
      )
    case "bare":
      var p = Izhikevich.Parameters.regularSpiking
      p.step = h
      return (.izhikevich(), layer(Izhikevich(p)))
    case "adex", "adex currents":
      var own = SynapticNeuron<AdEx>.Synapses()
      let isConductance = kind == "adex"
      own.reversal = isConductance ? .init() : nil
      own.kernel = .alpha
      return (
        .adEx(
          synapses: isConductance
            ? .conductances(excitatory: 5.ms, inhibitory: 10.ms, kernel: .alpha)
            : .currents(excitatory: 5.ms, inhibitory: 10.ms, kernel: .alpha)),
        layer(SynapticNeuron(AdEx(), own, step: h))
      )
    case "hodgkin":
      var own = SynapticNeuron<HodgkinHuxley>.Synapses()
      own.reversal = .init()
      return (.hodgkinHuxley(), layer(SynapticNeuron(HodgkinHuxley(), own, step: h)))
    default: return current(.exact)
    }
  }
}
