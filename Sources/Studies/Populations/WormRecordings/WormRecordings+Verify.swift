import Foundation
import Recordings
import StudyCore
import Support
import Tensors

extension WormRecordings {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-5)
    guard let trace = golden.section("trace") else { return }
    let raw = try matrix(trace, "raw_T_by_N")
    let recording = try Recording(
      name: golden.path, activity: raw,
      time: TimeAxis(stamps: trace.numbers("time_s"), what: "'trace.time_s'"))
    let scored = try recording.zScored()
    let step = try trace.number("target_dt")
    let resampled = try scored.resampled(step: step)
    var comparison = Comparison("trace")
    func check(_ ours: Recording, _ key: String) throws {
      let expected = try matrix(trace, key)
      comparison.check(ours.activity.doubles, expected.doubles, absolute: tolerance)
    }
    try check(scored, "zscored")
    try check(scored.derivative(), "residual")
    try check(scored.smoothed(.gaussianSamples(sigma: 3)), "gauss_sigma3_samples")
    try check(scored.smoothed(.exponential(alpha: 0.1)), "exp_alpha0.1")
    try check(scored.smoothed(.movingAverage(samples: 5)), "moving_average_5")
    try check(resampled, "resampled")
    comparison.check(resampled.time!.values, try trace.numbers("resampled_time"), absolute: tolerance)
    golden.report(comparison)
    if let section = golden.section("aggregate") { try golden.report(aggregate(section, resampled, step, tolerance)) }
    if let section = golden.section("naming") { try golden.report(naming(section)) }
    if let section = golden.section("next_step") { try golden.report(nextStep(section, resampled, tolerance)) }
    if let section = golden.section("connectome_merge") { try golden.report(merge(section, tolerance)) }
  }

  private static func matrix(_ value: JSONValue, _ key: String) throws -> Tensor {
    guard let rows = value[key].array, let width = rows.first?.array?.count else {
      throw CajalError("'\(key)' should be an array of rows")
    }
    let flat = rows.flatMap { $0.array?.compactMap(\.double) ?? [] }
    guard flat.count == rows.count * width else { throw CajalError("the rows of '\(key)' should hold \(width) numbers each") }
    return Tensor(flat, shape: [rows.count, width])
  }

  private static func aggregate(_ section: JSONValue, _ resampled: Recording, _ fine: Double, _ tolerance: Double) throws
    -> Comparison
  {
    var comparison = Comparison("aggregate")
    let ours = try resampled.averaged(step: section.number("target_dt"), fine: fine)
    comparison.check(ours.activity.doubles, try matrix(section, "output").doubles, absolute: tolerance)
    comparison.check(ours.time!.values, try section.numbers("times"), absolute: tolerance)
    return comparison
  }

  private static func naming(_ section: JSONValue) throws -> Comparison {
    var comparison = Comparison("naming")
    func texts(_ key: String) throws -> [String] {
      guard let array = section[key].array, case let texts = array.compactMap(\.string), texts.count == array.count else {
        throw CajalError("'naming.\(key)' should be an array of texts")
      }
      return texts
    }
    let ours = WormNeurons.assign(try texts("input"), slots: try texts("canonical_order"))
    guard let expected = section["mapping"].array, expected.count == ours.count else {
      throw CajalError("'naming.mapping' should have an entry for each name")
    }
    for (own, wanted) in zip(ours, expected) {
      comparison.checkEqual(own.name, wanted["canonical"].string, "the neuron of '\(own.raw)'")
      comparison.checkEqual(own.slot, wanted["slot"].int, "the slot of '\(own.raw)'")
    }
    return comparison
  }

  private static func nextStep(_ section: JSONValue, _ resampled: Recording, _ tolerance: Double) throws -> Comparison {
    var comparison = Comparison("next_step")
    let mask = try section.integers("labeled_mask").map { $0 != 0 }
    guard mask.count == resampled.neuronCount else {
      throw CajalError("'next_step.labeled_mask' should have \(resampled.neuronCount) entries")
    }
    let sequence = NextStepPrediction.Sequence(resampled.activity, mask: mask)
    comparison.check(
      NextStepPrediction.persistence(sequence), try section.number("persistence_masked_mse"), absolute: tolerance)
    let weights = try section.numbers("shared_ar3_weights_lag1_first")
    let rule = NextStepPrediction.SharedAutoregression([sequence], lags: weights.count)
    comparison.check(rule.weights, weights, absolute: tolerance)
    comparison.check(rule.error(sequence), try section.number("shared_ar3_masked_mse"), absolute: tolerance)
    return comparison
  }

  private static func merge(_ section: JSONValue, _ tolerance: Double) throws -> Comparison {
    var comparison = Comparison("connectome_merge")
    guard let edges = section["edges"].array, let merged = section["merged_[gap,chem]"].array else {
      throw CajalError("'connectome_merge' should have 'edges' and 'merged_[gap,chem]'")
    }
    let read = try edges.map {
      Connectome.Edge(
        try $0.integer("pre"), try $0.integer("post"), weight: try $0.number("weight"),
        kind: .init($0["type"].string ?? ""))
    }
    let count = 1 + (read.flatMap { [$0.pre, $0.post] }.max() ?? 0)
    let connectome = try Connectome(name: "merge", neurons: (0..<count).map { "\($0)" }, edges: read)
      .mirroringElectrical()
    let (gap, chemical) = (connectome.weights(.electrical), connectome.weights(.chemical))
    comparison.checkEqual(connectome.pairs.count, merged.count, "the number of connected pairs")
    for edge in merged {
      let place = try edge.integer("pre") * count + edge.integer("post")
      guard gap.indices.contains(place) else { throw CajalError("'connectome_merge' names a node without edges") }
      comparison.check(gap[place], try edge.number("gap"), absolute: tolerance)
      comparison.check(chemical[place], try edge.number("chem"), absolute: tolerance)
    }
    return comparison
  }
}
