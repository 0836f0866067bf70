import Foundation
import Neurons
import Recordings
import Support

/// Networks clock by clock beside Brian2's generated C++ and NEST: the same equations, constants and numbers of synapses, all
/// spikes recorded, the loop alone timed; what building takes stands in the notes. Every repetition draws a network of its
/// own, since rates differ between networks.
enum SimulatorBenchmarks {
  static let all: [Benchmark] =
    BalancedNetwork.Kind.allCases.flatMap { kind in
      [
        balanced(kind, "brian2", "Brian2", target: 2),
        balanced(kind, "brian2-single", "Brian2", .single, target: 2),
        balanced(kind, "nest", "NEST", target: 2),
        balanced(kind, "nest-threads", "NEST", threads: 2, target: 2),
      ]
    } + [exponential] + plastic + scaling

  // MARK: CUBA and COBA

  private static func balanced(
    _ kind: BalancedNetwork.Kind, _ peer: String, _ name: String, _ precision: Precision = .double,
    threads: Int = 1, target: Double? = nil
  ) -> Benchmark {
    Benchmark(
      "network-\(kind.rawValue)-\(peer)",
      "\(kind.rawValue.uppercased()), 4,000 neurons with 2 % of synapses, 1 s in steps of 0.1 ms, \(text(precision, threads))",
      work: (1, "s of the network's time"), peer: ("simulator.py", name), target: target
    ) {
      try measure(BalancedNetwork(kind, neurons: 4000), 1, precision, threads: threads, repetitions: 5)
    }
  }

  /// With the method that stays stable for any conductance.
  private static let exponential = Benchmark(
    "network-coba-exponential-brian2",
    "COBA as above by exponential Euler, 64-bit numbers, 1 thread",
    work: (1, "s of the network's time"),
    peer: ("simulator.py", "Brian2")
  ) {
    try measure(
      BalancedNetwork(.coba, neurons: 4000, integration: .exponentialEuler), 1, .double, threads: 1,
      repetitions: 5)
  }

  private static func text(_ precision: Precision, _ threads: Int) -> String {
    "\(precision == .double ? 64 : 32)-bit numbers, \(threads) thread\(threads > 1 ? "s" : "")"
  }

  /// Builds and runs several times; the first round warms up.
  private static func measure(
    _ described: BalancedNetwork, _ seconds: Double, _ precision: Precision, threads: Int, repetitions: Int
  ) throws -> Benchmark.Sample {
    let ranks = try Ranks.joined()
    let clock = ContinuousClock()
    var (loops, buildings, rates): ([Double], [Double], [Double]) = ([], [], [])
    var notes: [String: Double] = [:]
    for round in 0...repetitions {
      let (network, _) = described.network(seed: UInt64(max(1, round)))
      let start = clock.now
      let simulation =
        try ranks.map { try Simulation(network, precision: precision, threads: threads, on: $0) }
        ?? Simulation(network, precision: precision, threads: threads)
      try ranks?.barrier()
      let built = clock.now
      try simulation.run(for: seconds.s)
      let ended = clock.now
      let found = try self.notes(simulation.results(on: ranks), seconds)
      if round == 0 {
        notes = found
        if repetitions > 0 { continue }
      }
      if let rate = found["mean rate, Hz"] { rates.append(rate) }
      loops.append((ended - built).inSeconds)
      buildings.append((built - start).inSeconds)
    }
    notes["building, s"] = median(buildings)
    // A COBA network falls silent now and then behind the drive that starts it, the peers' as well.
    let active = rates.filter { $0 >= 1 }
    notes["networks that fell silent"] = Double(rates.count - active.count)
    if !active.isEmpty { notes["mean rate of networks, Hz"] = Spread(active).mean }
    if active.count > 1 { notes["rate between networks, sd, Hz"] = Spread(active).deviation }
    return Benchmark.Sample(seconds: loops, peakMemory: Benchmark.peakMemory, notes: notes)
  }

  /// What was fired, of all populations.
  private static func notes(_ results: SimulationResults?, _ seconds: Double) throws -> [String: Double] {
    guard let results else { return [:] }
    let neurons = results.spikes.reduce(0) { $0 + $1.count }
    let spikes = results.spikes.reduce(0) { $0 + $1.spikeCount }
    let variations = results.spikes.flatMap(\.statistics).filter { $0.spikes >= 5 }.map(
      \.coefficientOfVariation)
    var notes = [
      "spikes": Double(spikes), "mean rate, Hz": Double(spikes) / Double(neurons) / seconds,
      "bytes a synapse": Double(results.synapseBytes) / Double(max(1, results.synapses)),
    ]
    if !variations.isEmpty {
      notes["mean CV of intervals"] = variations.reduce(0, +) / Double(variations.count)
    }
    return notes
  }

