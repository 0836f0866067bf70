import Circuits
import StudyCore
import Support

/// Can one gain for each neuron explain how cortex adapts, synapses staying as they are? (Duong, Bredenberg, Heeger and Simoncelli, 2023)
public struct AdaptiveGainControl: Study {
  public init() {}

  public static let paper = Paper(
    slug: "adaptive-gain-control",
    title: "Adaptive coding efficiency in recurrent cortical circuits via gain control",
    authors: ["Lyndon R. Duong", "Colin Bredenberg", "David J. Heeger", "Eero P. Simoncelli"], year: 2023,
    arXiv: "2305.19869",
    abstract: """
      A recurrent network of visual cortex whose synapses stay; one gain for each neuron follows the statistics of stimuli, to keep the \
      stimulus readable from little activity. Does that alone give what is seen after adaptation: lower responses near the adapter, \
      tuning curves that move away from it, equal means? Takes your own tuning, weights and stimulus statistics.
      """)

  public static let method = """
    Rates settle at r = f(s) + W (g ∘ r): orientation-tuned drive f, fixed synapses W, one gain g a neuron. Gains minimise the error of \
    reading f by a fixed decoder, plus a price of activity, plus a pull to 1, on average over the stimuli of a context; in one go \
    by a bounded quasi-Newton search with exact gradients, in closed form for small prices, and online, stimulus by stimulus. \
    Populations adapted to a uniform and to a biased context are compared under the biased one.

    Ablations: no recurrence, gains on the whole output, broad inhibition, fixed gains, neurons that normalise themselves, synapses that \
    adapt instead of gains. Networks of other sizes and with random tuning and weights show what hangs on symmetry.
    """

  public static let data = """
    Made stimuli after Benucci, Saleem and Carandini (2013), whose recordings are in no package. Photographs ('cajal data fetch \
    photographs china-flower') for the natural statistics of orientations, or with --data a folder of pictures of your own. \
    Fashion-MNIST (Debian's dataset-fashion-mnist) for contexts of classes. --data \
    with a CSV file (columns preferred, stimulus, context, response, and probability where known) fits the model to measured tuning curves.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try GainBench(options, lab)
    try SignsPart(bench).report()
    try RecurrencePart(bench).report()
    try ContextPart(bench).report()
    try TradeOffPart(bench).report()
    try OnlinePart(bench).report()
    try NaturalPart(bench).report()
    try ClassPart(bench).report()
    try TuningPart(bench).report()
    try VarietyPart(bench).report()
  }
}
