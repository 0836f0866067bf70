import Datasets
import Foundation
import Models
import Probing
import Recordings
import Statistics
import Support
import Tensors
import Testing

struct CorpusRecorderTests {
  private let home = FileManager.default.temporaryDirectory
    .appendingPathComponent("cajal-corpus-\(UInt64.random(in: 0...(.max)))")
  private let corpus = LabelledPassages(
    [
      .init(label: "a", answer: "sparrows sing in the hedge"), .init(label: "b", answer: "1 + 2 = 3"),
      .init(label: "a", answer: "rooks caw, and nobody knows why, in the elms at the end of the lane"),
      .init(label: "b", answer: "9"), .init(label: "b", answer: "7 x 8 = 56, 8 x 8 = 64"),
      .init(label: "a", answer: "an owl sat still"), .init(label: "b", answer: "2, 3, 5, 7, 11"),
    ], fingerprint: "f")

  private func recorder(_ sites: SitePattern = "blocks.*.mlp") -> CorpusRecorder {
    var recorder = CorpusRecorder(LanguageModel(tinyDecoder(), ByteTokenizer()), sites: sites)
    (recorder.partLength, recorder.batchTokens) = (40, 60)
    return recorder
  }

  @Test func everyTokenButTheFirstIsASample() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    #expect(try recorder().record(corpus, model: "tiny", to: home))
    let recording = try Recording(contentsOf: home)
    // The text of one byte has no second token; the long one is read in parts.
    let lengths = [26, 9, 40, 27, 22, 16, 14]
    #expect(recording.sampleCount == lengths.reduce(0) { $0 + $1 - 1 } && recording.neuronCount == 72)
    #expect(recording.samples["text"]?.first == "0" && recording.samples["position"]?.first == "1")
    #expect(recording.samples["string"]?[..<4].joined() == "parr")
    // The same as one text read alone.
    let alone = ActivityRecorder("blocks.1.mlp")
    withoutGradients {
      withInstruments(alone) { _ = tinyDecoder().hidden(Decoder.batch([bytes("1 + 2 = 3")])) }
    }
    let expected = alone.taken()["blocks.1.mlp"]!.narrowed(0, from: 1, to: 9)
    let columns = try #require(recording.neurons.columns(of: "blocks.1.mlp"))
    let ours = recording.activity(columns).narrowed(0, from: 25, to: 33)
    #expect(ours.isClose(to: expected, relative: 1e-4, absolute: 1e-4))
  }

  @Test func aRunStoppedInTheMiddleGoesOnToTheSameRecording() throws {
    let other = home.appendingPathExtension("whole")
    defer { for url in [home, other] { try? FileManager.default.removeItem(at: url) } }
    #expect(try recorder().record(corpus, model: "tiny", to: other))
    var calls = 0
    for _ in 0..<2 {
      let isComplete = try recorder().record(corpus, model: "tiny", to: home) { _, _ in
        calls += 1
        return calls % 2 != 0
      }
      #expect(!isComplete)
    }
    #expect(try recorder().record(corpus, model: "tiny", to: home))
    for name in ["activity.npy", "samples.csv", "recording.json"] {
      let bytes = try [home, other].map { try Data(contentsOf: $0.appendingPathComponent(name)) }
      #expect(bytes[0] == bytes[1], "\(name)")
    }
  }

  @Test func whatCannotBeRecordedIsAnError() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    for sites: SitePattern in ["blocks.9.mlp", "blocks.0.attention.pattern"] {
      #expect(throws: CajalError.self) { try recorder(sites).record(corpus, model: "tiny", to: home) }
    }
    let empty = LabelledPassages([.init(label: "a", answer: "x")], fingerprint: "g")
    #expect(throws: CajalError.self) { try recorder().record(empty, model: "tiny", to: home) }
  }

  @Test func neuronsThatGoWithALabelAreFound() throws {
    defer { try? FileManager.default.removeItem(at: home) }
    let writer = try RecordingWriter(
      home,
      RecordingDescription(source: [:], sites: [.init("x", neurons: 3)], columns: ["text", "label"]))
    var generator = RandomGenerator(seed: 4)
    for text in 0..<24 {
      let isMember = text % 2 == 0
      let values = (0..<5).flatMap { _ in
        [
          Float(generator.normal()), Float(generator.normal()) + (isMember ? 4 : 0),
          Float(generator.normal()),
        ]
      }
      try writer.append(
        Tensor(values, shape: [5, 3]),
        rows: [[String]](repeating: ["\(text)", isMember ? "in" : "out"], count: 5))
    }
    try writer.finish()
    let recording = try Recording(contentsOf: home)
    let found = try RecordingSelectivity(recording, label: "in", permutations: 200, using: &generator)
    #expect(found.counts.with == 12 && found.best(1) == [1] && found.averagePrecision[1] == 1)
    #expect(found.falseDiscovery[1] < 0.05 && found.familyP[1] < 0.01 && found.falseDiscovery[0] > 0.05)
    #expect(found.mutualInformation[1] > 0.5 && found.cohensD[1] > 4)
    #expect(throws: CajalError.self) { try RecordingSelectivity(recording, label: "no", using: &generator) }
    #expect(throws: CajalError.self) {
      try RecordingSelectivity(recording, label: "in", column: "no", using: &generator)
    }
  }
}
