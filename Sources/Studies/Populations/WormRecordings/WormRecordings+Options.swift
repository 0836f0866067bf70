import StudyCore

extension WormRecordings {
  /// The parts of the study that can be run alone; the corpus always is, except for structure.
  enum Part: String, CaseIterable { case all, corpus, structure, prediction, animals, behaviour }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    /// Made worms.
    var laboratories = 12
    var worms = 5
    var longest = 900.0
    /// The common form.
    var step = 0.333
    var sigma = 3.0
    var leastConfidence = 3.0
    /// Structure.
    var rewirings = 200
    /// Prediction.
    var rank = 10
    var testShare = 0.3
    var epochs = 30
    var hidden = 64
    var animalCounts = [1, 3, 6]
    var heldOut = 7
    /// Behaviour.
    var alpha = 300.0

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (laboratories, worms, longest) = (4, 2, 320)
        (rewirings, epochs, hidden, animalCounts, heldOut) = (20, 4, 16, [1, 3], 2)
      case .full:
        (longest, rewirings, epochs, hidden) = (1_500, 1_000, 60, 128)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "what is run: the corpus (claims 1, 2), structure (5, 6), prediction (3), animals (4), behaviour (7)"),
      .integer("laboratories", \.laboratories, in: 1...100, "made laboratories, where there are no recordings"),
      .integer("worms", \.worms, in: 1...100, "made worms of each"),
      .number("longest", \.longest, in: 310...100_000, "the longest made recording in seconds"),
      .number("step", \.step, in: 0.01...100, "seconds between samples of the common grid"),
      .number("sigma", \.sigma, in: 0.1...100, "of the smoothing, in samples"),
      .number("leastConfidence", \.leastConfidence, in: 0...100, "names less sure are not believed"),
      .integer("rewirings", \.rewirings, in: 10...100_000, "claim 5: wirings with other partners"),
      .integer("rank", \.rank, in: 1...300, "claim 3: of the map between neurons"),
      .number("testShare", \.testShare, in: 0.05...0.9, "claims 3, 7: the share at the end that is told"),
      .integer("epochs", \.epochs, in: 1...10_000, "claim 4: of the training of networks"),
      .integer("hidden", \.hidden, in: 4...4_096, "claim 4: units of the networks"),
      .integers("animalCounts", \.animalCounts, in: 1...1_000, "claim 4: how many worms a network learns from"),
      .integer("heldOut", \.heldOut, in: 1...1_000, "claim 4: worms that are told in turn"),
      .number("alpha", \.alpha, in: 0...1e9, "claim 7: the price of large weights"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }
  }
}
