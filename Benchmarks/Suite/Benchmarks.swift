/// Every benchmark, in the order in which they run.
public enum Benchmarks {
  public static var all: [Benchmark] {
    TensorBenchmarks.all
      + SparseCodeBenchmarks.all
      + SpikingBenchmarks.all
      + SimulatorBenchmarks.all
      + PlasticityBenchmarks.all
      + ControlBenchmarks.all
      + ExpressiveMemoryBenchmarks.all
      + LanguageBenchmarks.all
      + DragonHatchlingBenchmarks.all
      + FewShotBenchmarks.all
      + RecordingBenchmarks.all
      + DecompositionBenchmarks.all
      + ConnectomeBenchmarks.all
      + AlignmentBenchmarks.all
      + CircuitBenchmarks.all
      + SystemBenchmarks.all
  }
  /// What others start.
  public static let hidden: [Benchmark] = [SystemBenchmarks.oneTensor] + RankBenchmarks.hidden
}
