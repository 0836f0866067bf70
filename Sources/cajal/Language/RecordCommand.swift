import Datasets
import Foundation
import Models
import Probing
import Recordings
import StudyCore
import Support
import Synchronization

/// `cajal record`
enum RecordCommand {
  private struct Report: Encodable {
    let folder: String
    let samples, neurons: Int
    let isComplete: Bool
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.count == 1, let path = arguments.operands.first else {
      throw UsageError(
        "expected one corpus: a folder of <label>.txt, a text file of paragraphs, or JSON lines with label and answer"
      )
    }
    let corpus = try LabelledPassages(contentsOf: URL(fileURLWithPath: path))
    let url = try ModelArguments.url(arguments)
    var recorder = CorpusRecorder(
      try LanguageModel(contentsOf: url), sites: SitePattern(arguments.value("sites") ?? "blocks.*.mlp"))
    recorder.precision = arguments.value("precision").flatMap(RecordingDescription.Precision.init) ?? .float32
    recorder.partLength = try ModelArguments.whole(
      arguments, "part", 512, in: 2...recorder.model.decoder.configuration.contextLength)
    let folder = URL(fileURLWithPath: arguments.value("out") ?? "recording")
    let isStopped = Stop()
    let handler = InterruptionHandler {
      isStopped.value.store(true, ordering: .relaxed)
      say("\nstopping behind this batch; the same command goes on (Ctrl-C again to quit at once)")
    }
    defer { withExtendedLifetime(handler) {} }
    let display = ProgressDisplay()
    let isComplete = try recorder.record(
      corpus, model: url.lastPathComponent + " " + Fingerprint.ofModel(url), to: folder
    ) { done, total in
      display.show(.init(stage: "recording", completed: done, total: total, unit: "tokens"))
      return !isStopped.value.load(ordering: .relaxed)
    }
    display.finish()
    guard isComplete else {
      say("stopped; the same command goes on")
      return 130
    }
    let recording = try Recording(contentsOf: folder)
    if arguments.has("json") {
      try printJSON(
        Report(
          folder: folder.path, samples: recording.sampleCount, neurons: recording.neuronCount,
          isComplete: true))
    } else {
      print("\(folder.path): \(recording.sampleCount) samples of \(recording.neuronCount) neurons")
      say("next: cajal probe \(folder.path) --label \(corpus.labels[0])")
    }
    return 0
  }

  /// Set by Ctrl-C.
  private final class Stop: Sendable { let value = Atomic<Bool>(false) }
}

extension Fingerprint {
  /// A file's own; of a folder that of its configuration, as its weights may be many gigabytes.
  fileprivate static func ofModel(_ url: URL) -> String {
    (try? ofFile(url)) ?? (try? ofFile(url.appendingPathComponent("config.json"))) ?? ""
  }
}
