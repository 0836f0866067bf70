import Figures
import Foundation
import StudyCore
import Support

extension QuadraticNetworks {
  /// Networks over the strengths γ against the conventional network and a widened one: claims 3 and 4.
  struct GammaComparison {
    /// `dense` or `residual`.
    let part: String
    /// `a` or `b`, behind the claims' numbers.
    let claimSuffix: String
    let gammas: [Double]
    let conventional: Trials
    let widened: Trials
    /// One for each γ.
    let trials: [Trials]
    let parameters: (conventional: Int, quadratic: Int, widened: Int)
    /// What was trained, in a sentence, without a full stop.
    let setting: String
    /// Why the run is too small to tell accuracies apart, if it is.
    let obstacle: String?

    static func obstacle(isLarge: Bool) -> String? {
      isLarge ? nil : "differences of this size need 3 seeds and more images and epochs than this run's"
    }

    /// The position of the positive γ with the best mean validation accuracy.
    private var bestIndex: Int {
      let positive = gammas.indices.filter { gammas[$0] > 0 }
      return positive.max { trials[$0].validation.mean < trials[$1].validation.mean } ?? 0
    }
    var bestGamma: Double { gammas[bestIndex] }
    /// The trials of ``bestGamma``.
    var best: Trials { trials[bestIndex] }

    func report(to lab: Lab) throws {
      try lab.add(table)
      try lab.add(figure)
      lab.measure("\(part).conventional", conventional.test.mean)
      lab.measure("\(part).widened", widened.test.mean)
      for (gamma, trial) in zip(gammas, trials) {
        lab.measure("\(part).gamma\(gamma)", trial.test.mean)
        lab.measure("\(part).gamma\(gamma).failures", Double(trial.failures))
      }
      lab.measure("\(part).bestGamma", bestGamma)
      lab.add(optimumClaim)
      lab.add(widenedClaim)
    }

    private var table: Table {
      var table = Table(
        name: "\(part)-gamma", caption: "\(setting).",
        columns: [
          "network", "parameters", "validation accuracy", "test accuracy", "deviation over seeds",
          "gain over conventional", "deviation of the gain", "failed",
        ])
      let counts = [parameters.conventional, parameters.widened] + trials.map { _ in parameters.quadratic }
      for (trial, count) in zip([conventional, widened] + trials, counts) {
        let gain = trial.gain(over: conventional)
        table.append([
          .text(trial.label), .integer(count), .number(trial.validation.mean), .number(trial.test.mean),
          .number(trial.test.deviation), .number(gain.mean), .number(gain.deviation),
          .integer(trial.failures),
        ])
      }
      return table
    }

    // Claim 3.

    /// Whether accuracy falls again, or training fails, at the greatest γ of the sweep.
    private var dropsAtTheEnd: Bool {
      guard let last = gammas.indices.max(by: { gammas[$0] < gammas[$1] }) else { return false }
      return trials[last].failures > 0 || (last != bestIndex && trials[last].test.mean < best.test.mean)
    }

    private var optimumClaim: Claim {
      let gain = best.gain(over: conventional)
      let isBetter = gain.mean >= 0
      let listed = zip(gammas, trials).map { gamma, trial in "γ = \(gamma): \(trial.text)" }
      return .decided(
        "3\(claimSuffix)",
        "With a well chosen strength the quadratic network is at least as good as the conventional one.",
        paper: "Performance rises with γ from the conventional value to an optimum, then falls (figure 2).",
        test: "\(setting); γ chosen on validation images.",
        criterion:
          "at the γ chosen on validation images the mean test accuracy is not below the conventional one's, seeds paired, and the curve falls, or training fails, at the greatest γ",
        measured:
          "conventional \(conventional.test.text()); \(listed.joined(separator: "; ")); chosen γ = \(bestGamma), paired gain \(signed(gain)).",
        holds: isBetter && dropsAtTheEnd,
        reason: isBetter
          ? "accuracy does not fall at the greatest γ"
          : "the mean test accuracy is below the conventional network's",
        unless: obstacle)
    }

    // Claim 4.

    private var widenedClaim: Claim {
      let gain = best.gain(over: widened)
      return .decided(
        "4\(claimSuffix)", "The gain is more than that of further parameters.",
        paper: "Compares networks of the same structure only; the quadratic one has three times the weights.",
        test:
          "The conventional network widened to \(parameters.widened) parameters against the quadratic one's \(parameters.quadratic) at γ = \(bestGamma); same images, epochs and seeds.",
        criterion:
          "the quadratic network's mean test accuracy is above the widened conventional one's by more than the standard error of the paired difference",
        measured:
          "widened \(widened.test.text()), quadratic \(best.test.text()), paired difference \(signed(gain)); conventional of the same structure \(conventional.test.text()).",
        holds: gain.mean > gain.standardError,
        reason: "as many parameters in conventional neurons do as well, within the noise of the seeds",
        unless: obstacle)
    }

    private func signed(_ spread: Spread) -> String {
      String(format: "%+.4f ± %.4f", spread.mean, spread.deviation)
    }

    // The figure.

    private var figure: Plot {
      // γ = 0 has its place a step left of the least positive strength.
      let least = gammas.filter { $0 > 0 }.min() ?? 1
      let places = gammas.map { $0 > 0 ? $0 : least / 10 }
      let whole = trials.filter { $0.failures == 0 } + [conventional, widened]
      let low = whole.map { $0.test.mean - $0.test.deviation }.min()!
      let high = whole.map { $0.test.mean + $0.test.deviation }.max()!
      let margin = max((high - low) * 0.25, 0.005)
      var plot = Plot(
        name: "\(part)-gamma",
        title: "\(part == "dense" ? "Dense networks" : "Residual networks"): accuracy by strength γ",
        caption:
          "Test accuracy, mean and standard deviation over seeds. The dotted lines are the conventional network of the same structure and the one widened to as many parameters; in the shaded range networks failed.",
        x: .init(
          "γ, learning rate of the quadratic terms over that of the others", scale: .log,
          range: least / 20...2,
          ticks: zip(places, gammas).map { ($0, $1 == 0 ? "0" : String(format: "%g", $1)) }),
        y: .init("test accuracy", range: (low - margin)...(high + margin)))
      let kept = gammas.indices.map { trials[$0].failures == 0 ? trials[$0].test.mean : .nan }
      plot.add(.linePoints, "quadratic", x: places, y: kept, error: trials.map(\.test.deviation))
      plot.marks.append(.horizontal(conventional.test.mean, label: "conventional"))
      plot.marks.append(.horizontal(widened.test.mean, label: "widened"))
      let failing = gammas.indices.filter { trials[$0].failures > 0 }.map { places[$0] }
      if let from = failing.min() { plot.marks.append(.band(from / 2...2, label: "failed")) }
      return plot
    }
  }
}
