import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claim 1: the authors' three experiments, spike for spike.
struct PublishedPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let experiments = [PublishedExperiment.functional, .stress, .stateMap]
    var outcomes: [PublishedExperiment.Outcome] = []
    for (index, experiment) in experiments.enumerated() {
      try lab.progress("the authors' experiments", index, of: experiments.count, unit: "experiments")
      let outcome = try experiment.run(bench)
      try AtomicFile.write(
        outcome.raster, to: lab.folder.appendingPathComponent("spikes-\(experiment.name).csv"))
      outcomes.append(outcome)
    }
    let mapScore = outcomes[2].graded.byContent
    bench.realData.add("map, \(PublishedExperiment.mapQueries.count) queries", mapScore)
    try lab.add(table(experiments, outcomes))
    lab.add(claim(experiments, outcomes))
    try figures(experiments, outcomes)
    try lab.add(weightsOverTime())
  }

  private func table(_ experiments: [PublishedExperiment], _ outcomes: [PublishedExperiment.Outcome]) -> Table
  {
    var table = Table(
      name: "published", caption: "The authors' experiments; the spikes themselves are in spikes-NAME.csv.",
      columns: [
        "experiment", "cues", "bits", "operations", "time (ms)", "spikes", "as recorded", "right answers",
      ])
    for (experiment, outcome) in zip(experiments, outcomes) {
      let score = RecallScore(outcome.graded)
      table.append([
        .text(experiment.name), .integer(experiment.cueSize), .integer(experiment.contentSize),
        .integer(experiment.operations.count), .integer(experiment.duration), .integer(outcome.spikes),
        .text(outcome.isAsRecorded ? "yes" : "no"), .integer(score.exact),
      ])
      lab.measure("published.\(experiment.name).exact", Double(score.exact))
      lab.measure("published.\(experiment.name).asRecorded", outcome.isAsRecorded ? 1 : 0)
    }
    return table
  }

  private func claim(_ experiments: [PublishedExperiment], _ outcomes: [PublishedExperiment.Outcome]) -> Claim
  {
    let equal = outcomes.count(where: \.isAsRecorded)
    let scores = outcomes.map { RecallScore($0.graded) }
    let spikes = outcomes.reduce(0) { $0 + $1.spikes }
    let holds = equal == outcomes.count && scores.allSatisfy(\.isPerfect)
    let different = zip(experiments, outcomes).filter { !$1.isAsRecorded }.map(\.0.name)
    return Claim(
      "1", "The network learns, recalls from either side and overwrites, as on the authors' hardware.",
      paper: "fully functional; recordings of three runs on SpiNNaker",
      test:
        "The functional test (9 operations, 10 ms apart), the stress test (60 operations, 14 ms apart) and the map (16 learnings 7 ms and 4 queries 6 ms apart).",
      criterion:
        "in all three runs every spike of the ten populations falls into the millisecond in which it was recorded, and every operation is answered rightly",
      measured:
        "\(equal) of \(outcomes.count) runs identical to the recordings (\(spikes) spikes), \(scores.map(\.text).joined(separator: ", ")) operations right",
      holds: holds,
      reason: holds
        ? nil
        : different.isEmpty
          ? "some operations were answered wrongly"
          : "other spikes than recorded in: \(different.joined(separator: ", "))")
  }

  private func figures(_ experiments: [PublishedExperiment], _ outcomes: [PublishedExperiment.Outcome]) throws
  {
    try lab.add(
      MemoryFigures.raster(
        name: "raster", title: "Learn, recall from either side, overwrite: every spike",
        caption:
          "The functional test. Each stroke is a spike; the operation of each stretch stands above it. Bit 6 first brings back cues 3 and 4; after cue 3 has learnt another content, only cue 4.",
        outcomes[0].memory, experiments[0].operations, duration: experiments[0].duration))
    try lab.add(
      MemoryFigures.raster(
        name: "stress-test", title: "Sixty operations without an error",
        caption:
          "Input and output of the stress test: five memories learnt, recalled by each cue and by each bit, overwritten by their complements, recalled, and overwritten again.",
        outcomes[1].memory, experiments[1].operations, duration: experiments[1].duration,
        layers: [.outputCue, .outputContent], labelled: false))
    try lab.add(mapFigure(outcomes[2].graded))
  }

  /// The map, and which cells each query brings back.
  private func mapFigure(_ graded: [GradedAnswer]) -> Plot {
    let letters = ["?", "S", "G", "·", "p", "#"]
    let queries = graded.suffix(PublishedExperiment.mapQueries.count)
    var mosaic = Mosaic(width: 5 * (queries.count + 1) - 1, height: 5)
    var marks: [Plot.Mark] = []
    for panel in 0...queries.count {
      let recalled = panel == 0 ? [] : queries[queries.startIndex + panel - 1].answer.cues
      let cells = (0..<4).map { row in
        (0..<4).map { recalled.contains(4 * row + $0) ? 0.82 : Double.nan }
      }
      mosaic.place(cells, row: 1, column: 5 * panel)
      for cell in 0..<16 {
        marks.append(
          .text(
            x: Double(5 * panel + cell % 4) + 0.5, y: mosaic.y(Double(1 + cell / 4)),
            label: letters[PublishedExperiment.map[cell]]))
      }
      let names =
        panel == 0 ? [] : PublishedExperiment.mapQueries[panel - 1].map { PublishedExperiment.mapStates[$0] }
      marks.append(
        .text(
          x: Double(5 * panel) + 2, y: mosaic.y(0),
          label: panel == 0 ? "the map" : names.joined(separator: ", ")))
    }
    return mosaic.diagram(
      "map", "Where is ...? Cells of a map, recalled by their state",
      caption:
        "Sixteen cells were learnt with their states (? unknown, S start, G goal, · free, p path, # obstacle). Cells that answer to the states above are filled.",
      range: 0...1, marks: marks, height: 240)
  }

  /// Both matrices after every operation of the functional test.
  private func weightsOverTime() throws -> Plot {
    let experiment = PublishedExperiment.functional
    let memory = try bench.memory(experiment.cueSize, experiment.contentSize)
    memory.spacing = .every(10)
    let (cues, bits) = (experiment.cueSize, experiment.contentSize)
    let columns = 5
    let lines = (experiment.operations.count + columns - 1) / columns
    let block = 2 * cues + 4
    var mosaic = Mosaic(width: columns * (bits + 2) - 2 + 2, height: lines * block - 1)
    var marks: [Plot.Mark] = []
    for (index, timed) in experiment.operations.enumerated() {
      try memory.perform(timed.operation)
      let weights = memory.weights()
      let (row, column) = (index / columns * block, index % columns * (bits + 2))
      mosaic.place(weights.cueToContent, row: row + 1, column: column)
      let backward = (0..<cues).map { cue in (0..<bits).map { weights.contentToCue[$0][cue] } }
      mosaic.place(backward, row: row + cues + 2, column: column)
      marks.append(
        .text(
          x: Double(column) + Double(bits) / 2, y: mosaic.y(Double(row)),
          label: "\(index + 1): \(MemoryFigures.label(timed.operation))"))
    }
    return mosaic.diagram(
      "weights", "What is stored, after every operation",
      caption:
        "Consolidated weights of the functional test, in its order: above from cues (rows) to bits of content (columns), below from bits (columns) to cues (rows). Operation 7 overwrites cue 3.",
      label: "weight (nA)", range: 0...6, marks: marks, height: 120 + 150 * lines)
  }
}
