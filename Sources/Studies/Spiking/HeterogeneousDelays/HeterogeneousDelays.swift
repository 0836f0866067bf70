import StudyCore
import Support

/// Can one layer of neurons with many delays a synapse read motion from precise spike times? (Grimaldi and Perrinet, 2023)
public struct HeterogeneousDelays: Study {
  public static let paper = Paper(
    slug: "heterogeneous-delays",
    title: "Learning heterogeneous delays in a layer of spiking neurons for fast motion detection",
    authors: ["Antoine Grimaldi", "Laurent U. Perrinet"], year: 2023, arXiv: "2307.14077",
    abstract: """
      A neuron whose synapses have many delays fires when a particular pattern of spikes in space and time has come \
      together. A layer of them, one a motif at each place, is a logistic regression over a window of events, and \
      is trained as such. For event cameras, and for any recording of spikes with labelled motifs.
      """)

  public static let method = """
    Windows wander over natural images in one of several directions and speeds; changes of brightness become ON and \
    OFF events. A kernel over channels, delays, rows and columns gives the evidence for each motion at every moment and \
    place; softmax and cross entropy with the current motion train it. Measured: motion of unseen images \
    against classifiers without delays; pruning the weakest synapses against cutting the longest delays; the kernels' \
    polarity and slope; tuning to motion clouds; computation by event against convolution.
    """

  public static let data = """
    Photographs in tiles, whitened: 'photographs' and 'china-flower' of 'cajal data', split by photograph into training \
    and test. Where they are not here, and in quick runs, dead-leaves images made up. --data FOLDER takes \
    your own PNG and JPEG pictures.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    try options.validate()
    let bench = try MotionBench(options, lab)
    let figures = EventFigures(bench)
    try figures.snapshots()
    let trials = try bench.trials()
    try figures.responses(trials[0])
    try RecognitionPart(bench, trials).report()
    try KernelPart(bench, trials).report()
    try ReductionPart(bench, trials).report()
    try CloudPart(bench, trials).report()
    try EventDrivenPart(bench, trials[0]).report()
  }

  public static func verify(_ golden: inout GoldenFile) throws {
    try Reference(golden).compare(&golden)
  }
}
