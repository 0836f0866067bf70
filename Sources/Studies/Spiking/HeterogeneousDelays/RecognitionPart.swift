import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

/// Claims 1 and 2: the motion of unseen images is known, and delays are needed for that.
struct RecognitionPart {
  private let bench: MotionBench
  private let trials: [MotionTrial]

  /// A way of recognising motion, and what it said with each seed.
  private struct Method {
    var name: String
    var key: String
    var predictions: [MotionPredictions]

    func accuracy() -> Spread { Spread(predictions.map(\.accuracy)) }
    func direction(_ motions: MotionSet) -> Spread {
      Spread(predictions.map { $0.directionAccuracy(motions) })
    }
  }

  init(_ bench: MotionBench, _ trials: [MotionTrial]) {
    self.bench = bench
    self.trials = trials
  }

  func report() throws {
    let first = bench.options.delays
    let delays = Method(
      name: "many delays", key: "delays",
      predictions: try trials.map { try $0.predictions(of: $0.layer, from: first) })
    let restricted = Method(
      name: "its delay 0 alone", key: "restricted",
      predictions: try trials.map { try $0.predictions(of: $0.layer.shortened(to: 1), from: first) })
    let retrained = Method(
      name: "trained with delay 0", key: "delay0", predictions: try trials.map(trainedWithoutDelays))
    let others = try trials.map { trial in
      let movies = try wholeMovies(trial)
      return (counts: try countClassifier(trial, movies), surfaces: try surfaceClassifier(trial, movies))
    }
    let counts = Method(name: "event counts, linear", key: "counts", predictions: others.map(\.counts))
    let surfaces = Method(
      name: "time surfaces, linear", key: "timeSurface", predictions: others.map(\.surfaces))
    let methods = [delays, restricted, retrained, counts, surfaces]
    try lab.add(table(methods))
    try lab.add(figure(methods))
    try lab.add(lossFigure())
    try lab.add(timeFigure())
    for method in methods {
      lab.measure("accuracy.\(method.key)", method.accuracy().mean)
      lab.measure("direction.\(method.key)", method.direction(bench.motions).mean)
    }
    lab.add(learningClaim(delays))
    lab.add(delayClaim(delays, restricted, retrained, [counts, surfaces]))
  }

  private var lab: Lab { bench.lab }
  private var options: HeterogeneousDelays.Options { bench.options }

  // Classifiers without delays.

  private func trainedWithoutDelays(_ trial: MotionTrial) throws -> MotionPredictions {
    var generator = trial.generator.split(3)
    var shape = options.shape
    shape.delays = 1
    // No mask: at delay 0 the cone is a point.
    let layer = DelayKernelLayer(
      shape, exchangesPolarities: true, centre: options.centre, using: &generator)
    var training = MotifTraining()
    (training.steps, training.learningRate) = (options.steps, options.learningRate)
    training.loss = MotifLoss(rawValue: options.loss)!
    try training.fit(
      layer, trial.train, using: &generator,
      afterStep: bench.check("delay 0, seed \(trial.seed + 1)", total: options.steps))
    return try trial.predictions(of: layer, from: options.delays)
  }

  /// Movies of one motion each of training images, for classifiers of whole movies.
  private func wholeMovies(_ trial: MotionTrial) throws -> [LabelledRaster] {
    let bench = bench
    let classes = bench.motions.count
    return try bench.rasters(options.trainMovies, trial.generator.split(4)) { index, own in
      bench.trainWorld.movie(label: index % classes, using: &own)
    }
  }

  /// How often each pixel had an event of each polarity, and a linear classifier of that.
  private func countClassifier(_ trial: MotionTrial, _ movies: [LabelledRaster]) throws -> MotionPredictions {
    try lab.progress("event counts", trial.seed, of: options.seeds, unit: "seeds")
    return try Torch.onOneThread {
      var generator = trial.generator.split(5)
      let size = 2 * options.size * options.size
      let network = Linear(size, bench.motions.count, using: &generator)
      var training = SupervisedTraining(learningRate: 0.01)
      (training.epochs, training.batch, training.weightDecay) = (30, 20, 1e-3)
      _ = try training.fit(
        network, counts(movies), Tensor(movies.map { $0.labels[0] }), using: &generator,
        loss: { $0.crossEntropy($1) })
      let guesses = withoutGradients { network(counts(trial.test)).argmax(axis: 1).integers }
      return MotionPredictions(labels: trial.test.map { $0.labels[0] }, guesses: guesses)
    }
  }

