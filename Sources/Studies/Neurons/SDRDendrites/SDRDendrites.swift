import Neurons
import StudyCore
import Support

/// How reliably segments with a few synapses recognise sparse patterns: exact theory, Monte-Carlo, real data.
public struct SDRDendrites: Study {
  public static let paper = Paper(
    slug: "sdr-dendrites",
    title:
      "How do neurons operate on sparse distributed representations? A mathematical theory of sparsity, neurons and active dendrites",
    authors: ["Subutai Ahmad", "Jeff Hawkins"], year: 2016, arXiv: "1601.00720",
    abstract:
      "A theory of dendritic segments that recognise sparse binary patterns from a small sample of their active cells: "
      + "exact rates of false alarms, of misses under noise and of confusions when patterns are mixed, and the spike "
      + "thresholds that follow. For anyone who designs or interprets sparse codes."
  )

  public static let method = """
    A segment stores s of the a active cells of a pattern over n cells and spikes when at least theta of them are \
    active. The overlap with a random pattern follows a hypergeometric law, and so does the number of synapses \
    lost to noise: both tails are computed exactly, down to 1e-40 and below, and checked with Monte-Carlo \
    trials on explicit random sets. Unions of patterns enlarge one of the two sets. A neuron has hundreds of \
    segments and fires when any of them does. Clustered patterns and real images, coded by k-winner random \
    projections, show what becomes of the rates when cells are not independent.
    """

  public static let data = """
    Random patterns are generated. Real ones are Fashion-MNIST images (Debian package dataset-fashion-mnist) coded \
    as 40 of 2048 cells. --data takes a folder of MNIST-format files, or a CSV file with a sample in each row and \
    a cell in each column, all entries 0 or 1, for which error rates, theory and useful thresholds are reported.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    // Bad data should be known before minutes of trials.
    let patterns = try RealPatterns.load(options, lab)
    try ThresholdPart(options, lab).run()
    try FormulaPart(options, lab).run()
    try NoisePart(options, lab).run()
    try UnionPart(options, lab).run()
    try CorrelationPart(options, lab).run()
    try RealDataPart(options, lab, patterns).run()
    try SequencePart(options, lab).run()
    try CompetitionPart(options, lab).run()
  }
}
