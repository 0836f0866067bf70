import Circuits
import Support

/// Gain control in circuits of rates, beside SciPy.
enum CircuitBenchmarks {
  static let all: [Benchmark] = [gains]

  private static let neurons = 48

  private static let gains = Benchmark(
    "gain-adaptation", "optimal gains of 48 neurons for 20 contexts of 48 orientations, one thread",
    work: (20, "contexts"), peer: ("circuits.py", "SciPy"), target: 1
  ) {
    let preferred = Orientation.even(neurons)
    let objective = try GainObjective(
      GainNetwork(weights: OrientationWeights().matrix(preferred: preferred), neurons: neurons),
      drive: OrientationTuning().drive(preferred: preferred, stimuli: preferred))
    var total = 0.0
    var sample = try Benchmark.time(5) {
      total = 0
      for adapter in 0..<20 {
        let context = try OrientationEnsemble(neurons, adapter: adapter, probability: 0.35)
        total += try objective.adapt(to: context.probabilities).cost.total
      }
    }
    sample.notes = ["mean cost": total / 20]
    return sample
  }
}
