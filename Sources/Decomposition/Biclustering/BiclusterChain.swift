import Foundation
import Support

/// What a chain has drawn, and where it stands: enough to go on.
public struct BiclusterChain: Sendable, Equatable, Codable {
  /// A kept draw.
  public struct Sample: Sendable, Equatable, Codable {
    public var sweep: Int
    /// The group of each neuron; names mean nothing across samples.
    public var labels: [Int]
    /// The state of each bin; names mean little across samples.
    public var states: [Int32]
    public var baselines: [Double]
    /// `[N · p]`.
    public var loadings: [Double]
    public var dispersions: [Double]
    /// `[K (p + 1) · T]`, centred and along principal axes; empty unless the settings ask for it.
    public var trajectories: [Float]
    /// The states with at least a hundredth of the bins, and their A, `[D · D]` each.
    public var occupied: [Int32]
    public var matrices: [Float]
    public var logLikelihood: Double

    /// How many groups there are.
    public var clusters: Int { (labels.max() ?? -1) + 1 }
    /// How many states hold at least a hundredth of the bins.
    public var stateCount: Int { occupied.count }
  }

  public let model: BiclusterModel
  public let settings: BiclusterSettings
  public let seed: UInt64
  /// Of the counts and their mask, to tell whether a file belongs to them.
  public let fingerprint: UInt64
  public internal(set) var samples: [Sample] = []
  /// After each sweep: groups, states with at least a hundredth of the bins, and the log likelihood of the seen counts.
  public internal(set) var clusterTrace: [Int] = []
  public internal(set) var stateTrace: [Int] = []
  public internal(set) var logLikelihoodTrace: [Double] = []
  /// The sum over kept draws of the probability of each hidden entry, in their order.
  public internal(set) var hiddenProbabilities: [Double]
  public internal(set) var state: BiclusterState

  /// Whether all sweeps are done.
  public var isComplete: Bool { state.sweep >= settings.sweeps }

  /// The log probability of every hidden entry, averaged over the kept draws.
  public var hiddenLogProbabilities: [Double] {
    hiddenProbabilities.map { log($0 / Double(max(1, samples.count))) }
  }

  /// Keeps the chain in a file.
  ///
  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try AtomicFile.write(try encoder.encode(self), to: url)
  }

  /// Reads a chain that was kept.
  ///
  /// - Throws: `CajalError` naming the path when there is none or it holds something else.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    do { self = try PropertyListDecoder().decode(BiclusterChain.self, from: data) } catch {
      throw CajalError("\(url.path) holds no chain of a bicluster model, or is damaged")
    }
  }

  init(
    _ model: BiclusterModel, _ settings: BiclusterSettings, seed: UInt64, _ counts: SpikeCounts,
    _ state: BiclusterState
  ) {
    (self.model, self.settings, self.seed, self.state) = (model, settings, seed, state)
    fingerprint = counts.fingerprint
    hiddenProbabilities = [Double](repeating: 0, count: counts.isObserved.count { !$0 })
  }
}

extension SpikeCounts {
  /// The same for the same counts and mask (FNV-1a).
  var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in counts.indices {
      hash =
        (hash ^ UInt64(UInt32(bitPattern: counts[index]) << 1 | (isObserved[index] ? 1 : 0)))
        &* 0x100_0000_01B3
    }
    return (hash ^ UInt64(bins)) &* 0x100_0000_01B3
  }
}
