import Datasets
import Neurons
import StudyCore

extension ExpressiveLeakyMemoryStudy {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, parity, units, baselines, ablations, addition, longrange
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var seeds = 3
    // Fits of recordings.
    var trainRecordings = 64
    var testRecordings = 16
    var recordingSteps = 3000
    var memoryUnits = [1, 2, 3, 5, 10]
    var unitSeeds = 1
    var fitSteps = 2500
    var fitRate = 1e-2
    var window = 300
    var batch = 8
    var branches = 45
    var synapsesPerBranch = 100
    var teacherRate = 5.0
    // Claim 2.
    var comparisonUnits = 15
    var comparisonSteps = 700
    // Claim 5.
    var ablationUnits = 10
    var ablationSteps = 1200
    // Spoken sums.
    var takes = 4
    var sumUnits = 40
    var sumSteps = 300
    var sumBatch = 8
    var sumRate = 5e-3
    var sumDropout = 0.5
    var longestTimes = [20.0, 100, 500]
    var digitDuration = 1.0
    var binWidth = 0.01
    // Long sequences.
    var longUnits = 32
    var longSteps = 400
    var longBatch = 16
    var longRate = 5e-3
    var listLength = 100
    var pictures = 2000

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (seeds, trainRecordings, testRecordings, recordingSteps) = (1, 8, 6, 2000)
        (memoryUnits, fitSteps, comparisonSteps, ablationSteps) = ([1, 3], 60, 20, 30)
        (comparisonUnits, ablationUnits) = (5, 5)
        (takes, longSteps, longUnits, pictures) = (0, 3, 8, 40)
      case .full:
        (trainRecordings, testRecordings, recordingSteps, unitSeeds) = (512, 64, 6000, 3)
        (memoryUnits, fitSteps) = ([1, 2, 3, 5, 7, 10, 15, 20, 25, 30], 40_000)
        (comparisonSteps, ablationSteps, window) = (20_000, 20_000, 500)
        (takes, sumUnits, sumSteps) = (20, 100, 20_000)
        longestTimes = [20, 50, 100, 200, 500, 1000]
        (longUnits, longSteps, longBatch, listLength, pictures) = (100, 20_000, 32, 500, 60_000)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: parity (claim 6), units (1), baselines (2), ablations (5), addition (3 and 4), longrange (7)"
      ),
      .integer("seeds", \.seeds, in: 1...20, "seeds of comparisons"),
      .integer(
        "trainRecordings", \.trainRecordings, in: 1...100_000, "recordings of a teacher to learn from"),
      .integer("testRecordings", \.testRecordings, in: 1...10_000, "recordings of a teacher to be tested on"),
      .integer("recordingSteps", \.recordingSteps, in: 1000...60_000, "length of a recording in ms"),
      .integers("memoryUnits", \.memoryUnits, in: 1...500, "claim 1: numbers of memory units"),
      .integer("unitSeeds", \.unitSeeds, in: 1...20, "claim 1: seeds of each number of units"),
      .integer("fitSteps", \.fitSteps, in: 10...1_000_000, "claim 1: training steps"),
      .number("fitRate", \.fitRate, in: 1e-6...1, "learning rate of fits"),
      .integer("window", \.window, in: 100...1000, "steps of a training window, ms"),
      .integer("batch", \.batch, in: 1...1024, "windows of a training step"),
      .integer("branches", \.branches, in: 1...1278, "branches of the fitted neuron"),
      .integer("synapsesPerBranch", \.synapsesPerBranch, in: 1...2000, "synapses of a branch"),
      .number(
        "teacherRate", \.teacherRate, in: 1...50, "spikes a second to which the compartmental neuron is tuned"
      ),
      .integer("comparisonUnits", \.comparisonUnits, in: 1...500, "claim 2: memory units"),
      .integer("comparisonSteps", \.comparisonSteps, in: 10...1_000_000, "claim 2: training steps"),
      .integer("ablationUnits", \.ablationUnits, in: 1...500, "claim 5: memory units"),
      .integer("ablationSteps", \.ablationSteps, in: 10...1_000_000, "claim 5: training steps"),
      .integer("takes", \.takes, in: 0...200, "how often each voice says each digit; 0 leaves sums out"),
      .integer("sumUnits", \.sumUnits, in: 1...500, "sums: memory units"),
      .integer("sumSteps", \.sumSteps, in: 10...1_000_000, "sums: training steps"),
      .integer("sumBatch", \.sumBatch, in: 1...1024, "sums: samples of a step"),
      .number("sumRate", \.sumRate, in: 1e-6...1, "sums: learning rate"),
      .number("sumDropout", \.sumDropout, in: 0...0.95, "sums: share of inputs that are emptied in training"),
      .numbers(
        "longestTimes", \.longestTimes, in: 2...100_000, "claim 3: longest time constants of memory in ms"),
      .number("digitDuration", \.digitDuration, in: 0.1...10, "sums: seconds of a digit"),
      .number("binWidth", \.binWidth, in: 1e-3...0.1, "sums: seconds of a step"),
      .integer("longUnits", \.longUnits, in: 1...500, "long sequences: memory units"),
      .integer("longSteps", \.longSteps, in: 1...1_000_000, "long sequences: training steps"),
      .integer("longBatch", \.longBatch, in: 1...1024, "long sequences: samples of a step"),
      .number("longRate", \.longRate, in: 1e-6...1, "long sequences: learning rate"),
      .integer("listLength", \.listLength, in: 20...2000, "tokens of the longest list of operations"),
      .integer("pictures", \.pictures, in: 20...1_000_000, "pictures of curves"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }

    /// A neuron for recordings with so many inputs: windows of neighbouring synapses where there are the usual inputs, else scaled to cover them.
    func neuron(units: Int, inputs: Int) -> ExpressiveLeakyMemory.Configuration {
      var c = ExpressiveLeakyMemory.Configuration.neuronIO(memoryUnits: units)
      c.inputs = inputs
      c.branches = min(branches, inputs)
      c.synapsesPerBranch = max(synapsesPerBranch, (inputs + c.branches - 1) / c.branches)
      return c
    }

    func training(steps: Int) -> SurrogateTraining {
      var training = SurrogateTraining()
      (training.steps, training.batch, training.window) = (steps, batch, window)
      training.learningRate = fitRate
      return training
    }
  }
}
