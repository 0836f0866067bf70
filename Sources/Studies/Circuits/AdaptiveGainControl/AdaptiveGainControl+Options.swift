import Circuits
import StudyCore
import Support

extension AdaptiveGainControl {
  /// Every knob of the study.
  public struct Options: StudyOptions, Equatable {
    var neurons = 48
    var stimuli = 48
    var tuningConcentration = 2.0
    var baseline = 0.1
    var weightConcentration = 3.0
    var recurrence = 0.9
    var inhibition = 0.0
    var variant = GainNetwork.Variant.recurrentDrive.rawValue
    var activityPrice = 1.0
    var homeostasis = 0.6
    var probability = 0.35
    var probabilities = [0.1, 0.2, 0.35, 0.5]
    var prices = [0.1, 0.2, 0.5, 1]
    var frontierPrices = [0.005, 0.01, 0.02, 0.05, 0.1]
    var randomGains = 1_000
    var rate = 0.01
    var onlineStimuli = 600
    var sequences = 100
    var settling = "solved"
    var naturalImages = true
    var resamples = 300
    var classImages = 20
    var sizes = [24, 48, 96, 192]
    var variedNetworks = 300
    var fits = 12
    var fitStarts = 3
    var fitNeurons = 24
    var noise = 0.1
    var adapter = 90.0

    public init(size: StudySize) {
      switch size {
      case .quick:
        (sequences, resamples, sizes, variedNetworks) = (4, 4, [24, 48], 6)
        frontierPrices = [0.01, 0.1]
        (fits, fitStarts, fitNeurons, classImages, randomGains) = (1, 1, 12, 4, 100)
      case .standard: break
      case .full:
        (randomGains, sequences, resamples, variedNetworks) = (20_000, 400, 2_000, 2_000)
        (sizes, fits, fitStarts, classImages) = ([24, 48, 96, 192, 384], 40, 6, 100)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .integer("neurons", \.neurons, in: 8...1024, "neurons of the network, an even number"),
      .integer("stimuli", \.stimuli, in: 8...1024, "orientations that are shown, an even number"),
      .number("tuningConcentration", \.tuningConcentration, in: 0.05...50, "κ of the drive's tuning"),
      .number("baseline", \.baseline, in: 0...10, "drive to every orientation, in units of the peak"),
      .number("weightConcentration", \.weightConcentration, in: 0.05...50, "κ of the recurrent weights"),
      .number("recurrence", \.recurrence, in: 0...0.99, "ρ: recurrent excitation, the sum of a row"),
      .number("inhibition", \.inhibition, in: 0...2, "broad subtractive inhibition, the sum of a row"),
      .text(
        "variant", \.variant, oneOf: GainNetwork.Variant.allCases.map(\.rawValue),
        "what gains scale: a neuron's output to other neurons, or all of its output"),
      .number("activityPrice", \.activityPrice, in: 0...100, "α: of the mean square of activity"),
      .number("homeostasis", \.homeostasis, in: 0...100, "γ: of the square of gains less 1"),
      .number("probability", \.probability, in: 0...1, "of the adapter in the biased context"),
      .numbers(
        "probabilities", \.probabilities, in: 0...1, "of the adapter, for claim 3; no bias is among them"),
      .numbers("prices", \.prices, in: 1e-4...100, "values of α, for claim 4"),
      .numbers(
        "frontierPrices", \.frontierPrices, in: 1e-6...100, "values of α without homeostasis, for claim 4"),
      .integer("randomGains", \.randomGains, in: 10...1_000_000, "random gain vectors of equal activity"),
      .number("rate", \.rate, in: 1e-6...1, "η of the online rule"),
      .integer(
        "onlineStimuli", \.onlineStimuli, in: 100...1_000_000, "stimuli of each phase of the online rule"),
      .integer("sequences", \.sequences, in: 1...10_000, "random sequences of stimuli for the online rule"),
      .text(
        "settling", \.settling, oneOf: ["solved", "relaxed"],
        "how activity settles online: solved for, or by 400 steps of Euler's method of 0.05 τ"),
      .flag("naturalImages", \.naturalImages, "gains under the orientations of photographs, for claim 7"),
      .integer("resamples", \.resamples, in: 1...100_000, "draws of pictures, for the natural statistics"),
      .integer(
        "classImages", \.classImages, in: 0...1_000,
        "pictures of each class of Fashion-MNIST, for contexts of classes; 0: none"),
      .integers("sizes", \.sizes, in: 12...1024, "networks of other sizes, even numbers"),
      .integer(
        "variedNetworks", \.variedNetworks, in: 2...100_000, "networks with random tuning and weights"),
      .integer("fits", \.fits, in: 1...1000, "simulated data sets for the fit"),
      .integer("fitStarts", \.fitStarts, in: 1...100, "starts of each fit"),
      .integer("fitNeurons", \.fitNeurons, in: 6...256, "neurons and stimuli of simulated data"),
      .number("noise", \.noise, in: 0...2, "of simulated responses, as a share of each"),
      .number("adapter", \.adapter, in: 0...180, "orientation in degrees that your own data adapted to"),
    ]

    /// Whether the setting is that of the method sheet, whose own numbers claim 3 compares with.
    var isCanonical: Bool {
      let usual = Options(size: .standard)
      return neurons == usual.neurons && stimuli == usual.stimuli && weights == usual.weights
        && tuning == usual.tuning && variant == usual.variant && activityPrice == usual.activityPrice
        && homeostasis == usual.homeostasis && probabilities == usual.probabilities
    }

    var tuning: OrientationTuning {
      OrientationTuning(concentration: tuningConcentration, baseline: baseline)
    }

    var weights: OrientationWeights {
      OrientationWeights(
        concentration: weightConcentration, strength: recurrence, inhibition: inhibition)
    }

    /// - Throws: `CajalError` when options contradict each other.
    func validate() throws {
      for (name, count) in [("neurons", neurons), ("stimuli", stimuli)] + sizes.map({ ("sizes", $0) }) {
        guard count % 2 == 0 else {
          throw CajalError("\(name)=\(count) should be even, so that a neuron prefers the adapter")
        }
      }
      guard probability > 1 / Double(stimuli) else {
        throw CajalError(
          "probability=\(probability) should be above 1/\(stimuli): without bias nothing adapts")
      }
      guard probabilities.allSatisfy({ $0 > 1 / Double(stimuli) }) else {
        throw CajalError(
          "probabilities=\(probabilities) should be above 1/\(stimuli), which is among them anyway")
      }
    }
  }
}