  // MARK: scaling

  private static let scaling: [Benchmark] = [4_000, 20_000, 50_000, 200_000].flatMap { neurons in
    [
      scaled(neurons, "brian2", "Brian2"), scaled(neurons, "brian2-single", "Brian2", .single),
      scaled(neurons, "nest", "NEST"), scaled(neurons, "nest-threads", "NEST", threads: 2),
      scaled(neurons, "ranks", nil, ranks: 2),
    ]
  }

  private static func scaled(
    _ neurons: Int, _ peer: String, _ name: String?, _ precision: Precision = .double, threads: Int = 1,
    ranks: Int = 1
  ) -> Benchmark {
    var benchmark = Benchmark(
      "network-scaling-\(neurons)-\(peer)",
      "CUBA with \(neurons) neurons of 80 synapses each, 1 s, \(text(precision, threads))\(ranks > 1 ? " in each of \(ranks) ranks" : "")",
      work: (1, "s of the network's time"), peer: name.map { ("simulator.py", $0) }
    ) {
      let repetitions = neurons > 20_000 ? 1 : 3
      return try measure(
        BalancedNetwork(.cuba, neurons: neurons, inDegree: 80), 1, precision, threads: threads,
        repetitions: repetitions)
    }
    benchmark.ranks = ranks
    return benchmark
  }

  // MARK: plastic synapses

  private static let plastic: [Benchmark] = [
    competition("brian2", "Brian2", target: 5), competition("brian2-single", "Brian2", .single, target: 5),
    competition("nest", "NEST", target: 5), memory("brian2", "Brian2"),
    memory("brian2-single", "Brian2", .single),
    memory("nest", "NEST"),
  ]

  private static func competition(
    _ peer: String, _ name: String, _ precision: Precision = .double, target: Double
  ) -> Benchmark {
    Benchmark(
      "network-stdp-\(peer)",
      "10,000 plastic synapses of Poisson sources at 15 Hz onto a neuron, 100 s, \(text(precision, 1))",
      work: (100, "s of the network's time"), peer: ("simulator.py", name), target: target
    ) {
      let (network, _) = CompetingSynapses(sources: 10_000, targets: 1).network()
      let clock = ContinuousClock()
      let start = clock.now
      let simulation = try Simulation(network, precision: precision, threads: 1)
      let built = clock.now
      try simulation.run(for: 100.s)
      let ended = clock.now
      var notes = try self.notes(simulation.results(), 100)
      notes["building, s"] = (built - start).inSeconds
      let weights = simulation.synapses(of: network.allProjections[0]).weights
      notes.merge(CompetingSynapses.ends(of: weights, largest: CompetingSynapses.largest(10_000))) { $1 }
      return Benchmark.Sample(
        seconds: [(ended - built).inSeconds], peakMemory: Benchmark.peakMemory, notes: notes)
    }
  }

  /// What the peak grows by for 1,100 targets of 1,000 sources, beside a network of 100.
  private static func memory(_ peer: String, _ name: String, _ precision: Precision = .double) -> Benchmark {
    Benchmark(
      "network-plastic-memory-\(peer)", "memory of a plastic synapse, \(text(precision, 1))",
      work: (1, "runs"),
      peer: ("simulator.py", name)
    ) {
      func run(_ targets: Int) throws -> Simulation {
        let simulation = try Simulation(
          CompetingSynapses(sources: 1_000, targets: targets).network().network, precision: precision,
          threads: 1)
        try simulation.run(for: 0.1.s)
        return simulation
      }
      let few = try run(100)
      let before = Benchmark.peakMemory
      let start = ContinuousClock.now
      let many = try run(1_100)
      let seconds = (ContinuousClock.now - start).inSeconds
      let grown = Double(Benchmark.peakMemory - before)
      return withExtendedLifetime(few) {
        Benchmark.Sample(
          seconds: [seconds], peakMemory: Benchmark.peakMemory,
          notes: [
            "bytes a synapse": grown / 1.1e6, "bytes a synapse, declared": many.memory.bytesPerSynapse,
          ])
      }
    }
  }
}

/// The balanced networks of Vogels and Abbott (2005) in the form of Brette and others (2007).
struct BalancedNetwork: Sendable {
  enum Kind: String, CaseIterable, Sendable { case cuba, coba }
  let kind: Kind
  let neurons: Int
  /// Of every neuron, four fifths excitatory; nil joins pairs with a probability of 2 %.
  let inDegree: Int?
  /// Of COBA; Euler's method is what Brian2 takes where nothing is said.
  let integration: ConductanceLIF.Integration

  init(
    _ kind: Kind, neurons: Int, inDegree: Int? = nil, integration: ConductanceLIF.Integration = .euler
  ) {
    (self.kind, self.neurons, self.inDegree, self.integration) = (kind, neurons, inDegree, integration)
  }

