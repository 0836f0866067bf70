import StudyCore

/// Recordings of worms from many laboratories brought to one form, and what can be asked of them then.
public struct WormRecordings: Study {
  public init() {}

  public static let paper = Paper(
    slug: "worm-recordings", title: "Homogenized C. elegans Neural Activity and Connectivity Data",
    authors: ["Quilee Simeon", "Anshul Kashyap", "Konrad P. Kording", "Edward S. Boyden"], year: 2024,
    arXiv: "2411.12091",
    abstract:
      "Calcium recordings of worms come from a dozen laboratories in as many forms. Brought to one form (names, order, rate, units, masks), together with wiring diagrams over the same neurons, they can be asked questions across animals and laboratories: what tells the next moment, what of behaviour is in the brain, and what wiring says about signals."
  )

  public static let method = """
    Every recording is brought to the same neurons in the same order: names are cleaned, ambiguous ones take the first free neuron of \
    their class, unknown ones stay outside. Gaps are drawn over; each neuron is z-scored; its derivative, smoothed versions and a common \
    rate follow. What must not change is compared with the original, and laboratories with each other before and after.

    On the corpus: how well the next sample is told by the last one, by linear rules of one and three, by maps between neurons, and by \
    networks trained on more and more other animals; how much of the worm's velocity is in its neurons. On the wiring of eleven \
    annotations and the signal propagation atlas: whether near neurons answer each other more, beside wirings in which every neuron keeps \
    its number of partners but not the partners; and how far annotations agree.
    """

  public static let data = """
    Wiring diagrams and the signal propagation atlas (fetched on first use, from two Python packages). With --data a folder of \
    recordings: HDF5 of the Flavell laboratory (labels.csv beside them names neurons: scripts/worm_labels.py), MATLAB of the Zimmer \
    laboratory, JSON of WormWideWeb, NWB, NPZ or CSV. Without it recordings are made: 60 worms of 12 laboratories.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    if options.runs(.structure) { try StructurePart(options: options, lab: lab).run() }
    guard options.part != Part.structure.rawValue else { return }
    let bench = try Bench(options, lab)
    try CorpusPart(bench: bench).run()
    if options.runs(.prediction) { try PredictionPart(bench: bench).run() }
    if options.runs(.animals) { try AnimalPart(bench: bench).run() }
    if options.runs(.behaviour) { try BehaviourPart(bench: bench).run() }
  }
}
