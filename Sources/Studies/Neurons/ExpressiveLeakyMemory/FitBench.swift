import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Recordings of one neuron, to learn from and to be tested on.
  struct Teacher: Sendable {
    let name: String
    let train, test: SynapticRecordings
    /// The area under the curve of the teacher's own probabilities, where it has any.
    var ceiling: Double?
  }

  /// One network that is to be fitted.
  struct Fit: Sendable {
    var name: String
    var teacher: Int
    var seed: Int
    var steps: Int
    var model: Model

    /// What stands behind the synapses.
    enum Model: Sendable {
      case neuron(ExpressiveLeakyMemory.Configuration)
      case recurrent(hidden: Int, ExpressiveLeakyMemory.Configuration)
      case convolutions(hidden: Int, ExpressiveLeakyMemory.Configuration)
    }
  }

  /// What is left of a fitted network.
  struct Fitted: Sendable {
    let fit: Fit
    let parameters: Int
    let score: SurrogateScore
    let prediction: SurrogatePrediction
    let losses: [Double]
    /// Of the neuron: time constants before and after, synaptic weights `[J · S]`, what readouts make of units, memory over time `[T, d]`.
    var timesBefore, times, weights, readout, memory: [Double]
  }

  /// Teachers and how networks are fitted to them.
  struct FitBench {
    let options: Options
    let lab: Lab
    let teachers: [Teacher]
    /// The teacher on which networks are compared.
    let compared: Int

    static let convolutionKernel = 7
    static let dilations = [1, 4, 16]
  }
}

extension ExpressiveLeakyMemoryStudy.FitBench {
  typealias Study = ExpressiveLeakyMemoryStudy

  init(_ options: Study.Options, _ lab: Lab, _ source: Study.Source) throws {
    (self.options, self.lab) = (options, lab)
    if case .recordings(let path) = source {
      let all = try SynapticRecordings(neuronIO: path)
      lab.usesData(all.name, fingerprint: all.fingerprint)
      guard all.count > 1 else {
        throw CajalError("\(path) holds one recording; two are needed, one for the test")
      }
      let held = max(1, min(options.testRecordings, all.count / 4))
      teachers = [
        Study.Teacher(
          name: "recordings", train: all.subset(Array(held..<all.count)), test: all.subset(Array(0..<held)))
      ]
      compared = 0
      return
    }
    try lab.progress("simulating teachers", 0, of: 3, unit: "teachers")
    teachers = [
      try Self.published(options, lab), try Self.compartments(options, lab, nmda: true),
      try Self.compartments(options, lab, nmda: false),
    ]
    compared = 1
    for teacher in teachers {
      lab.measure("teacher.\(teacher.name).rate", teacher.train.rate, unit: "1/s")
      lab.usesData(teacher.name, fingerprint: teacher.train.fingerprint)
    }
  }

  private static func published(_ options: Study.Options, _ lab: Lab) throws -> Study.Teacher {
    let neuron = try Study.publishedNeuron()
    var generator = lab.generator("published neuron")
    let name = "published surrogate"
    let train = try neuron.recordings(
      options.trainRecordings, steps: options.recordingSteps, name: name, using: &generator
    ).recordings
    let (test, chances) = try neuron.recordings(
      options.testRecordings, steps: options.recordingSteps, name: name, using: &generator)
    let ideal = SurrogatePrediction(
      logits: chances, voltage: test.recordings.map { $0.voltage.map(Double.init) })
    return Study.Teacher(
      name: name, train: train, test: test,
      ceiling: try SurrogateScore(ideal, test, ignoring: 500, most: nil).areaUnderROC)
  }

  private static func compartments(_ options: Study.Options, _ lab: Lab, nmda: Bool) throws -> Study.Teacher {
    var generator = lab.generator("compartmental neuron")
    var cell = CompartmentalNeuron()
    if !nmda { cell.nmda = 0 }
    cell = try cell.calibrated(to: options.teacherRate, using: &generator)
    let name = nmda ? "compartmental neuron" : "without NMDA"
    func recordings(_ count: Int) throws -> SynapticRecordings {
      try cell.recordings(count, steps: options.recordingSteps, name: name, using: &generator)
    }
    return Study.Teacher(
      name: name, train: try recordings(options.trainRecordings), test: try recordings(options.testRecordings)
    )
  }

