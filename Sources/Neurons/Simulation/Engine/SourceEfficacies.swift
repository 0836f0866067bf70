/// Short-term plasticity of the sources of a projection, as one partition sees it.
final class SourceEfficacies<Scalar: SimulationScalar>: @unchecked Sendable {
  private let plasticity: ShortTermPlasticity
  private let facilitation, recovery: DecayTable<Scalar>?
  /// By source: u and x just after its last spike, and the step of that.
  private var states: [(utilisation: Scalar, resources: Scalar, step: Int32)]
  private static var never: Int32 { -1 << 30 }

  init(_ plasticity: ShortTermPlasticity, sources: Int, step: Double) {
    self.plasticity = plasticity
    func table(_ timeConstant: Double) -> DecayTable<Scalar>? {
      timeConstant > 0 ? DecayTable(timeConstant: timeConstant, step: step) : nil
    }
    facilitation = table(plasticity.facilitationTimeConstant)
    recovery = table(plasticity.recoveryTimeConstant)
    let rested = plasticity.rested(as: Scalar.self)
    states = Array(repeating: (rested.utilisation, rested.resources, Self.never), count: sources)
  }

  var bytes: Int { states.count * MemoryLayout<(Scalar, Scalar, Int32)>.stride }

  /// The efficacy that a spike of a source meets now.
  @inline(__always)
  func spike(_ source: Int, _ now: Int) -> Scalar {
    states.withUnsafeMutableBufferPointer { states in
      let elapsed = now - Int(states[source].step)
      var state = ShortTermPlasticity.State<Scalar>(
        utilisation: states[source].utilisation, resources: states[source].resources, lastSpike: nil)
      let efficacy = plasticity.spike(
        &state, facilitationLeft: facilitation?(elapsed) ?? 0, depressionLeft: recovery?(elapsed) ?? 0)
      states[source] = (state.utilisation, state.resources, Int32(truncatingIfNeeded: now))
      return efficacy
    }
  }
}
