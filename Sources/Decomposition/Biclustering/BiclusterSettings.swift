import Support

/// How a chain of a ``BiclusterModel`` is run.
public struct BiclusterSettings: Sendable, Equatable, Codable {
  /// Where the neurons' groups start.
  public enum Start: Sendable, Equatable, Codable {
    /// All in one.
    case together
    /// At random in so many.
    case random(Int)
    /// Grouped by their smoothed counts (k-means) into so many.
    case kMeans(Int)
    /// As given.
    case labels([Int])
  }

  /// What a sweep draws; what is left out stays as it started.
  public struct Steps: OptionSet, Sendable, Codable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let trajectories = Steps(rawValue: 1)
    public static let states = Steps(rawValue: 2)
    public static let dynamics = Steps(rawValue: 4)
    public static let loadings = Steps(rawValue: 8)
    public static let dispersions = Steps(rawValue: 16)
    public static let constraint = Steps(rawValue: 32)
    public static let labels = Steps(rawValue: 64)
    public static let all: Steps = [
      .trajectories, .states, .dynamics, .loadings, .dispersions, .constraint, .labels,
    ]
  }

  public var sweeps = 1_000
  /// Sweeps at the start that are not kept.
  public var burnIn = 400
  /// Every how many sweeps one is kept.
  public var thinning = 2
  public var start = Start.kMeans(6)
  /// The state of each bin at the start, where it is known; the search for states is left out then.
  public var startStates: [Int]?
  /// The dynamics at the start, where they are known; without ``Steps/dynamics`` they stay.
  public var startDynamics: SwitchingDynamics?
  public var steps = Steps.all
  /// Draws of states and dynamics in a sweep.
  public var stateSweeps = 5
  /// Every how many sweeps of the burn-in merges and splits of groups are tried, 0 for never.
  public var searchInterval = 20
  /// The share of the burn-in in which all bins are in one state; the bins are then put into states by how much the
  /// expected trajectories move around them, and dynamics and trajectories settle on those for some sweeps before
  /// states are drawn.
  public var singleStateShare = 0.2
  public var startStateCount = 2
  public var settlingSweeps = 15
  /// Whether a neuron's baseline is integrated out together with its loadings when its group is drawn, or kept (as
  /// published).
  public var integratesBaseline = true
  /// Whether kept samples hold trajectories, for bands.
  public var keepsTrajectories = true

  public init() {}

  /// - Throws: `CajalError` for numbers that make no chain of `neurons`.
  func check(_ neurons: Int, _ model: BiclusterModel) throws {
    guard sweeps > 0, burnIn >= 0, burnIn < sweeps, thinning > 0, stateSweeps > 0 else {
      throw CajalError(
        "\(sweeps) sweeps, \(burnIn) of them burn-in, every \(thinning)th kept, make no chain")
    }
    guard model.states > 0, model.factors > 0, startStateCount > 0, settlingSweeps >= 0,
      (0...1).contains(singleStateShare)
    else {
      throw CajalError(
        "a model of \(model.states) states and \(model.factors) factors; both must be positive")
    }
    if let startStates {
      guard startStates.allSatisfy({ (0..<model.states).contains($0) }) else {
        throw CajalError("states to start with that are not 0 to \(model.states - 1)")
      }
    }
    switch start {
    case .together: break
    case .random(let count), .kMeans(let count):
      guard (1...neurons).contains(count) else {
        throw CajalError(
          "\(count) groups to start with; 1 to \(neurons), the number of neurons, were expected")
      }
    case .labels(let labels):
      guard labels.count == neurons, labels.allSatisfy({ $0 >= 0 }) else {
        throw CajalError("\(labels.count) labels to start with for \(neurons) neurons")
      }
    }
  }
}
