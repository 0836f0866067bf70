import Foundation
import Neurons
import Support
import Tensors
import Testing

/// Neurons that only add up what arrives: what they remember is what they got.
let adders = NeuronType(
  "adder", inputs: [.init(.excitatory), .init(.inhibitory), .init(.current)], variables: ["sum", "last"]
) {
  _ in Adder()
}

private struct AdderState: NeuronState {
  var variables: [Tensor]
  init(_ variables: [Tensor]) { self.variables = variables }
}

private struct Adder: NeuronModel {
  typealias State = AdderState
  static let inputCount = 3
  static let variableCount = 2
  var rest: [Double] { [0, 0] }
  func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>) -> (
    output: A, state: Variables<A>
  ) {
    let arrived = inputs[0] - inputs[1] + inputs[2]
    return (state[0].scaled(by: 0), Variables(state[0] + arrived, arrived))
  }
}

@Suite struct SimulationDeliveryTests {
  @Test(arguments: [1, 2, 7, 64, 65, 300])
  func aSpikeArrivesAfterItsDelayAndNotBefore(_ delay: Int) throws {
    var network = Network(step: 0.5.ms)
    let input = network.addSpikes("input", at: [[0, 5.0, 5.5], [0.5]])
    let neuron = network.add("neuron", 2, adders)
    network.connect(input, to: neuron, .oneToOne, weight: 2.number, delay: Time(0.5 * Double(delay)))
    network.record(["last"], of: neuron, every: 0.5.ms)
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 250.ms)
    let last = try simulation.recording(of: "last", in: neuron).activity.doubles
    let expected: [Set<Int>] = [[delay, 10 + delay, 11 + delay], [1 + delay]]
    for step in 0..<500 {
      for n in 0..<2 { #expect(last[step * 2 + n] == (expected[n].contains(step) ? 2 : 0), "step \(step)") }
    }
  }

  /// All that is sent arrives, once: drawn weights and delays, several threads.
  @Test(arguments: [1, 2, 3])
  func nothingIsLostAndNothingComesTwice(_ threads: Int) throws {
    var network = Network(step: 1.ms, seed: 9)
    let input = network.addPoisson("input", 300, rate: 20.Hz, active: 0.ms..<200.ms)
    let neurons = network.add("neurons", 500, adders)
    let projection = network.connect(
      input, to: neurons, .fixedProbability(0.1), weight: Random<NumberDimension>(.uniform(0, 1)),
      delay: .uniform(1.ms, 30.ms))
    network.recordSpikes(of: input)
    let simulation = try Simulation(network, precision: .double, threads: threads)
    try simulation.run(for: 260.ms)
    let spikes = try simulation.spikes(of: input)
    let synapses = simulation.synapses(of: projection)
    var expected = [Double](repeating: 0, count: 500)
    for k in 0..<synapses.count {
      expected[synapses.targets[k]] += Double(spikes[synapses.sources[k]].count) * synapses.weights[k]
    }
    let sums = try simulation.values(of: "sum", in: neurons)
    #expect(spikes.spikeCount > 800)
    for n in 0..<500 { #expect(abs(sums[n] - expected[n]) < 1e-9) }
    #expect(synapses.delays.allSatisfy { (1...30).contains($0) && $0 == $0.rounded() })
    #expect(Set(synapses.delays).count == 30)
  }

  /// Noise, sources, plastic and heterogeneous synapses: the same spikes on any number of threads, and in pieces.
  @Test(arguments: Precision.allCases)
  func threadsAndPiecesChangeNothing(_ precision: Precision) throws {
    func run(threads: Int, pieces: [Double], seed: UInt64 = 4) throws -> [[Double]] {
      var network = Network(step: 0.1.ms, seed: seed)
      let e = network.add("e", 800, .currentLIF(rest: -49.mV), start: ["membrane": .uniform(-60, -50)])
      let i = network.add("i", 200, .currentLIF(rest: -49.mV), start: ["membrane": .uniform(-60, -50)])
      let p = network.addPoisson("p", 2100, rate: 3.Hz)
      network.connect(
        e, to: i, .fixedProbability(0.1), weight: Random<VoltageDimension>(.uniform(0.5, 2)),
        delay: .uniform(0.5.ms, 4.ms))
      network.connect(
        e, to: e, .fixedInDegree(40), weight: Random<VoltageDimension>(.uniform(0, 2)), delay: 1.ms,
        plasticity: Plasticity(PairSTDP(potentiation: 0.1, depression: 0.1, bounds: 0...3)))
      network.connect(
        i, to: e, .fixedOutDegree(60), weight: 8.mV, delay: 0.5.ms, receptor: .inhibitory,
        shortTerm: .depressing)
      network.connect(p, to: e, .fixedProbability(0.01), weight: 2.mV, delay: 0.5.ms)
      network.addNoise(deviation: 10.mV, into: i)
      network.addNoise(deviation: 3.mV, timeConstant: 5.ms, into: e)
      network.addPoissonInput(into: e, rate: 100.Hz, weight: 0.5.mV)
      for population in [e, i, p] { network.recordSpikes(of: population) }
      let simulation = try Simulation(network, precision: precision, threads: threads)
      for piece in pieces { try simulation.run(for: Time(piece)) }
      return try [e, i, p].map { try simulation.spikes(of: $0).times }
    }
    let one = try run(threads: 1, pieces: [200])
    #expect(one.allSatisfy { $0.count > 300 })
    #expect(try run(threads: 2, pieces: [200]) == one)
    #expect(try run(threads: 5, pieces: [200]) == one)
    #expect(try run(threads: 2, pieces: [0.1, 13.7, 0, 86.2, 100]) == one)
    #expect(try run(threads: 1, pieces: [200], seed: 5) != one)
  }

  @Test func aRunThatIsEndedKeepsWhatItHas() throws {
    var network = Network(step: 0.1.ms)
    let input = network.addPoisson("input", 100, rate: 50.Hz)
    network.recordSpikes(of: input)
    let simulation = try Simulation(network)
    #expect(try !simulation.run(for: 10_000.s) { $0.value < 500 })
    #expect(simulation.time.value >= 500 && simulation.time.value < 10_000_000)
    #expect(try simulation.spikeCount(of: input) > 1000)
  }

  @Test func spikesBeyondTheLimitAreKeptInAFile() throws {
    func counts(limit: Int) throws -> [Double] {
      var network = Network(step: 1.ms, seed: 3)
      let input = network.addPoisson("input", 1000, rate: 100.Hz)
      network.recordSpikes(of: input, limit: limit)
      let simulation = try Simulation(network)
      try simulation.run(for: 500.ms)
      _ = try simulation.spikes(of: input)
      try simulation.run(for: 500.ms)
      return try simulation.spikes(of: input).times
    }
    let all = try counts(limit: 1 << 28)
    #expect(all.count > 90_000)
    #expect(try counts(limit: 0) == all)
  }

  @Test func memoryIsWhatSynapsesTake() throws {
    var network = Network(step: 0.1.ms)
    let a = network.add("a", 1000, adders)
    network.connect(a, to: a, .fixedOutDegree(100), weight: 1.number, delay: 1.ms)
    let shared = try Simulation(network, threads: 1).memory
    #expect(shared.synapses == 100_000)
    #expect(shared.bytesPerSynapse < 4.1)
    network.connect(
      a, to: a, .fixedOutDegree(100), weight: Random<NumberDimension>(.uniform(0, 1)),
      delay: .uniform(1.ms, 2.ms))
    let own = try Simulation(network, threads: 1).memory
    #expect(own.synapseBytes - shared.synapseBytes < 100_000 * 10 + 5000)
  }
}