  func network(seed: UInt64 = 1) -> (network: Network, populations: [Population]) {
    var network = Network(step: 0.1.ms, seed: seed)
    var start: [String: Distribution] = [:]
    let type: NeuronType
    switch kind {
    case .cuba:
      type = .currentLIF(rest: -49.mV)
      start = ["membrane": .uniform(-60, -50)]
    case .coba:
      type = .conductanceLIF(integration: integration)
    }
    var generator = RandomGenerator(seed: seed &+ 1)
    func add(_ name: String, _ count: Int) -> Population {
      network.add(
        name, count, type, start: kind == .coba ? Self.kick(count, using: &generator) : start)
    }
    let excitatory = add("excitatory", neurons * 4 / 5)
    let inhibitory = add("inhibitory", neurons - neurons * 4 / 5)
    for target in [excitatory, inhibitory] {
      connect(&network, excitatory, target, .excitatory)
      connect(&network, inhibitory, target, .inhibitory)
    }
    for population in [excitatory, inhibitory] { network.recordSpikes(of: population) }
    return (network, [excitatory, inhibitory])
  }

  /// Conductances, in units of the leak, that start the activity, which then sustains itself. As for the peers those below zero
  /// are zero: neurons without inhibition at the start are the ones that fire.
  private static func kick(_ count: Int, using generator: inout RandomGenerator) -> [String: Distribution] {
    func values(_ mean: Double, _ deviation: Double, _ least: Double) -> Distribution {
      .values((0..<count).map { _ in max(least, mean + deviation * generator.normal()) })
    }
    return [
      "membrane": values(-65, 5, -.infinity), "excitation": values(4, 1.5, 0),
      "inhibition": values(20, 12, 0),
    ]
  }

  private func connect(
    _ network: inout Network, _ source: Population, _ target: Population, _ receptor: Receptor
  ) {
    let isExcitatory = receptor == .excitatory
    let rule: ConnectionRule =
      inDegree.map { .fixedInDegree(isExcitatory ? $0 * 4 / 5 : $0 / 5) } ?? .fixedProbability(0.02)
    switch kind {
    case .cuba:
      network.connect(
        source, to: target, rule, weight: isExcitatory ? 1.62.mV : 9.0.mV, delay: 0.1.ms, receptor: receptor)
    case .coba:
      network.connect(
        source, to: target, rule, weight: isExcitatory ? 6.0.nS : 67.0.nS, delay: 0.1.ms, receptor: receptor)
    }
  }
}

/// Poisson sources whose plastic synapses compete for a neuron (Song, Miller and Abbott, 2000).
struct CompetingSynapses: Sendable {
  let sources, targets: Int

  /// Of the conductances, in units of a leak of 1 nS: the published 0.01 for 1,000 sources; many weak ones fluctuate less, so
  /// that they need more for the neuron to fire alike.
  static func largest(_ sources: Int) -> Double {
    0.01 * 1000 / Double(sources) * (sources == 1000 ? 1 : 1.75)
  }

  func network() -> (network: Network, neurons: Population) {
    var network = Network(step: 0.1.ms, seed: 1)
    let input = network.addPoisson("inputs", sources, rate: 15.0.Hz)
    let neuron = network.add(
      "neuron", targets,
      .conductanceLIF(
        membrane: 10.ms, leak: 1.nS, rest: -74.mV, threshold: -54.mV, reset: -60.mV, refractory: 0.ms))
    let largest = Self.largest(sources)
    let rule = PairSTDP(
      potentiation: 0.01 * largest, depression: 0.0105 * largest, bounds: 0...largest,
      coincidentSpikes: .potentiate)
    network.connect(
      input, to: neuron, .all(), weight: .uniform(0.nS, Conductance(largest)), delay: 0.1.ms,
      plasticity: Plasticity(rule, delayLocation: .axonal))
    network.recordSpikes(of: neuron)
    return (network, neuron)
  }

  /// How weights ended: as the peers say it.
  static func ends(of weights: [Double], largest: Double) -> [String: Double] {
    let shares = weights.map { $0 / largest }
    let count = Double(shares.count)
    let mean = shares.reduce(0, +) / count
    func moment(_ power: Int) -> Double {
      shares.reduce(0) { sum, share in sum + (0..<power).reduce(1) { product, _ in product * (share - mean) }
      } / count
    }
    let variance = moment(2)
    let skewness = moment(3) / (variance * variance.squareRoot())
    return [
      "mean weight": mean, "weights below a tenth": Double(shares.count { $0 < 0.1 }) / count,
      "weights above nine tenths": Double(shares.count { $0 > 0.9 }) / count,
      "bimodality": (skewness * skewness + 1) * variance * variance / moment(4),
    ]
  }
}
