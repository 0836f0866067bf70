import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

/// Images, options and lab of a run, and what is done with them again and again.
struct MotionBench: Sendable {
  let options: HeterogeneousDelays.Options
  let lab: Lab
  /// Movies of motions that change, of training images.
  let trainWorld: MotionWorld
  /// Movies of one motion each, of test images.
  let testWorld: MotionWorld
  let imageName: String

  init(_ options: HeterogeneousDelays.Options, _ lab: Lab) throws {
    self.options = options
    self.lab = lab
    let images = try MotionImages(options, lab)
    imageName = images.name
    func world(_ images: [GreyImage], _ blockLength: Double?) throws -> MotionWorld {
      try MotionWorld(
        images: images, motions: options.motions, blockLength: blockLength, size: options.size,
        duration: options.duration)
    }
    trainWorld = try world(images.train, options.blockLength)
    testWorld = try world(images.test, nil)
  }

  var motions: MotionSet { options.motions }

  /// The setting in words, for claims.
  var setting: String {
    "\(motions.count) motions (\(motions.directions) directions, \(motions.speeds.map { String(format: "%.2f", $0) }.joined(separator: ", ")) pixels per frame), kernel of \(options.delays) delays and \(options.kernel)×\(options.kernel) places, movies of \(options.duration) frames of \(options.size)×\(options.size) of \(imageName), \(options.steps) training steps, \(options.seeds) seeds"
  }

  /// As many movies as asked for, made in parallel, each of its own generator.
  func rasters(
    _ count: Int, _ generator: RandomGenerator,
    _ make: @Sendable (Int, inout RandomGenerator) -> MotionMovie
  ) throws -> [LabelledRaster] {
    let encoder = options.eventEncoder
    return try parallelMap(count) { index throws in
      if lab.isInterrupted { throw Interruption() }
      var own = generator.split(index)
      let movie = make(index, &own)
      return LabelledRaster(try SpikeRaster(encoder.events(movie)), movie.labels)
    }
  }

  /// Trains one layer a seed.
  func trials() throws -> [MotionTrial] {
    try (0..<options.seeds).map { seed in
      try MotionTrial(self, seed, lab.generator("trial").split(seed))
    }
  }

  /// Calls `lab.progress` now and then.
  func check(_ stage: String, total: Int) -> (Int) throws -> Void {
    { step in
      if step % 10 == 0 || step == total - 1 { try lab.progress(stage, step + 1, of: total, unit: "steps") }
    }
  }
}

extension SpikeRaster {
  /// The events of a movie: polarities are channels.
  init(_ events: EventMovie) throws {
    try self.init(
      cells: events.cells, channels: events.polarities, duration: events.duration, height: events.height,
      width: events.width)
  }
}

/// One seed: its movies and the layer trained on them.
struct MotionTrial {
  let seed: Int
  let train: [LabelledRaster]
  let test: [LabelledRaster]
  let layer: DelayKernelLayer
  let losses: [Double]
  /// Seconds a training step.
  let stepTime: Double
  let generator: RandomGenerator

  init(_ bench: MotionBench, _ seed: Int, _ generator: RandomGenerator) throws {
    let (options, classes) = (bench.options, bench.motions.count)
    self.seed = seed
    self.generator = generator
    train = try bench.rasters(options.trainMovies, generator.split(0)) { _, own in
      bench.trainWorld.movie(using: &own)
    }
    test = try bench.rasters(classes * options.testMoviesPerClass, generator.split(1)) { index, own in
      bench.testWorld.movie(label: index % classes, using: &own)
    }
    var own = generator.split(2)
    layer = DelayKernelLayer(
      options.shape, mask: .cone, exchangesPolarities: true, centre: options.centre, using: &own)
    var training = MotifTraining()
    training.steps = options.steps
    training.learningRate = options.learningRate
    training.loss = MotifLoss(rawValue: options.loss)!
    let start = Date()
    losses = try training.fit(
      layer, train, using: &own, afterStep: bench.check("training, seed \(seed + 1)", total: options.steps))
    stepTime = Date().timeIntervalSince(start) / Double(options.steps)
  }

  /// What a layer says about the test movies.
  func predictions(of layer: DelayKernelLayer, from first: Int) throws -> MotionPredictions {
    try predictions(of: layer, test, from: first)
  }

  func predictions(of layer: DelayKernelLayer, _ movies: [LabelledRaster], from first: Int) throws
    -> MotionPredictions
  {
    let guesses = try layer.classify(movies.map(\.raster), from: first).map(\.motif)
    return MotionPredictions(labels: movies.map { $0.labels[0] }, guesses: guesses)
  }
}

/// True and guessed motions of test movies.
struct MotionPredictions: Sendable {
  var labels: [Int]
  var guesses: [Int]

  /// The share of movies whose motion is known exactly.
  var accuracy: Double { Double(zip(labels, guesses).count { $0 == $1 }) / Double(labels.count) }

  /// The angles between true and guessed directions.
  func angles(_ motions: MotionSet) -> [Double] {
    zip(labels, guesses).map { motions[$0].angle(to: motions[$1]) }
  }

  /// The share of movies whose direction is less than half a step away.
  func directionAccuracy(_ motions: MotionSet) -> Double {
    let half = Double.pi / Double(motions.directions)
    return Double(angles(motions).count { $0 < half - 1e-9 }) / Double(labels.count)
  }
}
