import CircuitStudies
import Circuits
import Datasets
import Foundation
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct AdaptiveGainControlTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(AdaptiveGainControl.self)

  /// A small network, for what does not hang on numbers.
  private let small = [
    ("neurons", "16"), ("stimuli", "16"), ("randomGains", "10"), ("sequences", "2"), ("onlineStimuli", "100"),
    ("resamples", "2"), ("sizes", "12"), ("variedNetworks", "2"), ("fitNeurons", "6"), ("fitStarts", "1"),
    ("classImages", "0"),
    ("naturalImages", "false"),
  ]

  @Test func aQuickRunAnswersForEveryClaim() throws {
    let record = try run([
      ("sequences", "2"), ("fitNeurons", "8"), ("randomGains", "20"), ("resamples", "2"),
      ("variedNetworks", "2"),
    ])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3", "4", "5", "6", "7"])
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    for id in ["1", "2", "3", "5"] { #expect(claims.first { $0.id == id }?.verdict == .holds, "claim \(id)") }
    let value = { (name: String) in record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    // What the sheet's own computation of the canonical network gives.
    for (name, expected, tolerance) in [
      ("gain.uniform", 0.267, 0.001), ("gain.adapter", 0.059, 0.001), ("variation.before", 0.255, 0.001),
      ("variation.after", 0.175, 0.001), ("ratio.maximum", 0.895, 0.001), ("ratio.minimum", 0.904, 0.001),
      ("repulsion.largest", 0.90, 0.005), ("repulsion.smallest", 0.36, 0.005),
      ("covariance.ratio", 0.9923, 1e-4),
    ] { #expect(abs(value(name) - expected) <= tolerance, "\(name) \(value(name))") }
    let tables = Set(record.findings.tables.map(\.name))
    #expect(
      tables.isSuperset(of: ["ablations", "contexts", "prices", "frontier", "online", "fit", "variety"]))
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "tuning.svg", "gains.svg", "means.svg", "correlations.svg", "factors.svg", "shifts.svg", "contexts.svg",
      "frontier.svg", "closed-form.svg", "online.svg", "progress.svg", "fit.svg", "variety.svg",
      "report.html",
      "simulated-tuning.csv",
    ] { #expect(files.contains(name), "\(name)") }
  }

  @Test func metricsDoNotDependOnThreads() throws { try expectSameMetricsOnAnyThreads(small) }

  @Test func ownTuningIsFitted() throws {
    let (angles, uniform) = (Orientation.even(6), OrientationEnsemble(uniform: 6).probabilities)
    var generator = RandomGenerator(seed: 8)
    let data = try MeasuredTuning.simulated(
      TuningFit.Parameters(), preferred: angles, stimuli: angles, reference: uniform,
      context: OrientationEnsemble(6, adapter: 3, probability: 0.4).probabilities, noise: 0.05,
      using: &generator)
    let url = scratch.url.appendingPathComponent("simulated-tuning.csv")
    try data.csv.write(to: url, atomically: true, encoding: .utf8)
    let record = try run(small, data: url.path)
    #expect(record.state == .finished && record.data.contains { $0.name == "simulated-tuning.csv" })
    #expect(record.findings.tables.first { $0.name == "fit" }?.rows[0][0] == .text("measured"))
    let bad = scratch.url.appendingPathComponent("bad.csv")
    try "preferred,stimulus\n0,0\n".write(to: bad, atomically: true, encoding: .utf8)
    #expect(try run(small, data: bad.path).problem?.contains("no column 'context'") == true)
    #expect(try run(small, data: "/nowhere").problem?.contains("/nowhere") == true)
  }

  @Test func ownPicturesAreTaken() throws {
    let folder = scratch.url.appendingPathComponent("pictures")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Stripes along both axes: nothing but cardinal edges.
    for (name, isUpright) in [("upright", true), ("level", false)] {
      let bytes = (0..<32 * 32).map { (place: Int) -> UInt8 in
        let along = isUpright ? place % 32 : place / 32
        return along / 8 % 2 == 0 ? 0 : 200
      }
      try Picture(width: 32, height: 32, channels: 1, bytes: bytes).writePNG(
        to: folder.appendingPathComponent("\(name).png"))
    }
    let record = try run(small.filter { $0.0 != "naturalImages" }, data: folder.path)
    let value = { (name: String) in record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    #expect(value("natural.excess") > 10 && value("natural.cardinalGain") < value("natural.obliqueGain"))
  }

  @Test func wrongOptionsAreNamed() throws {
    for (key, text) in [
      ("neurons", "17"), ("probability", "0.01"), ("sizes", "13"), ("probabilities", "0.001"),
    ] {
      let record = try run([(key, text)])
      #expect(record.state == .failed && record.problem?.contains(key) == true)
    }
    #expect(throws: CajalError.self) { _ = try run([("variant", "both")]) }
  }

  @Test func referenceVectorsAreMet() throws {
    let sections = try verified(file)
    #expect(sections.count == 8 && sections.allSatisfy(\.passes), "\(sections)")
  }

  @Test func damagedVectorsAreFound() throws {
    func failing(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      try verified(changed(change)).filter { !$0.passes }.map(\.name)
    }
    for name in ["responses_at_adapter", "gradient_biased", "optimal_gains_biased", "objective_biased"] {
      let broken = try failing { content in
        var expected = content["expected"] as! [String: Any]
        if var list = expected[name] as? [Double] {
          list[1] += 0.01
          expected[name] = list
        } else {
          expected[name] = 80.0
        }
        content["expected"] = expected
      }
      #expect(broken == ["expected"], "\(name)")
    }
    #expect(try failing { $0["W_first_row"] = nil } == ["W_first_row"])
    #expect(try failing { $0["more"] = [1] } == ["more"])
    #expect(
      try failing { content in
        var parameters = content["params"] as! [String: Any]
        parameters["tau"] = 1
        content["params"] = parameters
      } == ["params"])
  }
}
