import Foundation
import PopulationStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct SpikeBiclusteringTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(SpikeBiclustering.self)

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1a", "1b", "1c", "2", "3a", "3b", "4a", "4b", "5a", "5b", "6a", "6b"])
    // Its chains are too short for the others.
    for id in ["1c", "3b"] { #expect(claims.first { $0.id == id }?.verdict == .holds, "claim \(id)") }
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "simulated-raster.svg", "simulated-neuron-similarity.svg", "simulated-state-similarity.svg",
      "eigenvalues.svg",
      "group-influence.svg", "group-and-state-counts.svg", "predictive-gain.svg", "group-traces.svg",
      "state-traces.svg", "calibration.svg", "recording-raster.svg", "recording-neuron-similarity.svg",
      "recording-state-similarity.svg", "recording-gain.svg", "simulations.csv", "recording-groups.csv",
      "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(record.data.map(\.name) == ["rat hippocampus, 16 units"])
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = [("part", "starts"), ("sweeps", "30"), ("bins", "80")]
    try expectSameMetricsOnAnyThreads(settings)
  }

  /// A folder with counts, regions and labels of bins.
  private func recording() throws -> URL {
    let folder = scratch.url.appendingPathComponent("recording")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var generator = RandomGenerator(seed: 1)
    let rows = (0..<8).map { neuron -> String in
      let counts = (0..<90).map { bin -> String in
        let rate: Double = bin / 30 == 1 ? (neuron < 4 ? 6 : 0.5) : 1.5
        return String(generator.poisson(rate))
      }
      return counts.joined(separator: ",")
    }
    let states = (0..<90).map { bin -> String in bin / 30 == 1 ? "1" : "0" }
    for (name, text) in [
      ("Y.csv", rows.joined(separator: "\n")),
      ("Lab_neuron.csv", "0\n0\n0\n0\n1\n1\n1\n1"),
      ("Lab_states.csv", states.joined(separator: "\n")),
    ] {
      try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    return folder
  }

  @Test func aRecordingOfOnesOwnAndItsChains() throws {
    let folder = try recording()
    let chains = scratch.url.appendingPathComponent("chains")
    let settings = [("part", "recording"), ("recordingSweeps", "40"), ("chains", chains.path)]
    let record = try run(settings, data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.claims.first { $0.id == "6b" }?.verdict != .notTestable)
    #expect(record.findings.metrics.contains { $0.name == "recording.regions.gain" })
    // A second run goes on from the chains: they are complete, and it finds the same.
    let files = try FileManager.default.contentsOfDirectory(atPath: chains.path)
    let again = try run(settings, data: folder.path)
    #expect(files.count == 7 && again.findings.metrics == record.findings.metrics)
    let single = try run(
      [("part", "recording"), ("recordingSweeps", "20")], data: folder.appendingPathComponent("Y.csv").path)
    #expect(single.state == .finished, "\(single.problem ?? "")")
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    let option = #expect(throws: CajalError.self) { _ = try run([("part", "everything")]) }
    #expect(option?.message.contains("calibration") == true)
    let range = #expect(throws: CajalError.self) { _ = try run([("heldOut", "0.9")]) }
    #expect(range?.message.contains("heldOut") == true)
    let data = try run([("part", "recording")], data: "/nowhere")
    #expect(data.state == .failed && data.problem?.contains("/nowhere") == true)
    let folder = try recording()
    try "1\n2\n".write(to: folder.appendingPathComponent("Lab_neuron.csv"), atomically: true, encoding: .utf8)
    let labels = try run([("part", "recording")], data: folder.path)
    #expect(labels.state == .failed && labels.problem?.contains("8 neurons") == true)
  }

  // Reference vectors.

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.count == 9)
    for section in sections { #expect(section.passes, "\(section)") }
  }

  @Test func damagedVectorsFail() throws {
    for (name, key) in [
      ("mfm_log_v", "log_v_t1_to_8"), ("nb", "laplace_mode"), ("cluster_gibbs", "log_weights"),
      ("polya_gamma", "variance"), ("loading_conditional", "mean_delta_c"), ("identifiability", "mu_out"),
    ] {
      let damaged = try changed { content in
        var section = content[name] as! [String: Any]
        var values = section[key] as! [Double]
        values[1] += 0.01
        section[key] = values
        content[name] = section
      }
      #expect(try verified(damaged).filter { !$0.passes }.map(\.name) == [name])
    }
    for (name, key) in [("kalman_filter", "last_cov"), ("mniw_posterior", "S_n")] {
      let damaged = try changed { content in
        var section = content[name] as! [String: Any]
        var values = section[key] as! [[Double]]
        values[1][1] += 0.01
        section[key] = values
        content[name] = section
      }
      #expect(try verified(damaged).filter { !$0.passes }.map(\.name) == [name])
    }
    let missing = try changed { $0["mniw_posterior"] = nil }
    #expect(try verified(missing).first { $0.name == "mniw_posterior" }?.passes == false)
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).first { $0.name == "other" }?.passes == false)
    let malformed = try changed { content in
      var section = content["nb"] as! [String: Any]
      section["X_p_by_T"] = [[1, 2], [3]]
      content["nb"] = section
    }
    let problem = #expect(throws: CajalError.self) { _ = try verified(malformed) }
    #expect(problem?.message.contains("nb") == true && problem?.message.contains("X_p_by_T") == true)
  }
}
