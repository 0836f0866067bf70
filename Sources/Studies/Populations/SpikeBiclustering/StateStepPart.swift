import Decomposition
import Foundation
import Statistics
import StudyCore
import Support

/// Claim 1c: the state step alone, on trajectories that are known.
struct StateStepPart {
  private let options: SpikeBiclustering.Options
  private let lab: Lab

  init(_ options: SpikeBiclustering.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let (options, lab) = (options, lab)
    try lab.progress("states of known trajectories", 0, of: options.seeds, unit: "populations")
    let accuracies = try parallelMap(
      options.seeds,
      throwing: { seed in
        var generator = lab.generator("population published").split(seed)
        let truth = SimulationPart.simulate(options, .published, using: &generator)
        let states = try AutoregressiveStates(truth.trajectories, states: options.states, using: &generator)
        // The state of the last bin leads nowhere.
        return PartitionComparison(
          Array(states.partition.dropLast()), Array(truth.states.dropLast())
        ).matchedShare
      })
    for (seed, accuracy) in accuracies.enumerated() { lab.measure("stateStep.seed\(seed + 1)", accuracy) }
    let spread = Spread(accuracies)
    lab.add(
      Claim(
        "1c", "Given the trajectories, the states are recovered.",
        paper: "implied",
        test:
          "The sticky hidden Markov model with autoregressive emissions on the planted trajectories of \(options.seeds) populations, from random segmentations.",
        criterion: "mean accuracy at least 0.95", measured: spread.percentAndDeviation,
        holds: spread.mean >= 0.95,
        reason: spread.mean >= 0.95
          ? nil : "the prior of the dynamics, around the identity, is far from the planted decay of 0.01"))
  }
}
