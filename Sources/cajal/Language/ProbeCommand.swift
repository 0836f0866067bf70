import Datasets
import Figures
import Foundation
import Models
import Probing
import Recordings
import Statistics
import StudyCore
import Support
import Tensors

/// `cajal probe`
enum ProbeCommand {
  static func run(_ arguments: Arguments) throws -> Int32 {
    if let text = arguments.value("lens") { return try lens(text, arguments) }
    if let words = arguments.value("words") { return try neurons(for: words, arguments) }
    guard let first = arguments.operands.first else {
      throw UsageError("expected a recording (a folder of 'cajal record'), or neurons: BLOCK/NEURON…")
    }
    let isNeuron = first.split(separator: "/").count == 2 && first.allSatisfy { $0.isNumber || $0 == "/" }
    if isNeuron { return try decode(arguments) }
    guard arguments.operands.count == 1 else { throw UsageError("expected one recording") }
    return try selectivity(URL(fileURLWithPath: first), arguments)
  }

  // MARK: What neurons read and write

  private struct Reading: Encodable {
    let neuron: String
    let site: String
    /// The ends of the vocabulary that the weights point to and away from.
    let highest, lowest: [Word]
    struct Word: Encodable { let text: String, token: Int, z, cosine: Double }
  }

  private static func decode(_ arguments: Arguments) throws -> Int32 {
    let model = try LanguageModel(contentsOf: ModelArguments.url(arguments))
    let chosen = try ModelArguments.neurons(
      arguments.operands.joined(separator: ","), in: model.decoder.configuration)
    let reader = NeuronDecoder(model.decoder, isNormAware: arguments.has("norm"))
    let count = try ModelArguments.whole(arguments, "top", 6, in: 1...1_000)
    let sites: [NeuronDecoder.Site] =
      model.decoder.configuration.feedForward == .swiGLU ? [.gate, .up, .down] : [.up, .down]
    let readings = chosen.flatMap { neuron in
      sites.map { site in
        func words(_ lowest: Bool) -> [Reading.Word] {
          reader.topTokens(site, block: neuron.block, neuron: neuron.neuron, count: count, lowest: lowest).map
          {
            .init(text: model.tokenizer.decode([$0.token]), token: $0.token, z: $0.zScore, cosine: $0.cosine)
          }
        }
        return Reading(
          neuron: "\(neuron.block)/\(neuron.neuron)", site: site.rawValue, highest: words(false),
          lowest: words(true))
      }
    }
    if arguments.has("json") {
      try printJSON(readings)
      return 0
    }
    let verbs = ["gate": "gate opens for", "up": "up reads", "down": "writes"]
    for reading in readings {
      func list(_ words: [Reading.Word]) -> String {
        words.map { "'\(ModelArguments.visible($0.text))' \(String(format: "%+.1f", $0.z))" }.joined(
          separator: "  ")
      }
      print("\(pad(reading.neuron, 8)) \(pad(verbs[reading.site]!, 14))  \(list(reading.highest))")
      print("\(pad("", 8)) \(pad("   against", 14))  \(list(reading.lowest))")
    }
    say(
      "numbers are standard deviations from the mean over the vocabulary; beyond 5 or so they mean something")
    return 0
  }

  /// The neurons whose weights stand most for given words.
  private static func neurons(for words: String, _ arguments: Arguments) throws -> Int32 {
    let model = try LanguageModel(contentsOf: ModelArguments.url(arguments))
    let reader = NeuronDecoder(model.decoder, isNormAware: arguments.has("norm"))
    let count = try ModelArguments.whole(arguments, "top", 6, in: 1...1_000)
    struct Row: Encodable { let word, site, neuron: String, z: Double }
    var rows: [Row] = []
    for word in words.split(separator: ",", omittingEmptySubsequences: true).map(String.init) {
      let tokens = model.tokenizer.encode(word)
      guard tokens.count == 1 else {
        throw UsageError(
          "'\(word)' is \(tokens.count) tokens, expected one: words mostly begin with a space, ' water'")
      }
      for site in NeuronDecoder.Site.allCases {
        if site == .gate, model.decoder.configuration.feedForward != .swiGLU { continue }
        rows += reader.neurons(for: tokens[0], site, count: count).map {
          Row(word: word, site: site.rawValue, neuron: "\($0.neuron.block)/\($0.neuron.neuron)", z: $0.score)
        }
      }
    }
    if arguments.has("json") {
      try printJSON(rows)
    } else {
      for row in rows {
        print("'\(row.word)'  \(pad(row.site, 5)) \(pad(row.neuron, 8)) \(String(format: "%+.1f", row.z))")
      }
    }
    return 0
  }

  /// What the model would say after each block.
  private static func lens(_ text: String, _ arguments: Arguments) throws -> Int32 {
    let model = try LanguageModel(contentsOf: ModelArguments.url(arguments))
    let tokens = model.tokenizer.encode(text)
    guard !tokens.isEmpty else { throw UsageError("--lens needs a text") }
    let count = try ModelArguments.whole(arguments, "top", 5, in: 1...1_000)
    struct Row: Encodable {
      let block: Int
      let tokens: [String]
      let probabilities: [Double]
    }
    let rows = LogitLens(model.decoder).logits([tokens]).enumerated().map { block, logits in
      let best = logits[0].softmax(axis: -1).topK(count)
      return Row(
        block: block, tokens: best.indices.integers.map { model.tokenizer.decode([$0]) },
        probabilities: best.values.doubles)
    }
    if arguments.has("json") {
      try printJSON(rows)
    } else {
      for row in rows {
        let words = zip(row.tokens, row.probabilities).map {
          "'\(ModelArguments.visible($0))' \(String(format: "%.2f", $1))"
        }
        print("block \(pad("\(row.block)", 3)) \(words.joined(separator: "  "))")
      }
    }
    return 0
  }

