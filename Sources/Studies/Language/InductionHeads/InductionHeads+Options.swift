import Models
import StudyCore
import Support

extension InductionHeads {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, toy, phase, heads, clamps, data, features, model
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    // The task.
    var features = FewShotBench.Source.random.rawValue
    var classes = 50
    var testClasses = 100
    var labels = 5
    var dimension = 512
    var noise = 0.1
    // The network and its training.
    var width = 64
    var heads = 8
    var iterations = 3_000
    var batch = 32
    var learningRate = 2e-4
    var interval = 10
    var sequences = 256
    var seeds = 5
    // Claims 4 and 5.
    var clampSeeds = 3
    var clampIterations = 6_000
    var clampInterval = 5
    var activeHead = 0
    var moreClasses = [100, 200]
    var moreLabels = [10, 15]
    // Claim 6.
    var toyDimension = 20
    var toySteps = 1_000
    var toyDraws = 20
    // Held-out classes.
    var featureClasses = [50, 400]
    // Claim 7.
    var model = ""
    var series = 3
    var seriesLength = 30
    var silenced = [1, 4, 8]
    var randomSets = 5

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (dimension, iterations, learningRate, interval, sequences, seeds) = (64, 300, 1e-3, 20, 64, 1)
        (clampSeeds, clampIterations, moreClasses, moreLabels) = (1, 60, [100], [10])
        (toySteps, toyDraws, featureClasses) = (300, 5, [50])
        (series, seriesLength, silenced, randomSets) = (1, 12, [8], 1)
      case .full:
        (iterations, learningRate, interval, sequences, seeds) = (30_000, 5e-5, 100, 512, 10)
        (clampSeeds, clampIterations, clampInterval, toyDraws) = (5, 60_000, 20, 100)
        (series, randomSets, silenced) = (10, 20, [1, 2, 4, 8, 16])
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text("part", \.part, oneOf: Part.allCases.map(\.rawValue), "which part of the study is run"),
      .text(
        "features", \.features, oneOf: FewShotBench.Source.allCases.map(\.rawValue),
        "what exemplars are, without --data"),
      .integer("classes", \.classes, in: 2...100_000, "classes of training"),
      .integer("testClasses", \.testClasses, in: 2...100_000, "classes held out"),
      .integer("labels", \.labels, in: 3...64, "labels; a fifth of their pairs is held out"),
      .integer("dimension", \.dimension, in: 1...65_536, "numbers of a made exemplar"),
      .number("noise", \.noise, in: 0...100, "deviation of exemplars about their class, which has 1"),
      .integer("width", \.width, in: 2...4_096, "numbers of a token's vector"),
      .integer("heads", \.heads, in: 1...256, "heads of a block"),
      .integer("iterations", \.iterations, in: 1...10_000_000, "steps of training"),
      .integer("batch", \.batch, in: 1...4_096, "sequences of a step"),
      .number("learningRate", \.learningRate, in: 1e-7...1, "rate of Adam, constant"),
      .integer("interval", \.interval, in: 1...1_000_000, "steps from one measurement to the next"),
      .integer("sequences", \.sequences, in: 8...100_000, "sequences of a measurement"),
      .integer("seeds", \.seeds, in: 1...100, "claims 1 to 3: networks"),
      .integer("clampSeeds", \.clampSeeds, in: 1...100, "claims 4 and 5: networks of each kind"),
      .integer(
        "clampIterations", \.clampIterations, in: 1...10_000_000, "claims 4 and 5: steps at most"),
      .integer(
        "clampInterval", \.clampInterval, in: 1...1_000_000,
        "claims 4 and 5: steps from one measurement to the next"),
      .integer(
        "activeHead", \.activeHead, in: 0...255, "claims 4 and 5: the one head of the second block"),
      .integers("moreClasses", \.moreClasses, in: 2...100_000, "claim 5: further numbers of classes"),
      .integers("moreLabels", \.moreLabels, in: 3...64, "claim 5: further numbers of labels"),
      .integer("toyDimension", \.toyDimension, in: 1...10_000, "claim 6: numbers of each vector"),
      .integer("toySteps", \.toySteps, in: 1...1_000_000, "claim 6: steps of gradient descent"),
      .integer("toyDraws", \.toyDraws, in: 1...10_000, "claim 6: draws of target and start"),
      .integers(
        "featureClasses", \.featureClasses, in: 2...100_000,
        "new classes: numbers of classes trained on, of each kind of features"),
      .text("model", \.model, "claim 7: a GGUF file or a Hugging Face folder in SmolLM2's place"),
      .integer("series", \.series, in: 1...1_000, "claim 7: random series, each said twice"),
      .integer("seriesLength", \.seriesLength, in: 3...1_000, "claim 7: tokens of a series"),
      .integers(
        "silenced", \.silenced, in: 1...1_000, "claim 7: how many of the strongest heads are silenced"),
      .integer("randomSets", \.randomSets, in: 1...1_000, "claim 7: random sets of as many weak heads"),
    ]

    func runs(_ part: Part) -> Bool { self.part == part.rawValue || self.part == Part.all.rawValue }

    func shape(_ features: Int, labels: Int) -> AttentionOnlyConfiguration {
      AttentionOnlyConfiguration(dimension: features, labels: labels, width: width, heads: heads)
    }

    func training(_ iterations: Int, _ clamps: [AttentionClamp], every interval: Int) -> FewShotTraining {
      FewShotTraining(
        iterations: iterations, batch: batch, learningRate: learningRate, clamps: clamps, interval: interval)
    }
  }
}
