import Foundation
import Neurons
import StudyCore
import Support

/// Does a learner that regulates its own learning rate by appetite adapt better when labels change their
/// meaning? (Man, Damasio and Neven, 2022)
public struct HomeostaticNetworks: Study {
  public static let paper = Paper(
    slug: "homeostatic-networks",
    title: "Need is All You Need: Homeostatic Neural Networks Adapt to Concept Shift",
    authors: ["Kingson Man", "Antonio Damasio", "Hartmut Neven"], year: 2022, arXiv: "2205.08645",
    abstract: """
      An online classifier whose learning rate is moved by what it classifies: half of the classes raise it, \
      half lower it. The learner takes an object in only when it imagines that this makes it better on its \
      recent memory. For streams whose labels drift, and for anyone who needs a rate that regulates itself.
      """)

  public static let method = """
    A perceptron 784-80-60-10 learns Fashion-MNIST online in minibatches of 10, while pairs of classes exchange \
    their labels some times an epoch (SPE). LRC keeps its learning rate; LRR moves it at random; LRH imagines \
    every tenth sample two steps, with the present rate and with the rate moved by the guessed class, and moves \
    the rate in the direction of the true class if the memory of 20 samples would be recognised better. Measured: \
    accuracy of guesses made before learning, against constant rates, tuned constants, seasons of change, and \
    ablations of the rule.
    """

  public static let data = """
    Fashion-MNIST, 60,000 + 10,000 images of 10 classes (Debian package dataset-fashion-mnist; MIT licence). \
    --data PATH takes any folder in MNIST's format, of any image size and number of classes.
    """

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    try options.validate()
    let bench = try TrialBench(options, lab)
    let grid = try ShiftGrid(bench)
    try grid.report(to: lab)
    try Seasons(bench, constants: grid.bestConstants).report(to: lab)
    try LiteralRule(bench).report(to: lab)
    if options.ablations { try Ablations(bench, grid.results).report(to: lab) }
    lab.note(grid.speed)
  }

  public static func verify(_ golden: inout GoldenFile) throws {
    let rates = try golden.tolerance("lr_abs", otherwise: 1e-12)
    let weights = try golden.tolerance("weights_rel", otherwise: 1e-8)
    for name in ["literal", "end_of_batch"] {
      guard let section = golden.section(name) else { continue }
      var comparison = Comparison(name)
      try HomeostaticReference(section).compare(&comparison, rateTolerance: rates, weightTolerance: weights)
      golden.report(comparison)
    }
  }
}

extension HomeostaticNetworks {
  /// A number with some digits behind the point.
  static func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
