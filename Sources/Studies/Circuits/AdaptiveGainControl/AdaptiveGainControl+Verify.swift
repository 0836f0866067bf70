import Circuits
import StudyCore
import Support

extension AdaptiveGainControl {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("default", otherwise: 1e-8)
    let ofGains = try golden.tolerance("optimal_gains", otherwise: 1e-4)
    let names = [
      "params", "theta_deg", "stimuli_deg", "W_first_row", "F_first_neuron", "gains", "p_biased", "expected",
    ]
    var sections: [String: JSONValue] = [:]
    for name in names { sections[name] = golden.section(name) }
    guard sections.count == names.count else { return }
    let content = JSONValue.object(sections)
    let reference = try Reference(content, tolerance, ofGains)
    for name in names { golden.report(reference.compared(name)) }
  }

  /// The network of a file of reference vectors, and its numbers.
  private struct Reference {
    let content: JSONValue
    let tolerance, ofGains: Double
    let preferred, gains, biased, uniform: [Double]
    let ensemble: OrientationEnsemble
    let objective: GainObjective
    let adapter: Int

    init(_ content: JSONValue, _ tolerance: Double, _ ofGains: Double) throws {
      (self.content, self.tolerance, self.ofGains) = (content, tolerance, ofGains)
      let p = content["params"]
      let (count, stimuli) = (try p.integer("N"), try p.integer("n_stimuli"))
      guard count > 1, stimuli > 1 else {
        throw CajalError("params: N=\(count) and n_stimuli=\(stimuli) should be 2 at least")
      }
      adapter = try p.integer("adapter_index")
      preferred = Orientation.even(count)
      ensemble = try OrientationEnsemble(stimuli, adapter: adapter, probability: p.number("p_adapter"))
      let weights = OrientationWeights(
        concentration: try p.number("kappa_w"), strength: try p.number("rho"),
        inhibition: try p.number("inhibition"))
      let tuning = OrientationTuning(
        concentration: try p.number("kappa_f"), baseline: try p.number("baseline"))
      objective = try GainObjective(
        GainNetwork(weights: weights.matrix(preferred: preferred), neurons: count),
        drive: tuning.drive(preferred: preferred, stimuli: ensemble.orientations),
        activityPrice: p.number("alpha"), homeostasis: p.number("gamma"))
      (gains, biased) = (try content.numbers("gains"), try content.numbers("p_biased"))
      uniform = OrientationEnsemble(uniform: stimuli).probabilities
    }

    func compared(_ name: String) -> Comparison {
      var comparison = Comparison(name)
      do {
        switch name {
        case "params": try parameters(&comparison)
        case "gains":
          comparison.checkEqual(gains.count, preferred.count, "gains")
          comparison.checkEqual(objective.network.isStable(gains: gains), true, "a steady state")
        case "expected": try expected(&comparison)
        default: comparison.check(inputs(name), try content.numbers(name), absolute: tolerance)
        }
      } catch { comparison.fail("\(error)") }
      return comparison
    }

    /// What the parameters make of the inputs that the file repeats.
    private func inputs(_ name: String) -> [Double] {
      switch name {
      case "theta_deg": preferred
      case "stimuli_deg": ensemble.orientations
      case "W_first_row": Array(objective.network.weights.prefix(preferred.count))
      case "F_first_neuron": objective.drive.curve(0)
      default: ensemble.probabilities
      }
    }

    private static let parameterNames: Set<String> = [
      "N", "kappa_f", "baseline", "kappa_w", "rho", "inhibition", "alpha", "gamma", "n_stimuli", "p_adapter",
      "adapter_index",
    ]

    private func parameters(_ comparison: inout Comparison) throws {
      let given = Set(content["params"].object.map { Array($0.keys) } ?? [])
      comparison.checkEqual(given.subtracting(Self.parameterNames).sorted(), [], "unknown parameters")
    }

    private static let outcomes = [
      "responses_at_adapter", "responses_at_stimulus_0", "euler_400_steps_dt_0p05_at_adapter",
      "objective_biased",
      "gradient_biased", "optimal_gains_uniform", "objective_at_optimum_uniform", "optimal_gains_biased",
      "objective_at_optimum_biased", "closed_form_gains_alpha_0p02_gamma_0p05_biased",
    ]

    private func expected(_ comparison: inout Comparison) throws {
      let expected = content["expected"]
      let unknown = Set((expected.object ?? [:]).keys).subtracting(Self.outcomes).sorted()
      if !unknown.isEmpty { comparison.fail("unknown entries \(unknown.joined(separator: ", "))") }
      let network = objective.network
      let responses = try network.responses(to: objective.drive, gains: gains)
      let course = try network.simulate(steps: 400, step: 0.05, gains: gains) { _ in
        objective.drive.pattern(adapter)
      }
      let (usual, adapted) = (try objective.adapt(to: uniform), try objective.adapt(to: biased))
      var small = objective
      (small.activityPrice, small.homeostasis) = (0.02, 0.05)
      let measured: [(values: [Double], tolerance: Double)] = [
        (responses.pattern(adapter), tolerance), (responses.pattern(0), tolerance),
        (course[399], tolerance), ([try objective.cost(gains, under: biased).total], tolerance),
        (try objective.gradient(gains, under: biased), tolerance), (usual.gains, ofGains),
        ([usual.cost.total], tolerance), (adapted.gains, ofGains), ([adapted.cost.total], tolerance),
        (try small.linearised(for: biased), tolerance),
      ]
      for (name, (values, tolerance)) in zip(Self.outcomes, measured) {
        let value = expected[name]
        if value.isNull {
          comparison.fail("'\(name)' is missing")
        } else {
          let numbers = try value.double.map { [$0] } ?? expected.numbers(name)
          comparison.check(values, numbers, absolute: tolerance, relative: tolerance)
        }
      }
    }
  }
}
