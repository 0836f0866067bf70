import Figures
import Foundation
import StudyCore
import Support

/// A study of coin throws, small enough to test the runner with.
struct ToyStudy: Study {
  static let paper = Paper(
    slug: "toy", title: "Coins & <dice>", authors: ["A. Author"], year: 2020, arXiv: "0000.00000",
    abstract: "Throws \"coins\".")
  static let method = "Throws.\n\nCounts."
  static let data = "None."

  struct Options: StudyOptions {
    var throwsCount: Int
    var bias = 0.5
    var failing = false
    var sides: [Int] = [2, 6]
    var rates: [Double] = [0.5]
    var coin = "fair"

    init(size: StudySize) { throwsCount = size == .quick ? 100 : 1000 }

    static let fields: [OptionField<Self>] = [
      .integer("throws", \.throwsCount, in: 1...1_000_000, "how many throws"),
      .number("bias", \.bias, in: 0...1, "chance of heads"),
      .flag("failing", \.failing, "whether it fails half way"),
      .integers("sides", \.sides, in: 2...20, "sides of the dice"),
      .numbers("rates", \.rates, in: 0...1, "rates"),
      .text("coin", \.coin, oneOf: ["fair", "foul"], "which coin"),
    ]
  }

  func run(_ options: Options, in lab: Lab) throws {
    var generator = lab.generator("throws")
    var heads = 0
    var shares: [Double] = []
    for index in 0..<options.throwsCount {
      if generator.uniform() < options.bias { heads += 1 }
      shares.append(Double(heads) / Double(index + 1))
      if index == options.throwsCount / 2 {
        lab.measure("half", Double(heads))
        if options.failing { throw CajalError("the coin rolled away") }
      }
      try lab.progress("throwing", index + 1, of: options.throwsCount, unit: "throws")
    }
    lab.measure("share", shares.last!, unit: "1")
    lab.usesData("coins", fingerprint: "abc")
    var plot = Plot(
      name: "share", title: "Share & <more>", caption: "Share of heads \"so far\".", x: .init("throws"),
      y: .init("share", range: 0...1))
    plot.add(.line, "heads", x: shares.indices.map { Double($0 + 1) }, y: shares)
    try lab.add(plot)
    var table = Table(name: "shares", caption: "Last share", columns: ["throws", "share"])
    table.append([.integer(options.throwsCount), .number(shares.last!)])
    try lab.add(table)
    lab.add(
      Claim(
        "1", "Half are heads", paper: "0.5", test: "throwing", criterion: "within 0.1",
        measured: "\(shares.last!)",
        holds: abs(shares.last! - 0.5) < 0.1, reason: "the coin is biased"))
    lab.note("Thrown <here>.")
  }

  static func verify(_ golden: inout GoldenFile) throws {
    guard let section = golden.section("sums") else { return }
    var comparison = Comparison("sums")
    comparison.check(try section.numbers("terms").reduce(0, +), try section.number("sum"), absolute: 1e-9)
    golden.report(comparison)
  }
}
