import Support

/// Random input for a neuron's synapses whose rates wander: new rates at regular times, straight lines between them, and an event in each step
/// with the rate as its probability.
///
/// Constant rates would show only one working point of a cell; these drive it through silence and bursts.
public struct FluctuatingRates: Sendable {
  public var excitatory = 639
  public var inhibitory = 639
  /// Steps between two draws.
  public var period = 200
  /// Events a synapse and step, of all synapses of a kind alike.
  public var excitatoryRates = 0.0...0.05
  public var inhibitoryRates = 0.0...0.03

  public init() {}

  public var inputs: Int { excitatory + inhibitory }

  /// Events of one sequence: +1 at excitatory inputs, which come first, -1 at inhibitory ones.
  public func events(steps: Int, using generator: inout RandomGenerator) -> SynapticEvents {
    precondition(steps > 0 && period > 0, "\(steps) steps, rates every \(period)")
    let knots = steps / period + 2
    func drawn(_ range: ClosedRange<Double>) -> [Double] {
      (0..<knots).map { _ in
        range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
      }
    }
    let kinds = [
      (first: 0, count: excitatory, value: Float(1), rates: drawn(excitatoryRates)),
      (first: excitatory, count: inhibitory, value: Float(-1), rates: drawn(inhibitoryRates)),
    ]
    var events = SequenceEvents()
    for t in 0..<steps {
      let (knot, share) = (t / period, Double(t % period) / Double(period))
      for kind in kinds {
        let rate = kind.rates[knot] * (1 - share) + kind.rates[knot + 1] * share
        let threshold = UInt64(min(max(rate, 0), 1) * 4_294_967_296)
        var random: UInt64 = 0
        for synapse in 0..<kind.count {
          // Two synapses from the halves of one random number.
          random = synapse % 2 == 0 ? generator.next() : random >> 32
          if random & 0xFFFF_FFFF < threshold {
            events.indices.append(Int32(kind.first + synapse))
            events.values.append(kind.value)
          }
        }
      }
      events.ends.append(Int32(events.indices.count))
    }
    return SynapticEvents(joining: [events], steps: steps, inputs: inputs)
  }
}
