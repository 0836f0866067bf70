import StudyCore
import Support

/// A spike-level memory of cues and contents after hippocampal CA3: learnt at once, recalled from either side (Casanueva-Morato et al.,
/// 2024).
public struct HippocampalCAM: Study {
  public static let paper = Paper(
    slug: "hippocampal-cam",
    title:
      "Bio-inspired computational memory model of the Hippocampus: an approach to a neuromorphic spike-based Content-Addressable Memory",
    authors: [
      "Daniel Casanueva-Morato", "Alvaro Ayuso-Martinez", "Juan P. Dominguez-Morales",
      "Angel Jimenez-Fernandez", "Gabriel Jimenez-Moreno",
    ], year: 2023, arXiv: "2310.05868",
    abstract: """
      A small spiking network that works as a table: a cue and its content are learnt in three milliseconds, the cue brings its \
      content back, any bit of the content brings back its cues, and learning a cue again overwrites it. For robots and \
      neuromorphic systems that need a store of states in spikes.
      """)

  public static let method = """
    Ten populations of leaky integrate-and-fire neurons in steps of a millisecond, in the arithmetic of sPyNNaker. Two all-to-all \
    projections learn by pair-based spike-timing-dependent plasticity, one pair of spikes moving a weight from one bound to the other. A \
    gate tells content that is given from content that a cue recalls; inhibition keeps other cues silent while one learns.

    Measured: the authors' three hardware runs, spike for spike; random memories, half of them overwritten, recalled by cue and by \
    content; how close operations may come; what later operations do to a memory; the same patterns in a table, in Willshaw's and \
    in Hopfield's memory; what each mechanism is needed for; a map, pictures and an index of texts.
    """

  public static let data = """
    Random memories, the authors' map of 16 cells, handwritten digits of 8×8 ('cajal data fetch digits'; Fashion-MNIST made as small where \
    they are not here), and the words of the licences that Debian has. --data FILE takes your own memories and questions, as CSV or JSON \
    (docs/studies/hippocampal-cam.md), and answers them; --data FOLDER makes an index of your own text files.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try MemoryBench(options, lab)
    if let path = lab.dataPath { return try OwnDataPart(bench, path).run() }
    try PublishedPart(bench).run()
    try PicturePart(bench).run()
    try RecallPart(bench).run()
    try FragmentPart(bench).run()
    try SpacingPart(bench).run()
    try OverwritingPart(bench).run()
    try LoadPart(bench).run()
    try ForgettingPart(bench).run()
    try AblationPart(bench).run()
    try DocumentPart(bench).run()
    lab.add(bench.realDataClaim())
  }
}
