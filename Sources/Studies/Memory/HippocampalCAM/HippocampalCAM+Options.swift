import Neurons
import StudyCore

extension HippocampalCAM {
  /// Every knob of the study.
  public struct Options: StudyOptions {
    var parameters = ""
    var cues = [8, 20, 50]
    var bits = [12, 30, 60]
    var densities = [0.15, 0.3, 0.5]
    var networks = 20
    var fragmentBits = [1, 2, 3, 5]
    var overwrites = [0, 1, 3]
    var queries = 24
    var fragmentNetworks = 30
    var spacings = [5, 6, 7, 8, 9, 10, 12, 14, 20]
    var spacingCues = [10, 20, 50]
    var spacingNetworks = 20
    var loads = [10, 20, 50, 100, 200, 400]
    var loadBits = 60
    var loadNetworks = 4
    var later = [0, 10, 30, 100, 300, 1000]
    var forgettingNetworks = 20
    var ablationNetworks = 20
    var pictures = PictureSource.automatic.rawValue
    var pictureCount = 20
    var fragmentPixels = 8
    var texts = DocumentWords.defaultFolder
    var vocabulary = 400
    var afterLearning = ContentAddressableMemory.OperationSpacing.recommended.afterLearning
    var afterRecall = ContentAddressableMemory.OperationSpacing.recommended.afterRecall
    var overlap = ContentAddressableMemory.OverlapPolicy.refused.rawValue

    public init(size: StudySize) {
      switch size {
      case .quick:
        (cues, bits, densities, networks) = ([8, 20], [12, 30], [0.15, 0.5], 2)
        (fragmentBits, overwrites, fragmentNetworks) = ([1, 3], [0, 3], 4)
        (spacings, spacingCues, spacingNetworks) = ([5, 7, 10, 14], [10, 20], 3)
        (loads, loadNetworks) = ([10, 50, 100], 1)
        (later, forgettingNetworks, ablationNetworks) = ([0, 30, 100], 3, 3)
        vocabulary = 100
      case .standard: break
      case .full:
        (cues, bits, networks) = ([8, 20, 50, 200, 1000], [12, 30, 60, 200, 1000], 50)
        (fragmentBits, overwrites, fragmentNetworks) = ([1, 2, 3, 4, 5, 8], [0, 1, 3, 10], 200)
        (spacings, spacingCues, spacingNetworks) = (Array(4...20), [10, 20, 50, 100], 100)
        (loads, loadNetworks) = ([10, 20, 50, 100, 200, 400, 800, 1600], 8)
        (later, forgettingNetworks, ablationNetworks) = ([0, 10, 30, 100, 300, 1000, 3000, 10_000], 50, 100)
        (pictureCount, vocabulary) = (200, 3000)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "parameters", \.parameters, "a JSON file with constants of the network; the published ones if empty"),
      .integers("cues", \.cues, in: 2...5000, "sizes of random memories (claims 2, 3, 6): cues"),
      .integers("bits", \.bits, in: 4...5000, "bits of content, one number for each number of cues"),
      .numbers("densities", \.densities, in: 0.01...0.9, "shares of the bits that a content holds"),
      .integer("networks", \.networks, in: 1...10_000, "networks of each size and density"),
      .integers("fragmentBits", \.fragmentBits, in: 1...100, "bits given at once (claim 4)"),
      .integers(
        "overwrites", \.overwrites, in: 0...1000, "times that every cue is learnt again before (claim 4)"),
      .integer("queries", \.queries, in: 1...10_000, "fragments asked of each network (claim 4)"),
      .integer("fragmentNetworks", \.fragmentNetworks, in: 1...10_000, "networks of each setting (claim 4)"),
      .integers("spacings", \.spacings, in: 4...1000, "milliseconds between operations (claim 5)"),
      .integers("spacingCues", \.spacingCues, in: 4...2000, "cues of the memories (claim 5)"),
      .integer("spacingNetworks", \.spacingNetworks, in: 1...10_000, "networks at each spacing (claim 5)"),
      .integers("loads", \.loads, in: 2...5000, "memories stored, against other memories (claim 7)"),
      .integer("loadBits", \.loadBits, in: 8...5000, "bits of content (claim 7)"),
      .integer("loadNetworks", \.loadNetworks, in: 1...1000, "repetitions at each load (claim 7)"),
      .integers("later", \.later, in: 0...1_000_000, "operations on other memories before one is recalled"),
      .integer(
        "forgettingNetworks", \.forgettingNetworks, in: 1...10_000, "networks for each of these numbers"),
      .integer("ablationNetworks", \.ablationNetworks, in: 1...10_000, "networks of each ablation (claim 8)"),
      .text(
        "pictures", \.pictures, oneOf: PictureSource.allCases.map(\.rawValue),
        "pictures to store: automatic takes digits where they are"),
      .integer("pictureCount", \.pictureCount, in: 4...1000, "pictures stored"),
      .integer(
        "fragmentPixels", \.fragmentPixels, in: 1...64, "lit pixels of a fragment, given one after the other"),
      .text("texts", \.texts, "a folder of texts for the index of words"),
      .integer("vocabulary", \.vocabulary, in: 10...20_000, "words of the index, at most"),
      .integer(
        "afterLearning", \.afterLearning, in: 1...10_000,
        "own data: milliseconds from a learning to the next operation"),
      .integer(
        "afterRecall", \.afterRecall, in: 1...10_000,
        "own data: milliseconds from a recall to the next operation"),
      .text(
        "overlap", \.overlap, oneOf: ContentAddressableMemory.OverlapPolicy.allCases.map(\.rawValue),
        "own data: what is done about operations that come closer than documented"),
    ]
  }
}
