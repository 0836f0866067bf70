import Datasets
import Neurons
import StudyCore
import Support
import Tensors

/// Learning Delays in Spiking Neural Networks using Dilated Convolutions with Learnable Spacings (2023).
public struct LearnedDelays: Study {
  public init() {}

  public static let paper = Paper(
    slug: "learned-delays",
    title: "Learning Delays in Spiking Neural Networks using Dilated Convolutions with Learnable Spacings",
    authors: ["Ilyass Hammouamri", "Ismail Khalfaoui-Hassani", "Timothée Masquelier"], year: 2023,
    arXiv: "2306.17670",
    abstract:
      "Every synapse has a weight and a transmission delay, and both are learned by backpropagation. A delay is a position in a kernel over time, blurred by a Gaussian that shrinks while the network learns, until each synapse has one whole delay. For anyone with labelled spike trains: spoken words, event cameras, electrode arrays."
  )

  public static let method = """
    A layer of delayed synapses is a convolution over time whose kernel has one tap for each pair of neurons; the tap's \
    position is the delay. A normalised Gaussian around the position makes it differentiable. Its width shrinks from half the \
    longest delay to almost one step in the first quarter of training; in the end positions are rounded, so that hardware \
    with delay lines can run the network. Hidden layers are batch-normalised leaky integrate-and-fire neurons, the readout \
    integrates; a class is scored by its softmax summed over time.

    Networks without delays, with fixed random delays and with learned ones are compared at equal numbers of trained \
    parameters, on motifs whose class lies in relative timing only, on motifs whose class lies in counts only (where delays \
    must not help), and on spoken digits in German and English heard by an artificial cochlea. Kernels that shrink are \
    compared with kernels that are narrow from the start. A machine of queues and events repeats the rounded network spike \
    for spike.
    """

  public static let data = """
    Motifs made by the study; spoken digits by Debian's espeak-ng through an artificial cochlea (made once, then kept). With \
    --data a file of labelled spikes takes the digits' place: the HDF5 layout of the Spiking Heidelberg Digits, NPZ or CSV.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    if options.runs(.motifs) { try MotifPart(options: options, lab: lab).run() }
    if options.runs(.exactness) { try ExactnessPart(options: options, lab: lab).run() }
    if options.runs(.control) { try ControlPart(options: options, lab: lab).run() }
    if options.runs(.width) { try WidthPart(options: options, lab: lab).run() }
    if options.runs(.speech) { try SpeechPart(options: options, lab: lab).run() }
  }
}