  private func counts(_ movies: [LabelledRaster]) -> Tensor {
    let plane = options.size * options.size
    var values = [Float](repeating: 0, count: movies.count * 2 * plane)
    for (index, movie) in movies.enumerated() {
      for spike in movie.raster.spikes {
        let place = Int(spike.row) * options.size + Int(spike.column)
        values[(index * 2 + Int(spike.channel)) * plane + place] += 1
      }
    }
    return Tensor(values, shape: [movies.count, 2 * plane])
  }

  /// Each event's time surface, a linear classifier of that, and the mean log probability over a movie's events.
  private func surfaceClassifier(_ trial: MotionTrial, _ movies: [LabelledRaster]) throws -> MotionPredictions
  {
    try lab.progress("time surfaces", trial.seed, of: options.seeds, unit: "seeds")
    let surface = TimeSurface(radius: options.kernel / 2, decay: Double(options.delays) / 2)
    let size = surface.size(channels: 2)
    let perMovie = max(1, 40_000 / movies.count)
    let first = options.delays
    return try Torch.onOneThread {
      var generator = trial.generator.split(6)
      var (features, labels) = ([Float](), [Int]())
      for movie in movies {
        let (all, steps) = surface.surfaces(movie.raster)
        let late = steps.indices.filter { steps[$0] >= first }
        guard !late.isEmpty else { continue }
        for _ in 0..<perMovie {
          let index = late[generator.integer(below: late.count)]
          features += all[index * size..<(index + 1) * size]
          labels.append(movie.labels[0])
        }
      }
      let network = Linear(size, bench.motions.count, using: &generator)
      var training = SupervisedTraining(learningRate: 0.05)
      training.epochs = 4
      _ = try training.fit(
        network, Tensor(features, shape: [labels.count, size]), Tensor(labels), using: &generator,
        loss: { $0.crossEntropy($1) })
      let guesses = trial.test.map { guess(network, surface, $0.raster, from: first) }
      return MotionPredictions(labels: trial.test.map { $0.labels[0] }, guesses: guesses)
    }
  }

  private func guess(_ network: Linear, _ surface: TimeSurface, _ raster: SpikeRaster, from first: Int) -> Int
  {
    let (features, steps) = surface.surfaces(raster)
    let size = surface.size(channels: 2)
    guard let start = steps.firstIndex(where: { $0 >= first }) else { return 0 }
    let inputs = Tensor(Array(features[(start * size)...]), shape: [steps.count - start, size])
    return withoutGradients { network(inputs).logSoftmax(axis: 1).mean(axis: 0).argmax(axis: 0).integers[0] }
  }

  // What is reported.

  private func table(_ methods: [Method]) -> Table {
    var table = Table(
      name: "recognition",
      caption:
        "Motion of test movies of unseen images; chance is \(short(options.chance)). Direction: less than half a step away.",
      columns: [
        "method", "accuracy", "deviation over seeds", "direction accuracy", "median angular error (degrees)",
        "movies a seed", "seeds",
      ])
    for method in methods {
      let angles = method.predictions.flatMap { $0.angles(bench.motions) }.sorted()
      table.append([
        .text(method.name), .number(method.accuracy().mean), .number(method.accuracy().deviation),
        .number(method.direction(bench.motions).mean), .number(angles[angles.count / 2] * 180 / .pi),
        .integer(trials[0].test.count), .integer(trials.count),
      ])
    }
    return table
  }

  private func figure(_ methods: [Method]) -> Plot {
    let places = methods.indices.map { Double(methods.count - $0) }
    var plot = Plot(
      name: "recognition", title: "Motion of unseen images, with and without delays",
      caption:
        "Share of test movies whose motion, and whose direction alone, was known: mean over seeds with standard deviation.",
      x: .init("share of movies", range: -0.02...1.02),
      y: .init(
        "", range: 0.4...(Double(methods.count) + 0.6), ticks: zip(places, methods).map { ($0, $1.name) }))
    for (label, shift, spread) in [
      ("motion", 0.1, methods.map { $0.accuracy() }),
      ("direction", -0.1, methods.map { $0.direction(bench.motions) }),
    ] {
      let ys = places.map { $0 + shift }
      plot.add(.points, label, x: spread.map(\.mean), y: ys)
      plot.add(
        .line, "", x: spread.flatMap { [$0.mean - $0.deviation, $0.mean + $0.deviation, .nan] },
        y: ys.flatMap { [$0, $0, $0] }, colourOf: label)
    }
    plot.marks = [.vertical(options.chance, label: "chance")]
    return plot
  }

