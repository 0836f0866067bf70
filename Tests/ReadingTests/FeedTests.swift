import Foundation
import Reading
import TestSupport
import Testing

@Suite struct FeedTests {
  static let atom = """
    <?xml version="1.0" encoding="UTF-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
      <title type="html">ArXiv Query</title>
      <entry>
        <id>http://arxiv.org/abs/2306.16922v4</id>
        <updated>2024-03-19T08:00:00Z</updated><published>2023-06-14T13:34:13Z</published>
        <title>The Expressive Leaky Memory Neuron &amp;
          friends &#x2014; at $5</title>
        <summary>  An abstract. </summary>
        <author><name>Aaron Spieler</name></author>
        <author><name>Bernhard Sch\\"olkopf</name></author>
        <arxiv:doi>10.1234/ABC</arxiv:doi>
        <link href="http://arxiv.org/abs/2306.16922v4" rel="alternate"/>
        <category term="cs.NE"/><category term="q-bio.NC"/>
      </entry>
      <entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>incorrect id format for 99</summary></entry>
    </feed>
    """

  static let rss = """
    <rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
      <title>cs.NE updates on arXiv.org</title>
      <item><title><![CDATA[Spikes & bursts]]></title><link>https://arxiv.org/abs/2611.00001</link>
        <guid isPermaLink="false">oai:arXiv.org:2611.00001v1</guid><category>cs.NE</category>
        <pubDate>Mon, 30 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>
        <dc:creator>Ana Torres (MIT, Boston), Bo Li</dc:creator></item>
      <item><title>An old one. (arXiv:2306.16922v4 [cs.NE])</title><link>https://arxiv.org/abs/2306.16922</link>
        <guid>oai:arXiv.org:2306.16922v4</guid><pubDate>Mon, 30 Nov 2026 00:00:00 -0500</pubDate>
        <arxiv:announce_type>replace</arxiv:announce_type>
        <dc:creator>&lt;a href="http://arxiv.org/find/x"&gt;Aaron Spieler&lt;/a&gt;</dc:creator></item>
    </channel></rss>
    """

  @Test func atomOfArXivIsRead() throws {
    let file = try file(Self.atom)
    #expect(file.format == .atom && file.references.count == 1)
    let paper = try #require(file.references.first)
    #expect(paper.title == "The Expressive Leaky Memory Neuron & friends — at $5")
    #expect(paper.authors == ["Aaron Spieler", "Bernhard Schölkopf"] && paper.published == "2023-06-14")
    #expect(paper.arXiv?.description == "2306.16922" && paper.doi == "10.1234/abc" && paper.line == 4)
    #expect(paper.topics == ["cs.NE", "q-bio.NC"])
    #expect(file.refusals.first?.reason == "incorrect id format for 99")
  }

