import Alignment
import Figures
import Foundation
import Statistics
import Support
import Tensors

/// `cajal compare`
enum CompareCommand {
  static let syntax = CommandSyntax(
    name: "compare", operands: "A B",
    summary:
      "How similar two populations are on the same samples: matching, RSA, CKA, CCA, Procrustes, prediction.",
    flags: [
      .init(name: "sites", value: "PATTERN", help: "of recordings, only these sites: blocks.3.mlp, … (all)"),
      .init(name: "permutations", value: "N", help: "of the samples, for what chance alone gives (200)"),
      .init(
        name: "shift", value: "N",
        help: "the samples are a time series: shift it in a circle by at least N samples instead"),
      .init(
        name: "samples", value: "N",
        help: "at most so many samples, evenly spaced, where cost grows with their square (1000)"),
      .init(
        name: "distance", value: "NAME", help: "of patterns in RSA (correlation)",
        choices: DissimilarityMatrix.Measure.allCases.map(\.rawValue)),
      .init(name: "out", value: "DIR", help: "write pictures and the matched pairs there"),
      .init(name: "seed", value: "N", help: "seed of all randomness (1)"),
      .init(name: "json", value: nil, help: "print JSON, for programs"),
    ],
    examples: [
      ("cajal compare first.npy second.npy", "two files of samples × units, with the same samples"),
      (
        "cajal compare worm1.csv worm2.csv --shift 60 --out compared",
        "two time series, with pictures and pairs"
      ),
      (
        "cajal compare recording-a recording-b --sites blocks.9.mlp --json",
        "a layer of two recorded models, for a program"
      ),
    ])

  private struct Report: Encodable {
    let first, second: Population
    let measures: [PopulationComparison.Row]
    let secondFromFirst, firstFromSecond: Double
    let pairs: [Pair]
    let remarks: [String]
    struct Population: Encodable { let path: String, samples, units: Int }
  }

  /// A unit of the first population and its partner in the best one-to-one matching.
  private struct Pair: Encodable { let first, second: String, correlation: Double }

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.count == 2 else {
      throw UsageError(
        "expected two populations: recordings, or .npy, .csv or .tsv files of samples × units")
    }
    let sites = arguments.value("sites")
    let (a, b) = (
      try PopulationFile(arguments.operands[0], sites: sites),
      try PopulationFile(arguments.operands[1], sites: sites)
    )
    let samples = a.activity.size(0)
    guard samples == b.activity.size(0) else {
      throw CajalError(
        "\(a.path) has \(samples) samples and \(b.path) \(b.activity.size(0)): both must have seen the same ones"
      )
    }
    guard samples >= 10 else {
      throw CajalError("\(a.path) has \(samples) samples, at least 10 are needed to compare")
    }
    let settings = try settings(arguments, samples)
    var generator = RandomGenerator(
      seed: UInt64(try ModelArguments.whole(arguments, "seed", 1, in: 0...Int.max)))
    let display = ProgressDisplay()
    let comparison = try PopulationComparison(a.activity, b.activity, settings, using: &generator) {
      display.show(.init(stage: $0, completed: $1, total: $2, unit: "measures"))
    }
    display.finish()
    let pairs = pairs(comparison, a, b)
    if let folder = arguments.value("out") {
      try write(comparison, pairs, to: URL(fileURLWithPath: folder))
    }
    if arguments.has("json") {
      try printJSON(
        Report(
          first: .init(path: a.path, samples: samples, units: a.activity.size(1)),
          second: .init(path: b.path, samples: samples, units: b.activity.size(1)),
          measures: comparison.rows, secondFromFirst: comparison.secondFromFirst,
          firstFromSecond: comparison.firstFromSecond, pairs: pairs, remarks: comparison.remarks))
    } else {
      show(comparison, a, b, arguments.value("out"))
    }
    return 0
  }

  private static func settings(_ arguments: Arguments, _ samples: Int) throws -> PopulationComparison.Settings
  {
    var settings = PopulationComparison.Settings()
    settings.permutations = try ModelArguments.whole(arguments, "permutations", 200, in: 19...1_000_000)
    settings.sampleLimit = try ModelArguments.whole(arguments, "samples", 1_000, in: 10...20_000)
    if arguments.has("shift") {
      settings.exchange = .circular(
        least: try ModelArguments.whole(arguments, "shift", 1, in: 1...samples / 2))
    }
    settings.dissimilarity =
      arguments.value("distance").flatMap(DissimilarityMatrix.Measure.init) ?? .correlation
    return settings
  }

  private static func pairs(_ comparison: PopulationComparison, _ a: PopulationFile, _ b: PopulationFile)
    -> [Pair]
  {
    let matching = comparison.oneToOne
    return matching.order.filter { matching.partners[$0] >= 0 }.map {
      Pair(
        first: a.names[$0], second: b.names[matching.partners[$0]], correlation: matching.similarities[$0])
    }
  }

  private static func show(
    _ comparison: PopulationComparison, _ a: PopulationFile, _ b: PopulationFile, _ folder: String?
  ) {
    print(
      "\(a.activity.size(0)) samples; \(a.activity.size(1)) units in \(a.path), \(b.activity.size(1)) in \(b.path)"
    )
    let width = comparison.rows.map(\.title.count).max() ?? 0
    print("\(pad("", width))    value   chance        z        p")
    for row in comparison.rows {
      print(
        pad(row.title, width)
          + String(format: "  %7.3f  %7.3f  %7.1f  %7.4f", row.value, row.chance, row.z, row.pValue))
    }
    print(
      String(
        format:
          "prediction of held-out samples, mean correlation: second from first %.3f, first from second %.3f",
        comparison.secondFromFirst, comparison.firstFromSecond))
    for remark in comparison.remarks { say(remark) }
    if let folder { say("pictures and pairs.csv are in \(folder)") }
  }

  /// Pictures and the table of pairs.
  private static func write(_ comparison: PopulationComparison, _ pairs: [Pair], to folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch { throw CajalError("cannot make the folder \(folder.path): \(error.localizedDescription)") }
    var table = Table(
      name: "pairs", caption: "The best one-to-one pairs of units.",
      columns: ["first", "second", "correlation"])
    for pair in pairs { table.append([.text(pair.first), .text(pair.second), .number(pair.correlation)]) }
    var plots = MatchingPlots.all(comparison.correlations, comparison.nearest, comparison.oneToOne)
    plots.append(measures(comparison))
    try table.write(to: folder.appendingPathComponent("pairs.csv"))
    for plot in plots { try plot.write(to: folder.appendingPathComponent("\(plot.name).svg")) }
  }

  private static func measures(_ comparison: PopulationComparison) -> Plot {
    let positions = comparison.rows.indices.map { Double($0) + 1 }
    var plot = Plot(
      name: "measures", title: "Similarity of the two populations",
      caption: "Every measure beside its mean over permutations of the samples.",
      x: .init(
        "measure", range: 0.4...Double(positions.count) + 0.6,
        ticks: zip(positions, comparison.rows).map { ($0, $1.measure) }), y: .init("similarity"))
    plot.add(.bars, "measured", x: positions, y: comparison.rows.map(\.value))
    plot.add(.points, "chance", x: positions, y: comparison.rows.map(\.chance))
    return plot
  }
}
