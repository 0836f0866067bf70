import Foundation
import StudyCore
import Support
import Testing

/// The pages as a reader's browser shows them.
@Suite(.enabled(if: Browser.isInstalled), .serialized) struct PageTests {
  let scratch = Scratch()

  private func report() throws -> URL {
    var request = StudyRunner.Request()
    request.size = .quick
    let record = try StudyRunner(RunStore(home: scratch.url)).run(AnyStudy(ToyStudy.self), request)
    return URL(fileURLWithPath: record.folder).appendingPathComponent("report.html")
  }

  @Test(arguments: [(390, false), (1280, false), (390, true), (1280, true)])
  func reportsRender(_ width: Int, _ dark: Bool) throws {
    let script =
      Browser.contrastScript + Browser.pictureScript + """
        report('claims',doc.querySelectorAll('.claims tbody tr').length);
        report('title',doc.querySelector('h1').textContent);
        report('scheme',win.matchMedia('(prefers-color-scheme: dark)').matches);
        """
    let (reports, console) = try Browser.open(report(), width: width, dark: dark, script: script)
    #expect(console.isEmpty, "\(console)")
    #expect(reports["error"] == nil && reports["title"] == "Coins & <dice>" && reports["claims"] == "1")
    #expect(reports["pictures"] == "1" && reports["badPictures"] == "0" && reports["outside"] == "0")
    #expect(reports["scheme"] == "\(dark)")
    #expect(reports["overflow"] == "0", "the page is wider than the screen")
    #expect(Double(reports["contrast"] ?? "0")! >= 4.5, "\(reports["contrastAt"] ?? "")")
  }

  private func gallery() throws -> URL {
    _ = try report()
    let page = scratch.url.appendingPathComponent("gallery.html")
    let store = try RunStore(home: scratch.url)
    let entry = Catalogue.Entry(
      slug: "toy", title: "Coins & <dice>", authors: ["A"], organization: nil, published: "2020-01-01",
      arXiv: nil, code: [],
      family: "toys", topics: ["chance"], question: "Are coins fair?", summary: "Throws.")
    let catalogue = Catalogue(entries: try Catalogue.load().entries + [entry])
    try Gallery(catalogue, studies: [AnyStudy(ToyStudy.self)], runs: store.runs()).write(to: page)
    return page
  }

  @Test(arguments: [(390, false), (1280, true)])
  func theGalleryRendersAndFilters(_ width: Int, _ dark: Bool) throws {
    let script =
      Browser.contrastScript + Browser.pictureScript + """
        const box=doc.getElementById('search'),shown=()=>[...doc.querySelectorAll('.paper')].filter(p=>p.getClientRects().length).length;
        const type=text=>{box.focus();box.value=text;box.dispatchEvent(new win.Event('input',{bubbles:true}))};
        report('all',shown());type('fair COINS');report('found',shown());report('count',doc.getElementById('found').textContent);
        report('link',doc.querySelector('.paper:not([hidden]) a').getAttribute('href'));
        type('zzzz');report('none',shown());type('');report('again',shown());
        report('label',box.labels.length);report('focus',doc.activeElement.id);
        """
    let (reports, console) = try Browser.open(gallery(), width: width, dark: dark, script: script)
    #expect(console.isEmpty && reports["error"] == nil, "\(console) \(reports)")
    #expect(reports["all"] == "60" && reports["again"] == "60" && reports["none"] == "0")
    #expect(reports["found"] == "1" && reports["count"] == "1 paper")
    #expect(
      reports["link"]?.hasSuffix("report.html") == true && reports["link"]?.hasPrefix("runs/toy/") == true)
    #expect(reports["badPictures"] == "0" && reports["overflow"] == "0" && reports["outside"] == "0")
    #expect(reports["label"] == "1" && reports["focus"] == "search")
    #expect(Double(reports["contrast"] ?? "0")! >= 4.5, "\(reports["contrastAt"] ?? "")")
  }

  @Test func textFromOutsideStaysText() throws {
    let page = try String(contentsOf: report(), encoding: .utf8)
    #expect(!page.contains("<dice>") && !page.contains("<here>") && page.contains("Thrown &lt;here&gt;."))
  }
}
