import Datasets
import Figures
import Foundation
import Models
import StudyCore
import Support
import Synchronization
import Tensors

/// The text, and the models that all parts share.
final class HatchlingBench: @unchecked Sendable {
  typealias Options = DragonHatchlingStudy.Options

  let options: Options
  let lab: Lab
  let corpus: TextCorpus
  let training: TextStretches
  let heldOut: TextStretches
  /// Held-out rows `[R, length + 1]` that losses are measured on.
  let rows: Tensor
  let words = RepeatedWords()
  private(set) var outcomes: [String: Outcome] = [:]

  /// What a training gave.
  struct Outcome: Sendable {
    let model: any NextTokenModel & Sendable
    /// Loss on held-out text, nats a byte, and seconds of training, after so many steps.
    var curve: [(step: Int, loss: Double, seconds: Double)] = []
    var loss: Double { curve.last?.loss ?? .nan }
  }

  /// A model to be trained.
  struct Job: Sendable {
    enum Kind: Sendable {
      case hatchling(DragonHatchlingConfiguration)
      case gpt(GPT.Configuration)
    }
    enum Task: Sendable { case text, repeatedWords }
    var name: String
    var kind: Kind
    var task = Task.text
    var seed: Int
    var steps: Int

    /// About how long it takes, to begin with the longest.
    var weight: Double {
      switch kind {
      case .hatchling(let shape): Double(steps * shape.stateCount) * (shape.attention == .softmax ? 3 : 1)
      case .gpt(let shape): Double(steps * shape.parameterCount) / 2
      }
    }
  }

  init(_ options: Options, _ lab: Lab) throws {
    (self.options, self.lab) = (options, lab)
    corpus =
      try lab.dataPath.map { try TextCorpus(contentsOf: URL(fileURLWithPath: $0)) } ?? .kingJamesBible()
    lab.usesData(corpus.name, fingerprint: corpus.fingerprint)
    (training, heldOut) = corpus.split()
    guard [training, heldOut].allSatisfy({ $0.stretches.contains { $0.count > options.length } }) else {
      throw CajalError(
        "\(corpus.name) has \(corpus.bytes.count) bytes: too short for texts of \(options.length) and some held out"
      )
    }
    rows = heldOut.spreadRows(options.heldOutRows, length: options.length + 1)
  }

  func hatchling(_ seed: Int = 0) -> DragonHatchling { outcomes["bdh-\(seed)"]!.model as! DragonHatchling }
  func gpt(_ seed: Int = 0) -> GPT { outcomes["gpt-\(seed)"]!.model as! GPT }

  /// The hatchling as it was before training.
  func untrained(_ seed: Int = 0) -> DragonHatchling {
    let model = Self.fresh(
      job("bdh-\(seed)", .hatchling(options.hatchling(options.width)), seed), lab)
    model.evaluate()
    return model as! DragonHatchling
  }

  // MARK: - Training

  private func job(_ name: String, _ kind: Job.Kind, _ seed: Int, steps: Int? = nil) -> Job {
    Job(name: name, kind: kind, seed: seed, steps: steps ?? options.steps)
  }

  /// The models of one kind of part.
  enum Group { case text, strings, ablations }

  /// Every model of a group that the parts to be run ask for.
  private func jobs(_ group: Group) -> [Job] {
    switch group {
    case .text: return textJobs
    case .strings:
      guard options.runs(.surprise) else { return [] }
      var shape = options.hatchling(options.width)
      shape.vocabulary = words.letters
      return (0..<options.surpriseSeeds).map { seed in
        var one = job("surprise-\(seed)", .hatchling(shape), seed, steps: options.surpriseSteps)
        one.task = .repeatedWords
        return one
      }
    case .ablations:
      guard options.runs(.ablations) else { return [] }
      return HatchlingAblations.variants(options.hatchling(options.width)).map {
        job("ablation-\($0.name)", .hatchling($0.shape), 0, steps: options.ablationSteps)
      }
    }
  }

