import Foundation
import Testing

@Suite struct PapersTests {
  let cajal = Program()

  @Test func theReadingListIsWhole() throws {
    let list = try #require(try cajal("papers --json").json as? [[String: Any]])
    #expect(list.count == 59)
    let running = Set(try cajal("papers --runs").output.split(separator: "\n").map(String.init))
    #expect(running.isSuperset(of: ["sdr-dendrites", "homeostatic-networks", "quadratic-networks"]))
    for paper in list {
      let slug = try #require(paper["slug"] as? String)
      #expect(paper["state"] as? String == (running.contains(slug) ? "runs" : "not yet"))
      #expect(
        (paper["title"] as? String)?.isEmpty == false && (paper["question"] as? String)?.isEmpty == false)
    }
  }

  @Test func searchNeedsEveryWord() throws {
    let found = try #require(try cajal("papers search dendrites Sparse --json").json as? [[String: Any]])
    #expect(found.contains { $0["slug"] as? String == "sdr-dendrites" } && found.count < 20)
    let none = try cajal("papers search zebrafishbicycle")
    #expect(none.code == 0 && none.output.isEmpty && none.errors.contains("0 papers"))
  }

  @Test func everyPaperCanBeShown() throws {
    for slug in try cajal("papers --runs").output.split(separator: "\n") {
      let shown = try cajal("show \(slug)")
      #expect(shown.code == 0 && shown.output.contains("Options (quick / standard / full)"))
      #expect(shown.output.contains("Not run yet: cajal run \(slug)"))
      let json = try #require(try cajal("show \(slug) --json").json as? [String: Any])
      #expect((json["options"] as? [Any])?.isEmpty == false)
    }
    #expect(try cajal("show induction-heads").output.contains("does not run yet"))
  }

  @Test func dataAreListedWithSourceLicenceAndState() throws {
    let rows = try #require(try cajal("data --json").json as? [[String: Any]])
    for row in rows {
      #expect((row["licence"] as? String)?.isEmpty == false && (row["size"] as? Int ?? 0) > 0)
      #expect(["here", "not yet"].contains(row["state"] as? String))
    }
    #expect(rows.first { $0["name"] as? String == "wine" }?["state"] as? String == "not yet")
  }
}
