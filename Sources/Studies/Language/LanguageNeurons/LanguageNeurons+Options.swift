import Datasets
import Probing
import StudyCore

extension LanguageNeurons {
  public struct Options: StudyOptions {
    /// Which testbed: "both", "real" or "small".
    public var part: String
    /// Where the texts come from, unless the user gives some.
    public var texts: String
    public var languages: Int
    public var site: String
    public var threshold: Double
    public var topRate: Double
    public var bar: Double
    /// A lambda, or below 0 for the sweep.
    public var lambda: Double
    public var sweepEnd: Double
    public var ignoresUpperEnd: Bool
    /// Further lambdas at which the whole matrix is measured.
    public var otherLambdas: [Double]
    public var passageTokens: Int
    public var identificationTokens: Int
    public var evaluationTokens: Int
    public var controls: Int
    public var seeds: Int
    public var blocks: Int
    public var width: Int
    public var neurons: Int
    public var steps: Int
    public var alignmentSteps: Int
    public var rows: Int
    public var smallTopRate: Double

    public init(size: StudySize) {
      (part, texts) = ("both", "own")
      languages = size == .quick ? 4 : 6
      (site, threshold) = ("gate", 0)
      (topRate, bar, lambda) = (0.01, 0.95, -1)
      (sweepEnd, ignoresUpperEnd) = (2, false)
      otherLambdas = size == .quick ? [0] : [0.4]
      passageTokens = size == .quick ? 24 : size == .standard ? 128 : 256
      identificationTokens = size == .quick ? 200 : size == .standard ? 2_000 : 20_000
      evaluationTokens = size == .quick ? 46 : size == .standard ? 500 : 5_000
      controls = size == .quick ? 1 : size == .standard ? 2 : 5
      seeds = size == .quick ? 1 : size == .standard ? 4 : 8
      (blocks, width, neurons) = size == .quick ? (3, 48, 96) : (6, 96, 256)
      steps = size == .quick ? 60 : size == .standard ? 1_000 : 8_000
      alignmentSteps = size == .quick ? 20 : size == .standard ? 150 : 1_000
      rows = size == .quick ? 4 : 8
      smallTopRate = 0.05
    }

    public static let fields: [OptionField<Self>] = [
      .text(
        "part", \.part, oneOf: ["both", "real", "small"], "the testbed: SmolLM2, models trained here, or both"
      ),
      .text(
        "texts", \.texts, oneOf: ["own"] + TranslatedBook.allCases.map(\.rawValue),
        "the texts: Cajal's own, or a book of Debian's whose packages are installed; --data takes others"),
      .integer("languages", \.languages, in: 2...6, "how many of en, fr, de, es, it, pt"),
      .text(
        "site", \.site, oneOf: ["gate", "inner"], "where activity is seen: silu of the gate, or times up"),
      .number("threshold", \.threshold, in: -100...100, "a neuron is active above this"),
      .number("topRate", \.topRate, in: 1e-4...1, "share of the neurons of SmolLM2 that is selected"),
      .number("bar", \.bar, in: 0...0.9999, "share of all probabilities below the threshold of a language"),
      .number("lambda", \.lambda, in: -1...100, "weight of strong activity; -1: swept"),
      .number("sweepEnd", \.sweepEnd, in: 0.01...100, "upper end of the sweep of lambda"),
      .flag(
        "ignoresUpperEnd", \.ignoresUpperEnd, "sweep as the paper's program does, blind to the upper end"),
      .numbers("otherLambdas", \.otherLambdas, in: 0...100, "lambdas at which the matrix is measured too"),
      .integer("passageTokens", \.passageTokens, in: 8...2_048, "longest passage, tokens"),
      .integer(
        "identificationTokens", \.identificationTokens, in: 50...10_000_000,
        "tokens a language to find neurons with, at most"),
      .integer(
        "evaluationTokens", \.evaluationTokens, in: 16...10_000_000,
        "tokens a language to measure damage with, about"),
      .integer("controls", \.controls, in: 1...100, "random sets a language"),
      .integer("seeds", \.seeds, in: 1...100, "small models trained"),
      .integer("blocks", \.blocks, in: 1...48, "blocks of a small model"),
      .integer("width", \.width, in: 16...1_024, "width of a small model's stream, a multiple of 8"),
      .integer("neurons", \.neurons, in: 16...8_192, "neurons of a small model's block"),
      .integer("steps", \.steps, in: 1...1_000_000, "steps of training"),
      .integer("alignmentSteps", \.alignmentSteps, in: 1...1_000_000, "steps of alignment"),
      .integer("rows", \.rows, in: 1...1_024, "rows of 128 bytes a step"),
      .number(
        "smallTopRate", \.smallTopRate, in: 1e-3...1, "share of the neurons of a small model that is selected"
      ),
    ]

    /// Where neurons are counted.
    var countedSite: String { site == "gate" ? "mlp.gate" : "mlp" }
    /// Where they are silenced.
    var silencedSite: String { site == "gate" ? "mlp.gate.active" : "mlp" }

    func rule(topRate: Double) -> LabelSelectivity { LabelSelectivity(topRate: topRate, bar: bar) }
  }
}
