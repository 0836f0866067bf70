import Support

/// A recurrent network of rates with fixed synapses in which each neuron has one gain: `τ dr/dt = -r + f + W (g ∘ r)` (Duong, Bredenberg,
/// Heeger and Simoncelli, 2023).
///
/// ```swift
/// let preferred = Orientation.even(48)
/// let network = try GainNetwork(weights: OrientationWeights().matrix(preferred: preferred), neurons: 48)
/// let drive = OrientationTuning().drive(preferred: preferred, stimuli: Orientation.even(48))
/// let tuning = try network.responses(to: drive, gains: Array(repeating: 0.5, count: 48))
/// ```
public struct GainNetwork: Sendable {
  /// Where a gain acts.
  public enum Variant: String, Sendable, CaseIterable {
    /// On what a neuron sends to others: `r = f + W (g ∘ r)`.
    case recurrentDrive = "recurrent"
    /// On what a neuron sends to everybody: `u = f + W (g ∘ u)`, `r = g ∘ u`.
    case output
  }

  public let neurons: Int
  /// `[N · N]` row by row: from column to row.
  public let weights: [Double]
  public let variant: Variant

  /// - Throws: `CajalError` when weights are not `[N · N]` finite numbers.
  public init(weights: [Double], neurons: Int, variant: Variant = .recurrentDrive) throws {
    guard neurons > 0, weights.count == neurons * neurons else {
      throw CajalError("\(weights.count) weights for \(neurons) neurons, expected \(neurons * neurons)")
    }
    guard weights.allSatisfy(\.isFinite) else { throw CajalError("weights should be finite numbers") }
    (self.weights, self.neurons, self.variant) = (weights, neurons, variant)
  }

  /// The largest real part of the eigenvalues of `W diag(g)`: below 1 activity settles.
  public func largestEigenvalue(gains: [Double]) -> Double {
    precondition(gains.count == neurons, "\(gains.count) gains for \(neurons) neurons")
    return eigenvalues(gains).largest
  }

  private func eigenvalues(_ gains: [Double]) -> EigenvalueBound {
    EigenvalueBound(weights.indices.map { weights[$0] * gains[$0 % neurons] }, neurons)
  }

  /// Whether activity settles with these gains `[N]`.
  public func isStable(gains: [Double]) -> Bool {
    // Sums of rows and of columns bound every eigenvalue, and cost nothing.
    var (rows, columns) = (0.0, [Double](repeating: 0, count: neurons))
    for i in 0..<neurons {
      var sum = 0.0
      for j in 0..<neurons {
        let size = abs(weights[i * neurons + j] * gains[j])
        sum += size
        columns[j] += size
      }
      rows = max(rows, sum)
    }
    return min(rows, columns.max()!) < 1 || (gains.allSatisfy(\.isFinite) && eigenvalues(gains).isLeft(of: 1))
  }

  /// What the network settles at: `(I - W diag(g))⁻¹ f` for each column of the drive, times the gains in the output variant.
  ///
  /// - Parameters:
  ///   - drive: `[N, S]`.
  ///   - gains: `[N]`.
  /// - Throws: `CajalError` for another number of neurons, or gains with which activity grows without limit.
  public func responses(to drive: ResponseMatrix, gains: [Double]) throws -> ResponseMatrix {
    try check(drive.neurons, "drive")
    try check(gains.count, "gains")
    guard isStable(gains: gains) else {
      throw CajalError(
        "the network has no steady state: the largest eigenvalue of W diag(g) is \(largestEigenvalue(gains: gains)), expected less than 1"
      )
    }
    let workspace = GainWorkspace(self, drive)
    guard workspace.settle(gains) else { throw CajalError("the network with these gains is singular") }
    return ResponseMatrix(neurons: neurons, stimuli: drive.stimuli, values: workspace.responses)
  }

  /// The course of activity by Euler's method: `r ← r + h (-r + f(t) + W (g ∘ r))`, with h in units of τ.
  ///
  /// - Parameters:
  ///   - drive: The drive `[N]` at each step.
  ///   - step: h = dt / τ.
  ///   - start: `[N]`; silence if nil.
  /// - Returns: Responses `[T][N]` behind each step.
  /// - Throws: `CajalError` for another number of neurons.
  public func simulate(
    steps: Int, step: Double = 0.05, gains: [Double], from start: [Double]? = nil,
    drive: (_ step: Int) -> [Double]
  ) throws -> [[Double]] {
    try check(gains.count, "gains")
    try check(start?.count ?? neurons, "start")
    let workspace = GainWorkspace(self, ResponseMatrix(neurons: neurons, stimuli: 1) { _, _ in 0 })
    workspace.setState(start ?? Array(repeating: 0, count: neurons))
    return try (0..<steps).map { index in
      let input = drive(index)
      try check(input.count, "drive at step \(index)")
      workspace.setDrive(input)
      workspace.relax(gains, step: step, steps: 1)
      return workspace.responses
    }
  }

  func check(_ count: Int, _ name: String) throws {
    guard count == neurons else {
      throw CajalError("\(name): \(count) neurons, expected the network's \(neurons)")
    }
  }
}
