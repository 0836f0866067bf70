import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Claims 6a and 6b: the model on a recording.
struct RecordingPart {
  private let options: SpikeBiclustering.Options
  private let lab: Lab

  /// A model on the recording.
  private struct Job: Sendable {
    var name: String
    var key: String
    var model: BiclusterModel
    var settings: BiclusterSettings
  }

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let recorded = try RecordedCounts.load(lab, binWidth: options.binWidth, most: options.recordingBins)
    var generator = lab.generator("recording")
    let counts = recorded.counts.holdingOut(options.heldOut, using: &generator)
    let jobs = jobs(recorded)
    let (root, lab, folder) = (generator, lab, options.chains)
    let chains = try parallelMap(
      jobs.count,
      throwing: { index in
        var own = root.split(index)
        let job = jobs[index]
        let checkpoint =
          folder.isEmpty
          ? nil : URL(fileURLWithPath: folder).appendingPathComponent("\(job.key)-\(index).chain")
        return try job.model.sample(counts, job.settings, seed: own.next(), checkpoint: checkpoint) { sweep in
          if sweep % 10 == 0 {
            try lab.progress("\(recorded.name), \(job.name)", sweep, of: job.settings.sweeps, unit: "sweeps")
          }
        }
      })
    let full = try BiclusterPosterior(zip(jobs, chains).filter { $0.0.key == "full" }.map(\.1))
    try draw(recorded, full)
    try compare(recorded, counts, jobs, chains, full)
    relate(recorded, full)
  }

  private func jobs(_ recorded: RecordedCounts) -> [Job] {
    let neurons = recorded.counts.neurons
    func job(_ variant: ModelVariant, _ change: (inout BiclusterSettings) -> Void = { _ in }) -> Job {
      var (model, settings) = variant.setUp(
        states: 2 * options.states, sweeps: options.recordingSweeps,
        burnIn: max(1, Int(options.burnIn * Double(options.recordingSweeps))),
        startGroups: min(options.startGroups, neurons), groups: min(3, neurons))
      model.clusterPrior = .finiteMixture(stop: 0.415)
      model.maximumClusters = min(options.recordingGroups, max(1, neurons / 2))
      settings.keepsTrajectories = false
      change(&settings)
      return Job(name: variant.rawValue, key: variant.key, model: model, settings: settings)
    }
    var jobs = (0..<options.recordingChains).map { _ in job(.full) }
    jobs += ModelVariant.allCases.filter { $0 != .full }.map { job($0) }
    if let regions = recorded.regions {
      var known = job(.kMeansGroups) { $0.start = .labels(regions) }
      (known.name, known.key) = ("regions as groups", "regions")
      jobs.append(known)
    }
    return jobs
  }

  private func draw(_ recorded: RecordedCounts, _ full: BiclusterPosterior) throws {
    try lab.add(
      PopulationFigures.raster(
        recorded.counts, full, name: "recording-raster", title: "Counts by group and state, \(recorded.name)",
        against: recorded.labels, called: "labels"))
    try lab.add(
      PopulationFigures.neuronSimilarity(
        full, reference: recorded.regions, name: "recording-neuron-similarity",
        title: "Which neurons go together, \(recorded.name)", called: "regions"))
    try lab.add(
      PopulationFigures.stateSimilarity(
        full, reference: recorded.labels, name: "recording-state-similarity",
        title: "Which bins are in one state, \(recorded.name)", called: "labels"))
    var table = Table(
      name: "recording-groups",
      caption: "The group of each neuron of the recording in the maxPEAR partition.",
      columns: ["neuron", "group", "region", "rate (1/s)"])
    for (neuron, group) in full.neuronPartition.enumerated() {
      let total = Double(recorded.counts.row(neuron).reduce(0, +))
      let duration = Double(recorded.counts.bins) * recorded.counts.binWidth
      table.append([
        .integer(neuron + 1), .integer(group + 1), recorded.regions.map { .integer($0[neuron]) } ?? .missing,
        .number(total / duration),
      ])
    }
    try lab.add(table)
  }

  private func compare(
    _ recorded: RecordedCounts, _ counts: SpikeCounts, _ jobs: [Job], _ chains: [BiclusterChain],
    _ full: BiclusterPosterior
  ) throws {
    var gains = [(name: "full model", key: "full", gain: full.predictiveGain(counts))]
    for (job, chain) in zip(jobs, chains) where job.key != "full" {
      gains.append((job.name, job.key, try BiclusterPosterior([chain]).predictiveGain(counts)))
    }
    for entry in gains { lab.measure("recording.\(entry.key).gain", entry.gain, unit: "bits/spike") }
    lab.measure("recording.clusters", Double(BiclusterPosterior.mode(full.clusterCounts)))
    lab.measure("recording.states", Double(BiclusterPosterior.mode(full.stateCounts)))
    try lab.add(figure(recorded, gains.map { ($0.name, $0.gain) }))
    let own = gains[0].gain
    let better = gains.dropFirst().filter { $0.gain >= own }
    let singles = try zip(jobs, chains).filter { $0.0.key == "full" }.map {
      try BiclusterPosterior([$0.1]).predictiveGain(counts)
    }
    let diagnostics = full.diagnostics
    lab.add(
      .decided(
        "6a", "On a recording, groups, states and over-dispersion together predict hidden counts best.",
        paper: "held-out ordering on 63 neurons of three regions of mouse brain (ordering only)",
        test:
          "\(recorded.name): \(counts.neurons) neurons, \(counts.bins) bins of \(short(counts.binWidth)) s, \(Int(100 * options.heldOut)) % of entries hidden, \(options.recordingSweeps) sweeps; gain over each neuron's mean rate in bits per hidden spike.",
        criterion: "the full model's gain is the highest",
        measured:
          gains.map { "\($0.name) \(short($0.gain))" }.joined(separator: "; ")
          + "; full model's chains \(singles.map { short($0) }.joined(separator: ", ")); likeliest: \(BiclusterPosterior.mode(full.clusterCounts)) groups, \(BiclusterPosterior.mode(full.stateCounts)) states; split R-hat of the log likelihood \(short(diagnostics.logLikelihood.rHat))",
        holds: better.isEmpty,
        reason:
          "\(better.map(\.name).joined(separator: ", ")) \(better.count == 1 ? "predicts" : "predict") at least as well",
        unless: RecoveryClaims.shortness(options.recordingSweeps)))
  }

  private func figure(_ recorded: RecordedCounts, _ gains: [(name: String, gain: Double)]) -> Plot {
    var plot = Plot(
      name: "recording-gain", title: "Prediction of hidden counts, \(recorded.name)",
      caption:
        "How much better than each neuron's mean rate and dispersion each model predicts hidden entries of the recording.",
      x: .init(
        "model", range: -0.6...(Double(gains.count) - 0.4),
        ticks: gains.enumerated().map { (Double($0), $1.name) }),
      y: .init("predictive gain", unit: "bits per hidden spike"))
    plot.add(.points, "", x: gains.indices.map(Double.init), y: gains.map(\.gain))
    return plot
  }

  /// States against labels of the bins, beside labels whose blocks are shuffled.
  private func relate(_ recorded: RecordedCounts, _ full: BiclusterPosterior) {
    let statement = "States change with the stimulus."
    let paper = "state changes align with the switches between spontaneous activity and a movie (figure)"
    let test =
      "Rand index of the maxPEAR states with the labels of the bins, and with 2,000 sequences of the same blocks of labels in random order from a random start."
    let criterion = "higher than 95 % of the shuffled ones"
    guard let labels = recorded.labels, Set(labels).count > 1 else {
      return lab.add(
        Claim(
          notTestable: "6b", statement, paper: paper, test: test, criterion: criterion,
          reason: "the recording has no labels of its bins; --data takes a folder with Lab_states.csv"))
    }
    let states = full.statePartition
    let own = PartitionComparison(states, labels).randIndex
    var generator = lab.generator("shuffled labels")
    let shuffled = (0..<2_000).map { _ in
      PartitionComparison(states, Self.shuffled(labels, using: &generator)).randIndex
    }
    let share = Double(shuffled.count { $0 < own }) / Double(shuffled.count)
    lab.measure("recording.randIndex", own)
    lab.measure("recording.randIndex.shuffledBelow", share)
    lab.add(
      Claim(
        "6b", statement, paper: paper, test: test, criterion: criterion,
        measured:
          "Rand index \(short(own)), shuffled \(Spread(shuffled).text(3)); \(short(100 * share)) % of them lower",
        holds: share > 0.95,
        reason: share > 0.95 ? nil : "the states follow the recording's own course more than the labels"))
  }

  /// The runs of equal labels in random order, turned to a random start.
  private static func shuffled(_ labels: [Int], using generator: inout RandomGenerator) -> [Int] {
    var blocks: [[Int]] = []
    for label in labels {
      if blocks.last?.last == label { blocks[blocks.count - 1].append(label) } else { blocks.append([label]) }
    }
    generator.shuffle(&blocks)
    let all = blocks.flatMap { $0 }
    let start = generator.integer(below: all.count)
    return Array(all[start...] + all[..<start])
  }
}
