import Figures
import Foundation
import FoundationXML
import Support
import Testing

@Suite struct PlotTests {
  func demo() -> Plot {
    var plot = Plot(
      name: "demo", title: "False positives fall with n_{x}", caption: "A & B < C",
      x: .init("cells n"), y: .init("rate", scale: .log))
    plot.add(.line, "a = 64", x: [1, 2, 3, 4], y: [1e-1, 1e-3, 1e-9, .nan])
    plot.add(.points, "measured {a_b}", x: [1, 2, 3], y: [0.12, 0.0011, 0], error: [0.01, 0.0001, 0])
    plot.marks = [
      .horizontal(1e-7, label: "target"), .vertical(2, label: "eight"), .band(3...3.5, label: "seen"),
    ]
    return plot
  }

  @Test func drawsTheSameSVGEveryTime() throws {
    let svg = try demo().svg()
    #expect(svg == (try demo().svg()))
    if let folder = ProcessInfo.processInfo.environment["CAJAL_LOOK"] {
      try svg.write(toFile: folder + "/demo.svg", atomically: true, encoding: .utf8)
    }
    #expect(
      svg.contains("<title>False positives fall with n_{x}</title>") && svg.contains("A &amp; B &lt; C"))
    #expect(svg.contains("measured {a_b}") && svg.contains("role=\"img\""))
    #expect(!svg.contains("rgb(  0,   0,   0)") && !svg.lowercased().contains("gnuplot_svg"))
  }

  /// A figure that stands in a file of its own is read as XML, where a bare "&" is an error.
  @Test func signsOfXMLAreWritten() throws {
    var plot = Plot(
      name: "signs", title: "Rates & <more>", caption: "", x: .init("a & b"), y: .init("y & 'z'"))
    plot.add(.line, "this & that", x: [1, 2], y: [1, 2])
    let svg = try plot.svg()
    #expect(svg.contains("Rates &amp; &lt;more"))
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  @Test func pointsTakeTheColourOfTheirLineAndBarsOfAnyLength() throws {
    var plot = Plot(
      name: "demo", title: "", caption: "", x: .init("x"), y: .init("y", scale: .log, range: 1e-4...1))
    plot.add(.line, "theory", x: [1, 2], y: [0.1, 0.2])
    plot.add(.line, "other", x: [1, 2], y: [0.3, 0.4])
    let alone = try plot.svg()
    plot.add(.points, "measured", x: [1], y: [0.1], intervals: [0...0.9], colourOf: "theory")
    let svg = try plot.svg()
    func uses(_ text: String, _ colour: String) -> Int { text.components(separatedBy: colour).count }
    // gnuplot writes the house's first and third colour as red, green, blue.
    #expect(uses(svg, "rgb(  0, 114, 178)") > uses(alone, "rgb(  0, 114, 178)"))
    #expect(uses(svg, "rgb(  0, 158, 115)") == uses(alone, "rgb(  0, 158, 115)"))
  }

  /// A bar from 2 to 3 is another picture than one from 0 to 3, and has no error bar.
  @Test func barsCanBeStacked() throws {
    func drawn(_ low: Double) throws -> String {
      var plot = Plot(name: "demo", title: "", caption: "", x: .init("x"), y: .init("y", range: 0...4))
      plot.add(.spans, "upper", x: [1, 2], y: [3, 3], intervals: [low...3, low...3])
      return try plot.svg()
    }
    #expect(try drawn(2) != drawn(0) && drawn(2).contains("upper"))
  }

  @Test func nothingToDrawIsNoFailure() throws {
    let empty = Plot(name: "empty", title: "Nothing", caption: "", x: .init("x"), y: .init("y", scale: .log))
    #expect(try empty.svg().contains("no data"))
    var map = empty
    map.heatMap = .init(rows: [[1, .nan], [2, 3]], x: 0...2, y: 0...2, label: "r")
    let drawn = try map.svg()
    #expect(drawn.contains("polygon"))
    // Colours over a range of their own.
    map.heatMap?.range = 0...10
    #expect(try map.svg() != drawn)
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() {
    let problem = #expect(throws: CajalError.self) {
      try demo().write(to: URL(fileURLWithPath: "/proc/none/x.svg"))
    }
    #expect(problem?.message.contains("/proc/none/x.svg") == true)
  }

  @Test func tablesAreCSV() throws {
    var table = Table(name: "t", caption: "", columns: ["name", "rate (1/s)", "n"])
    table.append(["a, \"b\"", .number(0.1), 3])
    table.append(["c", .missing, .integer(-1)])
    #expect(table.csv == "name,rate (1/s),n\r\n\"a, \"\"b\"\"\",0.1,3\r\nc,,-1\r\n")
  }
}
