import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Claim 2: where a chain starts does not matter.
struct StartsPart {
  private let options: SpikeBiclustering.Options
  private let lab: Lab
  private let starts: [(name: String, start: BiclusterSettings.Start)] = [
    ("one group", .together), ("3 random groups", .random(3)), ("10 random groups", .random(10)),
  ]

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    var generator = lab.generator("population published").split(0)
    let truth = SimulationPart.simulate(options, .published, using: &generator)
    let counts = try SpikeCounts(truth.counts, binWidth: options.binWidth)
    var (model, settings) = ModelVariant.full.setUp(
      states: options.states, sweeps: options.sweeps, burnIn: options.burnInSweeps, startGroups: 1, groups: 3)
    settings.keepsTrajectories = false
    let all = starts.map { entry in
      settings.start = entry.start
      return settings
    }
    model.maximumClusters = max(10, counts.neurons / 2)
    let (lab, sweeps) = (lab, options.sweeps)
    let chains = try model.sampleChains(counts, all, seed: generator.next()) { chain, sweep in
      if sweep % 20 == 0 { try lab.progress("starts, chain \(chain + 1)", sweep, of: sweeps, unit: "sweeps") }
    }
    try draw(chains)
    let partitions = try chains.map { try BiclusterPosterior([$0]).neuronPartition }
    decide(partitions, truth, try BiclusterPosterior(chains))
  }

  private func draw(_ chains: [BiclusterChain]) throws {
    for (name, title, label, trace) in [
      (
        "group-traces", "Chains from different starts find the same number of groups", "groups K",
        \BiclusterChain.clusterTrace
      ),
      (
        "state-traces", "The number of states over the sweeps", "states with at least 1 % of the bins",
        \BiclusterChain.stateTrace
      ),
    ] {
      let largest = chains.flatMap { $0[keyPath: trace] }.max() ?? 1
      var plot = Plot(
        name: name, title: title,
        caption:
          "Three chains on one simulated population of three groups and two states. Grey: burn-in, in which merges and splits are tried every 20 sweeps; its first fifth has one state.",
        x: .init("sweep"), y: .init(label, range: 0...Double(largest + 1)))
      for (entry, chain) in zip(starts, chains) {
        let values = chain[keyPath: trace]
        plot.add(.steps, entry.name, x: values.indices.map { Double($0 + 1) }, y: values.map(Double.init))
      }
      plot.marks.append(.band(0...Double(options.burnInSweeps), label: "burn-in"))
      try lab.add(plot)
    }
  }

  private func decide(_ partitions: [[Int]], _ truth: BiclusterSimulation, _ posterior: BiclusterPosterior) {
    var indices: [Double] = []
    for i in partitions.indices {
      for j in 0..<i { indices.append(PartitionComparison(partitions[i], partitions[j]).adjustedRandIndex) }
    }
    let least = indices.min() ?? 0
    let own = partitions.map { PartitionComparison($0, truth.labels).adjustedRandIndex }
    let diagnostics = posterior.diagnostics
    lab.measure("starts.leastARI", least)
    for (name, diagnostic) in [
      ("logLikelihood", diagnostics.logLikelihood), ("clusters", diagnostics.clusters),
      ("states", diagnostics.states),
    ] where diagnostic.rHat.isFinite {
      lab.measure("starts.\(name).rHat", diagnostic.rHat)
      lab.measure("starts.\(name).effectiveSamples", diagnostic.effective)
    }
    lab.add(
      .decided(
        "2", "The partition of the neurons does not depend on where the chain starts.",
        paper: "published chains start from one group; other starts reported to agree",
        test:
          "Chains of \(options.sweeps) sweeps from one group, three random groups and ten random groups on one population; adjusted Rand index between their maxPEAR partitions.",
        criterion: "at least 0.9 between any two",
        measured:
          "\(indices.map { short($0) }.joined(separator: ", ")) between chains; with the planted groups \(own.map { short($0) }.joined(separator: ", ")); split R-hat of the log likelihood \(short(diagnostics.logLikelihood.rHat)), \(Int(diagnostics.logLikelihood.effective)) effective samples of \(posterior.samples.count)",
        holds: least >= 0.9, reason: "two of the chains differ, by an index of \(short(least))",
        unless: RecoveryClaims.shortness(options.sweeps)))
  }
}
