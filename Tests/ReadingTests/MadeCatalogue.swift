import Foundation
import StudyCore
import Support

/// Papers made of words at random, as many as are wanted.
enum MadeCatalogue {
  static func papers(_ count: Int) -> Catalogue {
    var generator = RandomGenerator(seed: 1)
    let syllables = [
      "neu", "ron", "syn", "den", "drit", "spi", "ka", "me", "mo", "ry", "cor", "tex", "ple", "xus", "gli",
      "a",
    ]
    let words = (0..<3000).map { _ in
      (0..<Int(generator.uniform() * 3) + 1).map { _ in syllables[Int(generator.uniform() * 16)] }.joined()
    }
    func text(_ length: Int) -> String {
      (0..<length).map { _ in words[Int(generator.uniform() * generator.uniform() * 3000)] }.joined(
        separator: " ")
    }
    let families = ["neurons", "vision", "language", "spiking"]
    var papers: [Catalogue.Entry] = []
    for index in 0..<count {
      let date = String(format: "20%02d-%02d-%02d", 10 + index % 16, 1 + index % 12, 1 + index % 28)
      let authors: [String] = ["A. \(text(1))", "B. \(text(1))"]
      let topics: [String] = (0..<4).map { _ in text(1) }
      papers.append(
        Catalogue.Entry(
          slug: "made-\(index)", title: "Made \(text(9))", authors: authors, published: date,
          family: families[index % 4], topics: topics, question: text(14), summary: text(70)))
    }
    return Catalogue(entries: papers)
  }

  /// A catalogue of papers with these titles, newest first.
  static func titled(_ titles: [String]) -> Catalogue {
    Catalogue(
      entries: titles.enumerated().map { index, title in
        Catalogue.Entry(
          slug: "paper-\(index)", title: title, authors: ["Ada Author"], published: "2020-01-\(28 - index)",
          family: "neurons", question: "", summary: "")
      })
  }
}

/// The questions that search is measured by.
struct PaperQuestion: Decodable {
  let question, paper: String

  static func all() throws -> [PaperQuestion] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../Golden/paper-questions.json")
    return try JSONDecoder().decode([PaperQuestion].self, from: Data(contentsOf: url))
  }
}

/// How often the right paper came first, and among the first three.
struct Hits: CustomStringConvertible {
  private(set) var first = 0
  private(set) var three = 0
  private(set) var asked = 0
  private(set) var missed: [String] = []

  mutating func add(_ found: [String], wanted: PaperQuestion) {
    asked += 1
    if found.first == wanted.paper { first += 1 }
    if found.prefix(3).contains(wanted.paper) { three += 1 } else { missed.append(wanted.paper) }
  }

  var description: String {
    "\(first) first, \(three) in three of \(asked); missed: \(missed.joined(separator: ", "))"
  }
}
