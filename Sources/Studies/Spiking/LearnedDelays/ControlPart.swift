import Neurons
import StudyCore
import Support

extension LearnedDelays {
  /// Motifs whose class lies in counts: delays have nothing to find.
  struct ControlPart {
    let options: Options
    let lab: Lab

    func run() throws {
      let tasks = (0..<options.seeds).map { motifs(.counts, options, lab, seed: $0) }
      let wide = equalWidth(options.hidden, inputs: tasks[0].channels, outputs: tasks[0].classes)
      let jobs = (0..<options.seeds).flatMap { seed in
        [DelayedNetwork.Synapses.undelayed, .learned].map { synapses in
          Job(
            name: "\(synapses)",
            configuration: options.motifNetwork(
              synapses, synapses == .learned ? options.hidden : wide, channels: tasks[0].channels,
              classes: tasks[0].classes),
            training: options.training(epochs: options.epochs), seed: seed)
        }
      }
      let trained = try train(jobs, tasks, "control", lab)
      let gain = trained.difference("learned", "undelayed", \.tunedAccuracy)
      let without = trained.spread("undelayed", \.tunedAccuracy)
      lab.measure("control.undelayed", without.mean)
      lab.measure("control.learned", trained.spread("learned", \.tunedAccuracy).mean)
      lab.add(
        .decided(
          "7", "Control: where only counts tell the classes apart, delays do not help",
          paper: "not in the paper", test: "motifs by counts, trained parameters equal, rounded and tuned",
          criterion: "learned - none <= 2 points",
          measured: "\(gain.points) (\(without.percent) without)", holds: gain.mean <= 0.02,
          reason:
            "with almost no memory in the membrane, delays also serve as a memory over which counts are summed",
          unless: options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil))
    }
  }
}
