import Neurons
import Recordings
import StudyCore
import Support
import Tensors

extension LearnedDelays {
  /// Claim 6: the convolution and a machine of queues give the same spikes.
  struct ExactnessPart {
    let options: Options
    let lab: Lab

    func run() throws {
      let task = motifs(.timing, options, lab, seed: 0)
      var generator = lab.generator("exactness")
      var configuration = options.motifNetwork(
        .learned, options.hidden, channels: task.channels, classes: task.classes)
      configuration.dropout = 0
      let network = DelayedNetwork(configuration, using: &generator)
      var training = options.training(epochs: min(3, options.epochs))
      (training.evaluationInterval, training.fineTuningEpochs) = (0, 1)
      _ = try training.run(network, task.train, evaluation: task.test, seed: generator.next())
      let machine = EventDrivenNetwork(network)
      let double = DelayedNetwork(configuration, using: &generator)
      try double.load(network.state)
      double.fixDelays()
      double.move(to: .float64)
      double.evaluate()
      let count = min(options.exactSamples, task.test.count)
      var comparison = SpikeComparison()
      for sample in 0..<count {
        try lab.progress("exactness", sample + 1, of: count, unit: "samples")
        let spikes = task.test.spikes[sample].unsqueezed(1)
        let run = machine.run(SpikeComparison.active(spikes.to(.float32)))
        comparison.add(run, hidden: SpikeComparison.hidden(double, spikes.to(.float64)), isDouble: true)
        comparison.add(run, hidden: SpikeComparison.hidden(network, spikes.to(.float32)), isDouble: false)
      }
      lab.measure("exactness.spikes", Double(comparison.spikes))
      lab.measure("exactness.differing", Double(comparison.differing))
      lab.measure("exactness.differingSingle", Double(comparison.differingSingle))
      lab.measure("exactness.events", Double(comparison.events))
      lab.add(
        Claim(
          "6", "The convolution that trains the network is a machine of delay lines",
          paper: "whole delays can be run by neuromorphic hardware",
          test:
            "\(count) samples through the trained network with whole delays in double precision, and through queues of events",
          criterion: "every hidden spike the same",
          measured:
            "\(comparison.differing) of \(comparison.spikes) spikes differ (\(comparison.events) synaptic events); \(comparison.differingSingle) where the convolution runs in single precision",
          holds: comparison.differing == 0 && comparison.spikes > 0,
          reason: comparison.differing == 0 ? nil : "the two differ in \(comparison.differing) spikes"))
    }
  }

  /// Counts spikes that are in one run and not in the other.
  private struct SpikeComparison {
    var spikes = 0
    var differing = 0
    var differingSingle = 0
    var events = 0

    /// The neurons that fire at each step of `[T, 1, N]`.
    static func active(_ spikes: Tensor) -> [[Int]] {
      let (count, values) = (spikes.size(-1), spikes.doubles)
      return (0..<values.count / count).map { t in (0..<count).filter { values[t * count + $0] != 0 } }
    }

    static func hidden(_ network: DelayedNetwork, _ x: Tensor) -> [[[Int]]] {
      let recorder = ActivityRecorder("hidden.*")
      _ = withoutGradients { withInstruments(recorder) { network(x) } }
      let taken = recorder.taken()
      return network.norms.indices.map { active(taken["hidden.\($0)"]!) }
    }

    mutating func add(_ run: EventDrivenNetwork.Run, hidden: [[[Int]]], isDouble: Bool) {
      for (a, b) in zip(run.spikes, hidden) {
        for (x, y) in zip(a, b) {
          let count = Set(x).symmetricDifference(y).count
          if isDouble { differing += count } else { differingSingle += count }
          if isDouble { spikes += x.count }
        }
      }
      if isDouble { events += run.events }
    }
  }
}
