import StudyCore

extension HebbianOrthogonalProjection {
  /// The parts of the study; the main one is the others' comparison and is run with each but the convolutional.
  enum Part: String, CaseIterable {
    case all, main, rules, lateral, ablations, convolution
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var sequence = "permuted"
    var seeds = 3
    var ablationSeeds = 3
    var tasks = 5
    var images = 3000
    var testImages = 1000
    var hidden = [100, 100]
    var steps = 6
    var batch = 64
    var epochs = 6
    var rate = 0.5
    /// η by layer.
    var hebbianRates = [0.01, 0.05, 0.05]
    var firstRows = [60, 30, 30]
    var laterRows = [40, 15, 15]
    var rowReduction = 0
    var orthonormal = false
    /// The mild regime.
    var mildTasks = 4
    var mildHidden = [200, 200]
    var mildEpochs = 3
    var mildRate = 0.1
    /// Other rules.
    var bpttRate = 0.5
    var otttRate = 0.2
    var alignmentRate = 0.1
    /// Claim 6.
    var lateralSteps = [20, 40]
    var lateralScale = 20.0
    /// Ablations.
    var sizeFactors = [0.1, 0.25, 0.5, 1.1]
    var replayPerClass = 50
    /// The convolutional network.
    var convolutionSeeds = 3
    var convolutionImages = 300
    var convolutionTestImages = 200
    var convolutionEpochs = 8
    var convolutionRate = 0.1
    var channels = [8, 16]

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick: makeQuick()
      case .full: makeFull()
      }
    }

    private mutating func makeQuick() {
      (seeds, ablationSeeds, tasks, images, testImages, epochs) = (1, 1, 3, 600, 300, 6)
      (hidden, firstRows, laterRows) = ([60, 60], [40, 20, 20], [30, 15, 15])
      (mildTasks, mildHidden, mildEpochs) = (2, [60, 60], 2)
      (lateralSteps, sizeFactors, replayPerClass) = ([40], [0.25], 10)
      (convolutionSeeds, convolutionImages, convolutionTestImages, convolutionEpochs) = (1, 40, 40, 2)
      channels = [4, 6]
    }

    /// The paper's regime for permuted digits.
    private mutating func makeFull() {
      (ablationSeeds, tasks, images, testImages, epochs) = (1, 10, 60_000, 10_000, 1)
      (hidden, steps, rate) = ([800, 800], 20, 0.1)
      (hebbianRates, firstRows, laterRows, rowReduction) = (
        [0.001, 0.01, 0.01], [80, 200, 100], [70, 70, 70], 20
      )
      (mildTasks, mildHidden, mildEpochs, mildRate) = (4, [800, 800], 1, 0.02)
      (bpttRate, otttRate, alignmentRate) = (0.1, 0.05, 0.05)
      lateralSteps = [20, 40, 1000]
      (convolutionImages, convolutionTestImages, convolutionEpochs, channels) = (6000, 1000, 10, [16, 32])
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: main (claims 1, 2, 4, 5), rules (3), lateral (6), ablations, convolution"),
      .text(
        "sequence", \.sequence, oneOf: ["permuted", "rotated"],
        "how tasks are made of the images: their pixels permuted, or turned by equal angles"),
      .integer("seeds", \.seeds, in: 1...20, "seeds of main, rules and lateral"),
      .integer("ablationSeeds", \.ablationSeeds, in: 1...20, "seeds of the ablations, at most as many"),
      .integer("tasks", \.tasks, in: 2...20, "tasks learnt one after another"),
      .integer("images", \.images, in: 100...60_000, "training images of each task"),
      .integer("testImages", \.testImages, in: 50...10_000, "test images of each task"),
      .integers("hidden", \.hidden, in: 5...4096, "neurons of each hidden layer"),
      .integer("steps", \.steps, in: 2...100, "time steps for which an image is shown"),
      .integer("batch", \.batch, in: 8...1024, "images a batch"),
      .integer("epochs", \.epochs, in: 1...200, "epochs of each task"),
      .number("rate", \.rate, in: 1e-4...5, "learning rate of the weights, DSR"),
      .numbers("hebbianRates", \.hebbianRates, in: 1e-5...1, "learning rates of the subspaces, by layer"),
      .integers("firstRows", \.firstRows, in: 1...4096, "subspace neurons by layer for the first task"),
      .integers(
        "laterRows", \.laterRows, in: 0...4096, "further subspace neurons by layer for each later task"),
      .integer(
        "rowReduction", \.rowReduction, in: 0...1000,
        "fewer further subspace neurons from tasks 4, 7 and 10 on, each time"),
      .flag(
        "orthonormal", \.orthonormal,
        "whether subspace rows are made exactly orthonormal at the end of each task; the paper leaves them"),
      .integer("mildTasks", \.mildTasks, in: 2...20, "mild regime: tasks"),
      .integers("mildHidden", \.mildHidden, in: 5...4096, "mild regime: neurons of each hidden layer"),
      .integer("mildEpochs", \.mildEpochs, in: 1...200, "mild regime: epochs of each task"),
      .number("mildRate", \.mildRate, in: 1e-4...5, "mild regime: learning rate"),
      .number("bpttRate", \.bpttRate, in: 1e-4...5, "learning rate with BPTT"),
      .number("otttRate", \.otttRate, in: 1e-4...5, "learning rate with OTTT"),
      .number("alignmentRate", \.alignmentRate, in: 1e-4...5, "learning rate with feedback alignment"),
      .number(
        "lateralScale", \.lateralScale, in: 0.1...1000,
        "claim 6: the largest answer of spiking subspace neurons"),
      .integers(
        "lateralSteps", \.lateralSteps, in: 2...100_000, "claim 6: time steps of spiking subspace neurons"),
      .numbers(
        "sizeFactors", \.sizeFactors, in: 0.02...3, "ablation: subspaces of so many times the usual size"),
      .integer("replayPerClass", \.replayPerClass, in: 1...5000, "ablation: samples of each class replayed"),
      .integer("convolutionSeeds", \.convolutionSeeds, in: 1...20, "convolution: seeds"),
      .integer(
        "convolutionImages", \.convolutionImages, in: 20...6000, "convolution: training images a class"),
      .integer(
        "convolutionTestImages", \.convolutionTestImages, in: 20...1000, "convolution: test images a class"),
      .integer("convolutionEpochs", \.convolutionEpochs, in: 1...200, "convolution: epochs of each task"),
      .number("convolutionRate", \.convolutionRate, in: 1e-4...5, "convolution: learning rate"),
      .integers("channels", \.channels, in: 1...256, "convolution: channels of each stage"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }
  }
}
