import StudyCore

extension ProjectionDecoding {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, speed, map, clamps, generation, agreement
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var normAware = false
    /// Claims 1 and 4.
    var neuronsPerBlock = 256
    var threshold = 6.0
    /// Claims 2 and 3.
    var concepts = 30
    var clamp = 30.0
    var values = [-60.0, -30, -10, 10, 30, 60]
    var chat = true
    /// Generation.
    var generatedTokens = 24
    /// Claim 5.
    var tuningSteps = 24
    var tuningRates = [1e-5, 1e-4, 1e-3]
    var agreementNeurons = 96
    var smallSteps = 300
    /// Claim 6.
    var mapTokens = 1000

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (neuronsPerBlock, concepts, chat, values) = (12, 5, false, [-30, 30])
        (generatedTokens, tuningSteps, agreementNeurons, smallSteps) = (0, 0, 4, 0)
        mapTokens = 100
      case .full:
        (neuronsPerBlock, agreementNeurons) = (1 << 20, 1 << 20)
        (tuningSteps, smallSteps, generatedTokens) = (300, 2000, 48)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: map (claims 1, 4), clamps (2, 3), generation, agreement (5), speed (6)"),
      .flag("normAware", \.normAware, "weights are multiplied with those of the norm that they act behind"),
      .integer(
        "neuronsPerBlock", \.neuronsPerBlock, in: 1...1 << 20,
        "claims 1, 4: neurons of each block that are read"),
      .number("threshold", \.threshold, in: 0...100, "claim 1: z score from which on a token stands out"),
      .integer("concepts", \.concepts, in: 1...10_000, "nouns, from the start of the list"),
      .number("clamp", \.clamp, in: 0.01...10_000, "claims 2, 3: the value that is clamped to, either sign"),
      .numbers("values", \.values, in: -10_000...10_000, "values of the clamp curves"),
      .flag("chat", \.chat, "a chat is one of the prompts"),
      .integer("generatedTokens", \.generatedTokens, in: 0...1000, "tokens of a steered answer; 0 for none"),
      .integer("tuningSteps", \.tuningSteps, in: 0...100_000, "claim 5: steps of tuning; 0 for none"),
      .numbers("tuningRates", \.tuningRates, in: 1e-8...1, "claim 5: learning rates, the lightest first"),
      .integer(
        "agreementNeurons", \.agreementNeurons, in: 1...1 << 20,
        "claim 5: neurons of each block that are compared"),
      .integer(
        "smallSteps", \.smallSteps, in: 0...100_000, "claim 5: training steps of the small models; 0 for none"
      ),
      .integer("mapTokens", \.mapTokens, in: 1...49_152, "claim 6: tokens of the z score map"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }
  }
}
