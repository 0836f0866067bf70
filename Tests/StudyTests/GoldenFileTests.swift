import Foundation
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct GoldenFileTests {
  let scratch = Scratch()

  private func sections(_ text: String) throws -> [GoldenFile.Section] {
    let url = scratch.url.appendingPathComponent("vectors.json")
    try Data(text.utf8).write(to: url)
    var golden = try GoldenFile(contentsOf: url)
    try ToyStudy.verify(&golden)
    return golden.finished()
  }

  @Test func rightVectorsPassAndWrongOnesFail() throws {
    let good = try sections(#"{"README": "x", "sums": {"terms": [1, 2.5], "sum": 3.5}}"#)
    #expect(good.count == 1 && good[0].passes && good[0].compared == 1)
    let bad = try sections(#"{"sums": {"terms": [1, 2.5], "sum": 3.6}}"#)
    #expect(!bad[0].passes && abs(bad[0].largestError - 0.1) < 1e-9)
  }

  @Test func emptyMissingAndUnknownSectionsFail() throws {
    #expect(try sections("{}").allSatisfy { !$0.passes })
    #expect(
      try sections(#"{"README": "nothing else"}"#).contains {
        $0.name == "sums" && $0.problem == "missing in the file"
      })
    let unknown = try sections(#"{"sums": {"terms": [], "sum": 0}, "products": {}}"#)
    #expect(unknown.contains { $0.name == "products" && $0.problem!.contains("unknown section") })
  }

  @Test func brokenFilesAreNamed() {
    #expect(message { _ = try sections("{") }.contains("vectors.json is not valid JSON"))
    #expect(message { _ = try sections("[1]") }.contains("should hold a JSON object"))
    #expect(
      message { _ = try sections(#"{"sums": {"terms": ["a"], "sum": 0}}"#) }
        == "'terms' should be an array of numbers")
    #expect(
      message { _ = try GoldenFile(contentsOf: scratch.url.appendingPathComponent("none.json")) }.contains(
        "cannot read"))
  }

  @Test func comparisonsAreStrict() {
    func section(_ body: (inout Comparison) -> Void) -> GoldenFile.Section {
      var comparison = Comparison("c")
      body(&comparison)
      return comparison.section
    }
    #expect(section { $0.check(.infinity, .infinity) }.passes)
    #expect(section { $0.check(-.infinity, -.infinity) }.passes)
    #expect(!section { $0.check(.nan, 1, absolute: 10) }.passes)
    #expect(!section { $0.check(.nan, .nan, absolute: 10) }.passes)
    #expect(!section { $0.check([1, 2], [1], absolute: 10) }.passes)
    #expect(section { $0.check(1e-30 * (1 + 1e-12), 1e-30, relative: 1e-9) }.passes)
    #expect(!section { $0.check(1.1e-30, 1e-30, relative: 1e-9) }.passes)
    #expect(!section { _ in }.passes)
  }
}
