import Datasets
import Foundation
import SpikingStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct HeterogeneousDelaysTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(HeterogeneousDelays.self)

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3", "4", "5", "6", "7"])
    for id in ["2", "7"] { #expect(claims.first { $0.id == id }?.verdict == .holds, "claim \(id)") }
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    let accuracy = record.findings.metrics.first { $0.name == "accuracy.delays" }?.value ?? 0
    #expect(accuracy > 0.3, "far above the chance of 1/24")
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "events.svg", "evidence.svg", "output-spikes.svg", "recognition.svg", "training.svg",
      "accuracy-in-time.svg",
      "kernels-speed-1.svg", "kernels-speed-3.svg", "ridges.svg", "reduction.svg",
      "motion-clouds-orientation.svg",
      "motion-clouds-frequency.svg", "motion-clouds-speed.svg", "event-driven.svg", "recognition.csv",
      "kernels.csv", "reduction.csv", "motion-clouds.csv", "event-driven.csv", "report.html",
    ] { #expect(files.contains(name), "\(name)") }
  }

  /// A run of seconds: few motions, a short training.
  private let small = [
    ("directions", "2"), ("speedCount", "1"), ("kernel", "3"), ("delays", "4"), ("size", "12"),
    ("duration", "12"),
    ("steps", "20"), ("trainMovies", "10"), ("testMoviesPerClass", "2"), ("imageSize", "64"),
    ("generatedImages", "3"),
  ]

  @Test func metricsDoNotDependOnThreads() throws {
    try expectSameMetricsOnAnyThreads(small)
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    #expect(throws: CajalError.self) { _ = try run([("images", "everything")]) }
    let kernel = try run([("kernel", "8")])
    #expect(kernel.state == .failed && kernel.problem?.contains("kernel=8") == true)
    let image = try run([("imageSize", "40")])
    #expect(image.state == .failed && image.problem?.contains("imageSize=40") == true)
    let data = try run(data: "/nowhere")
    #expect(data.state == .failed && data.problem?.contains("/nowhere") == true)
  }

  @Test func ownPicturesAreUsed() throws {
    let folder = scratch.url.appendingPathComponent("pictures")
    var generator = RandomGenerator(seed: 8)
    for index in 0..<3 {
      let bytes = GreyImage.deadLeaves(64, using: &generator).values.map { UInt8(255 * $0) }
      try Picture(width: 64, height: 64, channels: 1, bytes: bytes)
        .writePNG(to: folder.appendingPathComponent("\(index).png"))
    }
    let record = try run(small, data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.data.count == 1 && record.data[0].name.contains("pictures"))
  }

  // Reference vectors.

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.count == 5)
    for section in sections { #expect(section.passes, "\(section)") }
  }

  @Test(arguments: ["image", "W_before_mask", "grad_bias", "loss_bce", "events", "decision"])
  func damagedVectorsFail(key: String) throws {
    let url = try changed { content in
      var section = content["case"] as! [String: Any]
      switch section[key] {
      case var numbers as [Double]:
        numbers[0] += 0.5
        section[key] = numbers
      case let rows as [Any]: section[key] = Array(rows.dropLast())
      default: section[key] = (section[key] as! NSNumber).doubleValue + 1
      }
      content["case"] = section
    }
    #expect(try verified(url).filter { !$0.passes }.map(\.name) == ["case"])
  }

  @Test func missingUnknownAndMalformedSectionsAreNamed() throws {
    let missing = try changed { $0["phis"] = nil }
    #expect(try verified(missing).first { $0.name == "phis" }?.passes == false)
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).first { $0.name == "other" }?.passes == false)
    let malformed = try changed { content in
      var section = content["case"] as! [String: Any]
      section["kernel"] = [5, 4, 5]
      content["case"] = section
    }
    let problem = #expect(throws: CajalError.self) { _ = try verified(malformed) }
    #expect(problem?.message.contains("case") == true && problem?.message.contains("'kernel'") == true)
  }
}
