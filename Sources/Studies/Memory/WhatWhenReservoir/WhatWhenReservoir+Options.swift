import Neurons
import StudyCore

extension WhatWhenReservoir {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, paradigm, timing, calibration, switching, geometry, reservoirs, data
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    var seeds = 10
    /// The reservoir.
    var neurons = 300
    var gain = 2.0
    var bias = 4.0
    var inputStrength = 25.0
    var synapticLevels = 8
    var heterogeneity = "all"
    var membraneNoise = 0.0
    var featureNoise = 0.02
    var temporalPulses = 0
    var temporalStrength = 10.0
    /// The rules.
    var whenRate = 0.3
    var whatRate = 0.05
    var gate = 0.1
    var replayShare = 0.3
    var forgetting = 0.999
    var rewardRate = 1.0
    var exploration = 0.1
    var ridgePenalty = 0.01
    /// The trials.
    var latencies = [150, 300, 500]
    var timingTrials = 60
    var probabilities = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1]
    var calibrationTrials = 160
    var jitters = [0.0, 10, 25, 50]
    var blockTrials = 80
    var cueTrials = 160
    /// Ceilings.
    var sizes = [100, 300, 1000]
    var noises = [0.0, 0.001, 0.01, 0.1, 0.2]
    var ceilingTrials = 10
    var noiseSeeds = 5
    /// Recorded trials.
    var dataScale = 0.0
    var dataPasses = 5
    var dataRate = 0.02
    var dataTraining = 0.67

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (seeds, noiseSeeds, neurons, sizes, noises) = (2, 1, 150, [60, 150], [0, 0.1])
        (latencies, timingTrials, calibrationTrials) = ([150, 300, 500], 40, 60)
        (probabilities, jitters, blockTrials, cueTrials) = ([0, 0.2, 0.5, 0.8, 1], [0, 25], 30, 60)
        (ceilingTrials, dataPasses) = (4, 2)
      case .full:
        (seeds, neurons, noiseSeeds, sizes) = (20, 1000, 10, [100, 300, 1000, 2000])
        (calibrationTrials, cueTrials, ceilingTrials) = (320, 320, 20)
      }
    }

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }

    public static let fields: [OptionField<Options>] = own + rules + tasks

    private static let own: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "which part is run: paradigm (figures), timing (claims 1 and 5), calibration (2), switching (3), geometry (4), reservoirs (6), data"
      ),
      .integer("seeds", \.seeds, in: 1...100, "reservoirs, each with trials of its own"),
      .integer("neurons", \.neurons, in: 20...5_000, "neurons of a reservoir"),
      .number("gain", \.gain, in: 0...20, "gain of the recurrent weights"),
      .number("bias", \.bias, in: -20...50, "constant current"),
      .number("inputStrength", \.inputStrength, in: 0...500, "deviation of a cue's current"),
      .integer("synapticLevels", \.synapticLevels, in: 1...5_000, "different synaptic time constants"),
      .text(
        "heterogeneity", \.heterogeneity,
        oneOf: IzhikevichReservoir.Configuration.heterogeneities.keys.sorted(),
        "what differs from neuron to neuron"),
      .number("membraneNoise", \.membraneNoise, in: 0...20, "deviation of the noise on the current"),
      .number(
        "featureNoise", \.featureNoise, in: 0...1,
        "deviation of the noise on the features where ceilings are measured, times 1/√N"),
      .integer(
        "temporalPulses", \.temporalPulses, in: 0...200, "pulses of a drive that tells time; 0 for none"),
      .number("temporalStrength", \.temporalStrength, in: 0...500, "deviation of that drive's current"),
    ]

    private static let rules: [OptionField<Options>] = [
      .number("whenRate", \.whenRate, in: 0...2, "rate of \"when\""),
      .number("whatRate", \.whatRate, in: 0...2, "rate of \"what\""),
      .number("gate", \.gate, in: 0...1, "gate outside of attention"),
      .number("replayShare", \.replayShare, in: 0...1, "share of the rate in replay outside of attention"),
      .number("forgetting", \.forgetting, in: 0.5...1, "forgetting factor of least squares in that variant"),
      .number("rewardRate", \.rewardRate, in: 0...2, "rate of the reward-modulated rule"),
      .number("exploration", \.exploration, in: 1e-4...1, "deviation of its exploring noise"),
      .number("ridgePenalty", \.ridgePenalty, in: 1e-9...1e3, "penalty of ridge regression on mean signals"),
    ]

    private static let tasks: [OptionField<Options>] = [
      .integers("latencies", \.latencies, in: 100...600, "claims 1, 5, 6: latencies in ms"),
      .integer("timingTrials", \.timingTrials, in: 10...5_000, "claims 1 and 5: trials"),
      .numbers("probabilities", \.probabilities, in: 0...1, "claim 2: probabilities of the first outcome"),
      .integer("calibrationTrials", \.calibrationTrials, in: 10...10_000, "claim 2: trials of each"),
      .numbers("jitters", \.jitters, in: 0...150, "deviations of a latency that varies, in ms"),
      .integer("blockTrials", \.blockTrials, in: 10...5_000, "claim 3: trials before and behind a switch"),
      .integer("cueTrials", \.cueTrials, in: 10...10_000, "claim 4: trials with two cues"),
      .integers("sizes", \.sizes, in: 20...5_000, "claim 6: neurons of other reservoirs"),
      .numbers("noises", \.noises, in: 0...20, "deviations of membrane noise in the table of ceilings"),
      .integer("ceilingTrials", \.ceilingTrials, in: 2...500, "claim 6: trials to fit, and as many to test"),
      .integer("noiseSeeds", \.noiseSeeds, in: 1...100, "reservoirs with membrane noise"),
      .number(
        "dataScale", \.dataScale, in: 0...1e9,
        "data: milliseconds for a unit of the file's time; 0 brings the longest latency to 500 ms"),
      .integer("dataPasses", \.dataPasses, in: 1...1_000, "data: passes over the training trials"),
      .number("dataRate", \.dataRate, in: 0...2, "data: rate of \"what\""),
      .number("dataTraining", \.dataTraining, in: 0.1...0.95, "data: share of the trials to learn from"),
    ]
  }
}
