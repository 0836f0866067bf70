import Neurons
import Support
import Testing

@Suite struct NetworkErrorTests {
  private func message(_ build: (inout Network, Population, Population) -> Void) -> String {
    var network = Network(step: 0.1.ms)
    let a = network.add("a", 10, .currentLIF())
    let b = network.add("b", 20, .conductanceLIF())
    build(&network, a, b)
    do {
      _ = try Simulation(network)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func mistakesAreNamed() {
    #expect(message { _, _, _ in } == "no error")
    let mistakes: [(String, (inout Network, Population, Population) -> Void)] = [
      ("two populations are called 'a'", { n, _, _ in n.add("a", 3, .adEx()) }),
      ("population 'c' has 0 neurons", { n, _, _ in n.add("c", 0, .adEx()) }),
      ("starts with 'voltage'", { n, _, _ in n.add("c", 1, .adEx(), start: ["voltage": .constant(1)]) }),
      (
        "3 values are given for 2",
        { n, _, _ in n.add("c", 2, .adEx(), start: ["membrane": .values([1, 2, 3])]) }
      ),
      (
        "is given in mV; the excitatory receptor of 'conductance-lif' takes nS",
        { n, a, b in
          n.connect(a, to: b, .all(), weight: 1.mV, delay: 1.ms)
        }
      ),
      (
        "no excitatory receptor",
        { n, a, _ in
          let c = n.add("c", 1, .izhikevich())
          n.connect(a, to: c, .all(), weight: 1.number, delay: 1.ms)
        }
      ),
      (
        "a weight of -1.0 nS on the inhibitory receptor",
        { n, a, b in
          n.connect(a, to: b, .all(), weight: -1.nS, delay: 1.ms, receptor: .inhibitory)
        }
      ),
      (
        "a delay of 0.05 ms is shorter than the step",
        { n, a, b in
          n.connect(a, to: b, .all(), weight: 1.nS, delay: 0.05.ms)
        }
      ),
      (
        "is not a whole number of steps",
        { n, a, b in n.connect(a, to: b, .all(), weight: 1.nS, delay: 0.25.ms) }
      ),
      ("longer than 65,000 steps", { n, a, b in n.connect(a, to: b, .all(), weight: 1.nS, delay: 10.s) }),
      (
        "10 sources meet 20 targets", { n, a, b in n.connect(a, to: b, .oneToOne, weight: 1.nS, delay: 1.ms) }
      ),
      (
        "the probability 1.5",
        { n, a, b in n.connect(a, to: b, .fixedProbability(1.5), weight: 1.nS, delay: 1.ms) }
      ),
      (
        "asks for 21 targets each, of 20",
        { n, a, b in
          n.connect(a, to: b, .fixedOutDegree(21), weight: 1.nS, delay: 1.ms)
        }
      ),
      (
        "asks for 10 sources each, of 9",
        { n, a, _ in
          n.connect(a, to: a, .fixedInDegree(10, toSelf: false), weight: 1.mV, delay: 1.ms)
        }
      ),
      (
        "'odd': the weight is normal",
        { n, a, b in
          n.connect(
            a, to: b, .all(),
            weight: Random<ConductanceDimension>.normal(mean: 1.nS, deviation: 0.nS, least: 2.nS),
            delay: 1.ms, name: "odd")
        }
      ),
      (
        "listed one by one, but its synapses are drawn",
        { n, a, b in
          n.connect(
            a, to: b, .fixedProbability(0.1), weight: Random<ConductanceDimension>.values([1]), delay: 1.ms)
        }
      ),
      (
        "need one delay for all",
        { n, a, _ in
          n.connect(
            a, to: a, .all(), weight: 1.mV, delay: .uniform(1.ms, 2.ms),
            plasticity: Plasticity(PairSTDP(potentiation: 1, depression: 1), delayLocation: .axonal))
        }
      ),
      (
        "which are sources of spikes",
        { n, a, _ in
          n.connect(a, to: n.addPoisson("p", 3, rate: 5.Hz), .all(), weight: 1.mV, delay: 1.ms)
        }
      ),
      ("expected 0 Hz to 10000.0 Hz", { n, _, _ in n.addPoisson("p", 3, rate: 20.kHz) }),
      ("source 1 fires at -2.0 ms", { n, _, _ in n.addSpikes("s", at: [[1], [-2]]) }),
      ("the stimulus of 'b' is given in mV", { n, _, b in n.inject(1.mV, into: b) }),
      ("noise of deviation -1.0", { n, a, _ in n.addNoise(deviation: -1.mV, into: a) }),
      ("asks for 'spikes'", { n, a, _ in n.record(["spikes"], of: a, every: 1.ms) }),
      ("asks for neuron 10 of 10", { n, a, _ in n.record(["membrane"], of: a, neurons: [10], every: 1.ms) }),
      (
        "an adaptation every 0.15 ms",
        { n, a, _ in
          n.adapt(a, IntrinsicPlasticity(targetRate: 1, learningRate: 1), every: 0.15.ms)
        }
      ),
      (
        "share one weight",
        { n, a, b in
          let p = n.connect(a, to: b, .all(), weight: 1.nS, delay: 1.ms)
          n.normalise(p, IncomingNormalisation(total: 1), every: 1.ms)
        }
      ),
    ]
    for (expected, mistake) in mistakes {
      let got = message(mistake)
      #expect(got.contains(expected), "'\(got)' instead of '\(expected)'")
    }
  }

  @Test func questionsWithoutAnswersAreRefused() throws {
    var network = Network(step: 0.1.ms)
    let a = network.add("a", 10, .currentLIF())
    let shared = network.connect(a, to: a, .all(), weight: 1.mV, delay: 1.ms)
    let simulation = try Simulation(network)
    #expect(throws: CajalError.self) { try simulation.spikes(of: a) }
    #expect(throws: CajalError.self) { try simulation.recording(of: "membrane", in: a) }
    #expect(throws: CajalError.self) { try simulation.values(of: "voltage", in: a) }
    #expect(throws: CajalError.self) { try simulation.setWeights([1], of: shared) }
    #expect(throws: CajalError.self) { try simulation.reinforce(shared, by: 1) }
    #expect(throws: CajalError.self) { try simulation.schedule([(0, 1.ms)], from: a) }
    #expect(throws: CajalError.self) { try Simulation(network, threads: 0) }
    #expect(throws: CajalError.self) {
      try ConnectionRule.pairs([(0, 1), (0, 1)], sources: 2, targets: 2)
    }
  }
}
