import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// The user's own memories and questions, or a folder of texts.
struct OwnDataPart {
  private let bench: MemoryBench
  private let path: String
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }

  init(_ bench: MemoryBench, _ path: String) { (self.bench, self.path) = (bench, path) }

  func run() throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(path)")
    }
    if isFolder.boolValue {
      try DocumentPart(bench, folder: path).run()
      lab.add(bench.realDataClaim())
      return
    }
    let url = URL(fileURLWithPath: path)
    let script = try MemoryScript(contentsOf: url)
    lab.usesData(url.lastPathComponent, fingerprint: try Fingerprint.ofFile(url))
    let memory = try ContentAddressableMemory(
      cueSize: script.cues.count, contentSize: script.bits.count,
      parameters: options.parameters.isEmpty ? script.parameters : bench.parameters)
    memory.spacing = .init(afterLearning: options.afterLearning, afterRecall: options.afterRecall)
    memory.overlap = .init(rawValue: options.overlap)!
    var reference = AssociationTable()
    let graded = reference.grade(try memory.script(script.operations))
    for warning in memory.warnings { lab.note(warning) }
    try AtomicFile.write(try memory.rasterText(), to: lab.folder.appendingPathComponent("spikes.csv"))
    try memory.configuration.write(to: lab.folder.appendingPathComponent("memory.json"))
    try lab.add(answers(graded, script))
    try lab.add(weights(memory, script))
    if memory.time <= 400 { try lab.add(raster(memory)) }
    lab.add(claim(graded, script))
    lab.note("All spikes are in spikes.csv; the memory as it was in the end is in memory.json.")
  }

  private func answers(_ graded: [GradedAnswer], _ script: MemoryScript) -> Table {
    var table = Table(
      name: "answers", caption: "What the memory answered, and what a table would.",
      columns: ["time (ms)", "operation", "recalled", "expected", "exact"])
    for one in graded where !one.answer.operation.isLearning {
      let operation = one.answer.operation
      table.append([
        .integer(one.answer.start), .text(script.text(operation)),
        .text(script.names(one.answer.recalled, of: operation).joined(separator: ", ")),
        .text(script.names(one.expected, of: operation).joined(separator: ", ")),
        .text(one.isExact ? "yes" : "no"),
      ])
    }
    return table
  }

  private func weights(_ memory: ContentAddressableMemory, _ script: MemoryScript) -> Plot {
    let rows = memory.weights().cueToContent
    func ticks(_ names: [String], _ place: (Int) -> Double) -> [(position: Double, label: String)] {
      names.count <= 40 ? names.indices.map { (place($0), names[$0]) } : []
    }
    var plot = Plot(
      name: "weights", title: "What is stored in the end",
      caption: "Consolidated weights from cues (rows) to content (columns).",
      x: .init("content", ticks: ticks(script.bits) { Double($0) + 0.5 }),
      y: .init("cue", ticks: ticks(script.cues) { Double(rows.count - $0) - 0.5 }))
    plot.heatMap = .init(
      rows: rows.reversed(), x: 0...Double(memory.contentSize), y: 0...Double(memory.cueSize),
      label: "weight (nA)", range: 0...max(1, memory.parameters.learning.mostWeight))
    return plot
  }

  private func raster(_ memory: ContentAddressableMemory) throws -> Plot {
    try MemoryFigures.raster(
      name: "raster", title: "Every spike of your memory", caption: "All populations, from input to output.",
      memory, [], duration: memory.time, labelled: false)
  }

  private func claim(_ graded: [GradedAnswer], _ script: MemoryScript) -> Claim {
    let asked = graded.filter { !$0.answer.operation.isLearning }
    let score = RecallScore(asked)
    lab.measure("own.exact", score.exactShare)
    return Claim(
      "own", "The memory answers as a table would.", paper: "your data",
      test:
        "\(script.cues.count) cues and \(script.bits.count) bits, \(script.operations.count) operations, \(options.afterLearning) ms after a learning and \(options.afterRecall) ms after a recall.",
      criterion: "every recall is exactly what a table holds; several bits recall every cue with any of them",
      measured:
        "\(score.text) recalls exact; \(score.missed) of \(score.elements) missed, \(score.surplus) beyond",
      holds: score.isPerfect,
      reason: score.isPerfect
        ? nil
        : score.asked == 0
          ? "nothing was asked"
          : "first at \(asked.first { !$0.isExact }!.answer.start) ms: \(script.text(asked.first { !$0.isExact }!.answer.operation))"
    )
  }
}
