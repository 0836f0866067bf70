import Alignment
import Statistics
import Support
import Tensors

/// Comparing populations of 2,000 neurons, beside SciPy.
enum AlignmentBenchmarks {
  static let all: [Benchmark] = [matching, similarity]

  private static let neurons = 2_000

  /// Two populations that share forty causes, as trained twins do, and have noise of their own.
  private static func populations(samples: Int) -> (Tensor, Tensor) {
    var generator = RandomGenerator(seed: 1)
    func normal(_ shape: [Int]) -> Tensor { .normal(shape, .float64, using: &generator) }
    let causes = normal([samples, 40])
    let (a, b) = (causes.matmul(normal([40, neurons])), causes.matmul(normal([40, neurons])))
    return (a + normal([samples, neurons]) * 3, b + normal([samples, neurons]) * 3)
  }

  private static let matching = Benchmark(
    "hungarian-matching", "the best one-to-one matching of 2,000 neurons with 2,000 by their correlations",
    work: (Double(neurons), "neurons"), peer: ("alignment.py", "SciPy"), target: 1
  ) {
    let (a, b) = populations(samples: 1_000)
    let correlations = try JointMoments(a, b).correlations().between.doubles
    var total = 0.0
    var sample = Benchmark.time(5) {
      total = LinearAssignment.maximising(correlations, rows: neurons, columns: neurons).total
    }
    sample.notes = ["mean correlation of the pairs": total / Double(neurons)]
    return sample
  }

  private static let similarity = Benchmark(
    "representational-similarity",
    "correlation distances of 1,000 conditions in two populations of 2,000 neurons, and Spearman's of them",
    work: (2 * 499_500, "distances"), peer: ("alignment.py", "SciPy"), target: 1
  ) {
    let (a, b) = populations(samples: 1_000)
    var agreement = 0.0
    var sample = try Benchmark.time(5) {
      agreement = try DissimilarityMatrix(a).compared(with: DissimilarityMatrix(b))
    }
    sample.notes = ["agreement": agreement]
    return sample
  }
}
