import Neurons
import StudyCore
import Support

extension HomeostaticNetworks {
  /// Every knob of the study.
  public struct Options: StudyOptions {
    var trainImages = 10_000
    var validationImages = 10_000
    var epochs = 20
    var lateEpochs = 10
    var repetitions = 8
    var shiftRates = [0, 2, 10, 40]
    var initialRate = 0.005
    var relativeStep = 0.1
    var constants = [0.01, 0.02, 0.04, 0.08]
    var interval = 10
    var offset = 9
    var memory = 20
    var imagination = HomeostaticRegulator.Imagination.partialGradient.rawValue
    var excitatoryFrom = 5
    var hidden = [80, 60]
    var batch = 10
    var biasDeviation = 1.0
    var seasonEpochs = 4
    var seasonCount = 6
    var literalRates = [0.001, 0.005]
    var ablations = true
    var ablationsWithoutShift = true
    var memories = [5, 100]
    var labelNoise = [0.3, 1.0]
    var recoveryWindow = 100

    public init(size: StudySize) {
      switch size {
      case .quick:
        (trainImages, validationImages, epochs, lateEpochs, repetitions) = (2_000, 2_000, 8, 4, 5)
        (shiftRates, seasonEpochs, seasonCount) = ([0, 2, 8], 2, 4)
        (constants, memories, labelNoise, literalRates) = ([0.02, 0.08], [5], [1.0], [0.005])
        ablationsWithoutShift = false
      case .standard: break
      case .full:
        (trainImages, epochs, repetitions) = (60_000, 50, 5)
        (shiftRates, seasonEpochs, seasonCount) = ([0, 2, 10, 60, 240], 5, 8)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .integer(
        "trainImages", \.trainImages, in: 100...1_000_000, "training samples an epoch, the first ones"),
      .integer("validationImages", \.validationImages, in: 10...1_000_000, "validation samples"),
      .integer("epochs", \.epochs, in: 2...1000, "epochs of the shift grid"),
      .integer("lateEpochs", \.lateEpochs, in: 1...1000, "accuracy is the mean of so many last epochs"),
      .integer("repetitions", \.repetitions, in: 2...100, "seeds"),
      .integers("shiftRates", \.shiftRates, in: 0...100_000, "swaps an epoch (SPE), ascending, from 0"),
      .number("initialRate", \.initialRate, in: 1e-9...10, "learning rate at the start"),
      .number(
        "relativeStep", \.relativeStep, in: 1e-6...10, "step of the rate, as a share of the initial rate"),
      .numbers("constants", \.constants, in: 1e-9...10, "constant rates among which the best is sought"),
      .integer("interval", \.interval, in: 1...100_000, "samples between decisions"),
      .integer("offset", \.offset, in: 0...99_999, "the deciding sample of each interval"),
      .integer("memory", \.memory, in: 1...1000, "recent samples that judge an imagined step"),
      .text(
        "imagination", \.imagination, oneOf: HomeostaticRegulator.Imagination.allCases.map(\.rawValue),
        "the gradient of the imagined step"),
      .integer("excitatoryFrom", \.excitatoryFrom, in: 0...100_000, "the first class that raises the rate"),
      .integers("hidden", \.hidden, in: 1...10_000, "neurons of the hidden layers"),
      .integer("batch", \.batch, in: 1...1000, "samples a minibatch"),
      .number("biasDeviation", \.biasDeviation, in: 0...10, "standard deviation of the first biases"),
      .integer("seasonEpochs", \.seasonEpochs, in: 2...1000, "epochs a season"),
      .integer("seasonCount", \.seasonCount, in: 2...1000, "seasons, of most and of no swaps in turn"),
      .numbers(
        "literalRates", \.literalRates, in: 1e-9...10, "initial rates for the rule of the authors' code"),
      .flag("ablations", \.ablations, "run the ablations"),
      .flag(
        "ablationsWithoutShift", \.ablationsWithoutShift,
        "run them without swaps too, not only with most swaps"),
      .integers("memories", \.memories, in: 1...1000, "memories of the ablations"),
      .numbers("labelNoise", \.labelNoise, in: 0...1, "shares of random labels of the ablations"),
      .integer("recoveryWindow", \.recoveryWindow, in: 1...100_000, "samples a window of the recovery curve"),
    ]

    /// - Throws: `CajalError` when options contradict each other.
    func validate() throws {
      guard shiftRates == shiftRates.sorted(), shiftRates[0] == 0, Set(shiftRates).count == shiftRates.count,
        shiftRates.count > 1
      else { throw CajalError("shiftRates should ascend from 0, not \(shiftRates)") }
      guard offset < interval else {
        throw CajalError("offset \(offset) should be below interval \(interval)")
      }
      guard lateEpochs <= epochs else {
        throw CajalError("lateEpochs \(lateEpochs) should not exceed epochs \(epochs)")
      }
      guard Set(memories).count == memories.count, Set(labelNoise).count == labelNoise.count,
        Set(literalRates).count == literalRates.count
      else { throw CajalError("memories, labelNoise and literalRates should each differ from one another") }
      guard Set(constants).count == constants.count, !constants.contains(initialRate) else {
        throw CajalError("constants should differ from each other and from initialRate, not \(constants)")
      }
    }

    var highestShift: Int { shiftRates[shiftRates.count - 1] }

    /// The epochs over which accuracy is averaged.
    var late: Range<Int> { (epochs - lateEpochs)..<epochs }
  }
}