  /// Fits all networks, one a thread.
  func run(_ fits: [Study.Fit], _ stage: String) throws -> [Study.Fitted] {
    let done = Atomic<Int>(0)
    let total = fits.reduce(0) { $0 + $1.steps }
    return try parallelMap(
      fits.count,
      throwing: { index in
        try Torch.onOneThread {
          var last = 0
          return try run(fits[index]) { step in
            let now = done.wrappingAdd(step - last, ordering: .relaxed).newValue
            last = step
            try lab.progress(stage, now, of: total, unit: "steps")
          }
        }
      })
  }

  private func run(_ fit: Study.Fit, progress: (Int) throws -> Void) throws -> Study.Fitted {
    var generator = lab.generator("fit \(fit.name) \(fit.teacher) \(fit.seed)")
    let teacher = teachers[fit.teacher]
    let model = try model(fit.model, using: &generator)
    let neuron = model as? ExpressiveLeakyMemory
    let before = neuron?.memoryTimeConstants.detached().doubles ?? []
    let losses = try options.training(steps: fit.steps).run(
      model, teacher.train, using: &generator, progress: progress)
    let prediction = try SurrogatePrediction(model, teacher.test)
    let score = try SurrogateScore(prediction, teacher.test, ignoring: 500, most: nil)
    let first = teacher.test.recordings[0].events
    return Study.Fitted(
      fit: fit, parameters: model.parameterCount, score: score, prediction: prediction, losses: losses,
      timesBefore: before, times: neuron?.memoryTimeConstants.detached().doubles ?? [],
      weights: neuron?.synapticWeights.detached().doubles ?? [],
      readout: neuron?.readout.weight.value.detached().doubles ?? [],
      memory: neuron.map { neuron in withoutGradients { neuron.run(first).memory }.doubles } ?? [])
  }

  private func model(_ model: Study.Fit.Model, using generator: inout RandomGenerator) throws
    -> any SynapticModel
  {
    switch model {
    case .neuron(let configuration): return try ExpressiveLeakyMemory(configuration, using: &generator)
    case .recurrent(let hidden, let c):
      return SynapticFrontEnd(
        try routing(c, &generator),
        before: RecurrentReadout(c.branches, hidden: hidden, c.outputs, using: &generator))
    case .convolutions(let hidden, let c):
      return SynapticFrontEnd(
        try routing(c, &generator),
        before: CausalConvolutions(
          c.branches, hidden: hidden, c.outputs, kernel: Self.convolutionKernel, dilations: Self.dilations,
          using: &generator))
    }
  }

  private func routing(_ c: ExpressiveLeakyMemory.Configuration, _ generator: inout RandomGenerator) throws
    -> SynapticRouting
  {
    try SynapticRouting(
      c.routing, inputs: c.inputs, branches: c.branches, synapsesPerBranch: c.synapsesPerBranch,
      using: &generator)
  }

  /// The neuron of the options with so many memory units, for the teacher's inputs.
  func neuron(_ units: Int, teacher: Int) -> ExpressiveLeakyMemory.Configuration {
    options.neuron(units: units, inputs: teachers[teacher].train.inputs)
  }
}

extension ExpressiveLeakyMemoryStudy {
  /// The size from 1 on at which `count` comes nearest to `wanted`.
  static func matched(_ wanted: Int, step: Int = 1, _ count: (Int) -> Int) -> Int {
    var size = step
    while count(size + step) <= wanted { size += step }
    return abs(count(size + step) - wanted) < abs(count(size) - wanted) ? size + step : size
  }
}

extension [ExpressiveLeakyMemoryStudy.Fitted] {
  func named(_ name: String) -> [ExpressiveLeakyMemoryStudy.Fitted] { filter { $0.fit.name == name } }

  /// Mean and spread of a measure over the networks called `name`.
  func spread(_ name: String, _ measure: (SurrogateScore) -> Double) -> Spread {
    Spread(named(name).map { measure($0.score) })
  }
}
