import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct LabelledPassagesTests {
  private let scratch = Scratch()

  private func write(_ text: String, _ name: String) -> URL { scratch.write(name, Array(text.utf8)) }

  private func problem(_ url: URL) -> String {
    (#expect(throws: CajalError.self) { try LabelledPassages(contentsOf: url) })?.message ?? ""
  }

  @Test func foldersHoldOneFileALabel() throws {
    _ = write("Uno, due\ntre.\n\n\n  Quattro.\r\n\r\nCinque.", "texts/it.txt")
    _ = write("Eins.", "texts/de.txt")
    _ = write("no text", "texts/notes.md")
    let read = try LabelledPassages(contentsOf: scratch.url.appendingPathComponent("texts"))
    #expect(read.labels == ["de", "it"] && read.fingerprint.count == 64)
    #expect(read.passages(of: "it").map(\.answer) == ["Uno, due tre.", "Quattro.", "Cinque."])
    #expect(read.passages(of: "de") == [.init(label: "de", answer: "Eins.")])
  }

  @Test func linesHoldPromptsAndAnswers() throws {
    let file = write(
      "{\"lang\": \"fr\", \"prompt\": \"Deux et deux ?\", \"answer\": \" Quatre.\"}\n\n{\"label\": \"en\", \"answer\": \"Four.\"}\n",
      "lines.jsonl")
    let read = try LabelledPassages(contentsOf: file)
    #expect(
      read.passages == [
        .init(label: "fr", prompt: "Deux et deux ?", answer: " Quatre."), .init(label: "en", answer: "Four."),
      ])
  }

  @Test func badTextsAreNamed() throws {
    #expect(problem(scratch.url.appendingPathComponent("nowhere")).contains("nowhere"))
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
    #expect(problem(scratch.url.appendingPathComponent("empty")).contains("<label>.txt"))
    #expect(problem(write("\n \n", "blank/en.txt").deletingLastPathComponent()).contains("no passage"))
    #expect(
      problem(write("{\"lang\": \"fr\", \"answer\": \"x\"}\n{\"lang\": 3}\n", "bad.jsonl")).contains("line 2")
    )
    let binary = scratch.write("binary/en.txt", [0x61, 0xFF, 0xFE])
    #expect(problem(binary.deletingLastPathComponent()).contains("UTF-8"))
  }

  @Test func booksAreReadOnceInstalled() throws {
    let long =
      "This paragraph of a book is long enough to count as prose, since it holds well over a hundred letters and spaces in all its words."
    let french =
      "Ce paragraphe du livre est assez long pour compter comme de la prose, car il contient bien plus de cent lettres et espaces en tout."
    // The reader takes files that are not packed as well.
    _ = write("1. Heading\n\n\(long)\n\n* an item\n\n", "doc/debian/FAQ/debian-faq.en.txt.gz")
    _ = write("1. Titre\n\n\(french)\n\n\(long)\n", "doc/debian/FAQ/debian-faq.fr.txt.gz")
    let read = try TranslatedBook.frequentQuestions.passages(["en", "fr"], root: scratch.url)
    #expect(read.passages.map(\.label) == ["en", "fr"])
    #expect(read.passages.map(\.answer) == [long, french], "what was not translated is left out")
    let error = #expect(throws: CajalError.self) {
      try TranslatedBook.frequentQuestions.passages(["en", "de"], root: scratch.url)
    }
    #expect(error?.message.contains("apt-get install debian-faq-de") == true)
    #expect(TranslatedBook.reference.package("en") == "debian-reference-en")
    #expect(TranslatedBook.frequentQuestions.package("en") == "debian-faq")
  }
}
