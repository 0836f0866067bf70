import Decomposition
import Support

/// Taking affinities of many animals apart, beside TensorLy: the same tensor, start, inner sweeps and stopping rule; all threads on
/// both sides.
enum ConnectomeBenchmarks {
  static let all: [Benchmark] = [
    factorisation("ntf", [240, 12, 780], rank: 5, repetitions: 7),
    factorisation("ntf-large", [240, 20, 1_770], rank: 8, repetitions: 3),
  ]

  /// Digits of multiples of irrational numbers: the same on every side.
  private static func digits(_ value: Double) -> Double { value - value.rounded(.down) }

  private static func factorisation(
    _ name: String, _ shape: [Int], rank: Int, repetitions: Int
  ) -> Benchmark {
    Benchmark(
      name,
      "non-negative decomposition of a tensor \(shape.map(String.init).joined(separator: " x ")) into \(rank) components, up to 100 sweeps",
      work: (1, "decompositions"), peer: ("connectome.py", "TensorLy"), target: 5
    ) {
      let tensor = try NonNegativeTensor(values(shape, rank), shape: shape)
      let start = factors(shape, rank, [0.5698402910, 0.2360679775, 0.1231056256]) { 0.1 + 0.9 * $0 }
      let method = NonNegativeCP(
        rank: rank, restarts: 1, sweeps: 100, stopping: .change(1e-7), innerSweeps: 5)
      var run: NonNegativeCP.Run?
      var sample = Benchmark.time(repetitions) { run = method.run(tensor, from: start) }
      sample.notes = ["sweeps": Double(run!.errors.count), "error": run!.error]
      return sample
    }
  }

  private static func factors(
    _ shape: [Int], _ rank: Int, _ steps: [Double], _ shaped: (Double) -> Double
  ) -> CPFactors {
    CPFactors(
      columns: zip(shape, steps).map { (size: Int, step: Double) -> [[Double]] in
        (0..<rank).map { r -> [Double] in
          (0..<size).map { place -> Double in shaped(digits(Double((place + 1) * (r + 1)) * step)) }
        }
      })
  }

  /// A sum of products with noise.
  private static func values(_ shape: [Int], _ rank: Int) -> [Double] {
    let planted = factors(shape, rank, [0.6180339887, 0.4142135624, 0.7320508076]) { max(0, $0 - 0.5) }
    return planted.values.enumerated().map { $1 + 0.05 * digits(Double($0 + 1) * 0.7548776662) }
  }
}
