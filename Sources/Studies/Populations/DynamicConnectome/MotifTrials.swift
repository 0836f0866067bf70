import Decomposition
import Statistics
import StudyCore
import Support

/// Components as they are compared with planted motifs: those of a decomposition, or of something simpler.
struct MotifEstimate: Sendable {
  /// `[R][P]`
  var pairs: [[Double]]
  /// `[R][T]`
  var courses: [[Double]]
  /// `[R][W]`
  var animals: [[Double]]

  init(_ factors: CPFactors) {
    (courses, animals, pairs) = (factors.columns[0], factors.columns[1], factors.columns[2])
  }

  init(pairs: [[Double]], courses: [[Double]], animals: [[Double]]) {
    (self.pairs, self.courses, self.animals) = (pairs, courses, animals)
  }

  /// The component of each motif: the best one-to-one match of the truth's outer products.
  func components(_ truth: WormSimulator.Truth, _ times: [Double], _ pairs: NeuronPairs) -> [Int] {
    let own = CPFactors(columns: [courses, animals, self.pairs])
    return truth.factors(times, pairs).matched(with: own).map(\.component)
  }
}

/// One simulated population, its decomposition, and how well its motifs are found.
struct MotifTrial: Sendable {
  /// One planted motif.
  struct Score: Sendable {
    let component: Int
    /// How well the pairs of members are ranked first.
    var pairArea: Double
    /// The same by the mean correlation over whole recordings.
    var staticArea: Double
    /// Of the time course with the windows.
    var courseCorrelation: Double
    /// Of the animals that have the motif; nil where all have.
    var animalArea: Double?
    /// Communities against membership.
    var mutualInformation: Double
    /// Members against the community that holds most of the affinity.
    let communities: MotifCommunities
  }

  let truth: WormSimulator.Truth
  let traces: [[[Double]?]]
  let affinity: AffinityTensor
  let fit: NonNegativeCP.Fit
  /// Of the best run.
  let factors: CPFactors
  let scores: [Score]

  init(_ options: DynamicConnectome.Options, _ generator: RandomGenerator) throws {
    let simulator = options.simulator
    var (drawing, fitting, parting) = (generator.split(0), generator.split(2), generator.split(3))
    let truth = simulator.truth(using: &drawing)
    let traces = simulator.traces(truth, using: generator.split(1))
    let affinity = try AffinityTensor(traces.map(options.differentialAffinity.changes), bin: options.bin)
    fit = options.decomposition(rank: options.motifs + options.extraComponents).fit(
      affinity.tensor, using: &fitting)
    factors = affinity.withoutUnseenPairs(fit.best.factors)
    let estimate = MotifEstimate(factors)
    let components = estimate.components(truth, affinity.times, affinity.pairs)
    let correlation = try PairCorrelation.mean(traces)
    scores = try truth.motifs.indices.map { index in
      try Self.score(
        truth.motifs[index], estimate, components[index], correlation, affinity, options, &parting)
    }
    (self.truth, self.traces, self.affinity) = (truth, traces, affinity)
  }

  private static func score(
    _ motif: WormSimulator.Motif, _ estimate: MotifEstimate, _ component: Int, _ correlation: [Double],
    _ affinity: AffinityTensor, _ options: DynamicConnectome.Options, _ generator: inout RandomGenerator
  ) throws -> Score {
    let communities = try MotifCommunities(
      estimate.pairs[component], affinity.pairs, thresholds: options.thresholds, model: options.blockModel,
      using: &generator)
    let isMember = membership(motif, affinity.pairs.neurons)
    return Score(
      component: component,
      pairArea: try pairArea(estimate.pairs[component], motif, affinity.pairs, correlation),
      staticArea: try pairArea(correlation, motif, affinity.pairs, correlation),
      courseCorrelation: Correlation.pearson(estimate.courses[component], motif.course(affinity.times))
        .coefficient,
      animalArea: motif.animals.contains(false)
        ? try areaUnderROC(scores: estimate.animals[component], labels: motif.animals) : nil,
      mutualInformation: PartitionComparison(isMember, communities.labels).normalisedMutualInformation,
      communities: communities)
  }

  static func membership(_ motif: WormSimulator.Motif, _ neurons: Int) -> [Int] {
    (0..<neurons).map { motif.members.contains($0) ? 1 : 0 }
  }

  /// Over the pairs that some animal has, which are those whose correlation is a number.
  static func pairArea(
    _ values: [Double], _ motif: WormSimulator.Motif, _ pairs: NeuronPairs, _ correlation: [Double]
  ) throws -> Double {
    let seen = values.indices.filter { !correlation[$0].isNaN }
    let isPair = motif.isPair(pairs)
    return try areaUnderROC(scores: seen.map { values[$0] }, labels: seen.map { isPair[$0] })
  }
}

/// The simulated populations of a run.
struct MotifTrials {
  let all: [MotifTrial]

  init(_ options: DynamicConnectome.Options, _ lab: Lab) throws {
    var trials: [MotifTrial] = []
    for seed in 0..<options.seeds {
      try lab.progress("simulated worms taken apart", seed, of: options.seeds, unit: "populations")
      trials.append(try MotifTrial(options, lab.generator("motifs").split(seed)))
    }
    all = trials
  }

  /// Every motif of every population.
  var scores: [(motif: WormSimulator.Motif, score: MotifTrial.Score)] {
    all.flatMap { zip($0.truth.motifs, $0.scores).map { ($0, $1) } }
  }
}
