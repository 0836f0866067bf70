import Models
import Probing
import StudyCore
import Support

/// On Relation-Specific Neurons in Large Language Models (2025).
public struct RelationNeurons: Study {
  public init() {}

  public static let paper = Paper(
    slug: "relation-neurons", title: "On Relation-Specific Neurons in Large Language Models",
    authors: [
      "Yihong Liu", "Runsheng Chen", "Lea Hirlimann", "Ahmad Dawar Hakimi", "Mingyang Wang",
      "Amir Hossein Kargaran", "Sascha Rothe", "François Yvon", "Hinrich Schütze",
    ], year: 2025, arXiv: "2502.17355",
    abstract:
      "Which neurons of a language model serve a relation (capital of, opposite of) whatever the things that it relates? Neurons whose activity tells the relation's prompts from others are switched off, and the recall of facts of this and of other relations is measured. For anyone who asks where a kind of knowledge sits in a model, or what removing it would break."
  )

  public static let method = """
    Facts of several relations are asked for by short texts that all end in the same word. Facts that the model knows are split \
    by subject into two halves. On the first half each of the model's feed-forward neurons gets an average precision: how \
    well its activity at the last token ranks prompts of a relation before those of all others. The best neurons of a relation are \
    its experts. Ties are broken by how far apart the responses lie.

    On the other half experts are switched off at every position, and the log probability of the right continuation and the share of \
    exact answers are measured for every relation: what is lost in the relation itself, in others, and with random neurons of the \
    same blocks. Sets of 10 to 1,000 experts show whether damage adds up; single ones, whether any neuron holds a fact. Experts found \
    by mean differences, by gradient times activity, by other pooling, and mean activity in place of zero, are compared.
    """

  public static let data = """
    SmolLM2-135M-Instruct (fetched on first use), and facts that come with Cajal: countries, landmarks, opposites, word forms, \
    chemical elements; templates in English, for capitals in French and Spanish too. With --data a file or folder of relations takes their \
    place: JSON of {relation, templates, facts}, or the files of the LRE collection.
    """

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try Bench(options, lab)
    let matrix = try MatrixPart(bench: bench).run()
    if options.runs(.cumulativity) { try CumulativityPart(bench: bench).run() }
    if options.runs(.entities) { try EntityPart(bench: bench, matrix: matrix).run() }
    if options.runs(.variants) { try VariantPart(bench: bench).run() }
    if options.runs(.languages) { try ForeignPart(bench: bench, matrix: matrix).run() }
  }
}
