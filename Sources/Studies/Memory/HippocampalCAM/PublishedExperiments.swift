import Datasets
import Foundation
import Neurons
import Support

/// The authors' three experiments, and the fingerprints of the spikes that they recorded on SpiNNaker.
struct PublishedExperiment: Sendable {
  typealias Operation = ContentAddressableMemory.Operation
  typealias TimedOperation = ContentAddressableMemory.TimedOperation

  let name: String
  let cueSize, contentSize: Int
  let operations: [TimedOperation]
  /// Milliseconds.
  let duration: Int
  /// SHA-256 of ``ContentAddressableMemory/rasterText()`` as made of the authors' recording: ten layers, every millisecond.
  let recorded: String

  /// Learning, recall from both sides, overwriting.
  static let functional = PublishedExperiment(
    name: "functional", cueSize: 5, contentSize: 10,
    operations: ContentAddressableMemory.timed(
      [
        .learn(cue: 0, content: [0, 1, 8, 9]), .learn(cue: 4, content: [1, 5, 6]),
        .learn(cue: 3, content: [4, 5, 6]), .recallByCue(0), .recallByContent([6]),
        .recallByContent([0, 4]), .learn(cue: 3, content: [1, 3, 4, 8]), .recallByCue(3),
        .recallByContent([6]),
      ], spacing: .every(10)), duration: 90,
    recorded: "18bbeabf9d3360729dc1c107b05bc171dc397d085eb989c3207f9a759129cf66")

  /// Numbers 1 to 5 in binary, all recalled; then their complements, then the numbers again.
  static let stress: PublishedExperiment = {
    let numbers = (0..<5).map { cue in (0..<10).filter { (cue + 1) >> $0 & 1 == 1 } }
    let complements = numbers.map { content in (0..<10).filter { !content.contains($0) } }
    let recalls =
      (0..<5).map { Operation.recallByCue($0) } + (0..<10).map { Operation.recallByContent([$0]) }
    let rounds = [numbers, complements, numbers].map { contents in
      contents.indices.map { Operation.learn(cue: $0, content: contents[$0]) } + recalls
    }
    return PublishedExperiment(
      name: "stress", cueSize: 5, contentSize: 10,
      operations: ContentAddressableMemory.timed(Array(rounds.joined()), from: 1, spacing: .every(14)),
      duration: 851, recorded: "3f0577c25290c252d787980aed665bf431b19b21502777fcf531f2278592ff42")
  }()

  /// What each cell of the map holds, row by row.
  static let map = [0, 5, 1, 3, 0, 3, 4, 5, 0, 5, 4, 3, 2, 4, 4, 3]
  static let mapStates = ["unknown", "start", "goal", "free", "path", "obstacle"]
  static let mapQueries = [[1, 2, 4], [3], [5], [0]]

  static let stateMap = PublishedExperiment(
    name: "map", cueSize: 16, contentSize: 6,
    operations: map.indices.map {
      TimedOperation(.learn(cue: $0, content: [map[$0]]), at: 7 * $0)
    } + mapQueries.indices.map { TimedOperation(.recallByContent(mapQueries[$0]), at: 112 + 6 * $0) },
    duration: 140, recorded: "0b6821ed1121381bb225efc8c5d4dce31d0d4d79957bbf95908b6efe2163ef74")

  /// What a run came to.
  struct Outcome {
    let memory: ContentAddressableMemory
    let graded: [GradedAnswer]
    let raster: String
    let isAsRecorded: Bool
    /// Spikes of all layers.
    let spikes: Int
  }

  func run(_ bench: MemoryBench) throws -> Outcome {
    let memory = try bench.memory(cueSize, contentSize)
    let answers = try memory.run(operations, until: duration)
    var table = AssociationTable()
    let raster = try memory.rasterText()
    let spikes = try ContentAddressableMemory.Layer.allCases.reduce(0) {
      $0 + (try memory.spikes(of: $1).spikeCount)
    }
    return Outcome(
      memory: memory, graded: table.grade(answers), raster: raster,
      isAsRecorded: Fingerprint.of(Data(raster.utf8)) == recorded, spikes: spikes)
  }
}
