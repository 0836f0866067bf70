import Decomposition
import StudyCore
import Support

/// Which groups of neurons interact, when, and in which animals? (Dyballa et al., 2024)
public struct DynamicConnectome: Study {
  public static let paper = Paper(
    slug: "dynamic-connectome",
    title: "Learning dynamic representations of the functional connectome in neurobiological networks",
    authors: [
      "Luciano Dyballa", "Samuel Lang", "Alexandra Haslund-Gourley", "Eviatar Yemini", "Steven W. Zucker",
    ],
    year: 2024, arXiv: "2402.14102",
    abstract: """
      Brain-wide recordings of many animals with named neurons become an atlas: groups of neurons that change together, \
      when they do, and in which animals. Affinities of simultaneous change are factorised into motifs, and each motif's graph is \
      partitioned by a stochastic block model. For anyone with traces of the same neurons in several animals.
      """)

  public static let method = """
    The derivatives of smoothed traces, scaled to unit size, give an affinity for every pair of neurons at every moment: the \
    geometric mean of changes in the same direction. Time x animal x pair, pairs of absent neurons missing, is decomposed into non-negative \
    components by hierarchical alternating least squares. Each component's pairs form a weighted graph, partitioned by the nested \
    weighted block model of the shortest description. Measured: block models against modularity, surprise, spectral clustering and \
    matrix factorisation on benchmark graphs; motifs planted in simulated worms against static correlation and sliding windows; \
    silencing of neurons that a motif ranks high; ablations of every stage.
    """

  public static let data = """
    Simulated worms and benchmark graphs, made up in the run; the signal-propagation atlas of Randi et al. (2023), 'worm-atlas' of \
    'cajal data'. --data FOLDER takes recordings of two worms or more with named neurons and epochs of an event (reversals \
    unless set otherwise): NWB, or HDF5 of the Flavell laboratory with a table 'labels.csv' (recording, column, name, confidence).
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    let all = options.part == "all"
    if all || options.part == "motifs" {
      let trials = try MotifTrials(options, lab)
      try MotifPart(options, lab, trials).report()
      try BurstPart(options, lab).report()
      try SilencingPart(options, lab, trials).report()
      try AblationPart(options, lab).report()
    }
    if all || options.part == "communities" {
      try BenchmarkPart(options, lab).report()
      try ModelChoicePart(options, lab).report()
    }
    if all || options.part == "recordings" { try RecordingsPart(options, lab).report() }
  }

  public static func verify(_ golden: inout GoldenFile) throws {
    try ConnectomeReference(&golden).compare(&golden)
  }
}
