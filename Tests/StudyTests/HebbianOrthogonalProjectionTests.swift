import Datasets
import Foundation
import SpikingStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct HebbianOrthogonalProjectionTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(HebbianOrthogonalProjection.self)
  static let hasImages = FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist")

  @Test(.enabled(if: hasImages)) func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3", "4", "5", "6"])
    for id in ["1", "2", "5", "6"] {
      #expect(claims.first { $0.id == id }?.verdict != .notTestable, "claim \(id)")
    }
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "accuracy-matrix-plain.svg", "accuracy-matrix-projected.svg", "first-task.svg",
      "explained-variance.svg",
      "principal-angles.svg", "rules.svg", "subspace-size.svg", "convolution.svg", "main.csv", "rules.csv",
      "lateral.csv", "ablations.csv", "convolution.csv", "subspaces.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    let metrics = Dictionary(
      record.findings.metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    #expect(metrics["projected.transfer"]! > metrics["plain.transfer"]!)
    #expect(record.data.count == 2)
  }

  @Test(.enabled(if: hasImages)) func metricsDoNotDependOnThreads() throws {
    let settings = [("part", "main"), ("images", "200"), ("epochs", "2"), ("tasks", "2"), ("seeds", "2")]
    try expectSameMetricsOnAnyThreads(settings)
  }

  /// Every size passes its own checks and stops when asked, before the first network.
  @Test(.enabled(if: hasImages), arguments: StudySize.allCases) func everySizeCanStart(_ size: StudySize)
    throws
  {
    var request = StudyRunner.Request()
    request.size = size
    request.settings = [("images", "200"), ("testImages", "50")]
    let record = try StudyRunner(try RunStore(home: scratch.url)).run(study, request) { $0.interrupt() }
    #expect(record.state == .partial, "\(record.problem ?? "")")
  }

  /// The user's own folder in the format of MNIST, with images of another size.
  @Test func ownImagesMakeASequence() throws {
    let folder = scratch.url.appendingPathComponent("mine")
    var generator = RandomGenerator(seed: 1)
    for (part, count) in [("train", 200), ("t10k", 80)] {
      let labels = (0..<count).map { UInt8($0 % 2) }
      let pixels = labels.flatMap { label in
        (0..<100).map { place in
          UInt8((place % 2 == Int(label) ? 150 : 20) + generator.integer(below: 80))
        }
      }
      try IDXFile(shape: [count, 10, 10], bytes: pixels)
        .write(to: folder.appendingPathComponent("\(part)-images-idx3-ubyte"))
      try IDXFile(shape: [count], bytes: labels)
        .write(to: folder.appendingPathComponent("\(part)-labels-idx1-ubyte"))
    }
    let record = try run([("part", "main"), ("tasks", "2"), ("epochs", "2")], data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let accuracy = record.findings.metrics.first { $0.name == "projected.accuracy" }
    #expect((accuracy?.value ?? 0) > 0.8)
    #expect(record.data.allSatisfy { $0.name.contains("mine") })
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    let option = #expect(throws: CajalError.self) { _ = try run([("part", "everything")]) }
    #expect(option?.message.contains("ablations") == true)
    let rate = #expect(throws: CajalError.self) { _ = try run([("rate", "-1")]) }
    #expect(rate?.message.contains("rate") == true)
    let data = try run([("part", "main")], data: "/nowhere")
    #expect(data.state == .failed && data.problem?.contains("/nowhere") == true)
    if Self.hasImages {
      let rows = try run([("part", "main"), ("firstRows", "100")])
      #expect(rows.state == .failed && rows.problem?.contains("firstRows") == true, "\(rows.problem ?? "")")
    }
  }

  // Reference vectors.

  /// The file with one key of the case, or of its network, replaced.
  private func with(_ key: String, _ value: Any, inNet: Bool = false) throws -> URL {
    try changed { content in
      var section = content["case"] as! [String: Any]
      if inNet {
        var net = section["net"] as! [String: Any]
        net[key] = value
        section["net"] = net
      } else {
        section[key] = value
      }
      content["case"] = section
    }
  }

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.count == 1 && sections[0].compared > 200)
    for section in sections { #expect(section.passes, "\(section)") }
  }

  @Test func damagedVectorsFail() throws {
    for (key, value, inNet) in [
      ("lr", 0.051 as Any, false), ("calls", 4, false), ("momentum", 0.8, false), ("loss", 1.56, true),
      ("alpha", 0.5, true), ("grad_Vth", 0.1, true),
    ] {
      #expect(try !verified(with(key, value, inNet: inNet))[0].passes, "\(key)")
    }
    let missing = try changed { $0["case"] = nil }
    #expect(try verified(missing).contains { !$0.passes })
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).first { $0.name == "other" }?.passes == false)
  }

  @Test func malformedVectorsAreNamed() throws {
    for (key, value, inNet) in [
      ("x1", [1.0, 2] as Any, false), ("n", -3, false), ("n", 1e9, false), ("lr", 0, false),
      ("momentum", 2, false),
      ("W1", [1.0], true), ("y", [0, 1, 2, 0, 1, 7], true), ("tau", 0, true), ("Vth", "high", true),
    ] {
      let url = try with(key, value, inNet: inNet)
      let error = #expect(throws: CajalError.self) { _ = try verified(url) }
      #expect(error?.message.contains("'\(key)'") == true, "\(key): \(error?.message ?? "")")
    }
  }
}
