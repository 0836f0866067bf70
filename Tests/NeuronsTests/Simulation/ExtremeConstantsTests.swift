import Neurons
import Testing

/// Constants that nobody needs and that files may hold: networks of them are silent or still, and end.
@Suite struct ExtremeConstantsTests {
  private func pair(_ network: inout Network) -> (Population, Population) {
    let type = NeuronType.conductanceLIF()
    return (network.addPoisson("inputs", 50, rate: 20.Hz), network.add("neurons", 50, type))
  }

  @Test(arguments: [.leastNonzeroMagnitude, 1e-300, 1e-17])
  func theSmallestProbabilitiesJoinNothing(_ probability: Double) throws {
    var network = Network(step: 0.1.ms)
    let (inputs, neurons) = pair(&network)
    network.connect(inputs, to: neurons, .fixedProbability(probability), weight: 1.nS, delay: 0.1.ms)
    let simulation = try Simulation(network)
    try simulation.run(for: 1.ms)
    #expect(simulation.synapses(of: network.allProjections[0]).weights.isEmpty)
  }

  @Test(arguments: [1e-300, 1e99, 1e300])
  func timeConstantsOfAnySizeRun(_ milliseconds: Double) throws {
    var network = Network(step: 0.1.ms)
    let (inputs, neurons) = pair(&network)
    let rule = PairSTDP(
      potentiation: 0.01, depression: 0.01, potentiationTimeConstant: milliseconds,
      depressionTimeConstant: milliseconds, bounds: 0...1)
    network.connect(
      inputs, to: neurons, .all(), weight: 0.5.nS, delay: 0.1.ms, plasticity: Plasticity(rule))
    let simulation = try Simulation(network)
    try simulation.run(for: 20.ms)
    let weights = simulation.synapses(of: network.allProjections[0]).weights
    #expect(weights.count == 2500 && weights.allSatisfy { (0...1).contains($0) })
  }

  @Test func theSmallestRatesFireNothing() throws {
    var network = Network(step: 0.1.ms)
    let inputs = network.addPoisson("inputs", 50, rate: Frequency(1e-300))
    network.recordSpikes(of: inputs)
    let simulation = try Simulation(network)
    try simulation.run(for: 5.ms)
    #expect(try simulation.spikes(of: inputs).spikeCount == 0)
  }
}
