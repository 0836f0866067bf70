import Foundation
import Neurons
import Support
import Testing

@Suite struct SimulationSourceTests {
  @Test func poissonSourcesFireAtTheirRates() throws {
    var network = Network(step: 0.1.ms, seed: 2)
    let rates = (0..<1500).map { Double($0 % 3) * 20 }
    let sources = network.addPoisson("sources", 1500, rate: Random<FrequencyDimension>(.values(rates)))
    network.recordSpikes(of: sources)
    let simulation = try Simulation(network)
    try simulation.run(for: 20.s)
    let trains = try simulation.spikes(of: sources)
    for group in 0..<3 {
      let counts = stride(from: group, to: 1500, by: 3).map { Double(trains[$0].count) }
      let mean = counts.reduce(0, +) / 500
      let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 499
      let expected = Double(group) * 400
      // Five standard errors.
      #expect(abs(mean - expected) <= 5 * (expected / 500).squareRoot())
      // Bernoulli trials vary a little less than Poisson numbers.
      if group > 0 {
        #expect(abs(variance / expected - (1 - Double(group) * 0.002)) < 5 * (2.0 / 499).squareRoot())
      }
    }
    // Intervals without memory: their coefficient of variation is one.
    let intervals = (0..<1500).filter { $0 % 3 == 2 }.flatMap { unit in
      zip(trains[unit], trains[unit].dropFirst()).map { $1 - $0 }
    }
    let mean = intervals.reduce(0, +) / Double(intervals.count)
    let deviation = (intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(intervals.count))
      .squareRoot()
    #expect(abs(deviation / mean - 1) < 0.02)
  }

  @Test func sourcesFireAtGivenTimes() throws {
    var network = Network(step: 0.1.ms)
    let input = network.addSpikes("input", at: [[0.3, 0.30001, 7, 2.05], [], [0]])
    network.recordSpikes(of: input)
    let simulation = try Simulation(network)
    try simulation.run(for: 5.ms)
    try simulation.schedule([(1, 5.ms), (0, 6.ms)], from: input)
    try simulation.run(for: 5.ms)
    let trains = try simulation.spikes(of: input)
    let steps = (0..<3).map { trains[$0].map { Int(($0 * 10_000).rounded()) } }
    #expect(steps == [[3, 20, 60, 70], [50], [0]])
    #expect(throws: CajalError.self) { try simulation.schedule([(0, 5.ms)], from: input) }
    #expect(throws: CajalError.self) { try simulation.schedule([(3, 50.ms)], from: input) }
  }

