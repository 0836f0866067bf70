import Statistics
import Support

/// What gains are for: to let the stimulus be read from few spikes.
///
/// `J(g) = E[ ‖f - D r‖² + α ‖r‖² ] + γ ‖g - 1‖²` over the stimuli of a context, at the network's steady state; the decoder D reads the
/// drive f. Gains of a context are those of the least J.
public struct GainObjective: Sendable {
  public let network: GainNetwork
  /// `[N, S]`
  public let drive: ResponseMatrix
  /// `[N · N]`, fixed; `I - W`, which is exact where all gains are 1, unless another was given.
  public let decoder: [Double]
  /// α: the price of activity.
  public var activityPrice: Double
  /// γ: the pull of each gain towards 1.
  public var homeostasis: Double

  /// - Throws: `CajalError` for shapes that do not fit or negative prices.
  public init(
    _ network: GainNetwork, drive: ResponseMatrix, activityPrice: Double = 1, homeostasis: Double = 0.6,
    decoder: [Double]? = nil
  ) throws {
    let count = network.neurons
    try network.check(drive.neurons, "drive")
    guard activityPrice >= 0, homeostasis >= 0 else {
      throw CajalError(
        "activityPrice=\(activityPrice) and homeostasis=\(homeostasis) should be 0 or more")
    }
    guard decoder.map({ $0.count == count * count }) ?? true else {
      throw CajalError("a decoder of \(decoder!.count) numbers, expected \(count * count)")
    }
    self.decoder =
      decoder
      ?? network.weights.indices.map { ($0 / count == $0 % count ? 1 : 0) - network.weights[$0] }
    (self.network, self.drive) = (network, drive)
    (self.activityPrice, self.homeostasis) = (activityPrice, homeostasis)
  }

  /// The parts of the objective, before they are weighed.
  public struct Cost: Sendable, Equatable {
    /// `E ‖f - D r‖²`
    public let error: Double
    /// `E ‖r‖²`
    public let activity: Double
    /// `‖g - 1‖²`
    public let displacement: Double
    /// J
    public let total: Double
  }

  /// The cost of gains `[N]` in a context `[S]`.
  ///
  /// - Throws: `CajalError` for shapes that do not fit, probabilities that are none, or gains without a steady state.
  public func cost(_ gains: [Double], under probabilities: [Double]) throws -> Cost {
    try check(gains, probabilities)
    let workspace = makeWorkspace()
    guard network.isStable(gains: gains), workspace.settle(gains) else { throw Self.unstable }
    return cost(workspace, gains, probabilities)
  }

  /// `dJ/dg` `[N]`, by the adjoint of the steady state.
  ///
  /// - Throws: As ``cost(_:under:)``.
  public func gradient(_ gains: [Double], under probabilities: [Double]) throws -> [Double] {
    try check(gains, probabilities)
    let workspace = makeWorkspace()
    var gradient = [Double](repeating: 0, count: gains.count)
    guard network.isStable(gains: gains), workspace.settle(gains) else { throw Self.unstable }
    _ = workspace.cost(probabilities)
    workspace.gradient(gains, probabilities, activityPrice: activityPrice, into: &gradient)
    addHomeostasis(gains, &gradient)
    return gradient
  }

  /// Gains of a context, and how they were found.
  public struct Adapted: Sendable {
    /// `[N]`
    public let gains: [Double]
    public let cost: Cost
    public let search: BoundedMinimiser.Result
  }

  /// The gains `[N]` of the least J in a context `[S]`, by a bounded quasi-Newton search; steps to gains without a steady state are
  /// refused.
  ///
  /// - Parameters:
  ///   - bounds: Of every gain.
  ///   - start: `[N]`; 1 if nil.
  /// - Throws: `CajalError` for shapes that do not fit, or a start without a steady state.
  public func adapt(
    to probabilities: [Double], bounds: ClosedRange<Double> = 0...Double.infinity,
    from start: [Double]? = nil,
    minimiser: BoundedMinimiser = BoundedMinimiser()
  ) throws -> Adapted {
    let count = network.neurons
    let start = start ?? Array(repeating: 1, count: count)
    try check(start, probabilities)
    guard network.isStable(gains: start.map { min(max($0, bounds.lowerBound), bounds.upperBound) }) else {
      throw Self.unstable
    }
    let workspace = makeWorkspace()
    let found = try minimiser.minimise(
      from: start, lower: Array(repeating: bounds.lowerBound, count: count),
      upper: Array(repeating: bounds.upperBound, count: count)
    ) { gains, gradient in
      guard network.isStable(gains: gains), workspace.settle(gains) else { return .infinity }
      let cost = cost(workspace, gains, probabilities)
      workspace.gradient(gains, probabilities, activityPrice: activityPrice, into: &gradient)
      addHomeostasis(gains, &gradient)
      return cost.total
    }
    return Adapted(gains: found.point, cost: try cost(found.point, under: probabilities), search: found)
  }

