import Decomposition
import Foundation
import StudyCore
import Support

/// Bayesian bi-clustering of spike counts: neurons by the trajectories they follow, time by its linear dynamics (Wei, 2024).
public struct SpikeBiclustering: Study {
  public static let paper = Paper(
    slug: "spike-biclustering",
    title: "Bayesian Bi-clustering of Neural Spiking Activity with Latent Structures",
    authors: ["Ganchao Wei"], year: 2023, arXiv: "2309.02213",
    abstract:
      "Which neurons go together, and in which periods does a population behave alike? Here neurons of a group share low-dimensional "
      + "trajectories behind their negative binomial spike counts, and bins of a state share the linear dynamics of all groups' trajectories. How "
      + "many groups and states there are is inferred with everything else, and the result is a posterior: how sure the data are of each pairing, "
      + "trajectory and prediction. For anyone with spike-sorted counts of one or several regions.")

  public static let method =
    "Gibbs sampling with Pólya-Gamma numbers. A sweep draws all trajectories together (information filter forward, sampling backward), states "
    + "by a sticky hierarchical Dirichlet process with autoregressive emissions, their dynamics from the matrix-normal inverse-Wishart posterior, "
    + "loadings, dispersions by slice sampling, and each neuron's group with its loadings integrated out (Laplace) under a mixture of finite mixtures. Beyond the "
    + "paper: changes of state also move with trajectories integrated out, and merges and splits of groups are tried in the burn-in. The study "
    + "plants groups and states, recovers them, checks calibration, compares the model with its parts and with Poisson counts, and then "
    + "analyses a recording."

  public static let data =
    "Simulated populations as published (30 neurons in 3 groups, 500 bins, 2 states). Recording: 16 units of rat hippocampus, 998 s "
    + "(Balbi Lab, MIT licence, in the package). --data takes a CSV of counts (a neuron in each row), a CSV of spike times (columns unit, "
    + "time_s), or a folder with Y.csv (counts) and, if known, Lab_neuron.csv (region of each neuron) and Lab_states.csv (label of each bin)."

  public init() {}

  public func run(_ options: Options, in lab: Lab) throws {
    if options.includes("simulation") {
      let runs = try SimulationPart(options, lab).run()
      RecoveryClaims(options, lab).decide(runs)
      LikelihoodClaims(options, lab).decide(runs)
    }
    if options.includes("states") { try StateStepPart(options, lab).run() }
    if options.includes("starts") { try StartsPart(options, lab).run() }
    if options.includes("calibration") { try CalibrationPart(options, lab).run() }
    if options.includes("recording") { try RecordingPart(options, lab).run() }
    lab.note(
      "Against the published code: dispersions are slice-sampled from their exact conditional (the published update holds for counts whose "
        + "success probability, not whose mean, is given); loadings are drawn anew when a neuron changes its group; and its baseline is integrated out with them."
    )
  }
}
