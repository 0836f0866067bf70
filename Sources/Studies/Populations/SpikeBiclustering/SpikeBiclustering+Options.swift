import StudyCore
import Support

extension SpikeBiclustering {
  public struct Options: StudyOptions {
    public var part = "all"
    public var seeds: Int
    public var bins: Int
    public var neuronsPerGroup = 10
    public var sweeps: Int
    public var burnIn = 0.4
    public var startGroups = 6
    public var states = 10
    public var dispersion = 10.0
    public var lowDispersion = 3.0
    public var weakOffset = 0.2
    public var heldOut = 0.1
    public var simulations: Int
    public var binWidth = 0.5
    public var recordingBins: Int
    public var recordingSweeps: Int
    public var recordingChains: Int
    public var recordingGroups = 12
    public var chains = ""

    public init(size: StudySize) {
      (seeds, bins, sweeps) =
        size == .quick ? (1, 300, 140) : size == .standard ? (5, 500, 500) : (5, 500, 10_000)
      simulations = size == .quick ? 60 : size == .standard ? 200 : 1_000
      recordingBins = size == .quick ? 300 : 100_000
      recordingSweeps = size == .quick ? 80 : size == .standard ? 400 : 10_000
      recordingChains = size == .full ? 4 : size == .standard ? 2 : 1
    }

    public static let fields: [OptionField<Options>] = [
      .text("part", \.part, oneOf: parts, "what is run"),
      .integer("seeds", \.seeds, in: 1...50, "simulated populations"),
      .integer("bins", \.bins, in: 60...20_000, "bins of a simulated population"),
      .integer("neuronsPerGroup", \.neuronsPerGroup, in: 2...200, "neurons in each of its three groups"),
      .integer("sweeps", \.sweeps, in: 20...1_000_000, "sweeps of each chain on simulated counts"),
      .number("burnIn", \.burnIn, in: 0.1...0.9, "share of the sweeps that are not kept"),
      .integer("startGroups", \.startGroups, in: 1...100, "groups that chains start from (k-means)"),
      .integer("states", \.states, in: 2...50, "the most states there can be"),
      .number("dispersion", \.dispersion, in: 0.1...1_000, "planted dispersion r of the counts"),
      .number(
        "lowDispersion", \.lowDispersion, in: 0.1...1_000,
        "planted dispersion where Poisson counts are compared too"),
      .number(
        "weakOffset", \.weakOffset, in: 0...1,
        "what common offsets are multiplied by in the harder populations"),
      .number("heldOut", \.heldOut, in: 0.01...0.5, "share of entries hidden from the models and predicted"),
      .integer(
        "simulations", \.simulations, in: 20...100_000, "small populations for the calibration of r and d"),
      .number("binWidth", \.binWidth, in: 0.001...1_000, "bin of the recording in seconds"),
      .integer(
        "recordingBins", \.recordingBins, in: 60...10_000_000,
        "the most bins of the recording, from its start"),
      .integer(
        "recordingSweeps", \.recordingSweeps, in: 20...1_000_000, "sweeps of each chain on the recording"),
      .integer("recordingChains", \.recordingChains, in: 1...64, "chains of the full model on the recording"),
      .integer(
        "recordingGroups", \.recordingGroups, in: 1...200, "the most groups of the recording's neurons"),
      .text(
        "chains", \.chains,
        "a folder that keeps the recording's chains; an interrupted run goes on from there"),
    ]

    static let parts = ["all", "simulation", "states", "starts", "calibration", "recording"]

    func includes(_ name: String) -> Bool { part == "all" || part == name }

    var burnInSweeps: Int { max(1, Int(burnIn * Double(sweeps))) }
  }
}
