import Foundation
import Statistics
import Support

/// What chains say together, told in ways that do not depend on what groups and states happen to be called.
public struct BiclusterPosterior: Sendable {
  public let chains: [BiclusterChain]
  public let samples: [BiclusterChain.Sample]

  /// - Parameter chains: On the same counts; at least one with a kept sample.
  public init(_ chains: [BiclusterChain]) throws {
    samples = chains.flatMap(\.samples)
    self.chains = chains
    guard !samples.isEmpty else { throw CajalError("the chains have kept no samples yet") }
    guard Set(chains.map(\.fingerprint)).count == 1 else { throw CajalError("chains on different counts") }
  }

  /// How often each pair of neurons is in one group, `[N][N]`.
  public var neuronSimilarity: [[Double]] { PosteriorPartition.similarity(samples.map(\.labels)) }

  /// How often each pair of bins is in one state, `[T][T]`; of every `stride`-th bin.
  public func stateSimilarity(every stride: Int = 1) -> [[Double]] {
    PosteriorPartition.similarity(
      samples.map { sample in
        Swift.stride(from: 0, to: sample.states.count, by: stride).map { Int(sample.states[$0]) }
      })
  }

  /// The sampled partition of the neurons with the largest expected adjusted Rand index.
  public var neuronPartition: [Int] { PosteriorPartition.maxPEAR(samples.map(\.labels)) }

  /// The same of the bins.
  public var statePartition: [Int] { PosteriorPartition.maxPEAR(samples.map { $0.states.map(Int.init) }) }

  /// The share of samples with each number of groups, and with each number of states.
  public var clusterCounts: [Int: Double] { Self.shares(samples.map(\.clusters)) }
  public var stateCounts: [Int: Double] { Self.shares(samples.map(\.stateCount)) }

  private static func shares(_ values: [Int]) -> [Int: Double] {
    Dictionary(values.map { ($0, 1 / Double(values.count)) }, uniquingKeysWith: +)
  }

  /// The likeliest number; the smaller of equals.
  public static func mode(_ shares: [Int: Double]) -> Int {
    shares.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
  }

  /// Whether chains agree, and how many independent samples they are worth, for the log likelihood and the number of groups.
  public var diagnostics: (logLikelihood: Diagnostic, clusters: Diagnostic, states: Diagnostic) {
    let length = chains.map(\.samples.count).min() ?? 0
    func diagnose(_ value: (BiclusterChain.Sample) -> Double) -> Diagnostic {
      let values = chains.map { $0.samples.prefix(length).map(value) }
      return Diagnostic(
        rHat: ChainDiagnostics.splitRHat(values), effective: ChainDiagnostics.effectiveSampleSize(values))
    }
    return (
      diagnose(\.logLikelihood), diagnose { Double($0.clusters) }, diagnose { Double($0.stateCount) }
    )
  }

  public struct Diagnostic: Sendable, Equatable {
    /// Split R-hat.
    public var rHat: Double
    /// Effective sample size.
    public var effective: Double
  }

  /// The log probability of each hidden entry, averaged over all kept samples.
  public var hiddenLogProbabilities: [Double] {
    let count = chains[0].hiddenProbabilities.count
    return (0..<count).map { index in
      log(chains.reduce(0) { $0 + $1.hiddenProbabilities[index] } / Double(samples.count))
    }
  }

  /// How much better hidden entries are predicted than by each neuron's mean rate and dispersion, in bits per hidden spike.
  public func predictiveGain(_ counts: SpikeCounts) -> Double {
    MeanRateBaseline(counts).gain(of: hiddenLogProbabilities)
  }
}

/// What is known of hidden counts without any structure: each neuron's own mean and dispersion, from the entries that
/// were seen.
public struct MeanRateBaseline: Sendable {
  /// In the order of neurons and bins.
  public let logProbabilities: [Double]
  /// Hidden spikes.
  public let spikes: Int

  public init(_ counts: SpikeCounts) {
    var logs: [Double] = []
    var spikes = 0
    for neuron in 0..<counts.neurons {
      let row = counts.row(neuron)
      let isSeen = counts.isObserved[(neuron * counts.bins)..<((neuron + 1) * counts.bins)]
      let seen = zip(row, isSeen).filter(\.1).map(\.0)
      let mean = max(0.5, Double(seen.reduce(0, +))) / Double(max(1, seen.count))
      let dispersion = CountDistribution.fitDispersion(seen)
      for (count, isSeen) in zip(row, isSeen) where !isSeen {
        logs.append(CountDistribution.logNegativeBinomial(count, mean: mean, dispersion: dispersion))
        spikes += count
      }
    }
    (logProbabilities, self.spikes) = (logs, spikes)
  }

  /// Bits per hidden spike by which other log probabilities of the same entries are better.
  public func gain(of others: [Double]) -> Double {
    precondition(
      others.count == logProbabilities.count,
      "\(others.count) probabilities for \(logProbabilities.count) entries")
    return (others.reduce(0, +) - logProbabilities.reduce(0, +)) / (log(2) * Double(max(1, spikes)))
  }
}

extension BiclusterChain.Sample {
  /// The eigenvalues of A in each state with at least a hundredth of the bins: how fast trajectories turn and decay there.
  public var eigenvalues: [(state: Int, values: [(real: Double, imaginary: Double)])] {
    let size = occupied.isEmpty ? 0 : Int(Double(matrices.count / occupied.count).squareRoot().rounded())
    return occupied.enumerated().map { place, state in
      let start = place * size * size
      return (
        Int(state), SmallMatrix.eigenvalues(matrices[start..<start + size * size].map(Double.init), size)
      )
    }
  }

  /// How much each group's trajectory moves each other's in a state: the Frobenius norms of A's blocks, `[K][K]`, row =
  /// moved.
  public func influence(in state: Int) -> [[Double]]? {
    guard let place = occupied.firstIndex(of: Int32(state)) else { return nil }
    let size = Int(Double(matrices.count / occupied.count).squareRoot().rounded())
    let block = size / max(1, clusters)
    return (0..<clusters).map { row in
      (0..<clusters).map { column in
        var sum = 0.0
        for i in 0..<block {
          for j in 0..<block {
            let value = Double(matrices[(place * size + row * block + i) * size + column * block + j])
            sum += value * value
          }
        }
        return sum.squareRoot()
      }
    }
  }
}
