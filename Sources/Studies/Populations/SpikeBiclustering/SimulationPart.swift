import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Simulated populations with planted groups and states, and what each model makes of them.
struct SimulationPart {
  private let options: SpikeBiclustering.Options
  private let lab: Lab

  /// What a model made of a population.
  struct Outcome: Sendable {
    var variant: ModelVariant
    var neuronARI: Double
    var stateAccuracy: Double
    var clusters: Int
    var states: Int
    /// Share of bins outside the two largest states of the maxPEAR partition.
    var furtherShare: Double
    /// Bits per hidden spike beyond each neuron's mean rate.
    var gain: Double
    /// Share of bins inside the 95 % bands, of offsets and of factors; not a number unless measured.
    var offsetCoverage = Double.nan
    var factorCoverage = Double.nan
  }

  /// One population.
  struct Run: Sendable {
    var seed: Int
    var setting: Setting
    var outcomes: [Outcome]
    var kMeansARI: Double
    var hmmAccuracy: Double

    func outcome(_ variant: ModelVariant) -> Outcome? { outcomes.first { $0.variant == variant } }
  }

  enum Setting: String, CaseIterable {
    case published, overdispersed, weakOffset
  }

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws -> [Run] {
    var runs: [Run] = []
    let jobs = Setting.allCases.flatMap { setting in (0..<options.seeds).map { (setting, $0) } }
    for (number, (setting, seed)) in jobs.enumerated() {
      try lab.progress("simulated populations", number, of: jobs.count, unit: "populations")
      runs.append(try population(setting, seed))
      note(runs.last!)
    }
    try lab.add(table(runs))
    try lab.add(gainFigure(runs))
    return runs
  }

  private func variants(_ setting: Setting) -> [ModelVariant] {
    switch setting {
    case .published: ModelVariant.allCases
    case .overdispersed: [.full, .poisson]
    case .weakOffset: [.full]
    }
  }

  static func simulate(
    _ options: SpikeBiclustering.Options, _ setting: Setting, using generator: inout RandomGenerator
  ) -> BiclusterSimulation {
    var planted = BiclusterSimulation.Options()
    planted.bins = options.bins
    planted.neuronsPerGroup = options.neuronsPerGroup
    planted.dispersion = setting == .overdispersed ? options.lowDispersion : options.dispersion
    planted.offsetScale = setting == .weakOffset ? options.weakOffset : 1
    return BiclusterSimulation(planted, using: &generator)
  }

  private func population(_ setting: Setting, _ seed: Int) throws -> Run {
    var generator = lab.generator("population \(setting.rawValue)").split(seed)
    let truth = Self.simulate(options, setting, using: &generator)
    let counts = try SpikeCounts(truth.counts, binWidth: options.binWidth)
      .holdingOut(options.heldOut, using: &generator)
    let chainSeed = generator.next()
    let variants = variants(setting)
    let (options, lab) = (options, lab)
    let chains = try parallelMap(
      variants.count,
      throwing: { index in
        let (model, settings) = variants[index].setUp(
          states: options.states, sweeps: options.sweeps, burnIn: options.burnInSweeps,
          startGroups: min(options.startGroups, counts.neurons), groups: truth.options.groups)
        return try model.sample(counts, settings, seed: chainSeed) { sweep in
          if sweep % 20 == 0 {
            try lab.progress(
              "\(setting.rawValue) \(seed + 1), \(variants[index].rawValue)", sweep, of: settings.sweeps,
              unit: "sweeps")
          }
        }
      })
    let rows = counts.smoothedRoots(width: 3)
    var run = Run(seed: seed, setting: setting, outcomes: [], kMeansARI: 0, hmmAccuracy: 0)
    run.kMeansARI =
      PartitionComparison(
        KMeans.fit(rows.map { $0.standardised }, count: truth.options.groups, using: &generator).labels,
        truth.labels
      ).adjustedRandIndex
    run.hmmAccuracy =
      PartitionComparison(
        try AutoregressiveStates(principalComponents(rows, 3), states: options.states, using: &generator)
          .partition,
        truth.states
      ).matchedShare
    for (variant, chain) in zip(variants, chains) {
      run.outcomes.append(try outcome(variant, BiclusterPosterior([chain]), counts, truth))
    }
    if setting == .published, seed == 0 {
      try SimulationFigures(lab).draw(try BiclusterPosterior([chains[0]]), counts, truth)
    }
    return run
  }

