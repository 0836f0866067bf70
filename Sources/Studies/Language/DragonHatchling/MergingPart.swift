import Datasets
import Figures
import Models
import StudyCore
import Support
import Tensors

/// Claim 7: two clones that learned different texts become one model by putting their neurons side by side.
struct MergingPart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }

  init(_ bench: HatchlingBench) { self.bench = bench }

  private struct Domain: Sendable {
    var name: String
    var training: TextStretches
    var heldOut: Tensor
  }

  func run() throws {
    let statement = "Clones trained on different texts merge into one model that knows both"
    let paper =
      "Spanish model tuned on French and Portuguese; losses from English: merged 0.40 and 0.39, tuned 0.36 and 0.34"
    let test =
      "clones of the first model tuned for \(options.tuningSteps) steps on fortunes and on licences, neurons put side by side, embedding and output averaged, no training afterwards"
    let criterion =
      "the merged model's loss on each held-out text is below that of the clone that was tuned on the other"
    let texts: [TextCorpus]
    do { texts = [try .fortunes(), try .licences()] } catch let error as CajalError {
      lab.add(
        Claim(
          notTestable: "7", statement, paper: paper, test: test, criterion: criterion, reason: error.message))
      return
    }
    let domains = texts.map { text -> Domain in
      lab.usesData(text.name, fingerprint: text.fingerprint)
      let (training, heldOut) = text.split()
      return Domain(
        name: text.name, training: training,
        heldOut: heldOut.spreadRows(options.heldOutRows, length: options.length + 1))
    }
    let base = bench.hatchling()
    try lab.progress("Tuning clones", 0, of: 2, unit: "clones")
    let clones = try parallelMap(
      2, throwing: { index in try Torch.onOneThread { try self.tuned(base, domains[index], index) } })
    let merged = try DragonHatchling.merging(clones[0], clones[1])
    merged.evaluate()
    let models: [(String, DragonHatchling)] = [
      ("before tuning", base), ("tuned on \(domains[0].name)", clones[0]),
      ("tuned on \(domains[1].name)", clones[1]), ("merged", merged),
    ]
    let sets = domains.map(\.heldOut) + [bench.rows]
    let names = domains.map(\.name) + [bench.corpus.name]
    let losses = models.map { model in sets.map { model.1.meanSurprise($0) } }
    var table = Table(
      name: "merging", caption: "Losses (nats a byte) on held-out texts",
      columns: ["model", "neurons"] + names)
    for (row, model) in zip(losses, models) {
      table.append([.text(model.0), .integer(model.1.configuration.neurons)] + row.map { .number($0) })
    }
    try lab.add(table)
    lab.measure("merging.merged.first", losses[3][0], unit: "nats/byte")
    lab.measure("merging.merged.second", losses[3][1], unit: "nats/byte")
    let limit = options.steps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "7", statement, paper: paper, test: test, criterion: criterion,
        measured: (0..<2).map {
          "\(names[$0]): merged \(short(losses[3][$0])), the other clone \(short(losses[2 - $0][$0])), the own \(short(losses[1 + $0][$0])), before tuning \(short(losses[0][$0]))"
        }.joined(separator: "; "),
        holds: losses[3][0] < losses[2][0] && losses[3][1] < losses[1][1],
        reason: "averaged embeddings and added neurons disturb each other more than they help", unless: limit)
    )
    try draw(names, losses)
  }

  private func tuned(_ base: DragonHatchling, _ domain: Domain, _ index: Int) throws -> DragonHatchling {
    let clone = try base.copy()
    var generator = lab.generator("tuning \(index)")
    let training = NextTokenTraining(steps: options.tuningSteps, learningRate: options.learningRate)
    try training.run(clone, using: &generator) { _, _ in
      if lab.isInterrupted { throw Interruption() }
    } batch: {
      domain.training.rows(options.batch, length: options.length + 1, using: &$0)
    }
    return clone
  }

  private func draw(_ names: [String], _ losses: [[Double]]) throws {
    var plot = Plot(
      name: "merging", title: "What clones and their merger know",
      caption: "Loss on held-out text of three kinds.",
      x: .init(
        "tuned on", range: -0.5...Double(losses.count) - 0.5,
        ticks: (["nothing"] + names.prefix(2) + ["merged"]).enumerated().map { (Double($0), $1) }),
      y: .init("loss", unit: "nats/byte"))
    for (index, name) in names.enumerated() {
      plot.add(.linePoints, name, x: losses.indices.map(Double.init), y: losses.map { $0[index] })
    }
    try lab.add(plot)
  }
}
