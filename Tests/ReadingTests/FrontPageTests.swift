import Foundation
import Reading
import StudyCore
import Support
import TestSupport
import Testing

/// The front page as a reader uses it: clicked, typed into, left and come back to.
@Suite(.enabled(if: Browser.isInstalled), .serialized) struct FrontPageTests {
  /// Slugs in the order in which they are shown.
  private func shown(_ browser: Browser) throws -> [String] {
    let text = try browser.run(
      "return [...document.querySelectorAll('li.paper')].map(e=>e.dataset.slug).join(' ')")
    return text.split(separator: " ").map(String.init)
  }

  private func count(_ browser: Browser) throws -> String {
    try browser.evaluate("document.getElementById('found').textContent")
  }

  /// The order that the page says it has.
  private func order(_ browser: Browser) throws -> String {
    try browser.evaluate("document.getElementById('sort').selectedOptions[0].textContent")
  }

  private func focused(_ browser: Browser) throws -> String {
    try browser.evaluate(
      "document.activeElement.closest('li.paper')?.dataset.slug??document.activeElement.id")
  }

  private func worstContrast(_ browser: Browser) throws -> (Double, String) {
    let text = try browser.run(PageChecks.contrast)
    return (Double(text.firstMatch(of: /[\d.]+/)?.output ?? "0") ?? 0, text)
  }

  @Test(arguments: [(390, false), (1280, false), (390, true), (1280, true)])
  func itCanBeRead(_ width: Int, _ dark: Bool) throws {
    let room = try Room()
    let browser = try Browser(width: width, dark: dark)
    try browser.open(room.front)
    try browser.click("#search")
    try browser.type("which neurons store facts")
    try browser.wait(until: "document.getElementById('found').textContent!=='59 papers'")
    for _ in 0..<2 {
      let (contrast, place) = try worstContrast(browser)
      #expect(contrast >= 4.5, "\(place)")
      let pictures = try browser.run(PageChecks.pictures)
      #expect(pictures.contains(#""bad":0,"overflow":0,"outside":0"#), "\(pictures)")
      try browser.click("#clear")
    }
    #expect(
      try browser.run(
        "return [...document.querySelectorAll('input,select')].every(e=>e.labels.length)&&[...document.querySelectorAll('button')].every(e=>e.textContent.trim()||e.ariaLabel)"
      ) == "true")
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func wordsAreTypedAndFiltersClicked() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.front)
    #expect(try count(browser) == "59 papers")
    #expect(try shown(browser).count < 59, "only what is looked at is drawn")
    try browser.press("/")
    #expect(try focused(browser) == "search")
    try browser.type("hawkins")
    try browser.wait(until: "document.querySelectorAll('li.paper').length===1")
    #expect(try shown(browser) == ["sdr-dendrites"])
    #expect(try browser.evaluate("location.hash") == "#q=hawkins")
    try browser.press("Escape")
    try browser.wait(until: "document.getElementById('found').textContent==='59 papers'")
    // Filters add up, are named in chips, and each chip takes its own away.
    try browser.choose("#family", "spi")
    try browser.wait(until: "location.hash==='#family=spiking'")
    let spiking = try shown(browser)
    #expect(try spiking.count > 3 && count(browser) == "\(spiking.count) papers")
    try browser.choose("#year", "2023")
    try browser.wait(until: "location.hash==='#family=spiking&year=2023'")
    #expect(try shown(browser).count < spiking.count && shown(browser).count > 0)
    #expect(try browser.evaluate("document.querySelectorAll('.chip').length") == "2")
    try browser.click(".chip")
    #expect(try browser.evaluate("location.hash") == "#year=2023")
    try browser.click("#clear")
    #expect(try count(browser) == "59 papers" && browser.evaluate("location.hash").isEmpty)
    try browser.choose("#state", "run")
    try browser.wait(until: "document.querySelectorAll('li.paper').length===1")
    try browser.click("#clear")
    try browser.choose("#verdict", "some do")
    try browser.wait(until: "location.hash==='#verdict=fails'")
    #expect(try shown(browser) == ["sdr-dendrites"])
    try browser.click("#clear")
    // A topic in the list is a filter too.
    try browser.click("li.paper .topic")
    #expect(try browser.evaluate("location.hash").hasPrefix("#topic="))
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func listsAreSorted() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.front)
    let dates = try browser.run(
      "return [...document.querySelectorAll('.state')].map(e=>e.textContent.slice(0,10))")
    #expect(dates.contains("2025"))
    let byDate = try shown(browser)
    try browser.choose("#sort", "title")
    try browser.wait(until: "location.hash==='#sort=title'")
    let titles = try browser.run(
      "return [...document.querySelectorAll('li.paper h3')].map(e=>e.textContent).join('|')"
    )
    .split(separator: "|").map { $0.lowercased() }
    #expect(
      titles == titles.sorted { $0.localizedCompare($1) == .orderedAscending }
        && titles.first?.hasPrefix("a") == true)
    try browser.choose("#sort", "most c")
    try browser.wait(until: "location.hash==='#sort=holds'")
    #expect(try shown(browser).first == "sdr-dendrites")
    try browser.choose("#sort", "most recently")
    try browser.wait(until: "location.hash==='#sort=run'")
    #expect(try shown(browser).first == "sdr-dendrites")
    // By date unless something is searched, by match then; either is named as what it is.
    try browser.choose("#sort", "date")
    try browser.wait(until: "location.hash===''")
    #expect(try shown(browser) == byDate)
    #expect(try order(browser) == "date")
    try browser.click("#search")
    try browser.type("dendrites")
    try browser.wait(until: "location.hash==='#q=dendrites'")
    #expect(try order(browser) == "best match")
    let byMatch = try shown(browser)
    try browser.choose("#sort", "date")
    try browser.wait(until: "location.hash==='#q=dendrites&sort=date'")
    #expect(try order(browser) == "date" && shown(browser) != byMatch)
    try browser.click("#clear")
    #expect(try order(browser) == "date" && shown(browser) == byDate)
  }

  @Test func starsOutliveTheVisit() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.front)
    let second = try shown(browser)[1]
    try browser.click("li.paper:nth-child(2) .star")
    #expect(
      try browser.evaluate("document.querySelector('li.paper:nth-child(2) .star').ariaPressed") == "true")
    try browser.reload()
    try browser.click("#starred")
    #expect(try shown(browser) == [second] && count(browser) == "1 paper")
    #expect(try browser.evaluate("location.hash") == "#starred=yes")
    // The key takes the star away, and with it the paper from this view.
    try browser.press("j")
    try browser.press("s")
    #expect(try count(browser) == "0 papers")
    // A browser that keeps nothing still stars, until the page is left; nonsense that was kept is passed over.
    for spoiled in ["Storage.prototype.setItem=()=>{throw 1}", "localStorage.setItem('cajal.stars','{oops')"]
    {
      _ = try browser.run("\(spoiled);return 1")
      try browser.click("#clear")
      try browser.click("li.paper .star")
      #expect(try browser.evaluate("document.querySelector('li.paper .star').ariaPressed") == "true")
      try browser.reload()
    }
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func keysMoveOpenAndComeBack() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.front, fragment: "#family=language")
    let papers = try shown(browser)
    try browser.press("j")
    try browser.press("ArrowDown")
    try browser.press("j")
    #expect(try focused(browser) == papers[2])
    try browser.press("k")
    #expect(try focused(browser) == papers[1])
    try browser.press("ArrowUp")
    try browser.press("ArrowUp")
    #expect(try focused(browser) == papers[0])
    try browser.press("j")
    try browser.press("Enter")
    try browser.wait(
      until: "location.pathname.endsWith('\(papers[1]).html')&&document.readyState==='complete'")
    try browser.back()
    try browser.wait(until: "location.hash==='#family=language'&&document.querySelector('li.paper')")
    #expect(try shown(browser) == papers && focused(browser) == papers[1])
    // From the search, the arrow leads into what was found.
    try browser.press("/")
    try browser.type("relation")
    try browser.press("ArrowDown")
    #expect(try focused(browser) == shown(browser)[0] && shown(browser)[0] == "relation-neurons")
    #expect(browser.console.isEmpty, "\(browser.console)")
  }

  @Test func itPrintsWholeAndWorksWithoutScripts() throws {
    let room = try Room()
    let browser = try Browser()
    try browser.open(room.front)
    _ = try browser.run("dispatchEvent(new Event('beforeprint'));return 1")
    try browser.emulate(print: true)
    #expect(try shown(browser).count == 59)
    #expect(
      try browser.run(
        "return document.querySelector('.controls').getClientRects().length+document.querySelector('.star').getClientRects().length"
      ) == "0")
    let text = try String(contentsOf: room.front, encoding: .utf8)
    let list = try #require(text.firstMatch(of: /<noscript>(?s)(.*?)<\/noscript>/)?.1)
    #expect(
      list.matches(of: /<li class="paper">/).count == 59 && list.matches(of: /href="papers\//).count == 59)
  }

  @Test func textFromOutsideStaysText() throws {
    let evil = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"
    let paper = Catalogue.Entry(
      slug: "evil", title: evil, authors: [evil], published: "2020-01-01", code: ["javascript:alert(1)"],
      family: evil,
      topics: [evil], question: evil, summary: evil)
    let bare = Catalogue.Entry(
      slug: "../bare paper", title: "Bare", authors: [], published: "", family: "", question: "", summary: "")
    let room = try Room(Catalogue(entries: [paper, bare]))
    let browser = try Browser()
    for page in [room.front, room.paper("evil"), room.paper("___bare_paper")] {
      try browser.open(page)
      #expect(try browser.evaluate("document.title") != "taken")
      #expect(try browser.evaluate("document.querySelectorAll('main img').length") == "0")
      #expect(try browser.evaluate("document.querySelectorAll('a[href^=javascript]').length") == "0")
    }
    #expect(browser.console.isEmpty, "\(browser.console)")
    #expect(
      try browser.evaluate(
        "document.querySelectorAll('section').length>0&&!/undefined|nil/.test(document.body.textContent)")
        == "true")
  }

  @Test func theRightPaperIsFoundInThePage() throws {
    var found: [Bool: Hits] = [:]
    for meaning in [false, true] {
      let room = try Room(meaning: meaning)
      let browser = try Browser()
      try browser.open(room.front)
      #expect(try browser.evaluate("PaperSearch.hasMeaning()") == "\(meaning)")
      var hits = Hits()
      for question in try PaperQuestion.all() {
        let data = try JSONEncoder().encode(question.question)
        let slugs = try browser.run(
          "const papers=JSON.parse(document.getElementById('papers-data').textContent),r=PaperSearch.rank(\(String(decoding: data, as: UTF8.self)),papers);return r.whole.concat(r.near).map(p=>p.slug).join(' ')"
        )
        hits.add(slugs.split(separator: " ").map(String.init), wanted: question)
      }
      print("in the page, \(meaning ? "by meaning and words" : "by words"): \(hits)")
      found[meaning] = hits
    }
    #expect(try #require(found[false]).three >= 45 && #require(found[true]).three >= 48, "\(found)")
  }

  /// A thousand papers, from the start of loading to a list that takes clicks.
  @Test func aThousandPapersAreReadyAtOnce() throws {
    let room = try Room(MadeCatalogue.papers(1000))
    let browser = try Browser()
    try browser.open(room.front)
    let ready = Double(try browser.evaluate("document.documentElement.dataset.ready")) ?? .infinity
    let word = try browser.evaluate(
      "JSON.parse(document.getElementById('papers-data').textContent)[500].title.split(' ')[2]")
    func time(_ query: String) throws -> Double {
      Double(
        try browser.run(
          "const box=document.getElementById('search'),papers=JSON.parse(document.getElementById('papers-data').textContent),t=performance.now();PaperSearch.rank('\(query)',papers);return performance.now()-t"
        )) ?? .infinity
    }
    let (first, later) = (try time(word), try time("\(word) made"))
    print("1,000 papers: ready after \(ready) ms, first search \(first) ms, later ones \(later) ms")
    #expect(ready < 1000 && first < 1000 && later < 200)
    try browser.press("/")
    try browser.type(word)
    try browser.wait(until: "document.getElementById('found').textContent!=='1000 papers'")
    #expect(try shown(browser).count > 0)
  }
}
