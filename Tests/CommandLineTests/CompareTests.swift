import Foundation
import Testing

@Suite struct CompareTests {
  let cajal = Program()
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("compare-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A file of samples × units: sines of different speeds, the second of them mixed.
  private func file(_ name: String, rows: Int = 60, mixed: Bool = false, _ header: String? = nil) throws
    -> String
  {
    let lines = (0..<rows).map { row -> String in
      let waves = [1.0, 2, 3].map { sin(Double(row) * $0 * 0.7) }
      let units = mixed ? [waves[1] + 0.1 * waves[0], waves[2], waves[0] - 0.1 * waves[2], waves[0]] : waves
      return units.map { "\($0)" }.joined(separator: ",")
    }
    let url = folder.appendingPathComponent(name)
    try ((header.map { [$0] } ?? []) + lines).joined(separator: "\n")
      .write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test func twoTablesAreCompared() throws {
    let (a, b) = (try file("a.csv", "x,y,z"), try file("b.csv", mixed: true))
    let out = folder.appendingPathComponent("out")
    let outcome = try cajal(["compare", a, b, "--permutations", "19", "--out", out.path, "--json"])
    let json = try #require(outcome.json as? [String: Any], "\(outcome.errors)")
    let measures = try #require(json["measures"] as? [[String: Any]])
    #expect(outcome.code == 0 && measures.count == 9)
    #expect(measures.allSatisfy { ($0["pValue"] as? Double ?? 1) == 0.05 })
    let pairs = try #require(json["pairs"] as? [[String: Any]])
    #expect(pairs.first?["first"] as? String == "x" && pairs.first?["second"] as? String == "3")
    for name in ["pairs.csv", "correlations.svg", "correlations-aligned.svg", "matching.svg", "measures.svg"]
    {
      #expect(FileManager.default.fileExists(atPath: out.appendingPathComponent(name).path))
    }
    let plain = try cajal(["compare", a, b, "--permutations", "19", "--shift", "5"])
    #expect(plain.code == 0 && plain.output.contains("Procrustes") && plain.output.contains("chance"))
    #expect(try cajal(["compare", a, b, "--permutations", "19", "--shift", "5"]).output == plain.output)
  }

  @Test func errorsNameTheCulprit() throws {
    let (a, short) = (try file("a.csv"), try file("short.csv", rows: 40))
    let broken = folder.appendingPathComponent("broken.csv")
    try "1,2\n3,x\n".write(to: broken, atomically: true, encoding: .utf8)
    func problem(_ words: [String]) throws -> String { try cajal(["compare"] + words).errors }
    #expect(try problem([a]).contains("expected two populations"))
    #expect(try problem([a, "/nowhere.npy"]).contains("/nowhere.npy"))
    #expect(try problem([a, short]).contains("60 samples") && problem([a, short]).contains("40"))
    #expect(try problem([a, broken.path]).contains("broken.csv, line 2, column 2"))
    #expect(try problem([a, a, "--sites", "blocks.*"]).contains("has no site"))
    #expect(try problem([a, a, "--distance", "far"]).contains("--distance"))
    #expect(try cajal(["compare", a]).code == 2 && cajal(["compare", a, "/nowhere.npy"]).code == 1)
  }
}
