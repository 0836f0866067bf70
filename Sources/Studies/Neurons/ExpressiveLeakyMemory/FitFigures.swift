import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension ExpressiveLeakyMemoryStudy {
  /// Figures of fits to recordings.
  struct FitFigures {
    let options: Options
    let bench: FitBench

    private func byUnits(
      _ fitted: [Fitted], _ units: [Int], name: String, title: String, caption: String, axis: Plot.Axis,
      _ measure: (SurrogateScore) -> Double
    ) -> Plot {
      var plot = Plot(
        name: name, title: title, caption: caption,
        x: .init("memory units", scale: .log, ticks: units.map { (Double($0), "\($0)") }),
        y: axis)
      for (teacher, about) in bench.teachers.enumerated() {
        let own = fitted.filter { $0.fit.teacher == teacher }
        let values = units.map { own.spread("\($0)", measure) }
        plot.add(
          .linePoints, about.name, x: units.map(Double.init), y: values.map(\.mean),
          error: options.unitSeeds > 1 ? values.map(\.deviation) : nil)
      }
      return plot
    }

    func errors(_ fitted: [Fitted], _ units: [Int]) -> Plot {
      byUnits(
        fitted, units, name: "error-by-units", title: "The error of the voltage falls with memory units",
        caption:
          "Root mean square error of the soma's voltage, cut at -55 mV, on recordings that were not trained on, by teacher. Numbers of parameters stand in the table.",
        axis: .init("error", unit: "mV"), \.voltageError)
    }

    func areas(_ fitted: [Fitted], _ units: [Int]) -> Plot {
      var plot = byUnits(
        fitted, units, name: "area-by-units", title: "Spikes are told better with more memory units",
        caption:
          "Area under the receiver operating characteristic of spikes per millisecond, by teacher. The dotted line is what the published surrogate's own probabilities reach on spikes drawn with them.",
        axis: .init("area under the curve"), \.areaUnderROC)
      for about in bench.teachers {
        if let ceiling = about.ceiling {
          plot.marks.append(.horizontal(ceiling, label: "ceiling of the published surrogate"))
        }
      }
      return plot
    }

    /// Input, voltage, probability and memory over a stretch of one recording.
    func example(_ shown: Fitted) -> [Plot] {
      let teacher = bench.teachers[shown.fit.teacher]
      let recording = teacher.test.recordings[0]
      // From the first spike's surroundings on, behind the burn-in.
      let firstSpike = (500..<recording.steps).first { recording.spikes[$0] } ?? 700
      let start = max(500, min(firstSpike - 150, recording.steps - 600))
      let range = start..<min(start + 600, recording.steps)
      let time = range.map { Double($0) / 1000 }
      let units = shown.fit.name
      return [
        raster(recording.events.inputs, shown, range),
        voltage(shown, range, time, units), probability(shown, range, time, units),
        traces(shown, range, time),
      ]
    }

    private func raster(_ inputs: Int, _ shown: Fitted, _ range: Range<Int>) -> Plot {
      let events = bench.teachers[shown.fit.teacher].test.recordings[0].events
      let count = 24
      // Every so many synapses of each kind.
      let step = max(1, inputs / 2 / count)
      let chosen = (0..<count).map { $0 * step } + (0..<count).map { inputs / 2 + $0 * step }
      var spikes = [[Double]](repeating: [], count: chosen.count)
      let places = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
      for t in range {
        for event in Int(events.starts[t])..<Int(events.starts[t + 1]) {
          if let place = places[Int(events.indices[event])] { spikes[place].append(Double(t) / 1000) }
        }
      }
      return .raster(
        name: "input", title: "Input of the example",
        caption:
          "Events at \(count) of the excitatory and \(count) of the inhibitory synapses, in the stretch that the next figures show.",
        spikes: spikes, units: chosen.map { "\($0)" },
        groups: chosen.map { $0 < inputs / 2 ? "excitatory" : "inhibitory" },
        range: Double(range.lowerBound) / 1000...Double(range.upperBound) / 1000)
    }

    private func voltage(_ shown: Fitted, _ range: Range<Int>, _ time: [Double], _ units: String) -> Plot {
      let recording = bench.teachers[shown.fit.teacher].test.recordings[0]
      var plot = Plot(
        name: "voltage", title: "Voltage of the teacher and of the fitted neuron",
        caption:
          "Voltage of the soma, cut at -55 mV, of the \(bench.teachers[shown.fit.teacher].name) and as \(units) memory units predict it.",
        x: .init("time", unit: "s"), y: .init("voltage", unit: "mV"))
      plot.add(.line, "teacher", x: time, y: range.map { Double(min(recording.voltage[$0], -55)) })
      plot.add(.line, "\(units) memory units", x: time, y: range.map { shown.prediction.voltage[0][$0] })
      return plot
    }

    private func probability(_ shown: Fitted, _ range: Range<Int>, _ time: [Double], _ units: String) -> Plot
    {
      let recording = bench.teachers[shown.fit.teacher].test.recordings[0]
      var plot = Plot(
        name: "spike-probability", title: "When the neuron is expected to fire",
        caption:
          "Probability of an output spike in each millisecond by \(units) memory units; strokes are the teacher's spikes.",
        x: .init("time", unit: "s"), y: .init("probability"))
      let chances = range.map { 1 / (1 + exp(-shown.prediction.logits[0][$0])) }
      plot.add(.line, "predicted", x: time, y: chances)
      let fired = range.filter { recording.spikes[$0] }
      let top = max(chances.max() ?? 1, 1e-3) * 1.08
      plot.add(
        .points, "spikes of the teacher", x: fired.map { Double($0) / 1000 }, y: fired.map { _ in top })
      return plot
    }

    private func traces(_ shown: Fitted, _ range: Range<Int>, _ time: [Double]) -> Plot {
      let d = shown.times.count
      return .traces(
        name: "memory", title: "Memory units of the example",
        caption: "Activity of each memory unit, named by its time constant, in the same stretch.", time: time,
        traces: (0..<d).map { unit in range.map { shown.memory[$0 * d + unit] } },
        neurons: shown.times.map { String(format: "%.1f ms", $0) }, unit: "")
    }

    func receiver(_ fitted: [Fitted]) -> Plot {
      var plot = Plot(
        name: "receiver-operating-characteristic", title: "Spikes found against false alarms",
        caption:
          "Receiver operating characteristic of spikes per millisecond on the \(bench.teachers[bench.compared].name), by memory units. False alarms are drawn on a logarithmic axis, since most milliseconds have no spike.",
        x: .init("rate of false positives", scale: .log, range: 1e-4...1),
        y: .init("rate of true positives", range: 0...1))
      for one in fitted.sorted(by: { $0.parameters < $1.parameters }) {
        let points = one.score.curve.thinned(to: 4000)
        let kept = points.falsePositiveRates.indices.filter { points.falsePositiveRates[$0] >= 1e-4 }
        plot.add(
          .line, "\(one.fit.name) units", x: kept.map { points.falsePositiveRates[$0] },
          y: kept.map { points.truePositiveRates[$0] })
      }
      return plot
    }

    func weights(_ shown: Fitted) -> Plot {
      let c = bench.neuron(shown.times.count, teacher: shown.fit.teacher)
      var plot = Plot(
        name: "synaptic-weights", title: "Synaptic weights along branches",
        caption:
          "Trained weights of the synapses (columns) of each branch (rows) for the \(bench.teachers[shown.fit.teacher].name). Excitatory and inhibitory synapses alternate; all started at 0.5.",
        x: .init("synapse of the branch"), y: .init("branch"))
      plot.heatMap = .init(
        rows: (0..<c.branches).map { branch in
          (0..<c.synapsesPerBranch).map { shown.weights[branch * c.synapsesPerBranch + $0] }
        }, x: 0...Double(c.synapsesPerBranch), y: 0...Double(c.branches), label: "weight")
      return plot
    }
  }
}
