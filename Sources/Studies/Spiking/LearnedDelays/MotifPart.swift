import Figures
import Neurons
import StudyCore
import Support

extension LearnedDelays {
  /// Claims 1 to 3: no delays, fixed and learned ones; kernels that shrink and such that do not.
  struct MotifPart {
    let options: Options
    let lab: Lab

    /// The kinds of networks, dense and sparse.
    private static let kinds = ["none", "fixed", "learned", "constant width"]
    private static let sparseKinds = ["none, sparse", "fixed, sparse", "learned, sparse"]

    func run() throws {
      let tasks = (0..<options.seeds).map { motifs(.timing, options, lab, seed: $0) }
      let trained = try train(jobs(tasks[0]), tasks, "motifs", lab)
      try report(trained)
      try lab.add(table(trained))
      try lab.add(bars(trained))
      try lab.add(courses(trained))
      try lab.add(histogram(trained))
      try lab.add(scatter(trained))
      try lab.add(alignment(trained, tasks[0]))
    }

    private func jobs(_ task: Task) -> [Job] {
      let wide = equalWidth(options.hidden, inputs: task.channels, outputs: task.classes)
      return (0..<options.seeds).flatMap { seed in
        (Self.kinds + Self.sparseKinds).map { kind in
          let synapses: DelayedNetwork.Synapses =
            kind.hasPrefix("none") ? .undelayed : kind.hasPrefix("fixed") ? .fixed : .learned
          var configuration = options.motifNetwork(
            synapses, synapses == .learned ? options.hidden : wide, channels: task.channels,
            classes: task.classes)
          if kind.hasSuffix("sparse") {
            configuration.fanIn = options.fanIn
            // Sparse networks have equal numbers of neurons and synapses, not of parameters.
            configuration.hidden = [options.hidden, options.hidden]
          }
          var training = options.training(epochs: options.epochs)
          training.shrinksWidth = kind != "constant width"
          return Job(name: kind, configuration: configuration, training: training, seed: seed)
        }
      }
    }

    private func report(_ trained: [Trained]) throws {
      for kind in Self.kinds + Self.sparseKinds {
        let name = kind.replacing(", ", with: ".").replacing(" ", with: "-")
        lab.measure("motifs.\(name).accuracy", trained.spread(kind, \.accuracy).mean)
        lab.measure("motifs.\(name).whole", trained.spread(kind, \.wholeAccuracy).mean)
        lab.measure("motifs.\(name).tuned", trained.spread(kind, \.tunedAccuracy).mean)
      }
      let few = options.seeds < 3 ? "one needs three seeds to tell; this run has \(options.seeds)" : nil
      let fixed = trained.difference("fixed", "none", \.tunedAccuracy)
      lab.add(
        .decided(
          "1", "Random delays that stay fixed help a little over none",
          paper: "fixed random delays beat none on spoken words",
          test: "motifs by timing, trained parameters equal, \(options.seeds) seeds",
          criterion: "fixed - none >= 2 points",
          measured: "\(fixed.points) (\(trained.spread("none", \.tunedAccuracy).percent) without)",
          holds: fixed.mean >= 0.02,
          reason:
            "random delays spread the motif as often as they align it, and the network has fewer trained synapses to sort them out",
          unless: few))
      let learned = trained.difference("learned", "fixed", \.accuracy)
      let whole = trained.difference("learned", "fixed", \.wholeAccuracy)
      lab.add(
        .decided(
          "2", "Learned delays beat fixed random ones clearly", paper: "learned delays are the best of all",
          test: "as claim 1; the learned network with its kernels, and with delays rounded",
          criterion: "learned - fixed >= 20 points with kernels, >= 8 points rounded",
          measured: "\(learned.points) with kernels, \(whole.points) rounded",
          holds: learned.mean >= 0.2 && whole.mean >= 0.08,
          reason:
            "fixed random delays reach \(trained.spread("fixed", \.accuracy).percent) here, so that little is left to gain; rounding costs the learned network \(Spread(trained.filter { $0.name == "learned" }.map { $0.outcome.accuracy - $0.outcome.wholeAccuracy }).points)",
          unless: few))
      addSparseClaim(trained, few)
      addWidthClaims(trained, few)
    }

    private func addSparseClaim(_ trained: [Trained], _ few: String?) {
      let dense = trained.difference("learned", "none", \.accuracy)
      let sparse = trained.difference("learned, sparse", "none, sparse", \.accuracy)
      lab.add(
        .decided(
          "2a", "Where neurons have few inputs, delays matter more",
          paper: "the effect is larger in sparse networks",
          test:
            "\(options.fanIn) inputs for each hidden neuron against all; learned delays against none, with kernels",
          criterion: "the gain in sparse networks is larger than in dense ones",
          measured: "\(sparse.points) sparse, \(dense.points) dense", holds: sparse.mean > dense.mean,
          reason: "the gain is not larger here", unless: few))
    }

    private func addWidthClaims(_ trained: [Trained], _ few: String?) {
      let gain = trained.difference("learned", "constant width", \.wholeAccuracy)
      lab.add(
        .decided(
          "3", "Kernels that shrink are better than kernels that are narrow from the start",
          paper: "a width that decreases beats a constant one",
          test: "accuracy with rounded delays, without further training",
          criterion: "shrinking - constant > 0",
          measured:
            "\(gain.points) rounded; \(trained.difference("learned", "constant width", \.accuracy).points) with kernels",
          holds: gain.mean > 0,
          reason: "narrow kernels found as good delays here", unless: few))
      let gap = Spread(
        trained.filter { $0.name == "learned" }.map { $0.outcome.accuracy - $0.outcome.tunedAccuracy })
      let before = Spread(
        trained.filter { $0.name == "learned" }.map { $0.outcome.accuracy - $0.outcome.wholeAccuracy })
      lab.add(
        .decided(
          "3a", "A short training with rounded delays closes the gap that rounding opens",
          paper: "figures are those of rounded delays",
          test: "\(options.tuningEpochs) epochs with delays rounded and fixed",
          criterion: "kernels - rounded and tuned <= 5 points",
          measured: "\(gap.points) left of \(before.points)", holds: gap.mean <= 0.05,
          reason: "weights alone cannot make up for what rounding moved", unless: few))
    }

    private func table(_ trained: [Trained]) -> Table {
      var table = Table(
        name: "motifs",
        caption:
          "Accuracy on motifs by timing: with the trained kernels, with delays rounded, and after a short training with rounded delays.",
        columns: ["network", "seed", "trained parameters", "with kernels", "rounded", "rounded and tuned"])
      for one in trained {
        table.append([
          .text(one.name), .integer(one.seed), .integer(one.parameters), .number(one.outcome.accuracy),
          .number(one.outcome.wholeAccuracy), .number(one.outcome.tunedAccuracy),
        ])
      }
      return table
    }
  }
}
