import Foundation
import Reading
import Testing

@Suite struct BibTeXTests {
  private static let sample = #"""
    Remarks stand between entries, and may hold addresses: me@example.org.
    @preamble{ "\newcommand{\noop}[1]{} " # {more} }
    @STRING{ neco = "Neural " # {Computation} }
    @comment{ @article{hidden, title = {Not here}} }

    @article{spieler2023,
      author = {Spieler, Aaron and Rahaman, Nasim and Sch{\"o}lkopf, Bernhard and others},
      title = {The {Expressive Leaky Memory} Neuron: 100\% of it --- really},
      journal = neco # { Letters},
      year = 2023, month = jun # "~28",
      eprint = {2306.16922v4}, archivePrefix = "arXiv",
      keywords = {dendrites, leaky memory; surrogates},
    }

    @inproceedings(old:1999,
      Author = "Donald E. Knuth and {Barnes, Noble and Sons, Inc.} and van Rossum, Jr., Guido",
      Title = "A {"}quoted{"} title with {\ss}, \'{e}, \c{c}, {\L}ukasz, \v{Z}i\v{z}ek, na{\"{\i}}ve and $\alpha$-waves",
      Year = {1999}, Month = "March", DOI = "https://doi.org/10.1000/XYZ.(1)", url = {https://example.org/a?b=1&c=2}
    )
    @misc{preprint, title={On Typing}, author={Erd\H{o}s, P\'al}, journal={arXiv preprint arXiv:cs/0112017}, year={2001}}
    """#

  @Test func entriesAreReadWithMacrosNamesAndAccents() throws {
    let file = try file(Self.sample)
    #expect(file.format == .bibTeX && file.refusals.isEmpty, "\(file.refusals)")
    try #require(file.references.count == 3)
    let (first, second, third) = (file.references[0], file.references[1], file.references[2])
    #expect(first.title == "The Expressive Leaky Memory Neuron: 100% of it — really")
    #expect(
      first.authors == ["Aaron Spieler", "Nasim Rahaman", "Bernhard Schölkopf", "others"])
    #expect(first.arXiv?.description == "2306.16922" && first.published == "2023-06-28" && first.line == 6)
    #expect(first.topics == ["dendrites", "leaky memory", "surrogates"] && first.label == "spieler2023")
    #expect(second.title == "A \"quoted\" title with ß, é, ç, Łukasz, Žižek, naïve and α-waves")
    #expect(second.authors == ["Donald E. Knuth", "Barnes, Noble and Sons, Inc.", "Guido van Rossum Jr."])
    #expect(second.published == "1999-03" && second.doi == "10.1000/xyz.(1)" && second.arXiv == nil)
    #expect(second.link == "https://example.org/a?b=1&c=2" && second.authorCount == nil)
    #expect(
      third.authors == ["Pál Erdős"] && third.arXiv?.description == "cs/0112017" && third.published == "2001")
  }

  @Test(arguments: [
    (
      #"\"o\"O \'a \`e \^{\i} \~n \=a \.z \u g \v{s} \H{u} \c c \k{a} \r{u} \d{t}"#,
      "öÖ á è î ñ ā ż ğ š ű ç ą ů ṭ"
    ),
    (#"{\ae}{\OE}{\aa}{\o}{\l} \ss{} \i x"#, "æŒåøł ß ıx"),
    (#"\emph{very} \textbf{bold} \foo bar"#, "very bold bar"),
    (##"``quotes'' 1--2 a~b \& \$ \# \_ \{x\}"##, "“quotes” 1–2 a b & $ # _ {x}"), (#"G{\"{o}}del"#, "Gödel"),
    (#"$\gamma$-rhythms \ldots"#, "γ-rhythms …"), (#"ends with \"#, "ends with"),
    (#"ends with \'"#, "ends with"),
    (#"{\'{}}x \'}y"#, "x y"),
  ])
  func texIsReadIntoUnicode(_ tex: String, _ expected: String) throws {
    let braces = tex.filter { $0 == "{" }.count == tex.filter { $0 == "}" }.count
    // What would unbalance an entry stands in JSON instead.
    let text =
      braces && !tex.hasSuffix("\\")
      ? "@misc{k, title={\(tex)}, year=2000}"
      : String(
        decoding: try JSONSerialization.data(withJSONObject: [["title": tex, "year": 2000]]), as: UTF8.self)
    #expect(try file(text).references.first?.title == expected)
  }

  @Test func mistakesAreToldWithTheirLineAndTheRestIsRead() throws {
    let file = try file(
      """
      @article{good, title = {One}, year = 2001}
      @article{unknown,
        title = nowhere,
        year = 2002}
      @article{open, title = {Never closed, year = 2003
      @article{after, title = "Two", year = 2004}
      @article{comma title = {x}}
      @article{signs, title = {x} year = 3}
      @article{, title = {Three}, year = 2005, year = 2006,}
      """)
    #expect(file.references.compactMap(\.title) == ["One", "Two", "Three"])
    #expect(file.references.last?.published == "2005")
    let said = file.refusals.map { "\($0.line ?? 0) \($0.name): \($0.reason)" }
    #expect(said.count == 4, "\(said)")
    #expect(said[0].hasPrefix("3 unknown: 'nowhere' is no macro"), "\(said)")
    #expect(said[1].hasPrefix("5 open: a brace opened here is never closed"), "\(said)")
    #expect(said[2].hasPrefix("7 ") && said[2].contains("no key"), "\(said)")
    #expect(said[3].hasPrefix("8 signs: 'y' where ',' or '}' was expected"), "\(said)")
  }

  @Test func macrosThatGrowWithoutEndAreRefused() throws {
    var text = "@string{a0 = {lol lol lol lol}}\n"
    for index in 1...60 { text += "@string{a\(index) = a\(index - 1) # a\(index - 1)}\n" }
    let file = try file(text + "@misc{x, title = a60, year = 2000}\n@misc{y, title = {Whole}, year = 2000}")
    #expect(file.references.compactMap(\.title) == ["Whole"])
    #expect(file.refusals.contains { $0.reason.contains("more than 65536 bytes") })
    let deep = String(repeating: "{", count: 5000) + String(repeating: "}", count: 5000)
    #expect(
      try self.read("@misc{x, title = {\(deep)}}").refusals[0].reason.contains("nest more than 64 deep"))
  }

  private func read(_ text: String) throws -> PaperFile { try file(text) }

  @Test func monthsAndYearsOfAllKindsAreRead() throws {
    func published(_ fields: String) throws -> String? {
      try file("@misc{k, title={T}, \(fields)}").references[0].published
    }
    #expect(try published("year=2016, month=1") == "2016-01")
    #expect(try published("year={2016}, month={December}") == "2016-12")
    #expect(try published("year={2016}, month={10~sep}") == "2016-09-10")
    #expect(try published("year={2016}, month={31 feb}") == "2016")
    #expect(try published("year={in press}") == nil)
    #expect(try published("year={c. 1998}") == "1998")
    #expect(try published("date={2016-02-29}, year=1900") == "2016-02-29")
    #expect(try published("eprint={2306.16922}") == "2023-06")
  }
}
