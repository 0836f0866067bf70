import Foundation
import StudyCore
import Support
import TestSupport
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
    let browser = try Browser(width: width, dark: dark)
    try browser.open(report())
    #expect(browser.console.isEmpty, "\(browser.console)")
    #expect(try browser.evaluate("document.querySelectorAll('.claims tbody tr').length") == "1")
    #expect(try browser.evaluate("document.querySelector('h1').textContent") == "Coins & <dice>")
    #expect(try browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == "\(dark)")
    #expect(
      try browser.run(PageChecks.pictures) == #"{"pictures":1,"bad":0,"overflow":0,"outside":0}"#,
      "the page is wider than the screen, or a picture is missing")
    let contrast = try browser.run(PageChecks.contrast)
    #expect((Double(contrast.firstMatch(of: /[\d.]+/)?.output ?? "0") ?? 0) >= 4.5, "\(contrast)")
  }

  @Test func textFromOutsideStaysText() throws {
    let page = try String(contentsOf: report(), encoding: .utf8)
    #expect(!page.contains("<dice>") && !page.contains("<here>") && page.contains("Thrown &lt;here&gt;."))
  }
}
