import Control
import Foundation
import StudyCore
import Support

/// What the parts of the study share: bodies, judges and learners.
struct SwimBench: Sendable {
  let options: WormSwimming.Options
  let lab: Lab
  let swimmer: Swimmer
  private let judging: RandomGenerator

  init(_ options: WormSwimming.Options, _ lab: Lab) throws {
    try options.validate()
    (self.options, self.lab) = (options, lab)
    swimmer = try Self.swimmer(options, links: options.links)
    judging = lab.generator("evaluation")
  }

  private static func swimmer(_ options: WormSwimming.Options, links: Int) throws -> Swimmer {
    try Swimmer(
      SwimmerBody(links: links), physics: Swimmer.Physics(rawValue: options.physics)!,
      episodeLength: options.episodeLength)
  }

  func swimmer(links: Int) throws -> Swimmer { try Self.swimmer(options, links: links) }

  /// Full return of an episode: 1,000 for the usual length.
  var fullReturn: Double { Double(options.episodeLength) }

  /// A circuit for the body, changed from the paper's.
  func circuit(
    seed: Int = 0, _ change: (inout WormMotorCircuit.Configuration) -> Void = { _ in }
  ) -> WormMotorCircuit {
    var configuration = WormMotorCircuit.Configuration(joints: options.links - 1)
    configuration.period = options.period
    change(&configuration)
    var generator = lab.generator("circuit").split(seed)
    return WormMotorCircuit(configuration, using: &generator)
  }

  func perceptron(seed: Int) -> PerceptronController {
    var generator = lab.generator("perceptron").split(seed)
    return PerceptronController(joints: options.links - 1, using: &generator)
  }

  /// The returns of a controller from the same starts for all.
  func returns(_ controller: some Controller, in swimmer: Swimmer? = nil) -> [Double] {
    let swimmer = swimmer ?? self.swimmer
    return parallelMap(options.evaluations) { controller.episode(in: swimmer, start: judging.split($0)) }
  }

  func meanReturn(_ controller: some Controller, in swimmer: Swimmer? = nil) -> Double {
    Spread(returns(controller, in: swimmer)).mean
  }

  /// How a learner came on.
  struct Course: Sendable {
    /// Episodes spent, and the return of the controller as it was then.
    var episodes: [Int] = []
    var returns: [Double] = []
    var parameters: [Double] = []

    /// Episodes until a return was reached; nil if it never was.
    func episodes(until goal: Double) -> Int? {
      zip(episodes, returns).first { $1 >= goal }?.0
    }
    var best: Double { returns.max() ?? 0 }
    var last: Double { returns.last ?? 0 }
  }

  /// Evolution from where a controller stands.
  ///
  /// - Parameter stage: What progress is called; none is reported if nil.
  func evolved<C: Controller>(
    _ controller: C, episodes: Int, deviation: Double, rate: Double, seed: Int, stage: String? = nil,
    judgeEvery: Int = 1
  ) throws -> Course {
    var generator = lab.generator("evolution").split(seed)
    var strategy = EvolutionStrategy(
      controller.parameters, .init(population: options.population, deviation: deviation, learningRate: rate))
    var course = Course(episodes: [0], returns: [meanReturn(controller)])
    let swimmer = swimmer
    let generations = episodes / options.population
    for generation in 0..<generations {
      strategy.advance(using: &generator) { candidate, start in
        var own = controller
        own.parameters = candidate
        return own.episode(in: swimmer, start: start)
      }
      guard (generation + 1) % judgeEvery == 0 || generation == generations - 1 else { continue }
      var now = controller
      now.parameters = strategy.parameters
      course.episodes.append((generation + 1) * options.population)
      course.returns.append(meanReturn(now))
      if let stage {
        try lab.progress(stage, (generation + 1) * options.population, of: episodes, unit: "episodes")
      }
    }
    course.parameters = strategy.parameters
    return course
  }
}
