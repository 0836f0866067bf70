import Figures
import Neurons
import StudyCore
import Support
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Claim 2: the neuron, an LSTM and causal convolutions behind the same synapses.
  struct BaselinePart {
    let options: Options
    let lab: Lab
    let bench: FitBench

    private static let neuron = "ELM"
    private static let recurrent = "LSTM"
    private static let convolutions = "TCN"
    private static let large = "TCN, 5 times"

    func run() throws {
      let c = bench.neuron(options.comparisonUnits, teacher: bench.compared)
      let models = models(c)
      let fits = (0..<options.seeds).flatMap { seed in
        models.map {
          Fit(name: $0.0, teacher: bench.compared, seed: seed, steps: options.comparisonSteps, model: $0.1)
        }
      }
      let fitted = try bench.run(fits, "baselines")
      for name in models.map(\.0) {
        lab.measure("baselines.\(name).rmse", fitted.spread(name, \.voltageError).mean, unit: "mV")
        lab.measure("baselines.\(name).auc", fitted.spread(name, \.areaUnderROC).mean)
      }
      addClaim(fitted)
      try lab.add(table(fitted))
      try lab.add(plot(fitted, models.map(\.0)))
    }

    /// Behind synapses and branches, which all have in common, the others get as many parameters as the neuron has there.
    private func models(_ c: ExpressiveLeakyMemory.Configuration) -> [(String, Fit.Model)] {
      let wanted = c.parameterCount - c.synapses
      let hidden = matched(wanted) { RecurrentReadout.parameterCount(c.branches, hidden: $0, c.outputs) }
      func convolutions(_ wanted: Int) -> Int {
        matched(wanted) {
          CausalConvolutions.parameterCount(
            c.branches, hidden: $0, c.outputs, kernel: FitBench.convolutionKernel,
            layers: FitBench.dilations.count)
        }
      }
      return [
        (Self.recurrent, .recurrent(hidden: hidden, c)), (Self.neuron, .neuron(c)),
        (Self.convolutions, .convolutions(hidden: convolutions(wanted), c)),
        (Self.large, .convolutions(hidden: convolutions(c.parameterCount * 5 - c.synapses), c)),
      ]
    }

    private func addClaim(_ fitted: [Fitted]) {
      func errors(_ name: String) -> [Double] {
        fitted.named(name).sorted { $0.fit.seed < $1.fit.seed }.map(\.score.voltageError)
      }
      let (own, lstm, tcn, large) = (
        errors(Self.neuron), errors(Self.recurrent), errors(Self.convolutions), errors(Self.large)
      )
      let wins = own.indices.count { own[$0] < lstm[$0] && own[$0] < tcn[$0] }
      let counts = fitted.named(Self.neuron).first?.parameters ?? 0
      lab.add(
        .decided(
          "2", "The neuron fits with fewer parameters than an LSTM or a temporal convolutional network",
          paper: "fewer than 10,000 parameters where temporal convolutional networks took millions",
          test:
            "\(bench.teachers[bench.compared].name), \(options.comparisonSteps) steps each; the same synapses, branches and traces, then a neuron, an LSTM or three layers of causal convolutions with as many parameters (\(counts) in all)",
          criterion: "a lower error of the voltage than both matched networks on at least two of three seeds",
          measured:
            "ELM \(Spread(own).text(3)) mV, LSTM \(Spread(lstm).text(3)), TCN \(Spread(tcn).text(3)), TCN with five times the parameters \(Spread(large).text(3)); better than both on \(wins) of \(own.count)",
          holds: 3 * wins >= 2 * own.count,
          reason:
            "behind the same synapses and traces another network of this size fits this teacher as well in so many steps",
          unless: options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil))
    }

    private func table(_ fitted: [Fitted]) -> Table {
      var table = Table(
        name: "baselines",
        caption: "Networks behind the same synapses, fitted to the \(bench.teachers[bench.compared].name).",
        columns: [
          "network", "seed", "parameters", "voltage error (mV)", "explained variance", "area under ROC",
          "true positives at 1 % false",
        ])
      for one in fitted {
        table.append([
          .text(one.fit.name), .integer(one.fit.seed), .integer(one.parameters),
          .number(one.score.voltageError),
          .number(one.score.explainedVariance), .number(one.score.areaUnderROC),
          .number(one.score.truePositivesAtOne),
        ])
      }
      return table
    }

    private func plot(_ fitted: [Fitted], _ names: [String]) -> Plot {
      var plot = Plot(
        name: "error-by-parameters", title: "Error against number of parameters",
        caption:
          "Error of the voltage of each fit to the \(bench.teachers[bench.compared].name), all with the same synapses and traces and the same \(options.comparisonSteps) steps of training.",
        x: .init("parameters", scale: .log), y: .init("error", unit: "mV"))
      for name in names {
        let own = fitted.named(name)
        plot.add(.points, name, x: own.map { Double($0.parameters) }, y: own.map(\.score.voltageError))
      }
      return plot
    }
  }
}
