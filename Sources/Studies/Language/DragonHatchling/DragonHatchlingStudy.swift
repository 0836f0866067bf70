import StudyCore
import Support

/// Whether a network of neurons with positive, sparse activity and Hebbian synapses learns language as well as a transformer.
public struct DragonHatchlingStudy: Study {
  public static let paper = Paper(
    slug: "dragon-hatchling",
    title: "The Dragon Hatchling: The Missing Link between the Transformer and Models of the Brain",
    authors: [
      "Adrian Kosowski", "Przemysław Uznański", "Jan Chorowski", "Zuzanna Stamirowska",
      "Michał Bartoszkiewicz",
    ], year: 2025, arXiv: "2509.26507",
    abstract:
      "A language model is written as neurons that exchange positive, sparse activity; its working memory is a matrix of synapses "
      + "that grows where presynaptic meets postsynaptic activity, and is read by linear attention. A low-rank form trains like a "
      + "transformer. For whoever wants a sequence model of constant memory whose neurons and synapses can be looked into."
  )

  public static let method = """
    Every layer makes positive activity x of the stream (n neurons, many more than the d numbers of the stream), turns it by rotary \
    angles, reads with it what earlier positions wrote (linear attention, no softmax, the own position left out), makes a \
    positive response of what was read, and gates it by x: the product y is sparse. All layers share three matrices. The same model \
    runs token by token with a state of L n d numbers. It is trained on bytes of text beside a GPT of as many parameters on \
    the same batches. Then its activity is counted, by position and in strings whose words repeat; the graph of neurons that decoder \
    and encoder make is cut to its strongest edges and its modularity compared with random and Gaussian graphs; single synapses \
    are read at the ends of sentences and tested for concepts; and two clones, trained on different texts, are merged by putting \
    their neurons side by side.
    """

  public static let data = """
    The King James Bible (Debian's bible-kjv), 4.1 MB of bytes, every tenth stretch of 8 kB held out; Debian's fortunes and licences \
    for merging; strings of random repeated words, made here. --data takes a text file of your own (UTF-8, a sentence or paragraph \
    a line); --set words= chooses the concept that synapses are tested for.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    try options.check()
    let bench = try HatchlingBench(options, lab)
    try bench.train(.text)
    if options.runs(.loss) { try LossPart(bench).run() }
    if options.runs(.sparsity) { try SparsityPart(bench).run() }
    if options.runs(.recurrent) { try RecurrentPart(bench).run() }
    if options.runs(.graph) { try InteractionPart(bench).run() }
    if options.runs(.synapses) { try SynapsePart(bench).run() }
    if options.runs(.merging) { try MergingPart(bench).run() }
    try bench.train(.strings)
    if options.runs(.surprise) { try SurprisePart(bench).run() }
    try bench.train(.ablations)
    if options.runs(.ablations) { try HatchlingAblations(bench).run() }
    if options.writes > 0, options.runs(.loss) { try bench.write() }
  }
}
