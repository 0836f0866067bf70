import Control
import Figures
import Foundation
import StudyCore
import Support
import Tensors

/// Claims 2 and 3: how fast circuit and perceptron learn, and how far they come.
struct LearningPart {
  private let bench: SwimBench
  private var lab: Lab { bench.lab }
  private var options: WormSwimming.Options { bench.options }

  init(_ bench: SwimBench) { self.bench = bench }

  func report() throws {
    let circuits = try forEachSeed { seed in
      try bench.evolved(
        bench.circuit(seed: seed) { $0.initialisation = .uniform }, episodes: options.circuitEpisodes,
        deviation: options.circuitDeviation, rate: options.circuitRate, seed: seed,
        stage: "evolving circuit \(seed + 1)")
    }
    let (deviation, perceptrons) = try bestPerceptrons()
    let (circuitPolicies, perceptronPolicies) = try policies()
    try efficiency(circuits, perceptrons, deviation)
    try asymptote(circuits, perceptrons, circuitPolicies, perceptronPolicies)
    let figures = SwimFigures(lab)
    try figures.learning(
      "evolution", "Evolution: four weights against thousands",
      "Return of the controller in the middle of each generation; thin lines: single learners. Circuits begin with uniform weights of the right sign.",
      [("circuit", circuits), ("perceptron 64×64", perceptrons)])
    try figures.learning(
      "policy-optimisation", "Proximal policy optimisation: both learners",
      "Mean return of the episodes of each round, exploration included; thin lines: single learners.",
      [("circuit", circuitPolicies), ("perceptron 64×64", perceptronPolicies)])
  }

  /// A course for each learner.
  private func forEachSeed(_ body: (Int) throws -> SwimBench.Course) rethrows -> [SwimBench.Course] {
    try (0..<options.seeds).map(body)
  }

  /// Perceptrons with the deviation that serves them best.
  private func bestPerceptrons() throws -> (Double, [SwimBench.Course]) {
    let tried = try options.perceptronDeviations.map { deviation in
      let courses = try forEachSeed { seed in
        try bench.evolved(
          bench.perceptron(seed: seed), episodes: options.perceptronEpisodes, deviation: deviation,
          rate: options.perceptronRate, seed: seed, stage: "evolving perceptron \(seed + 1), σ \(deviation)",
          judgeEvery: 4)
      }
      let mean = Spread(courses.map(\.last)).mean
      lab.measure("return.perceptron.deviation\(deviation)", mean)
      return (deviation, courses, mean)
    }
    let best = tried.max { $0.2 < $1.2 }!
    return (best.0, best.1)
  }

  /// Learners by gradients, side by side on one thread each.
  private func policies() throws -> ([SwimBench.Course], [SwimBench.Course]) {
    try lab.progress("policy optimisation", 0, of: 1)
    let bench = bench
    let count = options.seeds
    let courses = parallelMap(2 * count) { k -> SwimBench.Course in
      Torch.onOneThread { Self.policy(bench, seed: k % count, isCircuit: k < count) }
    }
    try lab.progress("policy optimisation", 1, of: 1)
    return (Array(courses.prefix(count)), Array(courses.suffix(count)))
  }

  private static func policy(_ bench: SwimBench, seed: Int, isCircuit: Bool) -> SwimBench.Course {
    var generator = bench.lab.generator("policy").split(2 * seed + (isCircuit ? 0 : 1))
    let swimmer = bench.swimmer
    let actor: Actor =
      isCircuit
      ? CircuitActor(
        bench.circuit(seed: seed) { $0.initialisation = .uniform }, episodeLength: bench.options.episodeLength
      )
      : PerceptronActor(
        observations: swimmer.observationCount, controls: swimmer.controlCount, using: &generator)
    var settings = ProximalPolicy<Swimmer>.Settings()
    settings.episodes = bench.options.policyEpisodes
    if isCircuit { settings.learningRate = 1e-2 }
    let learner = ProximalPolicy(
      actor, environment: swimmer, settings, fresh: { $0.fresh() }, using: &generator)
    var course = SwimBench.Course()
    for round in 0..<bench.options.policyRounds where !bench.lab.isInterrupted {
      course.returns.append(learner.advance(using: &generator))
      course.episodes.append((round + 1) * bench.options.policyEpisodes)
    }
    return course
  }

  private func efficiency(
    _ circuits: [SwimBench.Course], _ perceptrons: [SwimBench.Course], _ deviation: Double
  ) throws {
    let goal = 0.7 * bench.fullReturn
    func median(_ courses: [SwimBench.Course]) -> Double {
      let sorted = courses.map { Double($0.episodes(until: goal) ?? Int.max) }.sorted()
      return sorted[sorted.count / 2]
    }
    func text(_ courses: [SwimBench.Course]) -> String {
      courses.map { $0.episodes(until: goal).map(String.init) ?? "never" }.joined(separator: ", ")
    }
    let (circuit, perceptron) = (median(circuits), median(perceptrons))
    let budget = Double(options.perceptronEpisodes)
    // A perceptron that never arrives took at least its budget.
    let isReached = circuit <= Double(options.circuitEpisodes)
    if isReached { lab.measure("episodes.circuit", circuit) }
    lab.add(
      Claim(
        "2", "The circuit learns from far fewer episodes.",
        paper: "reaches its asymptote with far less data than perceptrons",
        test:
          "episodes of evolution until \(Int(goal)), population \(options.population): circuits from uniform weights, perceptrons 64×64 with the best of σ \(options.perceptronDeviations.map { "\($0)" }.joined(separator: ", ")) (\(deviation))",
        criterion:
          "the median circuit needs less than a fifth of the median perceptron's episodes, or the perceptron does not arrive in \(options.perceptronEpisodes)",
        measured: "circuits \(text(circuits)); perceptrons \(text(perceptrons))",
        holds: isReached && (perceptron > budget || circuit < perceptron / 5),
        reason: "circuits do not arrive, or perceptrons are not much slower"))
  }

  private func asymptote(
    _ circuits: [SwimBench.Course], _ perceptrons: [SwimBench.Course], _ circuitPolicies: [SwimBench.Course],
    _ perceptronPolicies: [SwimBench.Course]
  ) throws {
    func best(_ courses: [SwimBench.Course]) -> Double { courses.map(\.best).max() ?? 0 }
    let circuit = max(best(circuits), best(circuitPolicies))
    let perceptron = max(best(perceptrons), best(perceptronPolicies))
    lab.measure("return.circuit.best", circuit)
    lab.measure("return.perceptron.best", perceptron)
    let rising = perceptrons.contains { course in
      let half = course.returns[course.returns.count / 2]
      return course.last > half + 0.05 * bench.fullReturn
    }
    lab.add(
      Claim(
        "3", "The circuit ends as high as perceptrons.",
        paper: "an asymptote comparable with perceptrons'",
        test: "the best return of any learner, by evolution or by policy optimisation",
        criterion: "at least 0.9 of the best perceptron's",
        measured:
          "circuit \(Int(circuit)) (evolution \(Int(best(circuits))), policy optimisation \(Int(best(circuitPolicies)))); perceptron \(Int(perceptron)) (\(Int(best(perceptrons))), \(Int(best(perceptronPolicies))))\(rising ? "; perceptrons had not converged in \(options.perceptronEpisodes) episodes" : "")",
        holds: circuit >= 0.9 * perceptron, reason: "perceptrons come further"))
  }
}
