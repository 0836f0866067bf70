import Models
import Probing
import StudyCore
import Support

/// Decoding specialised feature neurons in LLMs with the final projection layer (2025).
public struct ProjectionDecoding: Study {
  public init() {}

  public static let paper = Paper(
    slug: "projection-decoding",
    title: "Decoding specialised feature neurons in LLMs with the final projection layer",
    authors: ["Harry J. Davies"], year: 2025, arXiv: "2501.02688",
    abstract:
      "What a neuron of a language model stands for, read from its weights alone: the weights are multiplied with the output matrix as if they were a final hidden state, and the best token names the neuron. Clamping a neuron that was named so steers what the model writes. For anyone who wants a map of a model's neurons in seconds, without data, or wants to see what tuning has changed."
  )

  public static let method = """
    Each neuron has three vectors in the residual stream: what its gate reads, what its linear part reads, what it writes. Their products with \
    all rows of the output matrix, without any norm, are logits; softmax probabilities, cosines and z scores over the \
    vocabulary say how clearly a token stands out. z scores follow from the mean and covariance of the output matrix, for some tokens \
    without the whole product. How many neurons stand out is compared with Gaussian vectors of the same covariance.

    For a list of nouns the best neurons are clamped at every position, before the product with the gate (the paper's way) and \
    behind it, and the change of the noun's log probability is measured; controls are random neurons of the same block and \
    another noun. In the last block the change is predicted by a line. Chat answers are generated while clamps hold. Maps are \
    compared between a model and copies that were tuned on a tale, rounded to four bits, or permuted, and between small \
    models trained apart.
    """

  public static let data = """
    SmolLM2-135M-Instruct (fetched on first use), thirty nouns, and two short texts that come with Cajal. With --data a GGUF file or \
    a Hugging Face folder takes the model's place, or a text file of words, one a line, that of the nouns.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try Bench(options, lab)
    if options.runs(.speed) { try SpeedPart(bench: bench).run() }
    if options.runs(.map) { try MapPart(bench: bench).run() }
    if options.runs(.clamps) { try ClampPart(bench: bench).run() }
    if options.runs(.generation) { try GenerationPart(bench: bench).run() }
    // Last, for it tunes the model; its weights are put back.
    if options.runs(.agreement) { try AgreementPart(bench: bench).run() }
  }
}
