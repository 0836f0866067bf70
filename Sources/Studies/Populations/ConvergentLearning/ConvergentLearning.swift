import Datasets
import StudyCore
import Support

/// Convergent Learning: Do different neural networks learn the same representations? (Li, Yosinski, Clune, Lipson and
/// Hopcroft, 2016).
public struct ConvergentLearning: Study {
  public init() {}

  public static let paper = Paper(
    slug: "convergent-learning",
    title: "Convergent Learning: Do different neural networks learn the same representations?",
    authors: ["Yixuan Li", "Jason Yosinski", "Jeff Clune", "Hod Lipson", "John Hopcroft"], year: 2016,
    arXiv: "1511.07543",
    abstract:
      "Two networks trained on the same data from different random starts: which units of one have a twin in the other, which are a mix of few, and which groups span the same space in another basis? For anyone who trains a model twice (another seed, another order of data, a pruned or fine-tuned copy) and asks whether it learnt the same features."
  )

  public static let method = """
    Networks of one shape are trained on the same images from different starts and in different orders. The activity of every \
    channel at sampled places of held-out images is correlated within and between networks, in a stream that keeps no more than \
    the matrices. Each unit is matched with its most similar one and, one to one, by the best assignment; predicted from few units \
    of the other network by sparse regression; and grouped with units of both networks by spectral clustering of the joint \
    correlations, where canonical correlations tell whether two groups span one space.

    Beside every number stand untrained networks, shuffled samples, and the same activity seen along randomly rotated axes.
    """

  public static let data = """
    Fashion-MNIST (Debian's dataset-fashion-mnist), or with --data a folder in the format of MNIST or CIFAR. Two networks that \
    others trained (MobileNetV2, EfficientNet-Lite0) are compared on photographs where 'cajal data fetch' brought them. Two files of \
    activity of your own are compared by 'cajal compare'.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try TwinBench(options: options, lab: lab)
    let twins = try bench.train()
    let layers = try LayerComparisons(bench: bench, twins: twins)
    try MatchingPart(layers: layers, lab: lab).run()
    try SparsePart(layers: layers, options: options, lab: lab).run()
    try GroupPart(layers: layers, options: options, lab: lab).run()
    try MatchingAblation(bench: bench, layers: layers, lab: lab).run()
    try PretrainedPart(options: options, lab: lab).run()
  }
}
