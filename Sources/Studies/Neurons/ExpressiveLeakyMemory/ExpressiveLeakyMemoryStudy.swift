import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

/// The Expressive Leaky Memory Neuron: an Efficient and Expressive Phenomenological Neuron Model Can Solve Long-Horizon Tasks (2023).
public struct ExpressiveLeakyMemoryStudy: Study {
  public init() {}

  public static let paper = Paper(
    slug: "expressive-leaky-memory",
    title:
      "The Expressive Leaky Memory Neuron: an Efficient and Expressive Phenomenological Neuron Model Can Solve Long-Horizon Tasks",
    authors: ["Aaron Spieler", "Nasim Rahaman", "Georg Martius", "Bernhard Schölkopf", "Anna Levina"],
    year: 2023,
    arXiv: "2306.16922",
    abstract:
      "One artificial neuron as a small recurrent cell: leaky synaptic traces, branches that sum them, and a bank of leaky memory units with time constants of their own, written by a small network. With some thousand parameters it answers to input spikes as a detailed model of a cortical cell does, and alone it solves tasks over long sequences. For neuroscientists with recorded or simulated pairs of input spikes and output voltage, and for anyone with long sequences of events."
  )

  public static let method = """
    Events leave exponentially decaying traces at synapses with weights that are not negative; branches sum the traces of neighbouring synapses. At \
    each step a network with one hidden layer sees the branches and the decayed memory and proposes how each of d memory units changes; units \
    decay with fixed time constants spread over the logarithm of a range. A linear readout of memory gives the logit of an output spike and the \
    scaled voltage of the soma. Everything is trained by backpropagation through time.

    Two teachers are fitted: the published surrogate of a layer-5 pyramidal cell (weights of 15 memory units) and a compartmental neuron with \
    AMPA, NMDA and GABA channels, each under input whose rates wander. Memory units are counted, networks of long short-term memory and causal \
    convolutions take the neuron's place behind the same synapses, and its parts are taken away. On long sequences it adds two spoken digits, \
    with long and with short time constants, and reads lists of operations, curves in pictures and permuted pictures beside an LSTM and a small \
    transformer with as many parameters.
    """

  public static let data = """
    Input and teachers are simulated; spoken digits by Debian's espeak-ng through an artificial cochlea (made once, then kept); Fashion-MNIST \
    (Debian's dataset-fashion-mnist). With --data a pickle of NeuronIO, or a folder of them, takes the teachers' place; a file of labelled spikes \
    (the HDF5 layout of the Spiking Heidelberg Digits, NPZ or CSV) takes the digits' place. The weights of the published network are the \
    authors' (MIT licence).
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let source = try Source(lab)
    if options.runs(.parity) { try ParityPart(options: options, lab: lab).run() }
    if options.runs(.units) || options.runs(.baselines) || options.runs(.ablations) {
      let bench = try FitBench(options, lab, source)
      if options.runs(.units) { try UnitPart(options: options, lab: lab, bench: bench).run() }
      if options.runs(.baselines) { try BaselinePart(options: options, lab: lab, bench: bench).run() }
      if options.runs(.ablations) { try AblationPart(options: options, lab: lab, bench: bench).run() }
    }
    if options.runs(.addition) { try AdditionPart(options: options, lab: lab, source: source).run() }
    if options.runs(.longrange) { try LongRangePart(options: options, lab: lab).run() }
  }

  /// What `--data` names.
  enum Source {
    case none
    case recordings(String)
    case digits(URL)

    init(_ lab: Lab) throws {
      guard let path = lab.dataPath else {
        self = .none
        return
      }
      let isDigits = ["h5", "hdf5", "hdf", "npz", "csv", "tsv"].contains(
        (path as NSString).pathExtension.lowercased())
      self = isDigits ? .digits(URL(fileURLWithPath: path)) : .recordings(path)
    }
  }

  /// The published network of 15 memory units that stands for a layer-5 pyramidal cell.
  static func publishedNeuron() throws -> ExpressiveLeakyMemory {
    var unused = RandomGenerator(seed: 0)
    let neuron = try ExpressiveLeakyMemory(.neuronIO(memoryUnits: 15), using: &unused)
    try neuron.load(json: Bundle.module.bundleURL.appendingPathComponent("neuronio-memory-15.json"))
    return neuron
  }
}