  // MARK: Which neurons go with a label

  private struct Selective: Encodable {
    let neuron: String
    let averagePrecision, areaUnderROC, cohensD, mutualInformation, meanWith, meanWithout, falseDiscovery,
      familyP: Double
  }

  private static func selectivity(_ folder: URL, _ arguments: Arguments) throws -> Int32 {
    let recording = try Recording(contentsOf: folder)
    guard let label = arguments.value("label") else {
      let column = arguments.value("column") ?? "label"
      let known = Set(recording.samples[column] ?? []).sorted().prefix(20).joined(separator: ", ")
      throw UsageError("which --label? The column '\(column)' has \(known)")
    }
    var generator = try ModelArguments.seed(arguments)
    let result = try RecordingSelectivity(
      recording, label: label, column: arguments.value("column") ?? "label",
      unit: arguments.value("unit").flatMap(RecordingSelectivity.Unit.init) ?? .text,
      permutations: ModelArguments.whole(arguments, "permutations", 1_000, in: 1...1_000_000),
      using: &generator)
    let count = min(try ModelArguments.whole(arguments, "top", 20, in: 1...1_000_000), recording.neuronCount)
    let rows = result.best(count).map { row(result, $0) }
    let significant = result.falseDiscovery.count { $0 <= 0.05 }
    if let out = arguments.value("out") {
      try write(result, rows, label, to: URL(fileURLWithPath: out))
      say("table, picture and JSON: \(out)")
    }
    if arguments.has("json") {
      try printJSON(rows)
      return 0
    }
    print(
      "\(result.counts.with) with '\(label)', \(result.counts.without) without; \(significant) of \(recording.neuronCount) neurons differ at a false discovery rate of 5 %"
    )
    let width = rows.map(\.neuron.count).max() ?? 0
    print("\(pad("neuron", width))  precision    AUROC       d    bits     FDR  family p")
    for row in rows {
      print(
        pad(row.neuron, width)
          + String(
            format: "  %9.3f  %7.3f  %+6.2f  %6.3f  %6.4f    %6.4f", row.averagePrecision, row.areaUnderROC,
            row.cohensD, row.mutualInformation, row.falseDiscovery, row.familyP))
    }
    return 0
  }

  private static func row(_ result: RecordingSelectivity, _ column: Int) -> Selective {
    Selective(
      neuron: result.neurons.name(ofNeuron: column), averagePrecision: result.averagePrecision[column],
      areaUnderROC: result.areaUnderROC[column], cohensD: result.cohensD[column],
      mutualInformation: result.mutualInformation[column], meanWith: result.means.with[column],
      meanWithout: result.means.without[column], falseDiscovery: result.falseDiscovery[column],
      familyP: result.familyP[column])
  }

  private static func write(
    _ result: RecordingSelectivity, _ rows: [Selective], _ label: String, to folder: URL
  )
    throws
  {
    var table = Table(
      name: "neurons", caption: "The neurons that go most with '\(label)'.",
      columns: [
        "neuron", "average precision", "AUROC", "Cohen's d", "mutual information (bits)", "mean with",
        "mean without", "false discovery rate", "family-wise p",
      ])
    for row in rows {
      table.append([
        .text(row.neuron), .number(row.averagePrecision), .number(row.areaUnderROC), .number(row.cohensD),
        .number(row.mutualInformation), .number(row.meanWith), .number(row.meanWithout),
        .number(row.falseDiscovery), .number(row.familyP),
      ])
    }
    try table.write(to: folder.appendingPathComponent("neurons.csv"))
    try AtomicFile.write(json(rows), to: folder.appendingPathComponent("neurons.json"))
    try sitePlot(result, label).write(to: folder.appendingPathComponent("sites.svg"))
  }

  /// How many neurons of each site differ.
  private static func sitePlot(_ result: RecordingSelectivity, _ label: String) -> Plot {
    let sites = result.neurons.sites
    let shares = sites.map { site -> Double in
      let columns = result.neurons.columns(of: site.name)!
      return 100 * Double(columns.count { result.falseDiscovery[$0] <= 0.05 }) / Double(site.neurons)
    }
    let step = max(1, sites.count / 8)
    var plot = Plot(
      name: "sites", title: "Where neurons go with '\(label)'",
      caption: "Share of the neurons at each site that differ between samples with and without '\(label)'.",
      x: .init(
        "site",
        ticks: sites.indices.filter { $0 % step == 0 }.map { (Double($0), sites[$0].name) }),
      y: .init(
        "neurons at a false discovery rate of 5 %", unit: "%", range: 0...max(1, 1.05 * (shares.max() ?? 0))))
    plot.add(.bars, "", x: sites.indices.map(Double.init), y: shares)
    return plot
  }
}
