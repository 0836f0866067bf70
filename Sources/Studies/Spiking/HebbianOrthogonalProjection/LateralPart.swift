import Figures
import Neurons
import StudyCore
import Support

extension HebbianOrthogonalProjection {
  /// Claim 6: subspace neurons that answer by spikes.
  struct LateralPart {
    let bench: TrialBench
    let main: MainResults

    func run() throws {
      let (steps, scale) = (bench.options.lateralSteps, bench.options.lateralScale)
      let trials = try bench.run(
        "spiking subspace neurons",
        steps.map {
          Condition(
            label: "\($0) steps", keeping: .hebbian(.init(lateralSpiking: .init(scale: scale, steps: $0))))
        }, seeds: bench.options.seeds)
      let losses = trials.map { trial in
        Spread(
          zip(main.hebbian.trials, trial.trials).map {
            $0.outcome.averageAccuracy - $1.outcome.averageAccuracy
          })
      }
      var table = Table(
        name: "lateral", caption: "Subspace neurons that answer by a signed rate of spikes, mean over seeds.",
        columns: ["lateral time steps", "ACC", "BWT", "ACC lost against exact answers"])
      for (count, (trial, loss)) in zip(steps, zip(trials, losses)) {
        table.append([
          .integer(count), .number(trial.accuracy.mean), .number(trial.transfer.mean), .number(loss.mean),
        ])
        bench.lab.measure("lateral.steps\(count).accuracy", trial.accuracy.mean)
      }
      try bench.lab.add(table)
      let failing = zip(steps, losses).filter { $0.1.mean > Criteria.lateralCost }
      bench.lab.add(
        .decided(
          "6", "Spiking subspace neurons cost little.",
          paper: "With lateral spiking neurons accuracy is within about a point.",
          test:
            "\(main.setting); answers rounded to steps of \(scale)/T_l and clipped to ±\(scale), in learning and projection.",
          criterion: "for every T_l the mean ACC is at most 2 points below that with exact answers",
          measured: "exact \(main.hebbian.text); "
            + zip(steps, zip(trials, losses)).map { "T_l = \($0): \($1.0.text), lost \($1.1.points)" }
            .joined(separator: "; ") + ".",
          holds: failing.isEmpty,
          reason: failing.map { "T_l = \($0.0) loses \($0.1.points)" }.joined(separator: "; "),
          unless: main.obstacle))
    }
  }
}
