import Foundation
import Reading
import StudyCore
import Support

func file(_ text: String, _ name: String = "papers") throws -> PaperFile {
  try PaperFile(Data(text.utf8), document: name)
}

/// A list of two packaged papers.
func packaged(_ more: [Catalogue.Entry] = []) -> Catalogue {
  Catalogue(
    entries: [
      entry("sdr-dendrites", "How do neurons operate on sparse codes?", "2016-01-04", arXiv: "1601.00720"),
      entry(
        "worm-recordings", "Unifying recordings of worms", "2024-11-19", arXiv: "2411.12091", family: "brains"
      ),
    ] + more)
}

func entry(
  _ slug: String, _ title: String, _ published: String, arXiv: String? = nil, family: String = "neurons"
) -> Catalogue.Entry {
  Catalogue.Entry(
    slug: slug, title: title, authors: ["Ada Lovelace"], published: published, arXiv: arXiv, family: family,
    topics: ["active dendrites"], question: "Why?", summary: "A summary of \(slug).")
}

func reference(_ title: String, year: String = "2024", arXiv: String? = nil) -> PaperReference {
  var reference = PaperReference()
  reference.title = title
  reference.authors = ["Grace Hopper", "Alan Turing"]
  reference.published = year
  reference.arXiv = arXiv.flatMap { ArXivIdentifier($0) }
  return reference
}

/// Noon of a day of November 2026, and hours after it.
func day(_ day: Int, hours: Double = 0) -> Date {
  ReadingList.day("2026-11-\(day < 10 ? "0" : "")\(day)")!.addingTimeInterval(43_200 + hours * 3600)
}
