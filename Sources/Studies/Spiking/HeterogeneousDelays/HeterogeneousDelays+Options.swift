import Datasets
import Neurons
import StudyCore
import Support

extension HeterogeneousDelays {
  /// Every knob of the study.
  public struct Options: StudyOptions {
    var images = ImageSource.automatic.rawValue
    var imageSize = 256
    var generatedImages = 24
    var directions = 8
    var slowest = 0.25
    var speedRatio = 1.5874
    var speedCount = 3
    var delays = 13
    var kernel = 9
    var size = 24
    var duration = 48
    var blockLength = 24.0
    var selectivity = 1.0
    var encoder = EventEncoder.Mode.oneStep.rawValue
    var trainMovies = 400
    var steps = 1500
    var learningRate = 5e-3
    var centre = 1.0
    var loss = MotifLoss.crossEntropy.rawValue
    var testMoviesPerClass = 5
    var seeds = 3
    var pruneLevels = [0.3, 0.1, 0.03, 0.01, 0.005, 0.0025, 0.0012, 0.0006]
    var orientationBandwidths = [0.1, 0.2, 0.4, 0.8]
    var frequencies = [0.04, 0.08, 0.16, 0.32]
    var speedBandwidths = [0.02, 0.1, 0.25, 0.5]
    var cloudMoviesPerClass = 4

    public init(size: StudySize) {
      switch size {
      case .quick:
        (images, imageSize, generatedImages) = (ImageSource.deadLeaves.rawValue, 128, 12)
        (self.size, duration, trainMovies, steps) = (20, 32, 100, 320)
        (testMoviesPerClass, cloudMoviesPerClass, seeds) = (2, 2, 1)
        (pruneLevels, orientationBandwidths) = ([0.01, 0.003, 0.001], [0.1, 0.8])
        (frequencies, speedBandwidths) = ([0.05, 0.2], [0.05, 0.5])
      case .standard: break
      case .full:
        (imageSize, generatedImages) = (512, 40)
        (directions, delays, kernel, self.size, duration) = (12, 21, 17, 128, 200)
        (trainMovies, steps, learningRate, centre) = (400, 80_000, 2e-4, 4)
        testMoviesPerClass = 6
        pruneLevels += [0.0003, 0.0001]
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "images", \.images, oneOf: ImageSource.allCases.map(\.rawValue),
        "what moves: photographs, or images made up; automatic takes photographs where they are"),
      .integer(
        "imageSize", \.imageSize, in: 32...4096, "side of an image, and of a photograph's tiles, in pixels"),
      .integer(
        "generatedImages", \.generatedImages, in: 2...10_000, "images made up where there are no photographs"),
      .integer("directions", \.directions, in: 2...360, "directions of motion at each speed"),
      .number("slowest", \.slowest, in: 0.001...10, "slowest speed in pixels per frame"),
      .number("speedRatio", \.speedRatio, in: 1.01...100, "each speed over the one before"),
      .integer("speedCount", \.speedCount, in: 1...100, "speeds"),
      .integer("delays", \.delays, in: 2...1000, "delays, 0 included, in frames"),
      .integer("kernel", \.kernel, in: 3...255, "rows and columns of the kernel, an odd number"),
      .integer("size", \.size, in: 8...1024, "rows and columns of the movies in pixels"),
      .integer("duration", \.duration, in: 3...100_000, "frames a movie"),
      .number("blockLength", \.blockLength, in: 1...1e9, "mean length of a motion in training, in frames"),
      .number(
        "selectivity", \.selectivity, in: 0.01...100,
        "threshold of events, in deviations of brightness change"),
      .text("encoder", \.encoder, oneOf: EventEncoder.Mode.allCases.map(\.rawValue), "how events are made"),
      .integer("trainMovies", \.trainMovies, in: 1...1_000_000, "training movies"),
      .integer("steps", \.steps, in: 1...10_000_000, "training steps of one movie"),
      .number("learningRate", \.learningRate, in: 1e-9...10, "learning rate of Adam"),
      .number("centre", \.centre, in: 0...100, "first weight of the centre at delay 0, positive for ON"),
      .text("loss", \.loss, oneOf: MotifLoss.allCases.map(\.rawValue), "the loss at every frame and place"),
      .integer("testMoviesPerClass", \.testMoviesPerClass, in: 1...10_000, "test movies of every motion"),
      .integer("seeds", \.seeds, in: 1...100, "repetitions with other movies and first weights"),
      .numbers("pruneLevels", \.pruneLevels, in: 1e-6...1, "shares of the synapses that pruning keeps"),
      .numbers(
        "orientationBandwidths", \.orientationBandwidths, in: 0.02...100,
        "orientation bandwidths of motion clouds in radians"),
      .numbers(
        "frequencies", \.frequencies, in: 0.005...0.5,
        "spatial frequencies of motion clouds in cycles per pixel"),
      .numbers("speedBandwidths", \.speedBandwidths, in: 1e-3...10, "speed bandwidths of motion clouds"),
      .integer("cloudMoviesPerClass", \.cloudMoviesPerClass, in: 1...10_000, "motion clouds of every motion"),
    ]

    /// - Throws: `CajalError` when options contradict each other.
    func validate() throws {
      guard kernel % 2 == 1, kernel <= 2 * size else {
        throw CajalError("kernel=\(kernel) should be odd and not larger than twice the movie's size \(size)")
      }
      guard duration > delays else {
        throw CajalError("duration=\(duration) should be more than delays=\(delays): the window must fill")
      }
      let needed = Double(size) + 10 + speeds.max()! * Double(duration)
      guard Double(imageSize) >= needed else {
        throw CajalError(
          "imageSize=\(imageSize) should be at least \(Int(needed.rounded(.up))) for these movies")
      }
      guard Set(pruneLevels).count == pruneLevels.count else {
        throw CajalError("pruneLevels should differ from one another")
      }
    }

    var speeds: [Double] {
      (0..<speedCount).reduce(into: []) { speeds, _ in
        speeds.append((speeds.last.map { $0 * speedRatio }) ?? slowest)
      }
    }
    var motions: MotionSet { MotionSet(directions: directions, speeds: speeds) }
    var shape: MotifShape {
      MotifShape(classes: motions.count, delays: delays, height: kernel, width: kernel)
    }
    var eventEncoder: EventEncoder {
      EventEncoder(selectivity: selectivity, mode: EventEncoder.Mode(rawValue: encoder)!)
    }
    var chance: Double { 1 / Double(motions.count) }
  }
}
