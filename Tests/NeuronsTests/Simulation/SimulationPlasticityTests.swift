import Foundation
import Neurons
import Recordings
import Support
import Testing

@Suite struct SimulationPlasticityTests {
  /// Neurons that fire when one input spike arrives, so that both sides of synapses can be told when to fire.
  private let relay = NeuronType.currentLIF(
    membrane: 1.ms, excitatory: 0.1.ms, inhibitory: 0.1.ms, rest: 0.mV, threshold: 5.mV, reset: 0.mV,
    refractory: 0.ms)

  /// Weights of plastic synapses in the simulator against each synapse's own course, spike by spike.
  private func compare(
    _ rule: some PlasticityRule, _ location: Plasticity.DelayLocation, delay: Int, precision: Precision,
    threads: Int = 1, rate: Double = 60, drawnDelays: Bool = false
  ) throws -> Double {
    let (sources, targets, duration) = (20, 5, 1500.0)
    var generator = RandomGenerator(seed: 21)
    func times(_ count: Int) -> [[Double]] {
      (0..<count).map { _ in
        var last = -5
        return (0..<Int(duration)).filter { step in
          guard generator.uniform() < rate / 1000, step - last > 2 else { return false }
          last = step
          return true
        }.map(Double.init)
      }
    }
    let (pre, post) = (times(sources), times(targets))
    var network = Network(step: 1.ms, seed: 3)
    let input = network.addSpikes("input", at: pre)
    let teacher = network.addSpikes("teacher", at: post)
    let output = network.add("output", targets, relay)
    network.connect(teacher, to: output, .oneToOne, weight: 10_000.mV, delay: 1.ms)
    // A current so small that weights have no say in when the targets fire.
    let weights = (0..<sources * targets).map { place -> Double in 0.2 + 0.6 * Double(place % 7) / 7 }
    let delays = (0..<sources * targets).map { place -> Double in Double(drawnDelays ? 1 + place % 6 : delay)
    }
    let projection = network.connect(
      input, to: output, .all(), weight: Random<VoltageDimension>(.values(weights)),
      delay: drawnDelays ? Random<TimeDimension>(.values(delays)) : .constant(Double(delay).ms),
      plasticity: Plasticity(rule, delayLocation: location))
    network.recordSpikes(of: output)
    let simulation = try Simulation(network, precision: precision, threads: threads)
    try simulation.run(for: Time(duration / 3))
    _ = simulation.synapses(of: projection)
    try simulation.run(for: Time(duration * 2 / 3))
    let fired = try simulation.spikes(of: output)
    let synapses = simulation.synapses(of: projection)
    var worst = 0.0
    for k in 0..<synapses.count {
      let isAxonal = location == .axonal
      let target = fired[synapses.targets[k]].map { ($0 * 1000).rounded() }
      #expect(target.count > 20)
      let d = Double(synapses.delays[k])
      let (axonal, dendritic) = isAxonal ? (d - 1, 0) : (0, d)
      let timeline = SynapseTimeline(
        weight: weights[k], rule: rule,
        presynaptic: pre[synapses.sources[k]].filter { $0 + axonal < duration },
        postsynaptic: target.filter { $0 + dendritic < duration }, axonalDelay: axonal,
        dendriticDelay: dendritic)
      // With delays of their own, synapses know of late spikes when the slowest does.
      let expected = drawnDelays ? timeline.transmitted.last ?? weights[k] : timeline.weight
      let got =
        drawnDelays ? simulation.synapses(of: projection, settled: false).weights[k] : synapses.weights[k]
      if !drawnDelays || timeline.events.last?.side == .presynaptic {
        worst = max(worst, abs(got - expected))
      }
    }
    return worst
  }

