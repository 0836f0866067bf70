import StudyCore

extension ConvergentLearning {
  public struct Options: StudyOptions {
    public var networks: Int
    public var trainImages: Int
    public var epochs: Int
    public var learningRate: Double
    public var batch: Int
    public var initialisation: String
    public var channels: [Int]
    public var denseUnits: Int
    public var probeImages: Int
    public var positions: Int
    public var penalties: [Double]
    public var groups: Int
    public var rotations: Int
    public var ablations: Bool
    public var crops: Int

    public init(size: StudySize) {
      networks = size == .quick ? 3 : size == .standard ? 4 : 6
      trainImages = size == .quick ? 2_000 : size == .standard ? 20_000 : 60_000
      epochs = size == .quick ? 3 : size == .standard ? 5 : 10
      (learningRate, batch, initialisation) = (0.05, 64, "uniform")
      (channels, denseUnits) = ([16, 32, 48], 64)
      probeImages = size == .quick ? 300 : size == .standard ? 2_000 : 10_000
      positions = 16
      penalties = [0, 1e-3, 3e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4]
      groups = 0
      rotations = 20
      ablations = true
      crops = size == .quick ? 0 : size == .standard ? 40 : 200
    }

    public static let fields: [OptionField<Self>] = [
      .integer("networks", \.networks, in: 2...20, "how many networks are trained; all pairs are compared"),
      .integer("trainImages", \.trainImages, in: 100...1_000_000, "training images"),
      .integer("epochs", \.epochs, in: 1...200, "passes over them"),
      .number("learningRate", \.learningRate, in: 1e-5...1, "of SGD with momentum 0.9"),
      .integer("batch", \.batch, in: 1...4_096, "images to a step"),
      .text(
        "initialisation", \.initialisation, oneOf: ["uniform", "normal"],
        "of weights: uniform within 1/√(inputs), or normal with variance 2/inputs"),
      .integers("channels", \.channels, in: 2...512, "channels of the three convolutions"),
      .integer("denseUnits", \.denseUnits, in: 2...4_096, "units of the dense layer"),
      .integer("probeImages", \.probeImages, in: 50...1_000_000, "test images on which activity is compared"),
      .integer(
        "positions", \.positions, in: 1...1_000, "places of an image that are sampled in convolutional layers"
      ),
      .numbers(
        "penalties", \.penalties, in: 0...1,
        "of the sparse regression, of (1/2S)|y - Xw|² + λ|w|; 0 and 0.05 are always among them"),
      .integer(
        "groups", \.groups, in: 0...500, "groups of spectral clustering; 0: by the largest gap of eigenvalues"
      ),
      .integer("rotations", \.rotations, in: 2...1_000, "random rotations beside the real units"),
      .integer(
        "crops", \.crops, in: 0...10_000,
        "of each photograph, on which two pretrained networks are compared; 0: they are not"),
      .flag(
        "ablations", \.ablations,
        "also train a network of the same start, one of the same order, and one of double width"),
    ]

    /// The penalties in ascending order, with those that claims need.
    var allPenalties: [Double] { Set(penalties + [0, SparsePart.claimPenalty]).sorted() }
  }
}
