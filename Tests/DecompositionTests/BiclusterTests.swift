import Decomposition
import Foundation
import Statistics
import Support
import Testing

/// The bicluster model as a user meets it.
@Suite struct BiclusterTests {
  private static func population(bins: Int = 200, perGroup: Int = 6, seed: UInt64 = 3) -> BiclusterSimulation
  {
    var options = BiclusterSimulation.Options()
    (options.bins, options.neuronsPerGroup) = (bins, perGroup)
    var generator = RandomGenerator(seed: seed)
    return BiclusterSimulation(options, using: &generator)
  }

  private static func settings(_ sweeps: Int, burnIn: Int) -> BiclusterSettings {
    var settings = BiclusterSettings()
    (settings.sweeps, settings.burnIn) = (sweeps, burnIn)
    return settings
  }

  @Test func plantedGroupsAreFound() throws {
    let truth = Self.population(bins: 500, perGroup: 14)
    let counts = try SpikeCounts(truth.counts, binWidth: 0.5)
    let posterior = try BiclusterPosterior([
      BiclusterModel().sample(counts, Self.settings(160, burnIn: 100), seed: 5)
    ])
    #expect(PartitionComparison(posterior.neuronPartition, truth.labels).adjustedRandIndex > 0.8)
    #expect(BiclusterPosterior.mode(posterior.clusterCounts) == 3)
    #expect(PartitionComparison(posterior.statePartition, truth.states).matchedShare > 0.75)
    let members = truth.labels.indices.filter { truth.labels[$0] == 0 }
    let planted = Array(truth.trajectories[0..<3])
    let bands = try #require(posterior.trajectories(of: members, truth: planted))
    #expect(Correlation.pearson(bands.mean[0], planted[0]).coefficient > 0.7)
    #expect(bands.coverage(0, of: planted[0]) > 0.6)
    #expect(zip(bands.lower[1], bands.upper[1]).allSatisfy { $0 <= $1 })
    let sample = try #require(posterior.samples.last)
    #expect(sample.eigenvalues.allSatisfy { $0.values.count == 3 * sample.clusters })
    #expect(sample.influence(in: Int(sample.occupied[0]))?.count == sample.clusters)
    #expect(sample.influence(in: 99) == nil)
    #expect(posterior.diagnostics.logLikelihood.rHat > 0)
  }

  @Test func sameSeedSameChainOnAnyNumberOfThreads() throws {
    let truth = Self.population(bins: 90, perGroup: 4)
    let counts = try SpikeCounts(truth.counts, binWidth: 0.5)
    let before = Threads.count
    defer { Threads.count = before }
    let settings = [BiclusterSettings](repeating: Self.settings(40, burnIn: 20), count: 2)
    let chains = try [1, 2].map { threads in
      Threads.count = threads
      return try BiclusterModel().sampleChains(counts, settings, seed: 9)
    }
    #expect(chains[0] == chains[1])
    #expect(chains[0][0].logLikelihoodTrace != chains[0][1].logLikelihoodTrace)
  }

