/// When a synapse may learn: fully while an event happens or is expected, a little otherwise.
public struct AttentionGate: Sendable, Equatable {
  /// The gate where nothing happens and nothing is expected; 1 for no gate.
  public var outside: Double
  /// An event happens where its signal is above this.
  public var eventThreshold: Double
  /// One is expected where the size of the prediction is above this.
  public var expectationThreshold: Double

  public init(outside: Double = 0.1, eventThreshold: Double = 0.05, expectationThreshold: Double = 0.1) {
    (self.outside, self.eventThreshold, self.expectationThreshold) = (
      outside, eventThreshold, expectationThreshold
    )
  }

  /// Learns at all times alike.
  public static let open = AttentionGate(outside: 1)

  /// Whether an event happens or is expected.
  @inline(__always)
  public func isAttentive(event: Double, expectation: Double) -> Bool {
    event > eventThreshold || abs(expectation) > expectationThreshold
  }

  /// The gate, 0...1.
  @inline(__always)
  public func callAsFunction(event: Double, expectation: Double) -> Double {
    isAttentive(event: event, expectation: expectation) ? 1 : outside
  }
}
