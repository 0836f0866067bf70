import Circuits
import Foundation
import StudyCore
import Support

/// The canonical network, its contexts, and what adaptation does to it.
struct GainBench: Sendable {
  let options: AdaptiveGainControl.Options
  let lab: Lab

  init(_ options: AdaptiveGainControl.Options, _ lab: Lab) throws {
    try options.validate()
    (self.options, self.lab) = (options, lab)
  }

  /// A network in both of its states.
  struct Adaptation: Sendable {
    let preferred: [Double]
    let adapter: Double
    let objective: GainObjective
    let usual, adapted: GainObjective.Adapted
    let report: AdaptationReport
    let shifts: TuningShifts

    var adapterNeuron: Int { shifts.nearestNeuron }

    /// How much lower the adapter neuron's gain is than in the uniform context.
    var contrast: Double { usual.gains[adapterNeuron] - adapted.gains[adapterNeuron] }

    /// Of neurons that lie between 10 and 45 degrees from the adapter.
    var repulsion: [Double] { shifts.repulsion(within: GainBench.flank) }
    var smallestRepulsion: Double { repulsion.min() ?? .nan }
    /// Over all neurons, at its best place.
    var largestRepulsion: Double { shifts.repulsion.filter { !$0.isNaN }.max() ?? .nan }
  }

  /// Where repulsion is looked for, in degrees from the adapter.
  static let flank = 10.0 - 1e-9...45.0 + 1e-9

  /// What the claims ask for.
  static let leastRepulsion = 0.2
  static let mostAttraction = 0.05

  /// The user's own data, and whether they are a folder; nil where there are none.
  ///
  /// - Throws: `CajalError` when nothing is there.
  func ownData() throws -> (url: URL, isFolder: Bool)? {
    guard let path = lab.dataPath else { return nil }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(path)")
    }
    return (URL(fileURLWithPath: path), isFolder.boolValue)
  }

  /// Whether each number is larger than the one before.
  static func rises(_ values: [Double]) -> Bool { zip(values, values.dropFirst()).allSatisfy { $0 < $1 } }

  /// The orientation half way round, which a neuron prefers.
  static func context(_ stimuli: Int, _ probability: Double) throws -> OrientationEnsemble {
    try OrientationEnsemble(stimuli, adapter: stimuli / 2, probability: probability)
  }

  /// The objective of a network of evenly spaced preferences.
  func objective(
    neurons: Int? = nil, stimuli: Int? = nil, weights: OrientationWeights? = nil,
    variant: GainNetwork.Variant? = nil, activityPrice: Double? = nil, homeostasis: Double? = nil
  ) throws -> GainObjective {
    let preferred = Orientation.even(neurons ?? options.neurons)
    let network = try GainNetwork(
      weights: (weights ?? options.weights).matrix(preferred: preferred), neurons: preferred.count,
      variant: variant ?? GainNetwork.Variant(rawValue: options.variant)!)
    return try GainObjective(
      network,
      drive: options.tuning.drive(
        preferred: preferred, stimuli: Orientation.even(stimuli ?? options.stimuli)),
      activityPrice: activityPrice ?? options.activityPrice, homeostasis: homeostasis ?? options.homeostasis)
  }

  /// Both states of a network; the adapter lies half way round.
  func adaptation(
    _ objective: GainObjective, probability: Double? = nil, preferred: [Double]? = nil
  ) throws -> Adaptation {
    let stimuli = objective.drive.stimuli
    let context = try Self.context(stimuli, probability ?? options.probability)
    return try adaptation(objective, to: context.probabilities, adapter: 90, preferred: preferred)
  }

  func adaptation(
    _ objective: GainObjective, to context: [Double], adapter: Double, preferred: [Double]? = nil
  ) throws -> Adaptation {
    let preferred = preferred ?? Orientation.even(objective.network.neurons)
    let reference = OrientationEnsemble(uniform: objective.drive.stimuli).probabilities
    let usual = try objective.adapt(to: reference)
    let adapted = try objective.adapt(to: context, from: usual.gains)
    let report = try AdaptationReport(
      before: objective.network.responses(to: objective.drive, gains: usual.gains),
      after: objective.network.responses(to: objective.drive, gains: adapted.gains),
      reference: reference, context: context)
    return Adaptation(
      preferred: preferred, adapter: adapter, objective: objective, usual: usual, adapted: adapted,
      report: report, shifts: try TuningShifts(report, preferred: preferred, adapter: adapter))
  }
}
