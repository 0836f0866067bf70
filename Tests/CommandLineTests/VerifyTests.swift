import Foundation
import Testing

@Suite struct VerifyTests {
  let cajal = Program(sharingData: true)

  @Test func allStudiesPassOnTheirVectors() throws {
    let outcome = try cajal("verify")
    #expect(outcome.code == 0 && !outcome.output.contains("FAIL"), "\(outcome.output) \(outcome.errors)")
    let results = try #require(try cajal("verify --json").json as? [[String: Any]])
    #expect(results.count >= 3 && results.allSatisfy { $0["passes"] as? Bool == true })
  }

  @Test(arguments: ["sdr-dendrites", "homeostatic-networks", "quadratic-networks"])
  func wrongFilesFail(_ slug: String) throws {
    try FileManager.default.createDirectory(at: cajal.home, withIntermediateDirectories: true)
    let file = cajal.home.appendingPathComponent("v.json")
    for (text, expected) in [("{}", "FAIL"), (#"{"nonsense": {"x": 1}}"#, "nonsense")] {
      try Data(text.utf8).write(to: file)
      let outcome = try cajal("verify \(slug) \(file.path)")
      #expect(outcome.code == 1 && outcome.output.contains(expected), "\(outcome.output) \(outcome.errors)")
    }
    try Data("{\"a\": ".utf8).write(to: file)
    let broken = try cajal("verify \(slug) \(file.path)")
    #expect(broken.code == 1 && broken.errors.contains("v.json is not valid JSON"), "\(broken.errors)")
    let missing = try cajal("verify \(slug) /nowhere.json")
    #expect(missing.code == 1 && missing.errors.contains("cannot read /nowhere.json"))
  }
}