  @Test func announcementsAreRead() throws {
    let file = try file(Self.rss)
    #expect(file.format == .rss && file.references.count == 2)
    let (first, second) = (file.references[0], file.references[1])
    #expect(first.title == "Spikes & bursts" && first.authors == ["Ana Torres (MIT, Boston)", "Bo Li"])
    #expect(
      first.arXiv?.description == "2611.00001" && first.published == "2026-11-30" && first.topics == ["cs.NE"]
    )
    #expect(second.title == "An old one." && second.authors == ["Aaron Spieler"])
    // A replacement is not a paper of that day.
    #expect(second.published == "2023-06")
  }

  /// What hostile or damaged XML is answered with.
  @Test(arguments: [
    (
      "<?xml version=\"1.0\"?>\n<!DOCTYPE feed [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><feed>&b;</feed>",
      "line 2: declares a document type"
    ),
    (
      "<!DOCTYPE feed [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><feed><title>&x;</title></feed>",
      "declares a document type"
    ),
    ("<!doctype feed SYSTEM \"http://127.0.0.1:1/x.dtd\"><feed/>", "declares a document type"),
    ("<feed>\n<!ENTITY % x SYSTEM \"file:///etc/passwd\">%x;</feed>", "line 2: declares a document type"),
    ("<?xml version=\"1.0\" encoding=\"UTF-7\"?><feed>+ADw-!DOCTYPE</feed>", "in the encoding 'utf-7'"),
    ("<?xml version=\"1.0\" encoding=\"EBCDIC-CP-US\"?><feed/>", "in the encoding 'ebcdic-cp-us'"),
    ("<feed><entry><title>cut", "line 1: no well-formed XML, or cut short"),
    ("<feed>\n<entry></feed>", "line 2: no well-formed XML"),
    ("<feed>&undefined;</feed>", "no well-formed XML"),
    ("<html><body/></html>", "<html> is no feed"), ("<?xml version=\"1.0\"", "does not end"),
    ("<feed a='1' a='2'/>", "no well-formed XML"), ("<", "no well-formed XML"), ("   \n ", "is empty"),
  ])
  func hostileXMLIsRefused(_ text: String, _ expected: String) {
    let said = message { _ = try file(text, "feed.xml") }
    #expect(said.contains(expected) && said.hasPrefix("feed.xml"), "\(said)")
    #expect(!said.contains("root:"))
  }

  @Test func deepAndLargeFilesAreRefused() throws {
    let deep = String(repeating: "<a>", count: 20_000)
    #expect(message { _ = try file("<feed>\(deep)") }.contains("nest more than 32 deep"))
    #expect(
      message { _ = try PaperFile(Data(count: PaperFile.largest + 1), document: "x") }.contains(
        "more than 16 MiB"))
    let many = "<feed>" + String(repeating: "<a/>", count: 500_100) + "</feed>"
    #expect(message { _ = try file(many) }.contains("more than 500000 elements"))
    let attributes = (0..<100_000).map { "a\($0)='1'" }.joined(separator: " ")
    for start in ["<feed ", "<feed a='>' ", "<feed>a > b \" <x ", "<feed><!-- <x ' --><a b='>' "] {
      #expect(message { _ = try file("\(start)\(attributes)/>") }.contains("a tag of more than 4096 bytes"))
    }
    #expect(message { _ = try file("[" + String(repeating: "1,", count: 3 << 20)) }.contains("4 MiB of JSON"))
    for text in [
      String(repeating: "x ", count: 5000), "[" + String(repeating: "1,", count: 5000) + "1]",
      String(repeating: "@a{b, c = {\n", count: 5000),
    ] {
      let file = try file(text)
      #expect(
        file.refusals.count == 1001
          && file.refusals.last?.reason.contains("after more than 1000 mistakes") == true)
    }
    #expect(message { _ = try file(String(repeating: "[", count: 100_000)) }.contains("more than 64 levels"))
  }

  @Test func encodingsAreTold() throws {
    func read(_ bytes: [UInt8]) throws -> PaperFile { try PaperFile(Data(bytes), document: "x.bib") }
    let latin = Array("@misc{a, title={T}}\n@misc{b, title={Sch".utf8) + [0xF6] + Array("n}}".utf8)
    #expect(message { _ = try read(latin) }.contains("x.bib, line 2: not in UTF-8; convert it"))
    #expect(message { _ = try read([0xFF, 0xFE, 0x3C, 0x00]) }.contains("UTF-16"))
    let declared =
      "<?xml version='1.0' encoding='ISO-8859-1'?><feed><entry><id>arXiv:2306.16922</id><title>Sch"
    let paper = try read(Array(declared.utf8) + [0xF6] + Array("n</title></entry></feed>".utf8)).references[0]
    #expect(paper.title == "Schön")
    let marked = try read([0xEF, 0xBB, 0xBF] + Array("2306.16922".utf8))
    #expect(marked.format == .identifiers && marked.references.count == 1)
  }

  @Test func jsonFeedsAndListsAreRead() throws {
    let feed = try file(
      """
      {"version": "https://jsonfeed.org/version/1.1", "title": "Papers", "items": [
        {"id": "1", "url": "https://arxiv.org/abs/2306.16922v1", "title": "A \\u0041\\ntitle",
         "authors": [{"name": "Ada"}, {"name": "Bo"}], "date_published": "2023-06-14T00:00:00Z", "tags": ["spikes"]},
        {"id": "https://example.org/2", "external_url": "javascript:alert(1)", "title": 7},
        {"title": ["no"]}, 12, {"title": "X", "arxiv": "nonsense"}]}
      """)
    #expect(feed.references.count == 2)
    #expect(feed.references[0].title == "A A title" && feed.references[0].authors == ["Ada", "Bo"])
    #expect(feed.references[0].arXiv?.description == "2306.16922" && feed.references[0].topics == ["spikes"])
    #expect(feed.references[0].published == "2023-06-14" && feed.references[1].link == nil)
    #expect(
      feed.refusals.map(\.line) == [5, 5, 5] && feed.refusals[2].reason.contains("no identifier of arXiv"))
    let list = try file("[\"2306.16922\", \"cs/0112017v2\", \"12\"]")
    #expect(
      list.references.map(\.arXiv?.description) == ["2306.16922", "cs/0112017"] && list.refusals.count == 1)
    #expect(message { _ = try file("{\"a\": 1}", "f.json") }.contains("f.json, line 1: has no 'items'"))
    #expect(message { _ = try file("[1,", "f.json") }.contains("f.json, line 1"))
  }

  @Test func listsOfIdentifiersAreRead() throws {
    let list = try file(
      "# mine\n2306.16922, arXiv:cs/0112017 % two\n\nhttps://arxiv.org/abs/1601.00720v2\nno-such\n")
    #expect(list.format == .identifiers && list.references.map(\.line) == [2, 2, 4])
    #expect(list.refusals.map(\.line) == [5] && list.refusals[0].name == "no-such")
  }

  @Test func titlesCannotRewriteATerminal() throws {
    let title = try #require(
      try file("[{\"title\": \"A\\u001b[2J\\u0007\\u202egood\\u200b \\n title\", \"year\": 2000}]")
        .references[0].title)
    #expect(title == "A [2J good title")
  }
}
