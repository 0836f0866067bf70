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
      "http://localhost:8000/Neurons/documentation/neurons/recognitiontheory/", "sdr-dendrites.md",
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
