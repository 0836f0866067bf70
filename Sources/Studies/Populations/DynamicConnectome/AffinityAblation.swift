import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// What each stage adds: kinds of affinity x how motifs are separated x how communities are found.
struct AblationPart {
  private let options: DynamicConnectome.Options
  private let lab: Lab

  private enum Separation: String, CaseIterable {
    case factorised = "factorised"
    case binned = "bins clustered"
    case fixed = "averaged over time"
  }

  private struct Setting: Hashable {
    let affinity: String
    let separation: Separation
  }

  private struct Scores {
    var area: [Double] = []
    var course: [Double] = []
    var blocks: [Double] = []
    var louvain: [Double] = []
  }

  init(_ options: DynamicConnectome.Options, _ lab: Lab) { (self.options, self.lab) = (options, lab) }

  private var affinities: [(name: String, affinity: DifferentialAffinity)] {
    DifferentialAffinity.Kind.allCases.map { ($0.rawValue, options.differentialAffinity($0, lag: 0)) }
      + [("geometric, lag up to 2 samples", options.differentialAffinity(.geometric, lag: 2))]
  }

  func report() throws {
    var scores: [Setting: Scores] = [:]
    for seed in 0..<options.ablationSeeds {
      let generator = lab.generator("ablation").split(seed)
      var drawing = generator.split(0)
      let truth = options.simulator.truth(using: &drawing)
      let traces = options.simulator.traces(truth, using: generator.split(1))
      let correlation = try PairCorrelation.mean(traces)
      for (index, entry) in affinities.enumerated() {
        try lab.progress("ablation: \(entry.name)", seed, of: options.ablationSeeds, unit: "populations")
        let tensor = try AffinityTensor(traces.map(entry.affinity.changes), bin: options.bin)
        for separation in Separation.allCases {
          let own = generator.split(10 * (index + 1) + Separation.allCases.firstIndex(of: separation)!)
          let estimate = self.estimate(tensor, separation, own.split(0))
          try score(
            estimate, truth, tensor, correlation,
            into: &scores[Setting(affinity: entry.name, separation: separation), default: Scores()],
            own.split(1))
        }
      }
    }
    try table(scores)
  }

  private func estimate(_ tensor: AffinityTensor, _ separation: Separation, _ generator: RandomGenerator)
    -> MotifEstimate
  {
    var generator = generator
    let rank = options.motifs + options.extraComponents
    let ones = [Double](repeating: 1, count: tensor.animals)
    if separation == .factorised {
      let method = options.decomposition(rank: rank, restarts: min(3, options.restarts))
      return MotifEstimate(method.fit(tensor.tensor, using: &generator).best.factors)
    }
    let rows = tensor.meanOverAnimals
    let mean = KMeans.mean(rows)
    guard separation == .binned else {
      return MotifEstimate(
        pairs: [mean], courses: [rows.map { _ in 1 }], animals: [ones])
    }
    let groups = KMeans.fit(rows, count: rank, restarts: 5, iterations: 50, using: &generator)
    return MotifEstimate(
      // What a cluster has beyond the mean; all clusters share the mean.
      pairs: groups.centroids.map { zip($0, mean).map { max(1e-12, $0 - $1) } },
      courses: (0..<rank).map { group in groups.labels.map { $0 == group ? 1 : 0 } },
      animals: [[Double]](repeating: ones, count: rank))
  }

  private func score(
    _ estimate: MotifEstimate, _ truth: WormSimulator.Truth, _ tensor: AffinityTensor,
    _ correlation: [Double],
    into scores: inout Scores, _ generator: RandomGenerator
  ) throws {
    let pairs = tensor.pairs
    let isFixed = estimate.pairs.count == 1
    let components = isFixed ? truth.motifs.map { _ in 0 } : estimate.components(truth, tensor.times, pairs)
    var known: [Int: (blocks: [Int], louvain: [Int])] = [:]
    for (motif, component) in zip(truth.motifs, components) {
      let affinities = estimate.pairs[component]
      scores.area.append(try MotifTrial.pairArea(affinities, motif, pairs, correlation))
      if !isFixed {
        scores.course.append(
          Correlation.pearson(estimate.courses[component], motif.course(tensor.times)).coefficient)
      }
      if known[component] == nil {
        known[component] = try communities(affinities, pairs, generator.split(component))
      }
      let isMember = MotifTrial.membership(motif, pairs.neurons)
      scores.blocks.append(
        PartitionComparison(isMember, known[component]!.blocks).normalisedMutualInformation)
      scores.louvain.append(
        PartitionComparison(isMember, known[component]!.louvain).normalisedMutualInformation)
    }
  }

  private func communities(_ affinities: [Double], _ pairs: NeuronPairs, _ generator: RandomGenerator) throws
    -> (blocks: [Int], louvain: [Int])
  {
    var generator = generator
    let blocks = try MotifCommunities(
      affinities, pairs, thresholds: [0.05, 0.2], model: WeightedSBM(restarts: 0, spectralGroups: 4),
      using: &generator)
    let louvain = GreedyCommunities(.modularity()).fit(
      try MotifCommunities.graph(affinities, pairs, threshold: 0.1), using: &generator)
    return (blocks.labels, louvain.labels)
  }

  private func table(_ scores: [Setting: Scores]) throws {
    var table = Table(
      name: "ablation",
      caption:
        "Medians over the motifs of \(options.ablationSeeds) populations: ranking of pairs, time courses, and communities by two methods.",
      columns: [
        "affinity", "motifs", "pair area", "time correlation", "mutual information, block model",
        "mutual information, Louvain",
      ])
    for (name, _) in affinities {
      for separation in Separation.allCases {
        guard let own = scores[Setting(affinity: name, separation: separation)] else { continue }
        table.append([
          .text(name), .text(separation.rawValue), .number(Percentile.median(own.area)),
          own.course.isEmpty ? .missing : .number(Percentile.median(own.course)),
          .number(Percentile.median(own.blocks)),
          .number(Percentile.median(own.louvain)),
        ])
        let key =
          "ablation.\(name.split(separator: ",")[0])\(name.contains("lag") ? "Lag" : "").\(separation)"
        lab.measure("\(key).pairArea", Percentile.median(own.area))
        lab.measure("\(key).blocks", Percentile.median(own.blocks))
        lab.measure("\(key).louvain", Percentile.median(own.louvain))
      }
    }
    try lab.add(table)
  }
}
