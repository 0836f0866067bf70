import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Claims 3b, 4b and 6c with residual networks: the sweep of γ, the widened conventional network, compact and ReZero.
  struct ResidualComparison {
    let options: QuadraticNetworks.Options
    let data: ImageSplit
    let lab: Lab

    func run() throws {
      let base = options.residualWidth
      let widenedBase = widenedWidth()
      let conventional = setting("conventional", .conventional())
      let widened = setting("conventional, widened", .conventional(), width: widenedBase)
      let sweep = options.residualGammas.map { setting("γ = \($0)", .quadratic(), gamma: $0) }
      let all = try lab.train(
        "residual, strengths", [conventional, widened] + sweep, on: data, seeds: options.residualSeeds)
      let comparison = GammaComparison(
        part: "residual", claimSuffix: "b", gammas: options.residualGammas, conventional: all[0],
        widened: all[1], trials: Array(all[2...]),
        parameters: (count(conventional), count(sweep[0]), count(widened)),
        setting:
          "QResNet-\(options.residualDepth) with \(base), \(2 * base) and \(4 * base) channels (widened: \(widenedBase), \(2 * widenedBase), \(4 * widenedBase)), \(data.train.inputs.size(0)) images, \(options.residualEpochs) epochs, \(options.residualSeeds) seeds",
        obstacle: GammaComparison.obstacle(
          isLarge: data.train.inputs.size(0) >= 3000 && options.residualSeeds >= 3
            && options.residualEpochs >= 5))
      try comparison.report(to: lab)
      try variants(comparison)
    }

    private func architecture(_ neurons: NeuronChoice, width: Int, reZero: Bool = false)
      -> QResNet.Architecture
    {
      QResNet.Architecture(
        depth: options.residualDepth, widths: [width, 2 * width, 4 * width], inputs: data.channels,
        classes: data.classes, neurons: neurons, reZero: reZero)
    }

    private func setting(
      _ label: String, _ neurons: NeuronChoice, gamma: Double = 1, width: Int? = nil, reZero: Bool = false
    ) -> Setting {
      var training = SupervisedTraining(policy: .shrinkGradients(gamma), learningRate: options.residualRate)
      let epochs = options.residualEpochs
      training.weightDecay = 1e-4
      training.epochs = epochs
      training.schedule = .milestones([max(epochs / 2, 1), max(epochs * 3 / 4, 1)], by: 0.1)
      if options.augment {
        training.augment = { $0.augmented([.crop(padding: 4), .horizontalFlip], using: &$1) }
      }
      let architecture = architecture(neurons, width: width ?? options.residualWidth, reZero: reZero)
      return Setting(label: label, make: { QResNet(architecture, using: &$0) }, training: training)
    }

    private func count(_ setting: Setting) -> Int {
      var unused = RandomGenerator(seed: 0)
      return setting.make(&unused).parameterCount
    }

    /// The first stage's channels of the conventional network nearest in parameters to the quadratic one.
    private func widenedWidth() -> Int {
      let goal = count(setting("", .quadratic()))
      let candidates = (options.residualWidth...2 * options.residualWidth).map { width in
        (width, abs(count(setting("", .conventional(), width: width)) - goal))
      }
      return candidates.min { $0.1 < $1.1 }!.0
    }

    private func variants(_ comparison: GammaComparison) throws {
      let gamma = comparison.bestGamma
      let settings = [
        setting("compact", .quadratic(.compact), gamma: gamma),
        setting("conventional with ReZero", .conventional(), reZero: true),
        setting("ReZero without ReLinear", .quadratic(.full, .random()), reZero: true),
        setting("ReLinear and ReZero", .quadratic(), gamma: gamma, reZero: true),
      ]
      let trials = try lab.train("residual, variants", settings, on: data, seeds: options.residualSeeds)
      var table = Table(
        name: "residual-variants",
        caption: "Compact neurons and ReZero at γ = \(gamma), beside the plain networks.",
        columns: ["network", "parameters", "test accuracy", "deviation over seeds", "failed"])
      for (trial, parameters) in [
        (comparison.conventional, comparison.parameters.conventional),
        (comparison.best, comparison.parameters.quadratic),
      ] + zip(trials, settings.map(count)) {
        table.append([
          .text(trial.label), .integer(parameters), .number(trial.test.mean), .number(trial.test.deviation),
          .integer(trial.failures),
        ])
        lab.measure("residual.\(trial.label.replacingOccurrences(of: " ", with: "-"))", trial.test.mean)
      }
      try lab.add(table)
      lab.add(reZeroClaim(comparison, without: trials[2], with: trials[3], all: trials))
    }

    private func reZeroClaim(_ comparison: GammaComparison, without: Trials, with: Trials, all: [Trials])
      -> Claim
    {
      let listed = ([("quadratic", comparison.best)] + all.map { ($0.label, $0) }).map {
        "\($0.0) \($0.1.text)"
      }
      return .decided(
        "6c", "ReLinear combines with ReZero.",
        paper: "ReLinear can be used together with other ways of stabilising training.",
        test: "\(comparison.setting); each residual branch times a trained number that starts at zero.",
        criterion:
          "networks with both fail for no seed and are not below those with ReZero and a random start in mean test accuracy",
        measured: listed.joined(separator: "; ") + ".",
        holds: with.failures == 0 && with.gain(over: without).mean >= 0,
        reason: with.failures > 0 ? "networks with both failed" : "a random start with ReZero does better",
        unless: comparison.obstacle)
    }
  }
}
