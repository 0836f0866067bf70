import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// An index: cues are texts, bits of content their words.
struct DocumentPart {
  private let bench: MemoryBench
  private let folder: String
  private var lab: Lab { bench.lab }

  init(_ bench: MemoryBench, folder: String? = nil) {
    self.bench = bench
    self.folder = folder ?? bench.options.texts
  }

  func run() throws {
    // Systems other than Debian have no such folder; another one that was asked for should be there.
    if folder == DocumentWords.defaultFolder, !FileManager.default.fileExists(atPath: folder) {
      lab.note(
        "There is no \(folder) here, so that no index of texts was made; --set texts=FOLDER takes another.")
      return
    }
    try lab.progress("texts", 0, of: 1)
    let index = try DocumentWords(folder: folder, vocabulary: bench.options.vocabulary)
    lab.usesData(folder, fingerprint: index.fingerprint)
    let contents = index.contents
    let memory = try bench.memory(contents.count, index.words.count)
    let learning = contents.indices.map { MemoryBench.Operation.learn(cue: $0, content: contents[$0]) }
    let questions =
      contents.indices.map { MemoryBench.Operation.recallByCue($0) }
      + index.words.indices.map { .recallByContent([$0]) }
    let start = ContinuousClock.now
    let graded = try bench.graded(learning + questions, in: memory, .recommended)
    let seconds = (ContinuousClock.now - start).inSeconds
    let name = "\(contents.count) texts and \(index.words.count) words"
    bench.realData.add("\(name), words by text", graded.byCue)
    bench.realData.add("\(name), texts by word", graded.byContent)
    lab.measure("texts.byText", graded.byCue.exactShare)
    lab.measure("texts.byWord", graded.byContent.exactShare)
    lab.note(
      "The index of \(name) answered \(learning.count + questions.count) operations, \(memory.time) ms of the network's time, in \(short(seconds)) s."
    )
    try lab.add(table(index, memory))
  }

  /// Pairs of words asked for one after the other: texts with either, texts with both.
  private func table(_ index: DocumentWords, _ memory: ContentAddressableMemory) throws -> Table {
    var table = Table(
      name: "texts",
      caption: "Some questions to the index of \(folder), two words given one after the other.",
      columns: ["words", "in either", "in both"])
    var generator = lab.generator("texts")
    func names(_ cues: [Int]) -> String {
      cues.isEmpty ? "none" : cues.map { index.documents[$0] }.joined(separator: ", ")
    }
    for _ in 0..<6 {
      let content = index.contents[generator.integer(below: index.contents.count)]
      let pair = generator.subset(min(2, content.count), of: content.count).map { content[$0] }
      let recall = try memory.recallInTurn(content: pair)
      table.append([
        .text(pair.map { index.words[$0] }.joined(separator: ", ")), .text(names(recall.any)),
        .text(names(recall.all)),
      ])
    }
    return table
  }
}
