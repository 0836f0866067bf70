import Neurons
import StudyCore

extension LearnedDelays {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, motifs, exactness, control, width, speech
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var seeds = 3
    /// Motifs: samples, hidden neurons, steps of delay, epochs.
    var samples = 1000
    var testSamples = 500
    var hidden = 32
    var length = 25
    var epochs = 40
    var tuningEpochs = 10
    var tuningRate = 1e-3
    var batch = 100
    var timeConstant = 1.5
    var dropout = 0.25
    var fanIn = 10
    var taps = 1
    var delayRate = 0.1
    /// Claim 4.
    var plainWidths = [32, 64, 96]
    /// Spoken digits.
    var takes = 4
    var digitHidden = 48
    var digitEpochs = 20
    var digitLength = 25
    var digitDropout = 0.4
    var digitTimeConstant = 1.005
    var binWidth = 0.01
    var digitDuration = 0.8
    /// Claim 6.
    var exactSamples = 200

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (seeds, samples, testSamples, epochs, tuningEpochs) = (1, 300, 200, 8, 2)
        (hidden, plainWidths, batch) = (24, [24, 48], 50)
        (takes, digitEpochs, digitHidden, exactSamples) = (0, 2, 24, 20)
      case .full:
        (samples, testSamples, hidden) = (2000, 1000, 64)
        plainWidths = [32, 64, 96, 128, 192]
        (takes, digitEpochs, digitHidden) = (34, 150, 256)
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: motifs (claims 1 to 3), exactness (6), control (7), width (4), speech (5)"),
      .integer("seeds", \.seeds, in: 1...20, "networks of each kind"),
      .integer("samples", \.samples, in: 50...100_000, "motifs: training samples"),
      .integer("testSamples", \.testSamples, in: 50...100_000, "motifs: test samples"),
      .integer(
        "hidden", \.hidden, in: 4...1024, "motifs: neurons of each of two hidden layers, with learned delays"),
      .integer("length", \.length, in: 3...101, "steps of the delay kernels"),
      .integer("epochs", \.epochs, in: 1...1000, "epochs of training"),
      .integer("tuningEpochs", \.tuningEpochs, in: 0...1000, "epochs with rounded delays afterwards"),
      .number("tuningRate", \.tuningRate, in: 1e-6...1, "learning rate then"),
      .integer("batch", \.batch, in: 1...1024, "samples of a batch"),
      .number("timeConstant", \.timeConstant, in: 1...1000, "motifs: membrane time constant in steps"),
      .number("dropout", \.dropout, in: 0...0.9, "motifs: dropout"),
      .integer("fanIn", \.fanIn, in: 1...1000, "motifs: inputs of a neuron in sparse networks"),
      .integer("taps", \.taps, in: 1...8, "taps of a synapse"),
      .number("delayRate", \.delayRate, in: 1e-6...10, "learning rate of delays"),
      .integers("plainWidths", \.plainWidths, in: 2...2048, "claim 4: hidden neurons without delays"),
      .integer(
        "takes", \.takes, in: 0...200, "how often each voice says each digit; 0 leaves spoken digits out"),
      .integer("digitHidden", \.digitHidden, in: 4...1024, "digits: neurons of each of two hidden layers"),
      .integer("digitEpochs", \.digitEpochs, in: 1...1000, "digits: epochs"),
      .integer("digitLength", \.digitLength, in: 3...101, "digits: steps of the delay kernels"),
      .number("digitDropout", \.digitDropout, in: 0...0.9, "digits: dropout"),
      .number(
        "digitTimeConstant", \.digitTimeConstant, in: 1...1000, "digits: membrane time constant in steps"),
      .number("binWidth", \.binWidth, in: 1e-4...1, "digits: seconds of a step"),
      .number("digitDuration", \.digitDuration, in: 0.05...10, "digits: seconds that are heard"),
      .integer("exactSamples", \.exactSamples, in: 1...10_000, "claim 6: samples that run twice"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }

    func training(epochs: Int) -> DelayedTraining {
      var training = DelayedTraining()
      (training.epochs, training.batchSize, training.delayRate) = (epochs, batch, delayRate)
      (training.fineTuningEpochs, training.fineTuningRate) = (tuningEpochs, tuningRate)
      return training
    }

    /// A network for motifs.
    func motifNetwork(_ synapses: DelayedNetwork.Synapses, _ hidden: Int, channels: Int, classes: Int)
      -> DelayedNetwork.Configuration
    {
      var c = DelayedNetwork.Configuration(inputs: channels, hidden: [hidden, hidden], outputs: classes)
      (c.synapses, c.length, c.taps) = (synapses, length, taps)
      (c.timeConstant, c.dropout) = (timeConstant, dropout)
      return c
    }
  }
}
