import Foundation
import Recordings
import Support
import Tensors
import Testing

struct RecordingTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("cajal-recording-\(UInt64.random(in: 0...(.max)))")

  private func description(_ precision: RecordingDescription.Precision = .float32) -> RecordingDescription {
    RecordingDescription(
      source: ["model": "m"], sites: [.init("a", neurons: 2), .init("b", neurons: 3)], precision: precision,
      columns: ["text", "string"])
  }

  private func rows(_ range: Range<Int>) -> [[String]] { range.map { ["\($0)", "a \"b\", \($0)\n"] } }
  /// Line feeds, and commas and marks that are one character with an accent behind them.
  @Test func namesOfEveryKindAreRead() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = ["\n", "\r\n", "\r", ",\u{301}", "\"\u{301}", "\u{301}", "\"", "a,b", ""]
    let writer = try RecordingWriter(folder, description())
    try writer.append(samples(0..<names.count), rows: names.map { ["0", $0] })
    try writer.finish()
    let read = try #require(try Recording(contentsOf: folder).samples["string"])
    #expect(read.map { Array($0.utf8) } == names.map { Array($0.utf8) })
  }

  private func samples(_ range: Range<Int>) -> Tensor {
    Tensor(range.flatMap { row in (0..<5).map { Float(row) + Float($0) / 8 } }, shape: [range.count, 5])
  }

  @Test(arguments: RecordingDescription.Precision.allCases)
  func whatIsWrittenIsRead(precision: RecordingDescription.Precision) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let writer = try RecordingWriter(folder, description(precision))
    try writer.append(samples(0..<3), rows: rows(0..<3))
    try writer.append(samples(3..<4), rows: rows(3..<4))
    try writer.finish()
    let recording = try Recording(contentsOf: folder)
    #expect(
      recording.activity.shape == [4, 5]
        && recording.activity(2..<5).floats == samples(0..<4)[.all, 2..<5].floats)
    #expect(
      recording.samples["string"]?[2] == "a \"b\", 2\n" && recording.samples["text"] == ["0", "1", "2", "3"])
    #expect(
      recording.neurons.name(ofNeuron: 3) == "b.1" && recording.neurons.columns(of: "b") == 2..<5)
    // NumPy's own layout: the file is read by the plain reader too.
    #expect(try NPY.read(folder.appendingPathComponent("activity.npy")).shape == [4, 5])
  }

  /// What lies behind the last checkpoint is written anew.
  @Test func aStoppedRecordingGoesOnToTheSameBytes() throws {
    let other = folder.appendingPathExtension("whole")
    defer { for url in [folder, other] { try? FileManager.default.removeItem(at: url) } }
    let whole = try RecordingWriter(other, description())
    try whole.append(samples(0..<6), rows: rows(0..<6))
    try whole.checkpoint(piecesDone: 2)
    try whole.finish()
    do {
      let first = try RecordingWriter(folder, description())
      try first.append(samples(0..<2), rows: rows(0..<2))
      try first.checkpoint(piecesDone: 1)
      try first.append(samples(90..<93), rows: rows(90..<93))
    }
    #expect(throws: CajalError.self) { try Recording(contentsOf: folder) }
    let second = try RecordingWriter(folder, description())
    #expect(second.description.piecesDone == 1 && second.description.samples == 2)
    try second.append(samples(2..<6), rows: rows(2..<6))
    try second.checkpoint(piecesDone: 2)
    try second.finish()
    for name in ["activity.npy", "samples.csv", "recording.json"] {
      let bytes = try [folder, other].map { try Data(contentsOf: $0.appendingPathComponent(name)) }
      #expect(bytes[0] == bytes[1], "\(name)")
    }
    #expect(throws: CajalError.self) { try RecordingWriter(folder, description()) }
  }

  @Test func foldersThatDoNotFitAreErrors() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: CajalError.self) { try Recording(contentsOf: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: folder.appendingPathComponent("mine.txt"))
    #expect(throws: CajalError.self) { try RecordingWriter(folder, description()) }
    try FileManager.default.removeItem(at: folder.appendingPathComponent("mine.txt"))
    let writer = try RecordingWriter(folder, description())
    try writer.append(samples(0..<2), rows: rows(0..<2))
    try writer.checkpoint(piecesDone: 1)
    #expect(throws: CajalError.self) { try RecordingWriter(folder, description(.float16)) }
    try writer.finish()
    for (name, content) in [
      ("recording.json", "{}"), ("samples.csv", "text,string\n1,2\n"), ("activity.npy", "no"),
    ] {
      let file = folder.appendingPathComponent(name)
      let before = try Data(contentsOf: file)
      try Data(content.utf8).write(to: file)
      #expect(throws: CajalError.self) { try Recording(contentsOf: folder) }
      try before.write(to: file)
    }
    #expect(try Recording(contentsOf: folder).sampleCount == 2)
  }
}
