import Foundation
import Reading
import StudyCore
import Support
import TestSupport
import Testing

/// The page of one paper.
@Suite(.enabled(if: Browser.isInstalled), .serialized) struct PaperPageTests {
  @Test(arguments: [(390, false), (1280, true)])
  func aPaperThatRanTellsAll(_ width: Int, _ dark: Bool) throws {
    let room = try Room()
    let browser = try Browser(width: width, dark: dark)
    try browser.open(room.paper("sdr-dendrites"))
    let headings = try browser.run(
      "return [...document.querySelectorAll('h2')].map(e=>e.textContent).join(', ')")
    #expect(headings == "Summary, Run it, Claims, Figures, Options, From the library, Related papers")
    #expect(try browser.evaluate("document.querySelectorAll('.claims tbody tr').length") == "3")
    #expect(
      try browser.evaluate("document.querySelector('.tally').textContent.replace(/\\s+/g,' ').trim()")
        == "✓ 2 hold ✗ 1 does not hold")
    #expect(try browser.evaluate("document.querySelectorAll('.related a').length") == "5")
    let links = try browser.run("return [...document.querySelectorAll('a')].map(e=>e.getAttribute('href'))")
    for link in [
      "https://arxiv.org/abs/1601.00720", "https://github.com/numenta/htmresearch", "../runs/sdr-dendrites/",
      "http://localhost:8000/Neurons/documentation/neurons/recognitiontheory/",
      "../guides/sdr-dendrites.html",
    ] { #expect(links.contains(link), "\(link) in \(links)") }
    let pictures = try browser.run(PageChecks.pictures)
    #expect(pictures.contains(#""pictures":1,"bad":0,"overflow":0,"outside":0"#), "\(pictures)")
    let contrast = try browser.run(PageChecks.contrast)
    #expect((Double(contrast.firstMatch(of: /[\d.]+/)?.output ?? "0") ?? 0) >= 4.5, "\(contrast)")
    // A topic leads back to the front page, filtered.
    try browser.click("a[href*='#topic=']")
    try browser.wait(until: "document.querySelector('li.paper')")
    #expect(
      try browser.evaluate("document.getElementById('topic').value") == "sparse distributed representations")
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func aPaperThatDoesNotRunIsWholeToo() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.paper("induction-heads"))
    #expect(try browser.evaluate("document.body.textContent").contains("This paper does not run yet."))
    #expect(try browser.evaluate("document.querySelectorAll('.related a').length") == "5")
    try browser.click(".related a")
    try browser.wait(
      until: "!location.pathname.endsWith('induction-heads.html')&&document.querySelector('h1')")
    try browser.back()
    try browser.click(".kicker a")
    try browser.wait(until: "document.querySelector('li.paper')")
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test(arguments: [(390, false), (1280, true)])
  func aGuideIsAPageOfTheRoom(_ width: Int, _ dark: Bool) throws {
    let room = try Room()
    let browser = try Browser(width: width, dark: dark)
    try browser.open(room.paper("sdr-dendrites"))
    try browser.click("a[href='../guides/sdr-dendrites.html']")
    try browser.wait(until: "document.querySelector('main.guide h1')")
    #expect(try browser.evaluate("document.title") == "Dendrites & codes · Cajal")
    #expect(try browser.evaluate("document.querySelector('.guide td').textContent") == "1 x")
    let links = try browser.run("return [...document.querySelectorAll('a')].map(e=>e.getAttribute('href'))")
    for link in [
      "../gallery.html", "../papers/sdr-dendrites.html", "recordings.html#files", "../data.csv",
      "https://example.org",
    ] { #expect(links.contains("\"\(link)\""), "\(link) in \(links)") }
    let pictures = try browser.run(PageChecks.pictures)
    #expect(pictures.contains(#""bad":0,"overflow":0,"outside":0"#), "\(pictures)")
    // The other guide, and back to the front page, which names it.
    try browser.click("a[href^='recordings.html']")
    try browser.wait(until: "document.title==='Recordings · Cajal'")
    try browser.click(".kicker a")
    try browser.wait(until: "document.querySelector('li.paper')")
    #expect(try browser.evaluate("document.querySelector('nav a').textContent") == "Recordings")
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func anOwnPaperLeadsToWhereItIsRead() throws {
    let scratch = Scratch()
    var paper = reference("A paper of my own")
    (paper.doi, paper.link) = ("10.1000/abc", "https://journal.example.org/abc?x=1&y=2")
    let list = try ReadingList(home: scratch.url, packaged: packaged(), now: day(1))
    let slug = try #require(try list.add([paper]).added.first?.slug)
    let room = try Room(list.catalogue(), meaning: false)
    let text = try String(contentsOf: room.paper(slug), encoding: .utf8)
    #expect(text.contains("<a href=\"https://doi.org/10.1000/abc\">DOI 10.1000/abc</a>"))
    #expect(text.contains("<a href=\"https://journal.example.org/abc?x=1&amp;y=2\">journal.example.org</a>"))
  }

  @Test func everyLinkBetweenThePagesLeadsSomewhere() throws {
    let room = try Room()
    for slug in try Catalogue.load().entries.map(\.slug) {
      let page = room.paper(slug)
      let text = try String(contentsOf: page, encoding: .utf8)
      for link in text.matches(of: /href="([^"#:]+)(#[^"]*)?"/) {
        let target = URL(fileURLWithPath: String(link.1), relativeTo: page.deletingLastPathComponent())
        #expect(FileManager.default.fileExists(atPath: target.path), "\(link.1) in \(slug)")
      }
    }
  }
}
