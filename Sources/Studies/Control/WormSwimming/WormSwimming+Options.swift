import Control
import StudyCore
import Support

extension WormSwimming {
  /// Every knob of the study.
  public struct Options: StudyOptions {
    var physics = Swimmer.Physics.native.rawValue
    var links = 6
    var period = 60
    var episodeLength = 1000
    var seeds = 3
    var evaluations = 4
    var otherLengths = [4.0, 8, 10, 12]
    var population = 8
    var circuitDeviation = 0.1
    var circuitRate = 0.1
    var circuitEpisodes = 320
    var perceptronEpisodes = 1200
    var perceptronDeviations = [0.03, 0.1, 0.3]
    var perceptronRate = 0.03
    var policyRounds = 20
    var policyEpisodes = 4
    var ablationEpisodes = 160

    public init(size: StudySize) {
      switch size {
      case .quick:
        (seeds, evaluations, circuitEpisodes, perceptronEpisodes) = (2, 2, 96, 96)
        (perceptronDeviations, policyRounds, ablationEpisodes) = ([0.1], 2, 48)
      case .standard: break
      case .full:
        (seeds, evaluations, circuitEpisodes, perceptronEpisodes) = (10, 10, 800, 40_000)
        (policyRounds, policyEpisodes, ablationEpisodes) = (400, 8, 800)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "physics", \.physics, oneOf: Swimmer.Physics.allCases.map(\.rawValue),
        "who computes the motion: MuJoCo, or the same equations written for this body"),
      .integer("links", \.links, in: 3...64, "links of the body that is learned on"),
      .integer("period", \.period, in: 2...100_000, "control steps of a cycle of the oscillator"),
      .integer("episodeLength", \.episodeLength, in: 20...1_000_000, "control steps of 30 ms an episode"),
      .integer("seeds", \.seeds, in: 1...1000, "learners of each kind"),
      .integer("evaluations", \.evaluations, in: 1...1000, "episodes that a controller is judged by"),
      .numbers(
        "otherLengths", \.otherLengths, in: 3...64, "links of the bodies that the circuit is carried over to"),
      .integer("population", \.population, in: 2...10_000, "candidates of a generation, an even number"),
      .number("circuitDeviation", \.circuitDeviation, in: 1e-6...10, "σ of the circuit's candidates"),
      .number("circuitRate", \.circuitRate, in: 1e-6...10, "learning rate of the circuit"),
      .integer("circuitEpisodes", \.circuitEpisodes, in: 2...100_000_000, "episodes for a circuit"),
      .integer("perceptronEpisodes", \.perceptronEpisodes, in: 2...100_000_000, "episodes for a perceptron"),
      .numbers(
        "perceptronDeviations", \.perceptronDeviations, in: 1e-6...10,
        "σ that perceptrons are tried with; the best counts"),
      .number("perceptronRate", \.perceptronRate, in: 1e-6...10, "learning rate of perceptrons"),
      .integer("policyRounds", \.policyRounds, in: 1...1_000_000, "rounds of proximal policy optimisation"),
      .integer("policyEpisodes", \.policyEpisodes, in: 1...1000, "episodes of a round"),
      .integer(
        "ablationEpisodes", \.ablationEpisodes, in: 2...100_000_000, "episodes for each ablated circuit"),
    ]

    /// - Throws: `CajalError` when options contradict each other.
    func validate() throws {
      guard population % 2 == 0 else {
        throw CajalError("population=\(population) should be even: pairs are tried")
      }
      guard otherLengths.allSatisfy({ $0 == $0.rounded() }) else {
        throw CajalError("otherLengths should be whole numbers of links")
      }
      guard period < episodeLength else {
        throw CajalError("period=\(period) should be shorter than an episode of \(episodeLength) steps")
      }
    }
  }
}
