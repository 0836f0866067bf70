import Figures
import Neurons
import StudyCore
import Support

extension ExpressiveLeakyMemoryStudy {
  /// Claim 5: what each part of the neuron is good for.
  struct AblationPart {
    let options: Options
    let lab: Lab
    let bench: FitBench

    private static let whole = "whole"
    private static let linear = "linear integration"

    func run() throws {
      let variants = try variants()
      let fits = variants.flatMap { name, configuration in
        // The claim's two have all seeds, the others one.
        (0..<(name == Self.whole || name == Self.linear ? options.seeds : 1)).map { seed in
          Fit(
            name: name, teacher: bench.compared, seed: seed, steps: options.ablationSteps,
            model: .neuron(configuration))
        }
      }
      let fitted = try bench.run(fits, "ablations")
      for (name, _) in variants {
        lab.measure("ablations.\(name).rmse", fitted.spread(name, \.voltageError).mean, unit: "mV")
      }
      addClaim(fitted)
      try lab.add(table(fitted, variants.map(\.0)))
      try lab.add(bars(fitted, variants.map(\.0)))
      if let learned = fitted.named("learned time constants").first { try lab.add(times(learned)) }
    }

    private typealias Configuration = ExpressiveLeakyMemory.Configuration

    private func variants() throws -> [(String, Configuration)] {
      let whole = bench.neuron(options.ablationUnits, teacher: bench.compared)
      func changed(_ change: (inout Configuration) -> Void) -> Configuration {
        var copy = whole
        change(&copy)
        return copy
      }
      var all: [(String, Configuration)] = [
        (Self.whole, whole), (Self.linear, changed { $0.hiddenLayers = 0 }),
        ("two hidden layers", changed { $0.hiddenLayers = 2 }),
        ("lambda 1", changed { $0.lambda = 1 }), ("lambda 10", changed { $0.lambda = 10 }),
        ("version 2", changed { $0.version = .second }),
        ("weights of either sign", changed { $0.rectifiesWeights = false }),
        ("learned time constants", changed { $0.learnsTimeConstants = true }),
        ("times up to 10 ms", changed { $0.memoryTimeConstants = 1...10 }),
      ]
      // As many synapses in all, on fewer or more branches.
      for branches in [5, 15, 135] where branches <= whole.inputs {
        let synapses = max(whole.synapses / branches, (whole.inputs + branches - 1) / branches)
        all.append(
          ("\(branches) branches", changed { ($0.branches, $0.synapsesPerBranch) = (branches, synapses) }))
      }
      all.append(
        (
          "no branches",
          changed {
            ($0.branches, $0.synapsesPerBranch) = ($0.inputs, 1)
            $0.routing = .none
          }
        ))
      return all
    }

    private func addClaim(_ fitted: [Fitted]) {
      let (whole, linear) = (
        fitted.spread(Self.whole, \.voltageError), fitted.spread(Self.linear, \.voltageError)
      )
      let gain = 1 - whole.mean / linear.mean
      lab.add(
        .decided(
          "5", "Non-linear integration of branches and memory is needed",
          paper: "the hidden layer is part of the model throughout",
          test:
            "\(bench.teachers[bench.compared].name), \(options.ablationUnits) memory units, \(options.ablationSteps) steps: one hidden layer against one linear map",
          criterion: "the error of the voltage is at least 10 % lower with the hidden layer",
          measured:
            "\(whole.text(3)) mV with, \(linear.text(3)) without: \(short(gain * 100)) % lower",
          holds: gain >= 0.1,
          reason:
            "tanh around the sum is non-linear already, and this teacher's voltage is close to a filtered sum of its input, so that the hidden layer adds less",
          unless: options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil))
    }

    private func table(_ fitted: [Fitted], _ names: [String]) -> Table {
      var table = Table(
        name: "ablations",
        caption: "The neuron with one part changed, fitted to the \(bench.teachers[bench.compared].name).",
        columns: [
          "neuron", "fits", "parameters", "voltage error (mV)", "explained variance", "area under ROC",
        ])
      for name in names {
        let own = fitted.named(name)
        table.append([
          .text(name), .integer(own.count), .integer(own[0].parameters),
          .number(fitted.spread(name, \.voltageError).mean),
          .number(fitted.spread(name, \.explainedVariance).mean),
          .number(fitted.spread(name, \.areaUnderROC).mean),
        ])
      }
      return table
    }

    private func bars(_ fitted: [Fitted], _ names: [String]) -> Plot {
      var plot = Plot(
        name: "ablations", title: "What the parts of the neuron are good for",
        caption:
          "Error of the voltage with one part changed, mean over seeds where there are several. The line is the whole neuron.",
        x: .init("error", unit: "mV"),
        y: .init(
          "", range: -0.7...Double(names.count) - 0.3,
          ticks: names.enumerated().map { (Double(names.count - 1 - $0), $1) }))
      let values = names.map { fitted.spread($0, \.voltageError) }
      plot.add(.points, "", x: values.map(\.mean), y: names.indices.map { Double(names.count - 1 - $0) })
      plot.marks.append(.vertical(values[0].mean, label: ""))
      plot.height = 480
      return plot
    }

    private func times(_ learned: Fitted) -> Plot {
      var plot = Plot(
        name: "time-constants", title: "Time constants of memory before and after they are learned",
        caption:
          "Time constants of the memory units of the neuron that learns them too, where they start and where they end.",
        x: .init("memory unit"), y: .init("time constant", unit: "ms", scale: .log))
      let x = learned.times.indices.map { Double($0 + 1) }
      plot.add(.linePoints, "start", x: x, y: learned.timesBefore)
      plot.add(.linePoints, "learned", x: x, y: learned.times)
      return plot
    }
  }
}
