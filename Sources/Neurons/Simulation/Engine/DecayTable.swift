import Foundation

/// `exp(-k h/τ)` for whole numbers of steps k.
final class DecayTable<Scalar: SimulationScalar>: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Scalar>
  private let count: Int
  private let rate: Double

  /// - Parameters:
  ///   - timeConstant: Milliseconds.
  ///   - step: Milliseconds.
  init(timeConstant: Double, step: Double) {
    rate = step / timeConstant
    // Beyond twelve time constants a spike is rare enough to be computed for.
    count = Int(min(65_534, 12 / rate)) + 2
    values = .aligned(count)
    for k in 0..<count { values[k] = Scalar(exp(-Double(k) * rate)) }
  }

  deinit { values.deallocate() }

  @inline(__always)
  func callAsFunction(_ steps: Int) -> Scalar {
    steps < count ? values[steps] : Scalar(exp(-Double(steps) * rate))
  }
}

/// The decays of a rule's two traces on one side; ones for traces that it does not have.
struct TraceDecay<Scalar: SimulationScalar>: Sendable {
  private let first, second: DecayTable<Scalar>?
  private let addsFirst, addsSecond: Bool

  init(_ traces: [PlasticityTrace], step: Double) {
    precondition(traces.count <= 2, "\(traces.count) traces, at most two")
    first = traces.first.map { DecayTable(timeConstant: $0.timeConstant, step: step) }
    second = traces.count > 1 ? DecayTable(timeConstant: traces[1].timeConstant, step: step) : nil
    addsFirst = traces.first?.pairing == .all
    addsSecond = traces.count > 1 && traces[1].pairing == .all
  }

  @inline(__always)
  func decayed(_ values: TraceValues<Scalar>, by steps: Int) -> TraceValues<Scalar> {
    TraceValues(
      first.map { values.first * $0(steps) } ?? 0, second.map { values.second * $0(steps) } ?? 0)
  }

  /// After another spike.
  @inline(__always)
  func raised(_ values: TraceValues<Scalar>) -> TraceValues<Scalar> {
    TraceValues(
      first == nil ? 0 : addsFirst ? values.first + 1 : 1,
      second == nil ? 0 : addsSecond ? values.second + 1 : 1)
  }
}