  @Test func poissonInputHasItsMeanAndVariance() throws {
    var network = Network(step: 1.ms, seed: 6)
    let neurons = network.add("neurons", 1000, adders)
    network.addPoissonInput(into: neurons, sources: 50, rate: 30.Hz, weight: 2.number)
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 1.s)
    let sums = try simulation.values(of: "sum", in: neurons)
    let mean = sums.reduce(0, +) / 1000
    let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 999
    #expect(abs(mean - 3000) < 5 * (6000.0 / 1000).squareRoot())
    #expect(abs(variance / 6000 - 1) < 5 * (2.0 / 999).squareRoot())
  }

  @Test(arguments: [0.0, 8.0])
  func noiseHasItsDeviationAndItsMemory(_ timeConstant: Double) throws {
    var network = Network(step: 1.ms, seed: 7)
    let neurons = network.add("neurons", 100, adders)
    network.addNoise(deviation: 3.number, timeConstant: Time(timeConstant), into: neurons)
    network.record(["last"], of: neurons, every: 1.ms)
    let simulation = try Simulation(network)
    try simulation.run(for: 4.s)
    let x = try simulation.recording(of: "last", in: neurons).activity.doubles
    func product(_ lag: Int) -> Double {
      let pairs = x.indices.dropLast(lag * 100)
      let sum = pairs.reduce(0.0) { (sum: Double, place: Int) -> Double in
        sum + x[place] * x[place + lag * 100]
      }
      return sum / Double(pairs.count)
    }
    #expect(abs(product(0) / 9 - 1) < 0.05)
    for lag in [1, 5] {
      let expected = timeConstant == 0 ? 0 : exp(-Double(lag) / timeConstant)
      #expect(abs(product(lag) / 9 - expected) < 0.04)
    }
    // Neurons do not share it.
    var across = 0.0
    for place in stride(from: 0, to: x.count, by: 100) { across += x[place] * x[place + 1] / 4000 }
    #expect(abs(across / 9) < 0.2)
  }

  @Test func currentsComeWhenTheyShould() throws {
    var network = Network(step: 0.5.ms)
    let neurons = network.add("neurons", 3, adders)
    network.inject(1.number, into: neurons, during: 2.ms..<4.ms)
    network.inject(Random<NumberDimension>(.values([0, 10, 20])), into: neurons)
    network.inject(into: neurons, during: 0.ms..<1.ms) { Number(100 + $0.value) }
    network.record(["last"], of: neurons, every: 0.5.ms)
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 5.ms)
    let last = try simulation.recording(of: "last", in: neurons).activity.doubles
    for step in 0..<10 {
      let wave = step < 2 ? 100 + Double(step) * 0.5 : 0
      for n in 0..<3 {
        #expect(last[step * 3 + n] == Double(10 * n) + ((4..<8).contains(step) ? 1 : 0) + wave)
      }
    }
  }

  /// Degrees are what the rules say.
  @Test func rulesConnectAsTheySay() throws {
    var network = Network(step: 1.ms, seed: 12)
    let a = network.add("a", 400, adders)
    let b = network.add("b", 300, adders)
    func synapses(_ rule: ConnectionRule, _ target: Population, threads: Int = 1) throws -> SynapseList {
      var own = network
      let projection = own.connect(a, to: target, rule, weight: 1.number, delay: 1.ms)
      return try Simulation(own, threads: threads).synapses(of: projection)
    }
    func degrees(_ neurons: [Int], _ count: Int) -> [Int] {
      neurons.reduce(into: [Int](repeating: 0, count: count)) { $0[$1] += 1 }
    }
    func isOnce(_ list: SynapseList) -> Bool {
      Set(zip(list.sources, list.targets).map { $0 * 1000 + $1 }).count == list.count
    }
    let probable = try synapses(.fixedProbability(0.1), b)
    #expect(abs(Double(probable.count) - 12_000) < 5 * (12_000 * 0.9).squareRoot())
    let out = try synapses(.fixedOutDegree(17), b)
    #expect(degrees(out.sources, 400).allSatisfy { $0 == 17 } && isOnce(out))
    let into = try synapses(.fixedInDegree(23), b)
    #expect(degrees(into.targets, 300).allSatisfy { $0 == 23 } && isOnce(into))
    let others = try synapses(.fixedInDegree(399, toSelf: false), a)
    #expect(zip(others.sources, others.targets).allSatisfy { $0 != $1 } && isOnce(others))
    let most = try synapses(.fixedOutDegree(200, toSelf: false), a)
    #expect(zip(most.sources, most.targets).allSatisfy { $0 != $1 } && isOnce(most))
    #expect(try synapses(.all(), b).count == 120_000)
    #expect(try synapses(.all(toSelf: false), a).count == 400 * 399)
    #expect(try synapses(.oneToOne, a).targets == Array(0..<400))
    for rule in [ConnectionRule.fixedProbability(0.1), .fixedOutDegree(17), .fixedInDegree(23)] {
      #expect(try synapses(rule, b) == synapses(rule, b, threads: 3))
    }
    let world = try synapses(
      .drawn { n, _, g in .smallWorld(n, neighbours: 10, rewiring: 0.2, using: &g) }, a)
    #expect(degrees(world.sources, 400).allSatisfy { $0 == 10 })
    let listed = try synapses(.pairs([(3, 4), (0, 299), (3, 0)], sources: 400, targets: 300), b)
    #expect(listed.sources == [0, 3, 3] && listed.targets == [299, 0, 4])
  }
}
