import StudyCore
import Support

/// How the circuit of an induction head forms, with parts of it held perfect while the rest learns.
public struct InductionHeads: Study {
  public static let paper = Paper(
    slug: "induction-heads",
    title:
      "What needs to go right for an induction head? A mechanistic study of in-context learning circuits and their formation",
    authors: ["Aaditya K. Singh", "Ted Moskovitz", "Felix Hill", "Stephanie C. Y. Chan", "Andrew M. Saxe"],
    year: 2024, arXiv: "2404.07129",
    abstract:
      "A transformer of two blocks of attention learns to label a query by what followed its class in the context. It does so abruptly, "
      + "after a plateau. Any activity can be held at a chosen value while the rest is trained, which takes the circuit apart: "
      + "copying of the token before, matching of the query, copying of the label. For whoever studies how circuits form, or wants "
      + "to find and silence induction heads in a language model."
  )

  public static let method = """
    Sequences are exemplar, label, exemplar, label, query; labels are dealt anew each time, so that only the context tells the answer. The network \
    has no feed-forward parts: an embedding, two blocks of eight heads with rotary positions, a readout at the query. It is trained by \
    Adam on fresh sequences, every step with the same clamps: heads without values, heads with a given pattern, patterns or \
    values of a pass without clamps, a perfect first block (A), a perfect match (B), a perfect copy (C). Gradients flow past what is \
    clamped. Measured are the loss on what was trained and held out, each head's attention to the right label and to the token \
    before, what single heads do alone and removed, and when the loss leaves its plateau at ln 2. A tensor of rank one learned \
    by gradient descent is the smallest model of that. In SmolLM2, random tokens said twice find heads that look back to what followed, and \
    these are silenced.
    """

  public static let data = """
    Features of classes made here: normal vectors of 512 numbers with noise (features=random), the same from codes of 32 numbers \
    (structured), or SmolLM2's embedding of words in small letters, capitalised ones as further exemplars (tokens). \
    --data takes features of your own, [classes, exemplars, dimension], as NPY, NPZ, safetensors or HDF5: the reference code's \
    file of Omniglot features, say. SmolLM2-135M-Instruct for claim 7 where 'cajal data fetch smollm2' has brought it; --set model= takes another.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try FewShotBench(options, lab)
    if options.runs(.toy) { try ToyPart(bench).run() }
    if options.runs(.phase) || options.runs(.heads) { try FormationPart(bench).run() }
    if options.runs(.clamps) || options.runs(.data) { try SubcircuitPart(bench).run() }
    if options.runs(.features) { try FeaturePart(bench).run() }
    if options.runs(.model) { try LanguageModelPart(bench).run() }
  }
}
