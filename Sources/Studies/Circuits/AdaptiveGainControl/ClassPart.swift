import Circuits
import Datasets
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Beyond orientation: neurons with random features of pictures of clothes, and contexts in which one class is frequent.
///
/// No claim hangs on it; the network has no circle, no symmetry and no preferred stimuli.
struct ClassPart {
  private let bench: GainBench
  private var lab: Lab { bench.lab }
  private var options: AdaptiveGainControl.Options { bench.options }

  init(_ bench: GainBench) { self.bench = bench }

  /// The share of the frequent class.
  private static let frequent = 0.55

  func report() throws {
    guard options.classImages > 0 else { return }
    guard FileManager.default.fileExists(atPath: FashionMNIST.defaultFolder) else {
      lab.note(
        "Contexts of classes were left out: 'apt-get install dataset-fashion-mnist' brings their pictures.")
      return
    }
    let all = try FashionMNIST.load().test
    lab.usesData(all.name, fingerprint: all.fingerprint)
    let classes = all.classCount
    let chosen = (0..<classes).flatMap { label in
      all.labels.indices.filter { all.labels[$0] == label }.prefix(options.classImages)
    }
    let images = all.subset(Array(chosen))
    var generator = lab.generator("features")
    let drive = Self.features(images, options.neurons, &generator)
    let objective = try GainObjective(
      GainNetwork(
        weights: Self.weights(drive, options.recurrence), neurons: options.neurons,
        variant: GainNetwork.Variant(rawValue: options.variant)!),
      drive: drive, activityPrice: options.activityPrice, homeostasis: options.homeostasis)
    let reference = [Double](repeating: 1 / Double(images.count), count: images.count)
    let usual = try objective.adapt(to: reference)
    try lab.progress("contexts of classes", 0, of: classes, unit: "classes")
    let found = try parallelMap(
      classes,
      throwing: { label in
        try adaptation(objective, usual, reference, images.labels.map { $0 == label }, classes)
      })
    try lab.add(table(images.classNames, found))
    lab.measure("classes.equalisation", Spread(found.map(\.report.equalisation)).mean)
    lab.measure("classes.rank", Spread(found.map(\.rank)).mean)
  }

  private struct Found: Sendable {
    let report: AdaptationReport
    /// Spearman's correlation of how much a neuron prefers the class with how its gain changes.
    let rank: Double
    /// What adapted gains save of the cost that the gains of the uniform context have.
    let saving: Double
  }

  private func adaptation(
    _ objective: GainObjective, _ usual: GainObjective.Adapted, _ reference: [Double], _ isFrequent: [Bool],
    _ classes: Int
  ) throws -> Found {
    let count = Double(isFrequent.count { $0 })
    let rest = Double(isFrequent.count) - count
    let context = isFrequent.map { $0 ? Self.frequent / count : (1 - Self.frequent) / rest }
    let adapted = try objective.adapt(to: context, from: usual.gains)
    let network = objective.network
    let report = try AdaptationReport(
      before: network.responses(to: objective.drive, gains: usual.gains),
      after: network.responses(to: objective.drive, gains: adapted.gains), reference: reference,
      context: context)
    let changes = zip(adapted.gains, usual.gains).map { $0 - $1 }
    return Found(
      report: report, rank: Correlation.spearman(report.relativeMeans.before, changes).coefficient,
      saving: 1 - adapted.cost.total / (try objective.cost(usual.gains, under: context).total))
  }

  /// Rectified random projections of standardised pixels `[N, S]`, each of mean 0.4 as in the canonical network.
  private static func features(
    _ images: LabelledImages, _ neurons: Int, _ generator: inout RandomGenerator
  ) -> ResponseMatrix {
    let size = images.imageSize
    let mean = images.pixels.reduce(0.0) { $0 + Double($1) } / Double(images.pixels.count)
    var values: [Double] = []
    for _ in 0..<neurons {
      let weights = (0..<size).map { _ in generator.normal() }
      var own = (0..<images.count).map { index in
        max(0, zip(images.image(index), weights).reduce(0.0) { $0 + (Double($1.0) - mean) * $1.1 })
      }
      let scale = 0.4 / max(Spread(own).mean, 1e-9)
      for k in own.indices { own[k] *= scale }
      values += own
    }
    return ResponseMatrix(neurons: neurons, stimuli: images.count, values: values)
  }

  /// Like connects to like: squares of positive correlations of the features, rows of sum ρ.
  private static func weights(_ drive: ResponseMatrix, _ strength: Double) -> [Double] {
    let curves = (0..<drive.neurons).map { drive.curve($0) }
    return curves.flatMap { own -> [Double] in
      let row = curves.map { other in
        let correlation = Correlation.pearson(own, other).coefficient
        return correlation > 0 ? correlation * correlation : 0
      }
      let sum = row.reduce(0, +)
      return row.map { strength * $0 / max(sum, 1e-9) }
    }
  }

  private func table(_ names: [String], _ found: [Found]) -> Table {
    var table = Table(
      name: "classes",
      caption:
        "Contexts of pictures of clothes in which one class makes up \(short(100 * Self.frequent)) %: rectified random features, recurrent weights by their correlations.",
      columns: [
        "frequent class", "variation before", "variation after", "lower by (%)", "covariance norm, ratio",
        "rank correlation of preference and change of gain", "cost saved (%)",
      ])
    for (name, one) in zip(names, found) {
      let (variation, correlations) = (one.report.variation, one.report.correlations)
      table.append([
        .text(name), .number(variation.before), .number(variation.after),
        .number(100 * one.report.equalisation),
        .number(correlations.covarianceAfter / correlations.covarianceBefore), .number(one.rank),
        .number(100 * one.saving),
      ])
    }
    return table
  }
}
