import Decomposition
import Support

/// Taking populations apart, beside the same steps in NumPy; one thread on both sides.
enum DecompositionBenchmarks {
  static let all: [Benchmark] = [biclusterSweep]

  /// The published simulation's size, from the planted groups and states. The port leaves out that changes of state move with trajectories
  /// integrated out.
  private static let biclusterSweep = Benchmark(
    "bicluster-sweep",
    "20 sweeps of the bicluster model: 30 neurons, 500 bins, at most 10 states, 2 factors, one thread",
    work: (20, "sweeps"), peer: ("biclustering.py", "NumPy"), target: 5
  ) {
    Threads.count = 1
    var generator = RandomGenerator(seed: 1)
    let truth = BiclusterSimulation(using: &generator)
    let counts = try SpikeCounts(truth.counts, binWidth: 0.5)
    var settings = BiclusterSettings()
    (settings.sweeps, settings.burnIn, settings.searchInterval) = (20, 0, 0)
    (settings.singleStateShare, settings.settlingSweeps) = (0, 0)
    settings.start = .labels(truth.labels)
    settings.startStates = truth.states
    settings.keepsTrajectories = false
    return try Benchmark.time(9) { _ = try BiclusterModel().sample(counts, settings, seed: 2) }
  }
}