  private func outcome(
    _ variant: ModelVariant, _ posterior: BiclusterPosterior, _ counts: SpikeCounts,
    _ truth: BiclusterSimulation
  ) throws -> Outcome {
    let states = posterior.statePartition
    let sizes = Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +).values.sorted(by: >)
    var result = Outcome(
      variant: variant,
      neuronARI: PartitionComparison(posterior.neuronPartition, truth.labels).adjustedRandIndex,
      stateAccuracy: PartitionComparison(states, truth.states).matchedShare,
      clusters: BiclusterPosterior.mode(posterior.clusterCounts),
      states: BiclusterPosterior.mode(posterior.stateCounts),
      furtherShare: 1 - Double(sizes.prefix(2).reduce(0, +)) / Double(states.count),
      gain: posterior.predictiveGain(counts))
    guard variant == .full else { return result }
    var (offsets, factors) = ([Double](), [Double]())
    for group in 0..<truth.options.groups {
      let start = group * (truth.options.factors + 1)
      let planted = Array(truth.trajectories[start...start + truth.options.factors])
      let members = truth.labels.indices.filter { truth.labels[$0] == group }
      guard let bands = posterior.trajectories(of: members, truth: planted) else { continue }
      offsets.append(bands.coverage(0, of: planted[0]))
      factors += (1...truth.options.factors).map { bands.coverage($0, of: planted[$0]) }
    }
    // A group that was not found leaves its trajectory uncovered.
    if !offsets.isEmpty {
      result.offsetCoverage = Spread(offsets).mean
      result.factorCoverage = Spread(factors).mean
    }
    return result
  }

  private func note(_ run: Run) {
    for outcome in run.outcomes {
      let name = "\(run.setting.rawValue).\(outcome.variant.key).seed\(run.seed + 1)"
      lab.measure("\(name).neuronARI", outcome.neuronARI)
      lab.measure("\(name).stateAccuracy", outcome.stateAccuracy)
      lab.measure("\(name).clusters", Double(outcome.clusters))
      lab.measure("\(name).states", Double(outcome.states))
      lab.measure("\(name).gain", outcome.gain, unit: "bits/spike")
    }
    lab.measure("\(run.setting.rawValue).kMeans.seed\(run.seed + 1).neuronARI", run.kMeansARI)
    lab.measure("\(run.setting.rawValue).hmm.seed\(run.seed + 1).stateAccuracy", run.hmmAccuracy)
  }

  private func table(_ runs: [Run]) -> Table {
    var table = Table(
      name: "simulations",
      caption:
        "Every model on every simulated population: agreement of its neuron groups and states with the planted ones, its likeliest numbers of both (3 and 2 were planted), and how much better than mean rates it predicts hidden counts.",
      columns: [
        "setting", "seed", "model", "neuron ARI", "state accuracy", "groups", "states",
        "gain (bits per hidden spike)",
      ])
    for run in runs {
      for outcome in run.outcomes {
        table.append([
          .text(run.setting.rawValue), .integer(run.seed + 1), .text(outcome.variant.rawValue),
          .number(outcome.neuronARI), .number(outcome.stateAccuracy), .integer(outcome.clusters),
          .integer(outcome.states), .number(outcome.gain),
        ])
      }
      table.append([
        .text(run.setting.rawValue), .integer(run.seed + 1), "k-means, true number of groups",
        .number(run.kMeansARI), .missing, .integer(3), .missing, .missing,
      ])
      table.append([
        .text(run.setting.rawValue), .integer(run.seed + 1), "hidden Markov model on 3 principal components",
        .missing, .number(run.hmmAccuracy), .missing, .missing, .missing,
      ])
    }
    return table
  }

  private func gainFigure(_ runs: [Run]) -> Plot {
    let published = runs.filter { $0.setting == .published }
    var plot = Plot(
      name: "predictive-gain", title: "Hidden counts are predicted best with groups and states together",
      caption:
        "How much better than each neuron's mean rate and dispersion hidden entries are predicted, on simulated populations: mean and standard deviation over \(published.count) populations.",
      x: .init(
        "model",
        range: -0.6...(Double(ModelVariant.allCases.count) - 0.4),
        ticks: ModelVariant.allCases.enumerated().map { (Double($0), $1.rawValue) }),
      y: .init("predictive gain", unit: "bits per hidden spike"))
    let gains = ModelVariant.allCases.map { variant in
      Spread(published.compactMap { $0.outcome(variant)?.gain })
    }
    plot.add(
      .points, "", x: gains.indices.map(Double.init), y: gains.map(\.mean), error: gains.map(\.deviation))
    return plot
  }
}

/// The first principal components of `[N][T]`, `[count][T]`, scaled so that the first has unit variance.
func principalComponents(_ rows: [[Double]], _ count: Int) -> [[Double]] {
  let (n, bins) = (rows.count, rows[0].count)
  let centred = rows.map { row in
    let mean = row.reduce(0, +) / Double(bins)
    return row.map { $0 - mean }
  }
  var covariance = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for j in 0...i {
      let sum = (0..<bins).reduce(0) { $0 + centred[i][$1] * centred[j][$1] } / Double(bins)
      covariance[i * n + j] = sum
      covariance[j * n + i] = sum
    }
  }
  let (values, vectors) = SmallMatrix.symmetricEigen(covariance, n)
  let scale = 1 / max(values[0], 1e-12).squareRoot()
  return (0..<min(count, n)).map { k in
    (0..<bins).map { bin in scale * (0..<n).reduce(0) { $0 + vectors[k][$1] * centred[$1][bin] } }
  }
}
