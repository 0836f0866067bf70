import StudyCore

extension FrequencyTaggingStudy {
  public struct Options: StudyOptions {
    public var model: String
    public var sentences: Int
    public var orders: Int
    public var groups: Int
    public var permutations: Int
    public var quantile: Double
    public var z: Double
    public var dropped: Int
    public var unitRate: Double
    public var silenced: Double
    public var randomSets: Int
    public var paragraphs: Int
    public var trials: Int
    public var channels: Int
    public var amplitude: Double
    public var modelTrials: Int

    public init(size: StudySize) {
      model = ""
      sentences = size == .quick ? 24 : 60
      orders = size == .quick ? 4 : size == .standard ? 20 : 100
      (groups, permutations) = (10, size == .quick ? 200 : 1_000)
      (quantile, z, dropped, unitRate) = (0.95, 2, 1, 4)
      (silenced, randomSets) = (0.01, size == .quick ? 2 : 5)
      (trials, paragraphs) = (30, size == .quick ? 4 : 12)
      channels = size == .quick ? 4 : size == .standard ? 20 : 60
      (amplitude, modelTrials) = (0.2, size == .quick ? 2 : size == .standard ? 8 : 30)
    }

    public static let fields: [OptionField<Self>] = [
      .text("model", \.model, "a GGUF file or a Hugging Face folder; SmolLM2-135M-Instruct if empty"),
      .integer(
        "sentences", \.sentences, in: 12...2_000, "sentences of the grammar; with --data those of the file"),
      .integer("orders", \.orders, in: 2...1_000, "random orders of the sentences, each a stream"),
      .integer(
        "groups", \.groups, in: 1...100, "groups of orders whose averages have their amplitudes taken"),
      .integer("permutations", \.permutations, in: 20...100_000, "random orders of each neuron's own series"),
      .number("quantile", \.quantile, in: 0.5...0.9999, "of the permuted amplitudes that must be exceeded"),
      .number("z", \.z, in: 0...10, "standard deviations above the mean from which a neuron is selected"),
      .integer("dropped", \.dropped, in: 0...10, "sentences at the beginning of a stream that do not count"),
      .number("unitRate", \.unitRate, in: 0.1...100, "words a second"),
      .number(
        "silenced", \.silenced, in: 1e-4...0.5,
        "share of all neurons that are silenced in the causal test, at most"),
      .integer("randomSets", \.randomSets, in: 2...100, "sets of random neurons beside them"),
      .integer("paragraphs", \.paragraphs, in: 1...12, "of plain English, on which their need is measured"),
      .integer("trials", \.trials, in: 4...1_000, "trials of a simulated cortical condition"),
      .integer("channels", \.channels, in: 2...1_000, "simulated channels of each of four regions"),
      .number(
        "amplitude", \.amplitude, in: 0.001...10,
        "of the rhythms in the channels, in standard deviations of their noise"),
      .integer(
        "modelTrials", \.modelTrials, in: 1...1_000,
        "streams of each condition that the model reads for the comparison"),
    ]
  }
}
