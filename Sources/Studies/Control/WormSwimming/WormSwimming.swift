import Control
import StudyCore
import Support

/// Does a network wired like the swimming circuit of a worm swim before it learns, and learn from less? (Bhattasali, Zador
/// and Engel, 2022)
public struct WormSwimming: Study {
  public static let paper = Paper(
    slug: "worm-motor-circuit", title: "Neural Circuit Architectural Priors for Embodied Control",
    authors: ["Nikhil X. Bhattasali", "Anthony M. Zador", "Tatiana A. Engel"], year: 2022,
    arXiv: "2201.05242",
    abstract: """
      The motor circuit of C. elegans as a controller: at every joint two motor neurons that excite their own muscle and \
      inhibit the other, stretch receptors that hand the bend on, an oscillator at the head. Four shared weights \
      swim at once where a perceptron of thousands must learn. For chain-like bodies of any length.
      """)

  public static let method = """
    A swimmer of six links in a fluid (the control suite's, computed by MuJoCo or by the same equations written for this body) is \
    driven by the circuit, by multilayer perceptrons, or at random; the return is the sum of 1,000 rewards for \
    speed. Evolution strategies and proximal policy optimisation learn from several starts. Ablations: signs, sharing, \
    initialisation, stretch receptors, oscillator. The circuit is carried over to bodies of other lengths.
    """

  public static let data = """
    None: the body is simulated. 'cajal data fetch mujoco' brings the physics engine for physics=mujoco, and for comparing \
    both kinds of physics; the native one needs nothing.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    let bench = try SwimBench(options, lab)
    try InnatePart(bench).report()
    try TransferPart(bench).report()
    try LearningPart(bench).report()
    try AblationPart(bench).report()
  }

  public static func verify(_ golden: inout GoldenFile) throws { try Reference(golden).compare(&golden) }
}
