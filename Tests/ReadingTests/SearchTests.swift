import Datasets
import Foundation
import Models
import Reading
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct WordIndexTests {
  let scratch = Scratch()

  private func slugs(_ index: any SearchIndex, _ query: String, limit: Int = 10) throws -> [String] {
    try index.search(query, limit: limit).map(\.paper.slug)
  }

  @Test func wordsAreStemmedAndAllWordsComeFirst() throws {
    let index = try WordIndex(
      MadeCatalogue.titled(["Dendrites of cells", "Spiking networks", "A spike in a dendrite", "Glia"]))
    #expect(
      try slugs(index, "dendrite") == ["paper-0", "paper-2"]
        || slugs(index, "dendrite") == ["paper-2", "paper-0"])
    #expect(
      try slugs(index, "SPIKES dendritic").first == "paper-2"
        || slugs(index, "spikes dendrites").first == "paper-2")
    #expect(try Set(slugs(index, "spikes dendrites")) == ["paper-0", "paper-1", "paper-2"])
    #expect(try slugs(index, "zebrafish").isEmpty && slugs(index, "").isEmpty && slugs(index, "?!").isEmpty)
    #expect(try slugs(index, "dendr").count == 2, "the beginning of a word is enough where no word is found")
    #expect(try slugs(index, "spikes dendrites", limit: 1).count == 1)
    #expect(try slugs(index, "author").count == 4)
  }

  /// Nothing that is typed is taken for the syntax of full-text search.
  @Test(arguments: [
    "\"", "'", "AND", "OR NOT", "NEAR(a b)", "title:x", "a*", "(", ")", "a AND", "-", "^cells", "{x y}: z",
    "🧠", "a\u{0}b",
    "; DROP TABLE paper", "col\u{301}", "東京",
  ])
  func anythingMayBeTyped(_ query: String) throws {
    let index = try WordIndex(MadeCatalogue.titled(["cells and a b", "near x"]))
    _ = try index.search(query, limit: 5)
  }

  @Test func theIndexIsKeptAndMadeAgain() throws {
    let file = scratch.url.appendingPathComponent("words.sqlite")
    let first = MadeCatalogue.titled(["Dendrites"])
    #expect(try slugs(WordIndex(first, folder: scratch.url), "dendrites") == ["paper-0"])
    let made = try Data(contentsOf: file)
    #expect(try slugs(WordIndex(first, folder: scratch.url), "dendrites") == ["paper-0"])
    #expect(try Data(contentsOf: file) == made, "an index that fits is left as it is")
    let second = MadeCatalogue.titled(["Axons", "Dendrites"])
    #expect(try slugs(WordIndex(second, folder: scratch.url), "dendrites") == ["paper-1"])
    // Damaged, it is made again; where nothing can be written, it is made in memory.
    try Data("no database".utf8).write(to: file)
    #expect(try slugs(WordIndex(second, folder: scratch.url), "axon") == ["paper-0"])
    let nowhere = file.appendingPathComponent("below-a-file")
    #expect(try slugs(WordIndex(second, folder: nowhere), "axon") == ["paper-0"])
  }

  @Test func everyPackagedPaperHasOthersLikeIt() throws {
    let catalogue = try Catalogue.load()
    let index = try WordIndex(catalogue)
    for paper in catalogue.entries {
      let found = try index.similar(to: paper, limit: 5)
      #expect(found.count == 5 && !found.contains { $0.paper.slug == paper.slug }, "\(paper.slug)")
    }
    let memory = try #require(catalogue.entries.first { $0.slug == "few-shot-continual" })
    #expect(
      try index.similar(to: memory, limit: 3).contains { $0.paper.topics.contains("continual learning") })
  }

  @Test func theRightPaperIsFoundByWords() throws {
    let index = try WordIndex(Catalogue.load())
    var hits = Hits()
    for question in try PaperQuestion.all() {
      hits.add(try slugs(index, question.question), wanted: question)
    }
    print("by words: \(hits)")
    #expect(hits.first >= 36 && hits.three >= 48, "\(hits)")
  }
}

@Suite struct PaperVectorTests {
  @Test func everyPackagedPaperComesWithItsVector() throws {
    let catalogue = try Catalogue.load()
    let scratch = Scratch()
    let vectors = try PaperVectors(home: scratch.url).known(catalogue)
    for paper in catalogue.entries {
      let vector = try #require(
        vectors[paper.slug],
        "\(paper.slug) changed: 'cajal papers encode Sources/Reading/Resources/Meaning' makes its vector")
      #expect(vector.count == 384 && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    }
  }