  private func lossFigure() -> Plot {
    var plot = Plot(
      name: "training", title: "Loss in training",
      caption:
        "Cross entropy a frame and place, mean over windows of 5 % of the steps; most places lie far from any event.",
      x: .init("training step"),
      y: .init(options.loss == MotifLoss.binary.rawValue ? "binary loss" : "loss", unit: "nats"))
    for trial in trials {
      let width = max(1, trial.losses.count / 20)
      let starts = stride(from: 0, to: trial.losses.count - width + 1, by: width)
      plot.add(
        .linePoints, "seed \(trial.seed + 1)", x: starts.map { Double($0 + width / 2) },
        y: starts.map { Spread(Array(trial.losses[$0..<$0 + width])).mean })
    }
    return plot
  }

  /// Accuracy of the evidence of one frame alone, summed over all places.
  private func timeFigure() throws -> Plot {
    var plot = Plot(
      name: "accuracy-in-time", title: "How soon the motion is known",
      caption:
        "Share of test movies whose motion has most evidence, summed over all places of one frame; no event is older than the movie.",
      x: .init("frame"), y: .init("share of movies", range: 0...1))
    let trial = trials[0]
    let places = options.size * options.size
    var right = [Double](repeating: 0, count: options.duration)
    for movie in trial.test {
      let evidence = try withoutGradients { try trial.layer.evidence(movie.raster) }
      let means = evidence.reshaped(options.duration, places, bench.motions.count).mean(axis: 1)
      for (time, guess) in means.argmax(axis: 1).integers.enumerated() where guess == movie.labels[0] {
        right[time] += 1 / Double(trial.test.count)
      }
    }
    plot.add(.linePoints, "", x: right.indices.map(Double.init), y: right)
    plot.marks = [
      .vertical(Double(options.delays - 1), label: "window full"),
      .horizontal(options.chance, label: "chance"),
    ]
    return plot
  }

  private func learningClaim(_ delays: Method) -> Claim {
    let (accuracy, direction) = (delays.accuracy(), delays.direction(bench.motions))
    let enough = accuracy.mean >= 0.7
    return bench.decided(
      "1", "A layer of delayed synapses learns the motion of unseen images.",
      paper: "About 91 % of 200 movies with 36 motions (chance 2.8 %).",
      test: bench.setting + "; \(trials[0].test.count) test movies of one motion each.",
      criterion: "accuracy at least 70 %, and of direction alone at least 90 %",
      measured:
        "accuracy \(accuracy.percentAndDeviation), direction \(direction.percentAndDeviation); chance \(percent(options.chance)).",
      holds: enough && direction.mean >= 0.9,
      reason: enough ? "direction stays below 90 %" : "accuracy stays below 70 %")
  }

  private func delayClaim(
    _ delays: Method, _ restricted: Method, _ retrained: Method, _ others: [Method]
  ) -> Claim {
    let limit = 2 * options.chance
    let over = [restricted, retrained].filter { $0.accuracy().mean > limit }
    return bench.decided(
      "2", "Without delays the motion is not known.",
      paper: "Motion is read from the relative times of events.",
      test:
        "The trained kernel with delay 0 alone, and a kernel of \(options.kernel)×\(options.kernel) places trained with delay 0 alone and without mask; beside them linear classifiers of event counts and of time surfaces.",
      criterion: "both kernels without delays are at most at twice chance (\(percent(limit)))",
      measured: ([delays, restricted, retrained] + others).map {
        "\($0.name) \($0.accuracy().percentAndDeviation)"
      }.joined(separator: "; ") + ".",
      holds: over.isEmpty,
      reason: "above twice chance: " + over.map(\.name).joined(separator: ", "))
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