  /// The gains of the objective's expansion around 1, in closed form: `g = 1 - H⁻¹ b` with
  /// `H = [Wᵀ (I + α A₀ᵀ A₀) W] ∘ C + γ I`, `b = α rowsum((Wᵀ A₀ᵀ) ∘ C)`, `A₀ = (I - W)⁻¹` and C the second moments of responses
  /// before adaptation, which are all that it needs. Good for small α only; for the variant with gains on recurrent drive.
  ///
  /// - Throws: `CajalError` for another variant, or where H is singular.
  public func linearised(for probabilities: [Double]) throws -> [Double] {
    let n = network.neurons
    guard network.variant == .recurrentDrive else {
      throw CajalError("the closed form is for gains on the recurrent drive, not on the output")
    }
    let ones = [Double](repeating: 1, count: n)
    try check(ones, probabilities)
    let before = try network.responses(to: drive, gains: ones)
    // With A₀ W, H's bracket is WᵀW + α (A₀W)ᵀ(A₀W), and b needs (A₀W)ᵀ.
    let weights = ResponseMatrix(neurons: n, stimuli: n, values: network.weights)
    let amplified = try network.responses(to: weights, gains: ones)
    var h = [Double](repeating: 0, count: n * n)
    var b = [Double](repeating: 0, count: n)
    for i in 0..<n {
      for j in 0..<n {
        var (moment, bracket) = (0.0, 0.0)
        for s in 0..<drive.stimuli { moment += probabilities[s] * before[i, s] * before[j, s] }
        for k in 0..<n {
          bracket += weights[k, i] * weights[k, j] + activityPrice * amplified[k, i] * amplified[k, j]
        }
        h[i * n + j] = bracket * moment + (i == j ? homeostasis : 0)
        b[i] += activityPrice * amplified[j, i] * moment
      }
    }
    var pivots = [Int](repeating: 0, count: n)
    guard SmallMatrix.factorLU(&h, n, &pivots) else {
      throw CajalError("the closed form is singular: homeostasis=\(homeostasis) should be larger")
    }
    SmallMatrix.solveLU(&h, n, &pivots, &b, 1)
    return b.map { 1 - $0 }
  }

  static let unstable = CajalError("the network has no steady state with these gains")

  func makeWorkspace(stimuli: Int? = nil) -> GainWorkspace {
    let drive =
      stimuli.map { ResponseMatrix(neurons: network.neurons, stimuli: $0) { _, _ in 0 } } ?? self.drive
    return GainWorkspace(network, drive, decoder: decoder)
  }

  func cost(_ workspace: GainWorkspace, _ gains: [Double], _ probabilities: [Double]) -> Cost {
    let (error, activity) = workspace.cost(probabilities)
    let displacement = gains.reduce(0) { $0 + ($1 - 1) * ($1 - 1) }
    return Cost(
      error: error, activity: activity, displacement: displacement,
      total: error + activityPrice * activity + homeostasis * displacement)
  }

  func addHomeostasis(_ gains: [Double], _ gradient: inout [Double]) {
    for i in gains.indices { gradient[i] += 2 * homeostasis * (gains[i] - 1) }
  }

  func check(_ gains: [Double], _ probabilities: [Double]) throws {
    try network.check(gains.count, "gains")
    guard gains.allSatisfy(\.isFinite) else { throw CajalError("gains should be finite numbers") }
    guard probabilities.count == drive.stimuli else {
      throw CajalError("\(probabilities.count) probabilities for \(drive.stimuli) stimuli, expected one each")
    }
    guard probabilities.allSatisfy({ $0 >= 0 }), abs(probabilities.reduce(0, +) - 1) < 1e-6 else {
      throw CajalError("the context's probabilities should be 0 or more and of sum 1")
    }
  }
}
