import Datasets
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

  private func slugs(_ line: String) throws -> [String] {
    let rows = try #require(try cajal(line).json as? [[String: Any]], "\(line)")
    return rows.compactMap { $0["slug"] as? String }
  }

  @Test func searchByWordsNeedsNothing() throws {
    let found = try cajal("papers search dendrites Sparse --json")
    let rows = try #require(found.json as? [[String: Any]])
    #expect(rows.first?["slug"] as? String == "sdr-dendrites" && rows.count <= 10)
    let scores = rows.compactMap { $0["score"] as? Double }
    #expect(scores.count == rows.count)
    // Who has no encoder is told once that there is one; who asked for words is not.
    #expect(
      found.errors.split(separator: "\n").count == 1 && found.errors.contains("cajal data fetch minilm"))
    #expect(try cajal("papers search dendrites --by words --json").errors.isEmpty)
    #expect(try slugs("papers search hawkins --by words --json") == ["sdr-dendrites"])
    #expect(try slugs("papers search neurons --by words --json --limit 3").count == 3)
    let none = try cajal("papers search zebrafishbicycle --by words")
    #expect(none.code == 0 && none.output.isEmpty && none.errors.contains("0 papers"))
    let syntax = try cajal(["papers", "search", "\"title: (a OR* --", "--by", "words"])
    #expect(syntax.code == 0, "\(syntax.errors)")
  }

  @Test func searchByMeaningSaysWhatItNeeds() throws {
    let missing = try cajal("papers search which neurons store facts --by meaning")
    #expect(missing.code == 1 && missing.output.isEmpty && missing.errors.contains("cajal data fetch minilm"))
    for line in [
      "papers search x --by magic", "papers search x --limit 0", "papers similar",
      "papers similar relation-neuron",
    ] {
      #expect(try cajal(line).code == 2, "\(line)")
    }
    #expect(try cajal("papers similar relation-neuron").errors.contains("did you mean relation-neurons?"))
  }

  @Test func similarPapersNeedNoEncoder() throws {
    let found = try slugs("papers similar learned-delays --json --limit 4")
    #expect(found.count == 4 && found.contains("heterogeneous-delays") && !found.contains("learned-delays"))
    let byWords = try slugs("papers similar learned-delays --json --by words")
    #expect(byWords.contains("heterogeneous-delays") && !byWords.contains("learned-delays"))
  }

  @Test(.enabled(if: PackagedData.miniLM.isPresent()))
  func searchByMeaningDoesNotLoadLibtorch() throws {
    let cajal = Program(sharingData: true)
    for _ in 0..<2 {
      let found = try cajal(
        "papers search glial cells --json", environment: ["CAJAL_TORCH": "/nowhere/libCajalTorch.so"])
      let rows = try #require(found.json as? [[String: Any]], "\(found.errors)")
      #expect(rows.first?["slug"] as? String == "astrocyte-snn" && found.errors.isEmpty)
    }
  }

  @Test func everyPaperCanBeShown() throws {
    for slug in try cajal("papers --runs").output.split(separator: "\n") {
      let shown = try cajal("show \(slug)")
      #expect(shown.code == 0 && shown.output.contains("Options (quick / standard / full)"))
      #expect(shown.output.contains("Not run yet: cajal run \(slug)"))
      let json = try #require(try cajal("show \(slug) --json").json as? [String: Any])
      #expect((json["options"] as? [Any])?.isEmpty == false)
    }
    #expect(try cajal("show sparsey").output.contains("does not run yet"))
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
