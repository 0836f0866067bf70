/// Where a chain stands: everything that its next sweep depends on.
public struct BiclusterState: Sendable, Equatable, Codable {
  /// Sweeps done.
  public var sweep = 0
  /// The group of each neuron, 0 ..< ``clusters``; none is empty.
  public var labels: [Int]
  /// d of each neuron.
  public var baselines: [Double]
  /// c, `[N · p]`.
  public var loadings: [Double]
  /// r of each neuron.
  public var dispersions: [Double]
  /// (m, x) of every group: `[K (p + 1) · T]`.
  public var trajectories: [Double]
  public var dynamics: SwitchingDynamics
  public var sticky: StickyStates
  /// The state of each bin, that of the step out of it; the last one repeats the one before.
  public var states: [Int32]

  public var clusters: Int { (labels.max() ?? -1) + 1 }

  /// How many states hold at least `share` of the bins.
  public func stateCount(holding share: Double = 0.01) -> Int {
    let counts = Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +)
    return counts.values.count { Double($0) >= share * Double(states.count) }
  }
}