  @Test(arguments: [CoincidentSpikes.depress, .potentiate, .ignored], [1, 4])
  func weightsFollowTheRuleSpikeBySpike(_ coincident: CoincidentSpikes, _ delay: Int) throws {
    for location in [Plasticity.DelayLocation.dendritic, .axonal] {
      for pairing in [PlasticityTrace.Pairing.all, .nearest] {
        let rule = PairSTDP(
          potentiation: 0.05, depression: 0.06, pairing: pairing, coincidentSpikes: coincident)
        #expect(try compare(rule, location, delay: delay, precision: .double) < 1e-12)
        #expect(try compare(rule, location, delay: delay, precision: .single, threads: 2) < 1e-4)
      }
    }
  }

  @Test func tripletsAndOtherRulesAreFollowed() throws {
    #expect(try compare(TripletSTDP.visualCortex(), .dendritic, delay: 2, precision: .double) < 1e-12)
    #expect(try compare(TripletSTDP.visualCortex(), .axonal, delay: 3, precision: .double) < 1e-12)
    #expect(try compare(PairSTDP.guetig(exponent: 0.4), .dendritic, delay: 2, precision: .double) < 1e-12)
    #expect(
      try compare(
        PairSTDP(potentiation: 0.02, depression: 0.02), .dendritic, delay: 1, precision: .double, rate: 300)
        < 1e-12)
  }

  @Test func synapsesWithDelaysOfTheirOwnAreFollowed() throws {
    let rule = PairSTDP(potentiation: 0.05, depression: 0.06)
    #expect(try compare(rule, .dendritic, delay: 1, precision: .double, drawnDelays: true) < 1e-12)
  }

  @Test func eligibilityWaitsForReward() throws {
    var network = Network(step: 1.ms)
    let input = network.addSpikes("input", at: [[10], [30]])
    let teacher = network.addSpikes("teacher", at: [[15]])
    let output = network.add("output", 1, relay)
    network.connect(teacher, to: output, .all(), weight: 10_000.mV, delay: 1.ms)
    let rule = PairSTDP(potentiation: 0.1, depression: 0.12)
    let projection = network.connect(
      input, to: output, .all(), weight: 0.5.mV, delay: 1.ms,
      plasticity: Plasticity(rule, eligibility: .init(timeConstant: 200.ms)))
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 130.ms)
    #expect(simulation.synapses(of: projection).weights == [0.5, 0.5])
    try simulation.reinforce(projection, by: 2)
    let weights = simulation.synapses(of: projection).weights
    // The target fires at 16 ms and is at the synapse at 17: potentiation 7 ms after the first source, depression 13 ms
    // before the second. The eligibility of each then decays until the reward at 130 ms.
    let up = 0.1 * exp(-7.0 / 20) * exp(-(130.0 - 17) / 200)
    let down = 0.12 * exp(-13.0 / 20) * exp(-(130.0 - 30) / 200)
    #expect(abs(weights[0] - (0.5 + 2 * up)) < 1e-12)
    #expect(abs(weights[1] - (0.5 - 2 * down)) < 1e-12)
    try simulation.reinforce(projection, byTarget: [1000])
    #expect(simulation.synapses(of: projection).weights == [1, 0])
    #expect(throws: CajalError.self) { try simulation.reinforce(projection, byTarget: [1, 2]) }
  }

  @Test func sourcesTireAndFacilitateAsTheirRuleSays() throws {
    for rule in [ShortTermPlasticity.depressing, .facilitating, .workingMemory] {
      let times = [3.0, 10, 20, 31, 150, 155, 700]
      var network = Network(step: 1.ms)
      let input = network.addSpikes("input", at: [times])
      let neuron = network.add("neuron", 1, adders)
      network.connect(input, to: neuron, .all(), weight: 4.number, delay: 2.ms, shortTerm: rule)
      network.record(["last"], of: neuron, every: 1.ms)
      let simulation = try Simulation(network, precision: .double)
      try simulation.run(for: 1.s)
      let last = try simulation.recording(of: "last", in: neuron).activity.doubles
      var state = rule.rested(as: Double.self)
      for time in times {
        let expected = 4 * rule.efficacy(&state, at: time)
        #expect(abs(last[Int(time) + 2] - expected) < 1e-6)
      }
    }
  }

  @Test func neuronsScaleNormaliseAndAdapt() throws {
    var network = Network(step: 1.ms, seed: 2)
    let input = network.addPoisson("input", 400, rate: 20.Hz)
    let neurons = network.add(
      "neurons", 50, .currentLIF(rest: -60.mV), start: ["membrane": .uniform(-60, -50)])
    let start = Random<VoltageDimension>(.uniform(0, 2))
    let scaled = network.connect(input, to: neurons, .fixedProbability(0.5), weight: start, delay: 1.ms)
    network.scale(
      scaled, SynapticScaling(targetRate: 5, proportional: 0.05, integral: 0, sensorTimeConstant: 1000),
      every: 100.ms)
    network.recordSpikes(of: neurons)
    var simulation = try Simulation(network)
    try simulation.run(for: 30.s)
    let late = try simulation.spikes(of: neurons).restricted(to: Epochs(from: 20, to: 30))
    let mean: Double = late.rates.reduce(0, +) / 50
    #expect(abs(mean - 5) < 0.8)

    network = Network(step: 1.ms, seed: 2)
    let (a, b) = (network.add("a", 50, adders), network.add("b", 30, adders))
    let normalised = network.connect(
      a, to: b, .fixedProbability(0.5), weight: Random<NumberDimension>(.uniform(0, 2)), delay: 1.ms)
    network.normalise(normalised, IncomingNormalisation(total: 7), every: 10.ms)
    simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 10.ms)
    let list = simulation.synapses(of: normalised)
    for target in 0..<30 {
      let sum = (0..<list.count).filter { list.targets[$0] == target }.reduce(0) { $0 + list.weights[$1] }
      #expect(abs(sum - 7) < 1e-9)
    }

    network = Network(step: 1.ms, seed: 2)
    let own = network.add("own", 100, .currentLIF(rest: -60.mV))
    network.addNoise(deviation: 20.mV, into: own)
    network.adapt(own, IntrinsicPlasticity(targetRate: 12, learningRate: 0.3), every: 20.ms)
    network.recordSpikes(of: own)
    simulation = try Simulation(network)
    try simulation.run(for: 30.s)
    let rates = try simulation.spikes(of: own).restricted(to: Epochs(from: 20, to: 30)).rates
    #expect(rates.allSatisfy { abs($0 - 12) < 4 })
  }

  @Test func rewiringMovesWeakSynapses() throws {
    var network = Network(step: 1.ms, seed: 2)
    let input = network.addPoisson("input", 60, rate: 30.Hz)
    let neurons = network.add("neurons", 40, relay)
    let projection = network.connect(
      input, to: neurons, .fixedInDegree(20), weight: Random<VoltageDimension>(.uniform(0, 1)),
      delay: .uniform(1.ms, 5.ms),
      plasticity: Plasticity(PairSTDP(potentiation: 0.01, depression: 0.012)))
    network.rewire(
      projection, StructuralRewiring(pruning: .below(0.3), regrowth: .sameTarget, initialWeight: 0.5),
      every: 50.ms)
    func run(threads: Int) throws -> SynapseList {
      let simulation = try Simulation(network, precision: .double, threads: threads)
      try simulation.run(for: 50.ms)
      let list = simulation.synapses(of: projection)
      try simulation.run(for: 200.ms)
      #expect(simulation.synapses(of: projection).count == list.count)
      return list
    }
    let list = try run(threads: 1)
    #expect(list.count == 800)
    #expect(list.weights.allSatisfy { $0 >= 0.3 })
    for target in 0..<40 { #expect(list.targets.filter { $0 == target }.count == 20) }
    #expect(try run(threads: 2) == list)
  }
}
