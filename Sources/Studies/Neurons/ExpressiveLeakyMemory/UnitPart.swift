import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension ExpressiveLeakyMemoryStudy {
  /// Claim 1: how many memory units it takes.
  struct UnitPart {
    let options: Options
    let lab: Lab
    let bench: FitBench

    func run() throws {
      let units = options.memoryUnits.sorted()
      let fits = bench.teachers.indices.flatMap { teacher in
        units.flatMap { d in
          (0..<options.unitSeeds).map { seed in
            Fit(
              name: "\(d)", teacher: teacher, seed: seed, steps: options.fitSteps,
              model: .neuron(bench.neuron(d, teacher: teacher)))
          }
        }
      }
      // Large networks first, so that no thread is left with one.
      let fitted = try bench.run(fits.reversed(), "memory units")
      for (teacher, about) in bench.teachers.enumerated() {
        let own = fitted.filter { $0.fit.teacher == teacher }
        addClaim(teacher, own, units)
        for d in units {
          lab.measure("units.\(about.name).\(d).auc", own.spread("\(d)", \.areaUnderROC).mean)
          lab.measure("units.\(about.name).\(d).rmse", own.spread("\(d)", \.voltageError).mean, unit: "mV")
        }
      }
      try lab.add(table(fitted, units))
      let figures = FitFigures(options: options, bench: bench)
      try lab.add(figures.errors(fitted, units))
      try lab.add(figures.areas(fitted, units))
      let shown = fitted.filter { $0.fit.teacher == bench.compared }.max { $0.parameters < $1.parameters }!
      for plot in figures.example(shown) { try lab.add(plot) }
      try lab.add(figures.receiver(fitted.filter { $0.fit.teacher == bench.compared && $0.fit.seed == 0 }))
      try lab.add(figures.weights(shown))
    }

    private func addClaim(_ teacher: Int, _ fitted: [Fitted], _ units: [Int]) {
      let about = bench.teachers[teacher]
      let errors = units.map { fitted.spread("\($0)", \.voltageError).mean }
      let areas = units.map { fitted.spread("\($0)", \.areaUnderROC).mean }
      // Up to five units each step may raise the error by 2 % at most.
      let small = units.indices.filter { units[$0] <= 5 }
      let falls = zip(small, small.dropFirst()).allSatisfy { errors[$1] <= errors[$0] * 1.02 }
      let near = about.ceiling.map { $0 - areas[units.count - 1] <= 0.01 } ?? true
      let ceiling = about.ceiling.map { String(format: "; the teacher's own probabilities %.4f", $0) } ?? ""
      let text = units.indices.map {
        "\(units[$0]): \(String(format: "%.3f mV, %.4f", errors[$0], areas[$0]))"
      }
      let id = teacher < 2 ? ["1a", "1b"][teacher] : "1c"
      lab.add(
        .decided(
          id,
          "Few memory units suffice, and accuracy rises with their number (\(about.name))",
          paper:
            "on NeuronIO 1 unit 1.33 mV and 0.944, 5 units 0.81 mV and 0.976, 15 units 0.66 mV and 0.992, 100 units 0.61 mV and 0.994",
          test:
            "fits of \(options.fitSteps) steps; error of the voltage and area under the curve of spikes on recordings of their own",
          criterion: "the error falls with units up to 5 (tolerance 2 %)"
            + (about.ceiling == nil
              ? "; spikes follow from the input, so that no ceiling below 1 is known"
              : ", and with the most units the area is within 0.01 of the ceiling"),
          measured: text.joined(separator: "; ") + ceiling, holds: falls && near,
          reason: falls
            ? "the area with the most units is further from the ceiling than 0.01: \(options.fitSteps) steps are 1/100 of the paper's training"
            : "the error does not fall at every step: with one seed, differences between neighbouring numbers are as small as between fits",
          unless: units.count < 3 ? "three numbers of units are needed" : nil))
    }

    private func table(_ fitted: [Fitted], _ units: [Int]) -> Table {
      var table = Table(
        name: "memory-units",
        caption:
          "Fits by teacher and number of memory units. The last two columns give predictions the mean and deviation of the targets first, as published figures do.",
        columns: [
          "teacher", "memory units", "parameters", "area under ROC", "true positives at 1 % false",
          "voltage error (mV)", "explained variance", "error, rescaled (mV)", "variance, rescaled",
        ])
      for (teacher, about) in bench.teachers.enumerated() {
        for d in units {
          let own = fitted.filter { $0.fit.teacher == teacher }
          func mean(_ measure: (SurrogateScore) -> Double) -> Table.Cell {
            .number(own.spread("\(d)", measure).mean)
          }
          table.append([
            .text(about.name), .integer(d), .integer(own.named("\(d)")[0].parameters), mean(\.areaUnderROC),
            mean(\.truePositivesAtOne), mean(\.voltageError), mean(\.explainedVariance),
            mean(\.rescaledError),
            mean(\.rescaledVariance),
          ])
        }
      }
      return table
    }
  }
}
