import Foundation
import NeuronStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct QuadraticNetworksTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(QuadraticNetworks.self)

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist")))
  func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(Set(claims.map(\.id)) == ["1", "2", "3a", "3b", "4a", "4b", "5", "6a", "6b", "6c"])
    for id in ["1", "2", "5"] {
      #expect(claims.first { $0.id == id }?.verdict != .notTestable, "claim \(id)")
    }
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "functional-dimension.svg", "collapse.svg", "activation-norms.svg", "dense-gamma.svg",
      "residual-gamma.svg",
      "training-curves.svg", "ablations.svg", "gate-weights.svg", "products.svg", "neuron-product.svg",
      "dimensions.csv", "collapse.csv", "dense-gamma.csv", "residual-variants.csv", "product-tasks.csv",
      "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(record.data.count == 2 || record.data.count == 4)
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = [("part", "products"), ("productEpochs", "3")]
    try expectSameMetricsOnAnyThreads(settings)
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    let option = #expect(throws: CajalError.self) { _ = try run([("part", "everything")]) }
    #expect(option?.message.contains("expressivity") == true)
    let depth = try run([("part", "residual"), ("residualDepth", "9")])
    #expect(depth.state == .failed && depth.problem?.contains("residualDepth=9") == true)
    let data = try run([("part", "dense")], data: "/nowhere")
    #expect(data.state == .failed && data.problem?.contains("/nowhere") == true)
  }

  // Reference vectors.

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.count == 7)
    for section in sections { #expect(section.passes, "\(section)") }
  }

  @Test func damagedVectorsFail() throws {
    let damaged = try changed { content in
      var section = content["relinear_training"] as! [String: Any]
      section["gamma_g"] = 0.2
      content["relinear_training"] = section
    }
    #expect(try verified(damaged).filter { !$0.passes }.map(\.name) == ["relinear_training"])
    let missing = try changed { $0["conv"] = nil }
    #expect(try verified(missing).first { $0.name == "conv" }?.passes == false)
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).first { $0.name == "other" }?.passes == false)
    let malformed = try changed { content in
      var section = content["dense"] as! [String: Any]
      section["x"] = ["shape": [2, 2], "data": [1, 2, 3]]
      content["dense"] = section
    }
    let problem = #expect(throws: CajalError.self) { _ = try verified(malformed) }
    #expect(problem?.message.contains("dense") == true && problem?.message.contains("'x'") == true)
  }
}
