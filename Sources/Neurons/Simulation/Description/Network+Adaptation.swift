import Support

/// What is done to synapses or neurons from time to time while a network runs.
struct Adaptation: Sendable {
  enum Kind: Sendable {
    case scaling(SynapticScaling, Projection)
    case normalisation(IncomingNormalisation, Projection)
    case intrinsic(IntrinsicPlasticity, Population)
    case rewiring(StructuralRewiring, Projection)
  }
  let kind: Kind
  /// Milliseconds.
  let interval: Double
}

extension Network {
  /// Has targets scale their incoming weights towards a rate.
  ///
  /// - Parameter interval: A whole number of steps; between, rates are counted.
  public mutating func scale(_ projection: Projection, _ scaling: SynapticScaling, every interval: Time) {
    adaptations.append(Adaptation(kind: .scaling(scaling, projection), interval: interval.value))
  }

  /// Holds the sum of the incoming weights of every target of a projection.
  public mutating func normalise(
    _ projection: Projection, _ normalisation: IncomingNormalisation, every interval: Time
  ) {
    adaptations.append(Adaptation(kind: .normalisation(normalisation, projection), interval: interval.value))
  }

  /// Has neurons move a current of their own, in the unit of their current input, towards a rate: it sinks with every spike, and
  /// rises in between.
  public mutating func adapt(
    _ population: Population, _ plasticity: IntrinsicPlasticity, every interval: Time
  ) { adaptations.append(Adaptation(kind: .intrinsic(plasticity, population), interval: interval.value)) }

  /// Takes synapses away and lets as many grow; new ones have the delay of one that went.
  public mutating func rewire(_ projection: Projection, _ rewiring: StructuralRewiring, every interval: Time)
  {
    adaptations.append(Adaptation(kind: .rewiring(rewiring, projection), interval: interval.value))
  }

  func validateAdaptations() throws {
    for adaptation in adaptations {
      let steps = adaptation.interval / step.value
      guard steps > 0.5, abs(steps - steps.rounded()) < 1e-6 * max(1, steps) else {
        throw CajalError(
          "an adaptation every \(adaptation.interval) ms, which is not a whole number of steps of \(step)")
      }
      switch adaptation.kind {
      case .scaling(_, let projection), .normalisation(_, let projection), .rewiring(_, let projection):
        let description = projections[projection.index]
        guard description.plasticity != nil || description.weight.constant == nil else {
          throw CajalError(
            "the synapses of '\(projection.name)' share one weight, which cannot be changed one by one")
        }
      case .intrinsic(_, let population):
        guard let type = populations[population.index].neuronType, type.input(.current) != nil else {
          throw CajalError(
            "'\(population.name)' has no input for a current, by which its neurons could adapt")
        }
      }
    }
  }
}