  private var textJobs: [Job] {
    let shape = options.hatchling(options.width)
    var jobs: [Job] = []
    let compares = options.runs(.loss)
    if compares || [.sparsity, .recurrent, .graph, .synapses, .merging].contains(where: options.runs) {
      let seeds = compares || options.runs(.sparsity) || options.runs(.graph) ? options.seeds : 1
      jobs += (0..<seeds).map { job("bdh-\($0)", .hatchling(shape), $0) }
    }
    if compares || options.runs(.sparsity) {
      let seeds = compares ? options.seeds : 1
      jobs += (0..<seeds).map { job("gpt-\($0)", .gpt(options.gpt(options.width)), $0) }
    }
    if compares {
      for width in options.otherWidths where width != options.width {
        jobs.append(job("bdh-width-\(width)", .hatchling(options.hatchling(width)), 0))
        jobs.append(job("gpt-width-\(width)", .gpt(options.gpt(width)), 0))
      }
    }
    return jobs
  }

  /// Trains the models of a group, one a core.
  func train(_ group: Group) throws {
    let jobs = jobs(group).sorted { ($1.weight, $0.name) < ($0.weight, $1.name) }
    guard !jobs.isEmpty else { return }
    let total = jobs.reduce(0) { $0 + $1.steps }
    let done = Atomic<Int>(0)
    try lab.progress("Training \(jobs.count) models", 0, of: total, unit: "steps")
    let results = try parallelMap(
      jobs.count,
      throwing: { index -> Outcome in
        try Torch.onOneThread {
          try self.train(jobs[index]) {
            let count = done.wrappingAdd(1, ordering: .relaxed).newValue
            try self.lab.progress("Training \(jobs.count) models", count, of: total, unit: "steps")
          }
        }
      })
    for (job, outcome) in zip(jobs, results) { outcomes[job.name] = outcome }
  }

  private static func fresh(_ job: Job, _ lab: Lab) -> any NextTokenModel & Sendable {
    var generator = lab.generator("weights of \(job.seed)")
    switch job.kind {
    case .hatchling(let shape): return DragonHatchling(shape, using: &generator)
    case .gpt(let shape): return GPT(shape, using: &generator)
    }
  }

  private func train(_ job: Job, _ tick: () throws -> Void) throws -> Outcome {
    let model = Self.fresh(job, lab)
    var outcome = Outcome(model: model)
    // Models of one seed see the same batches, whatever they are.
    var generator = lab.generator("batches of \(job.seed)")
    let every = max(1, job.steps / 12)
    let clock = ContinuousClock()
    var (start, seconds) = (clock.now, 0.0)
    func measure(_ step: Int) {
      seconds += (clock.now - start).inSeconds
      outcome.curve.append((step, model.meanSurprise(rows), seconds))
      start = clock.now
    }
    if job.task == .text { measure(0) }
    let training = NextTokenTraining(steps: job.steps, learningRate: options.learningRate)
    try training.run(model, using: &generator) { step, _ in
      let isMarked = step % every == 0 || step == job.steps || step == options.ablationSteps
      if job.task == .text, isMarked { measure(step) }
      try tick()
    } batch: { random in
      switch job.task {
      case .text: self.training.rows(options.batch, length: options.length + 1, using: &random)
      case .repeatedWords: words.rows(options.batch, using: &random)
      }
    }
    return outcome
  }

  // MARK: - Writing

  /// Keeps the trained model and what it writes in the run's folder.
  func write() throws {
    let session = try DragonHatchlingSession(hatchling())
    session.feed(options.prompt.utf8.map(Int.init))
    var generator = lab.generator("writing")
    let bytes = session.generate(
      options.writes, sampler: Sampler(temperature: 1, topK: 3), using: &generator)
    let text = options.prompt + ByteTokenizer().decode(bytes)
    try hatchling().save(to: lab.folder.appendingPathComponent("model.safetensors"))
    var table = Table(
      name: "written",
      caption:
        "What the trained model writes behind '\(options.prompt)' (temperature 1, the 3 likeliest bytes)",
      columns: ["text"])
    table.append([.text(text)])
    try lab.add(table)
    lab.note(
      "The trained model lies in the run's folder as model.safetensors; DragonHatchling(configuration, weights: TensorFile.read(file)) opens it."
    )
  }
}
