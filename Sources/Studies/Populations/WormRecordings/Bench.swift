import Datasets
import Foundation
import Recordings
import StudyCore
import Support
import Tensors

extension WormRecordings {
  /// The recordings, and the corpora made of them.
  final class Bench {
    let options: Options
    let lab: Lab
    /// As they came, with the source of each.
    let raw: [(source: String, recording: Recording)]
    let isReal: Bool
    /// On the common grid.
    let corpus: WormCorpus
    /// At each recording's own times.
    let native: WormCorpus

    /// Why claims on animals are not decided by made worms.
    var obstacle: String? {
      isReal
        ? nil
        : "the worms are made, which says nothing about animals: give recordings with --data (docs/studies/worm-recordings.md)"
    }

    init(_ options: Options, _ lab: Lab) throws {
      self.options = options
      self.lab = lab
      if let path = lab.dataPath {
        raw = try Self.real(URL(fileURLWithPath: path), lab)
        isReal = true
      } else {
        raw = try Self.made(options, lab)
        isReal = false
      }
      var common = WormHomogeniser()
      common.step = options.step
      common.smoothing = .gaussianSamples(sigma: options.sigma)
      common.leastConfidence = isReal ? options.leastConfidence : 0
      var own = common
      own.step = nil
      (corpus, native) = (try Self.corpus(raw, common, lab, "common grid"), try Self.corpus(raw, own, lab, "own times"))
    }

    private static func corpus(
      _ raw: [(source: String, recording: Recording)], _ homogeniser: WormHomogeniser, _ lab: Lab, _ name: String
    ) throws -> WormCorpus {
      var corpus = WormCorpus()
      for (index, entry) in raw.enumerated() {
        try lab.progress(name, index, of: raw.count, unit: "worms")
        var worm = try homogeniser(entry.recording)
        worm.source = entry.source
        corpus.append(worm)
      }
      return corpus
    }

    private static func real(_ url: URL, _ lab: Lab) throws -> [(source: String, recording: Recording)] {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
        throw CajalError("there is no file or folder \(url.path)")
      }
      let recordings =
        isFolder.boolValue && !FileManager.default.fileExists(atPath: url.appendingPathComponent("recording.json").path)
        ? try WormFile.readFolder(url) : [try WormFile.read(url)]
      lab.usesData(url.lastPathComponent, fingerprint: Fingerprint.of(Data(recordings.map { recording in
        "\(recording.name) \(recording.activity.shape) \(recording.activity.to(.float64).nanSum)"
      }.joined(separator: "\n").utf8)))
      return recordings.map { (url.lastPathComponent, $0) }
    }

    private static func made(_ options: Options, _ lab: Lab) throws -> [(source: String, recording: Recording)] {
      var generator = lab.generator("worms")
      var worms = SyntheticWorms()
      (worms.laboratories, worms.worms) = (options.laboratories, options.worms)
      worms.durations = 300...max(301, options.longest)
      return try worms(using: &generator).map { ("made laboratory \($0.laboratory + 1)", $0.recording) }
    }
  }
}

extension Tensor {
  /// The sum of what is a number.
  fileprivate var nanSum: Double { doubles.reduce(0) { $1.isNaN ? $0 : $0 + $1 } }
}
