import Decomposition
import StudyCore
import Support

extension DynamicConnectome {
  public struct Options: StudyOptions {
    /// Which part runs.
    public var part = "all"
    public var seeds: Int
    public var graphs: Int
    public var restarts: Int
    public var blockRestarts: Int
    public var spectralGroups: Int
    public var scanRank: Int
    public var scanRestarts: Int
    public var ablationSeeds: Int

    public var neurons = 40
    public var animals = 12
    public var motifs = 4
    public var duration = 240.0
    public var samplingRate = 4.0
    public var dropped = 0.2

    public var affinity = DifferentialAffinity.Kind.geometric.rawValue
    public var smoothing = 0.75
    public var bin = 1.0
    public var lagTolerance = 0
    public var removesGlobalSignal = false
    public var extraComponents = 1
    public var sweeps = 500
    public var thresholds = [0.02, 0.05, 0.1, 0.2]

    public var blockWeights = WeightedSBM.Weights.exponential.rawValue

    public var event = "reversal"
    public var rank = 0
    public var leastAnimals = 4
    public var confidence = 3.0
    public var before = 10.0
    public var after = 20.0
    public var permutations: Int

    public init(size: StudySize) {
      switch size {
      case .quick:
        (seeds, graphs, restarts, blockRestarts, spectralGroups) = (3, 2, 2, 1, 4)
        (scanRank, scanRestarts, ablationSeeds, permutations) = (5, 2, 1, 999)
        (animals, duration) = (10, 180)
      case .standard:
        (seeds, graphs, restarts, blockRestarts, spectralGroups) = (10, 10, 10, 5, 15)
        (scanRank, scanRestarts, ablationSeeds, permutations) = (10, 5, 3, 9_999)
      case .full:
        (seeds, graphs, restarts, blockRestarts, spectralGroups) = (20, 10, 20, 10, 15)
        (scanRank, scanRestarts, ablationSeeds, permutations) = (12, 10, 10, 99_999)
      }
    }

    public static let fields: [OptionField<Options>] =
      setting + simulation + method + recordings

    private static let setting: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: ["all", "communities", "motifs", "recordings"],
        "which part runs: communities (claims 1, 2), motifs (3 to 6), recordings (7 to 9)"),
      .integer("seeds", \.seeds, in: 1...200, "simulated populations"),
      .integer("graphs", \.graphs, in: 1...200, "benchmark graphs of each condition and kind"),
      .integer("ablationSeeds", \.ablationSeeds, in: 1...200, "simulated populations of the ablation"),
    ]

    private static let simulation: [OptionField<Options>] = [
      .integer("neurons", \.neurons, in: 20...300, "neurons of a simulated worm"),
      .integer("animals", \.animals, in: 4...100, "simulated worms"),
      .integer("motifs", \.motifs, in: 2...12, "planted motifs"),
      .number("duration", \.duration, in: 120...3_600, "seconds of a simulated recording"),
      .number("samplingRate", \.samplingRate, in: 1...50, "samples a second of a simulated recording"),
      .number("dropped", \.dropped, in: 0...0.6, "share of neurons that is not found in an animal"),
    ]

    private static let method: [OptionField<Options>] = [
      .text(
        "affinity", \.affinity, oneOf: DifferentialAffinity.Kind.allCases.map(\.rawValue),
        "how two changes make an affinity"),
      .number(
        "smoothing", \.smoothing, in: 0...10,
        "standard deviation of the smoothing before the derivative, seconds"),
      .number("bin", \.bin, in: 0.1...60, "seconds over which affinities are averaged"),
      .integer("lagTolerance", \.lagTolerance, in: 0...20, "samples by which two neurons may be apart"),
      .flag("removesGlobalSignal", \.removesGlobalSignal, "whether the mean trace is regressed out first"),
      .integer("restarts", \.restarts, in: 2...200, "random starts of a decomposition"),
      .integer("sweeps", \.sweeps, in: 1...10_000, "most sweeps of a decomposition"),
      .integer("extraComponents", \.extraComponents, in: 0...10, "components beyond the planted motifs"),
      .integer("scanRank", \.scanRank, in: 2...30, "largest rank of the scan"),
      .integer("scanRestarts", \.scanRestarts, in: 2...100, "random starts of each rank of the scan"),
      .integer(
        "blockRestarts", \.blockRestarts, in: 0...100, "random starts of a block model, beside the others"),
      .integer(
        "spectralGroups", \.spectralGroups, in: 1...100, "most groups of the spectral starts of a block model"
      ),
      .text(
        "blockWeights", \.blockWeights, oneOf: WeightedSBM.Weights.allCases.map(\.rawValue),
        "how weights are distributed within a pair of groups of a motif's graph"),
      .numbers(
        "thresholds", \.thresholds, in: 0...0.9,
        "shares of the largest affinity below which edges are left out"),
    ]

    private static let recordings: [OptionField<Options>] = [
      .text("event", \.event, "the epochs whose starts are the events"),
      .integer("rank", \.rank, in: 0...50, "components for recordings; 0 for the choice of the rank scan"),
      .integer(
        "leastAnimals", \.leastAnimals, in: 1...100,
        "animals in which a neuron must be found; all where there are fewer"),
      .number("confidence", \.confidence, in: 0...5, "least confidence of a neuron's name"),
      .number("before", \.before, in: 0...120, "seconds before an event"),
      .number("after", \.after, in: 1...300, "seconds after an event"),
      .integer("permutations", \.permutations, in: 99...1_000_000, "permutations of the neurons' names"),
    ]

    /// How affinities are made.
    var differentialAffinity: DifferentialAffinity { differentialAffinity(.init(rawValue: affinity)!) }

    func differentialAffinity(
      _ kind: DifferentialAffinity.Kind, lag: Int? = nil, samplingRate: Double? = nil
    ) -> DifferentialAffinity {
      DifferentialAffinity(
        samplingRate: samplingRate ?? self.samplingRate, smoothing: smoothing, kind: kind,
        lagTolerance: lag ?? lagTolerance, removesGlobalSignal: removesGlobalSignal)
    }

    var simulator: WormSimulator {
      var simulator = WormSimulator()
      simulator.neurons = neurons
      simulator.animals = animals
      simulator.motifs = motifs
      simulator.duration = duration
      simulator.samplingRate = samplingRate
      simulator.dropped = dropped
      return simulator
    }

    var blockModel: WeightedSBM {
      WeightedSBM(
        weights: .init(rawValue: blockWeights)!, restarts: blockRestarts, spectralGroups: spectralGroups)
    }

    func decomposition(rank: Int, restarts: Int? = nil) -> NonNegativeCP {
      NonNegativeCP(rank: rank, restarts: restarts ?? self.restarts, sweeps: sweeps)
    }
  }
}
