import Figures
import Neurons
import StudyCore
import Support
import Tensors

extension LearnedDelays.MotifPart {
  func bars(_ trained: [LearnedDelays.Trained]) -> Plot {
    let kinds = ["none", "fixed", "constant width", "learned"]
    var plot = Plot(
      name: "accuracy", title: "Delays that are learned tell motifs apart",
      caption:
        "Test accuracy, mean and standard deviation over seeds: with the trained kernels, and with whole delays after a short training; the same with \(options.fanIn) inputs for each hidden neuron. Constant: learned with narrow kernels from the start.",
      x: .init(
        "delays", ticks: zip([0.0, 1, 2, 3], ["none", "fixed", "constant", "learned"]).map { ($0, $1) }),
      y: .init("accuracy", range: 0...1))
    func add(
      _ style: Plot.Series.Style, _ label: String, _ kinds: [String], at places: [Double],
      _ measure: (DelayedTraining.Outcome) -> Double
    ) {
      let values = kinds.map { trained.spread($0, measure) }
      plot.add(style, label, x: places, y: values.map(\.mean), error: values.map(\.deviation))
    }
    let sparse = ["none, sparse", "fixed, sparse", "learned, sparse"]
    add(.bars, "with kernels", kinds, at: [0, 1, 2, 3], \.accuracy)
    add(.points, "whole, tuned", kinds, at: [-0.12, 0.88, 1.88, 2.88], \.tunedAccuracy)
    add(.points, "sparse, kernels", sparse, at: [0.12, 1.12, 3.12], \.accuracy)
    add(.points, "sparse, whole, tuned", sparse, at: [0.26, 1.26, 3.26], \.tunedAccuracy)
    plot.marks.append(.horizontal(0.1, label: "chance"))
    return plot
  }

  func courses(_ trained: [LearnedDelays.Trained]) -> Plot {
    var plot = Plot(
      name: "rounding", title: "What rounding costs while kernels shrink",
      caption:
        "Test accuracy by epoch, mean over seeds: with the kernels of that epoch, and with all delays rounded at that moment.",
      x: .init("epoch"), y: .init("accuracy", range: 0...1))
    for (kind, label) in [("learned", "shrinking"), ("constant width", "constant")] {
      let runs = trained.filter { $0.name == kind }.map(\.outcome.epochs)
      guard let count = runs.map(\.count).min(), count > 0 else { continue }
      let measured = (0..<count).filter { runs[0][$0].accuracy.isFinite }
      let epochs = measured.map { Double($0 + 1) }
      func mean(_ value: (DelayedTraining.Epoch) -> Double) -> [Double] {
        measured.map { epoch in Spread(runs.map { value($0[epoch]) }).mean }
      }
      plot.add(.line, "\(label), kernels", x: epochs, y: mean(\.accuracy))
      plot.add(
        .dashed, "\(label), rounded", x: epochs, y: mean(\.wholeAccuracy), colourOf: "\(label), kernels")
    }
    return plot
  }

  func histogram(_ trained: [LearnedDelays.Trained]) -> Plot {
    var plot = Plot(
      name: "delays", title: "Where the delays of the first layer go",
      caption: "Share of synapses by delay before and after learning, all seeds together.",
      x: .init("delay", unit: "steps"), y: .init("share of synapses"))
    let learned = trained.filter { $0.name == "learned" }
    for (label, path) in [("before", \LearnedDelays.Trained.delaysBefore), ("after", \.delays)] {
      let delays = learned.flatMap { $0[keyPath: path] }
      let places = Array(0..<(options.length | 1))
      let counts = places.map { place in Double(delays.count { $0 == place }) / Double(max(delays.count, 1)) }
      plot.add(label == "before" ? .dashed : .linePoints, label, x: places.map(Double.init), y: counts)
    }
    return plot
  }

  func scatter(_ trained: [LearnedDelays.Trained]) -> Plot {
    var plot = Plot(
      name: "weights-and-delays", title: "Excitation and inhibition by delay",
      caption: "Each point a synapse of the first layer of one trained network, its delay rounded.",
      x: .init("delay", unit: "steps"), y: .init("weight"))
    guard let one = trained.first(where: { $0.name == "learned" }) else { return plot }
    for (label, isPositive) in [("excitatory", true), ("inhibitory", false)] {
      let chosen = one.weights.indices.filter { (one.weights[$0] > 0) == isPositive }
      plot.add(
        .points, label, x: chosen.map { Double(one.delays[$0]) }, y: chosen.map { one.weights[$0] })
    }
    return plot
  }

  /// When the spikes of one sample reach the hidden neuron that they coincide at best.
  func alignment(_ trained: [LearnedDelays.Trained], _ task: LearnedDelays.Task) -> Plot {
    var plot = Plot(
      name: "alignment", title: "Delays bring a motif together",
      caption:
        "One test sample: the spikes of each channel as they were sent, and as they arrive through the excitatory synapses of the hidden neuron at which most arrive within three steps.",
      x: .init("step"), y: .init("channel"))
    guard let one = trained.first(where: { $0.name == "learned" && $0.seed == 0 }) else { return plot }
    let sample = task.test.spikes[0].to(.float32)
    let (steps, channels, values) = (sample.size(0), sample.size(1), sample.floats)
    let sent = (0..<steps).flatMap { t in
      (0..<channels).compactMap { values[t * channels + $0] > 0 ? (time: t, channel: $0) : nil }
    }
    func arrivals(_ neuron: Int) -> [(time: Int, channel: Int)] {
      sent.compactMap { spike in
        let place = (neuron * channels + spike.channel) * options.taps
        return one.weights[place] > 0 ? (spike.time + one.delays[place], spike.channel) : nil
      }
    }
    func coincidence(_ neuron: Int) -> Int {
      let times = arrivals(neuron).map(\.time)
      return times.map { start in times.count { (start..<start + 3).contains($0) } }.max() ?? 0
    }
    let neurons = one.weights.count / (channels * options.taps)
    let best = (0..<neurons).max { coincidence($0) < coincidence($1) } ?? 0
    plot.add(.points, "sent", x: sent.map { Double($0.time) }, y: sent.map { Double($0.channel) })
    let arrived = arrivals(best)
    plot.add(.points, "arriving", x: arrived.map { Double($0.time) }, y: arrived.map { Double($0.channel) })
    return plot
  }
}