  @Test func aChainThatGoesOnIsTheSame() throws {
    struct Stop: Error {}
    let truth = Self.population(bins: 100, perGroup: 4)
    var generator = RandomGenerator(seed: 1)
    let counts = try SpikeCounts(truth.counts, binWidth: 0.5).holdingOut(0.1, using: &generator)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "bicluster-\(UUID().uuidString).chain")
    defer { try? FileManager.default.removeItem(at: file) }
    let (model, settings) = (BiclusterModel(), Self.settings(70, burnIn: 30))
    let whole = try model.sample(counts, settings, seed: 4)
    for stop in [17, 48] {
      #expect(throws: Stop.self) {
        _ = try model.sample(counts, settings, seed: 4, checkpoint: file) { if $0 == stop { throw Stop() } }
      }
      let kept = try BiclusterChain(contentsOf: file)
      #expect(kept.state.sweep == stop && !kept.isComplete && kept.clusterTrace.count == stop)
    }
    let resumed = try model.sample(counts, settings, seed: 4, checkpoint: file)
    #expect(resumed == whole && resumed.isComplete)
    let last = try BiclusterChain(contentsOf: file)
    #expect(last == whole)
    // Not the chain of other settings, another seed, other counts.
    #expect(throws: CajalError.self) { _ = try model.sample(counts, settings, seed: 5, checkpoint: file) }
    var longer = settings
    longer.sweeps = 80
    #expect(throws: CajalError.self) { _ = try model.sample(counts, longer, seed: 4, checkpoint: file) }
    try Data("nothing".utf8).write(to: file)
    let damaged = #expect(throws: CajalError.self) { _ = try BiclusterChain(contentsOf: file) }
    #expect(damaged?.message.contains(file.path) == true)
  }

  @Test func hiddenEntriesAreNeverLookedAt() throws {
    let truth = Self.population(bins: 80, perGroup: 4)
    var generator = RandomGenerator(seed: 2)
    let mask = truth.counts.map { $0.map { _ in generator.uniform() < 0.8 } }
    let spoiled = zip(truth.counts, mask).map { zip($0, $1).map { $1 ? $0 : 50_000 } }
    let settings = Self.settings(30, burnIn: 10)
    let chains = try [truth.counts, spoiled].map {
      try BiclusterModel().sample(SpikeCounts($0, binWidth: 1, mask: mask), settings, seed: 3)
    }
    #expect(chains[0].samples == chains[1].samples)
    #expect(chains[0].hiddenProbabilities.count == mask.joined().count { !$0 })
    #expect(chains[0].hiddenLogProbabilities.allSatisfy { $0 < 0 && $0.isFinite })
  }

  @Test func variantsRun() throws {
    let truth = Self.population(bins: 80, perGroup: 4)
    let counts = try SpikeCounts(truth.counts, binWidth: 1)
    var model = BiclusterModel()
    (model.likelihood, model.clusterPrior, model.factors) = (.poisson, .dirichletProcess(concentration: 1), 3)
    var settings = Self.settings(30, burnIn: 10)
    settings.start = .random(4)
    settings.integratesBaseline = false
    let chain = try model.sample(counts, settings, seed: 1)
    #expect(
      chain.samples.allSatisfy { $0.dispersions.allSatisfy { $0 == 1_000 } && $0.logLikelihood.isFinite })
    #expect(chain.samples[0].loadings.count == 3 * counts.neurons)
    // What is fixed stays.
    settings.start = .labels(truth.labels)
    settings.steps.remove(.labels)
    let fixed = try model.sample(counts, settings, seed: 1)
    #expect(fixed.samples.allSatisfy { $0.labels == truth.labels })
    settings.startStates = truth.states
    settings.steps.remove(.states)
    let known = try model.sample(counts, settings, seed: 1)
    #expect(known.samples.allSatisfy { $0.states.map(Int.init) == truth.states })
    // A silent neuron, and a population that never fires.
    let silent = try SpikeCounts(truth.counts.map { $0.map { _ in 0 } }, binWidth: 1)
    let empty = try BiclusterModel().sample(silent, Self.settings(20, burnIn: 10), seed: 1)
    #expect(empty.logLikelihoodTrace.allSatisfy { $0.isFinite })
  }

  @Test func badInputIsNamed() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try SpikeCounts([[1, 2, 3], [1, 2]], binWidth: 1) }.contains("neuron 1"))
    #expect(message { _ = try SpikeCounts([[1, -2, 3]], binWidth: 1) }.contains("-2"))
    #expect(message { _ = try SpikeCounts([[1, 2]], binWidth: 1) }.contains("2 bins"))
    #expect(message { _ = try SpikeCounts([[1, 2, 3]], binWidth: 0) }.contains("0.0 s"))
    #expect(message { _ = try SpikeCounts([[1, 2, 3]], binWidth: 1, mask: [[true]]) }.contains("mask"))
    let counts = try SpikeCounts([[1, 2, 3, 0], [0, 1, 0, 2]], binWidth: 1)
    func sampling(_ change: (inout BiclusterSettings) -> Void) -> String {
      var settings = Self.settings(10, burnIn: 5)
      settings.start = .together
      change(&settings)
      return message { _ = try BiclusterModel().sample(counts, settings, seed: 1) }
    }
    #expect(sampling { _ in } == "")
    #expect(sampling { $0.burnIn = 10 }.contains("burn-in"))
    #expect(sampling { $0.start = .random(3) }.contains("3 groups"))
    #expect(sampling { $0.start = .labels([1]) }.contains("1 labels"))
    #expect(sampling { $0.startStates = [0, 1] }.contains("2 states"))
    #expect(sampling { $0.startStates = [0, 1, 99, 0] }.contains("0 to 9"))
    #expect(
      sampling { $0.startDynamics = SwitchingDynamics(randomWalk: 5, states: 10, variance: 1) }.contains(
        "5 numbers"))
    #expect(message { _ = try BiclusterPosterior([]) }.contains("no samples"))
    #expect(
      message { _ = try GaussianObservations([[1]], variances: [[1, 2]], loadings: [[1]]) }.contains("shapes")
    )
  }

  @Test func countsFromFilesAndSpikeTimes() throws {
    let table = try SpikeCounts(csv: "1,0,2\n0,3,4\n", path: "a.csv", binWidth: 0.5)
    #expect(table.neurons == 2 && table.row(1) == [0, 3, 4])
    let spikes = try SpikeCounts(
      csv: "unit,time_s\n7,0.1\n7,0.4\n2,1.6\n7,0.9\n", path: "b.csv", binWidth: 0.5)
    #expect(spikes.row(0) == [0, 0, 0, 1] && spikes.row(1) == [2, 1, 0, 0])
    let cut = try SpikeCounts(spikeTimes: [[0.2, 5.1, 2.9]], binWidth: 1, start: 1, end: 5)
    #expect(cut.row(0) == [0, 1, 0, 0])
    for (text, part) in [
      ("1,x\n2,3", "line 1"), ("", "empty"), ("unit,time_s\n1,abc", "line 2"), ("1,2,3\n4,5", "neuron 1"),
    ] {
      let error = #expect(throws: CajalError.self) {
        _ = try SpikeCounts(csv: text, path: "c.csv", binWidth: 1)
      }
      #expect(error?.message.contains("c.csv") == true && error?.message.contains(part) == true)
    }
    let missing = #expect(throws: CajalError.self) {
      _ = try SpikeCounts(contentsOf: URL(fileURLWithPath: "/nowhere.csv"), binWidth: 1)
    }
    #expect(missing?.message.contains("/nowhere.csv") == true)
  }

  @Test func baselineOfMeanRates() throws {
    var generator = RandomGenerator(seed: 8)
    let rows = (0..<3).map { _ in (0..<400).map { _ in generator.poisson(2) } }
    let counts = try SpikeCounts(rows, binWidth: 1).holdingOut(0.2, using: &generator)
    let baseline = MeanRateBaseline(counts)
    #expect(baseline.logProbabilities.count == counts.isObserved.count { !$0 })
    #expect(baseline.gain(of: baseline.logProbabilities) == 0)
    let better = baseline.logProbabilities.map { $0 + log(2) }
    #expect(abs(baseline.gain(of: better) - Double(better.count) / Double(baseline.spikes)) < 1e-9)
  }

  @Test func statesOfKnownTrajectories() throws {
    let truth = Self.population(bins: 300)
    var generator = RandomGenerator(seed: 1)
    let states = try AutoregressiveStates(truth.trajectories, sweeps: 60, using: &generator)
    #expect(
      PartitionComparison(Array(states.partition.dropLast()), Array(truth.states.dropLast())).matchedShare
        > 0.9)
    #expect(throws: CajalError.self) { _ = try AutoregressiveStates([[1, 2]], using: &generator) }
  }
}
