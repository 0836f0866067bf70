import Figures
import Neurons
import StudyCore
import Support

extension WhatWhenReservoir {
  /// One reservoir through all blocks of the paradigm: what its spikes and its predictions look like. No claim.
  struct ParadigmPart {
    let bench: Bench
    private var options: Options { bench.options }

    private var task: PredictionTask {
      func block(_ name: String, _ probabilities: [Double], _ latencies: [Double]) -> PredictionTask.Block {
        .init(
          name, trials: options.blockTrials,
          cues: [.init(probabilities: probabilities, latencies: latencies)])
      }
      return PredictionTask([
        block("0.8 : 0.2 at 300", [0.8, 0.2], [300, 300]), block("at 450", [0.8, 0.2], [450, 450]),
        block("0.3 : 0.7", [0.3, 0.7], [450, 450]), block("50 : 50 at 200", [0.5, 0.5], [200, 200]),
        block("A 200, B 450", [0.5, 0.5], [200, 450]), block("omission", [0, 0], [450, 450]),
      ])
    }

    func run() throws {
      let task = task
      let shown = Set(task.starts.dropFirst().map { $0 - 1 } + [task.trialCount - 1])
      let features = bench.features(seed: 0)
      let course = bench.course(bench.local, features, task, named: "paradigm", seed: 0, keeping: shown)
      try bench.lab.add(raster(features))
      try bench.lab.add(blocks(task, course, features.timing))
    }

    private func raster(_ features: CueFeatures) throws -> Plot {
      let reservoir = features.reservoir as! IzhikevichReservoir
      var generator = bench.lab.generator("raster")
      let run = reservoir.run(
        features.timing.input(cue: 0, of: features.cueCount), using: &generator)
      bench.lab.measure("rate", run.meanRate, unit: "Hz")
      let step = max(1, reservoir.size / 40)
      let neurons = Array(stride(from: 0, to: reservoir.size, by: step))
      let spikes = neurons.map { neuron in
        run.spikes.filter { $0.neuron == neuron }.map { Double($0.step) / 1000 }
      }
      let cue = features.timing.cueOnset
      var plot = Plot.raster(
        name: "raster", title: "A trial of the reservoir",
        caption:
          "Spikes of one neuron in \(step) of \(reservoir.size), in a trial; the cue lasts the shaded 50 ms. \(run.spikes.count) spikes of all neurons, \(short(run.meanRate)) Hz on average.",
        spikes: spikes, units: neurons.map { $0 % (step * 10) == 0 ? "\($0)" : "" },
        groups: neurons.map { $0 < reservoir.excitatoryCount ? "excitatory" : "inhibitory" },
        range: 0...Double(features.timing.duration) / 1000)
      let end = Double(cue + features.timing.cueLength) / 1000
      plot.marks = [.band(Double(cue) / 1000...end, label: "cue")]
      return plot
    }

    /// The last prediction of each block, side by side.
    private func blocks(_ task: PredictionTask, _ course: WhatWhenCourse, _ timing: TrialTiming) -> Plot {
      let width = Double(timing.duration) + 60
      var plot = Plot(
        name: "predictions", title: "What is expected, and when, by block",
        caption:
          "Outputs of \"when\" and of both \"what\" (A, B) at the end of each of six blocks of \(options.blockTrials) trials, one behind the other, local rule, one reservoir; ticks mark the cue's onset and each 200 ms behind it. Titles: probabilities of A and B, latency in ms.",
        x: .init(
          "time behind the cue", unit: "ms",
          ticks: task.blocks.indices.flatMap { index in
            [0, 200, 400, 600].map {
              (Double(index) * width + Double(timing.cueOnset + $0), $0 == 0 || $0 == 400 ? "\($0)" : "")
            }
          }), y: .init("output", range: -0.5...1.4))
      plot.height = 420
      var curves = [[Double]](repeating: [], count: 3)
      var times: [Double] = []
      for (index, start) in task.starts.enumerated() {
        let last = start + task.blocks[index].trials - 1
        guard let prediction = course.predictions[last] else { continue }
        let offset = Double(index) * width
        times += (0..<timing.duration).map { offset + Double($0) } + [offset + Double(timing.duration)]
        for (curve, output) in ([prediction.when] + prediction.what).enumerated() {
          curves[curve] += output + [.nan]
        }
        plot.marks.append(
          .text(x: offset + width / 2, y: 1.3, label: task.blocks[index].name))
      }
      for (curve, name) in ["when", "what A", "what B"].enumerated() {
        plot.add(curve == 0 ? .thinLine : .line, name, x: times, y: curves[curve])
      }
      return plot
    }
  }
}