  @Test func relatedPapersShareASubject() throws {
    let catalogue = try Catalogue.load()
    let scratch = Scratch()
    let related = RelatedPapers(
      catalogue, vectors: try PaperVectors(home: scratch.url).known(catalogue),
      words: try WordIndex(catalogue))
    func like(_ slug: String) throws -> [String] {
      let paper = try #require(catalogue.entries.first { $0.slug == slug })
      return try related.of(paper, limit: 3).map(\.paper.slug)
    }
    #expect(try like("learned-delays").contains("heterogeneous-delays"))
    #expect(try like("reverse-pyramid").contains("scale-equalizing-pyramid"))
    #expect(try like("worm-recordings").contains { $0.contains("worm") || $0 == "dynamic-connectome" })
  }

  @Test func withoutTheEncoderOneIsToldHowToFetchIt() throws {
    let scratch = Scratch()
    let catalogue = MadeCatalogue.titled(["Never seen"])
    for attempt in [
      { _ = try MeaningIndex(catalogue, home: scratch.url) },
      { _ = try PaperVectors(home: scratch.url).complete(catalogue) },
    ] {
      let error = #expect(throws: CajalError.self) { try attempt() }
      #expect(error?.message.contains("cajal data fetch minilm") == true)
    }
  }
}

@Suite(.enabled(if: PackagedData.miniLM.isPresent()), .serialized) struct MeaningIndexTests {
  let scratch = Scratch()

  /// A home of its own that finds the encoder.
  private func home() throws -> URL {
    let data = scratch.url.appendingPathComponent("data")
    if !FileManager.default.fileExists(atPath: data.path) {
      try FileManager.default.createSymbolicLink(
        at: data, withDestinationURL: CajalHome.folder.appendingPathComponent("data"))
    }
    return scratch.url
  }

  @Test func packagedVectorsAreThoseOfTheEncoder() throws {
    let catalogue = try Catalogue.load()
    let encoder = try FastSentenceEncoder.miniLM()
    let packaged = try PaperVectors(home: scratch.url).known(catalogue)
    for paper in catalogue.entries.prefix(12) {
      let made = encoder.embedding(of: paper.textForEncoder)
      for (a, b) in zip(made, packaged[paper.slug] ?? []) { #expect(abs(a - b) < 1e-4) }
    }
  }

  @Test func newPapersAreEncodedOnceAndKept() throws {
    let home = try home()
    let catalogue = MadeCatalogue.titled(["Octopus arms have minds of their own", "Brewing beer at home"])
    #expect(try PaperVectors(home: home).known(catalogue).isEmpty)
    let index = try MeaningIndex(catalogue, home: home)
    #expect(try index.search("nerve cells of a cephalopod's limb", limit: 1).first?.paper.slug == "paper-0")
    #expect(try index.search("fermentation", limit: 2).map(\.paper.slug) == ["paper-1", "paper-0"])
    #expect(try index.search(" ?! ", limit: 2).isEmpty)
    let kept = try PaperVectors(home: home).known(catalogue)
    #expect(kept.count == 2)
    // A damaged file of vectors is made again.
    let file = home.appendingPathComponent("reading/vectors.bin")
    let whole = try Data(contentsOf: file)
    try whole.dropLast(5).write(to: file)
    #expect(try PaperVectors(home: home).known(catalogue).isEmpty)
    _ = try MeaningIndex(catalogue, home: home)
    #expect(try PaperVectors(home: home).known(catalogue) == kept)
  }

  @Test func namesAreFoundToo() throws {
    let index = try MeaningIndex(Catalogue.load(), home: home())
    #expect(try index.search("Hawkins", limit: 1).first?.paper.slug == "sdr-dendrites")
    #expect(try index.search("CULNIG", limit: 1).first?.paper.slug == "culture-neurons")
  }

  @Test func theRightPaperIsFoundByMeaning() throws {
    let index = try MeaningIndex(Catalogue.load(), home: home())
    var (hits, alone) = (Hits(), Hits())
    for question in try PaperQuestion.all() {
      hits.add(try index.search(question.question, limit: 3).map(\.paper.slug), wanted: question)
      alone.add(index.nearest(question.question, limit: 3).map(\.paper.slug), wanted: question)
    }
    print("by meaning and words: \(hits)\nby meaning alone: \(alone)")
    #expect(hits.first >= 43 && hits.three >= 51, "\(hits)")
    #expect(alone.first >= 41 && alone.three >= 50, "\(alone)")
  }
}
