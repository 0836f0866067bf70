import Foundation
import Neurons
import Statistics
import StudyCore
import Support
import Tensors

extension WhatWhenReservoir {
  /// Claim 6: what reservoirs of like and of unlike neurons can tell of time, at best.
  struct ReservoirPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }
    /// The criterion, fixed before measuring.
    private static let loss = 0.1

    /// A reservoir to be measured.
    struct Setting: Sendable {
      enum Kind: Sendable {
        case spiking(IzhikevichReservoir.Heterogeneity)
        case rates
      }
      var label: String
      var kind: Kind
      var size: Int
      var noise = 0.0
      /// The option's gain if nil.
      var gain: Double?
      /// Pulses of a temporal drive.
      var pulses = 0
    }

    struct Outcome: Sendable {
      /// Held-out correlation by latency.
      var correlations: [Double]
      /// Hz; not a number for rates.
      var rate: Double
      /// Milliseconds, of the local rule at 300 ms; not a number where it was not run.
      var peakError: Double
    }

    func run() throws {
      try speed()
      let size = options.neurons
      let kinds: [Setting] = [
        Setting(label: "unlike", kind: .spiking(.all), size: size),
        Setting(label: "like neurons", kind: .spiking(.synapses), size: size),
        Setting(label: "like synapses", kind: .spiking(.neurons), size: size),
        Setting(label: "all alike", kind: .spiking([]), size: size),
        Setting(label: "rates", kind: .rates, size: size),
      ]
      let loose = [
        Setting(label: "unlike, no recurrence", kind: .spiking(.all), size: size, gain: 0),
        Setting(label: "all alike, no recurrence", kind: .spiking([]), size: size, gain: 0),
      ]
      let sizes = options.sizes.filter { $0 != size }.sorted().flatMap { other in
        [
          Setting(label: "unlike, \(other) neurons", kind: .spiking(.all), size: other),
          Setting(label: "all alike, \(other) neurons", kind: .spiking([]), size: other),
        ]
      }
      let still = try measure("ceilings", kinds + loose + sizes, seeds: options.seeds)
      let noisy = options.noises.filter { $0 > 0 }.sorted().flatMap { noise in
        [0, 20].map { pulses in
          Setting(
            label: "noise \(short(noise))" + (pulses > 0 ? ", temporal drive" : ""), kind: .spiking(.all),
            size: size, noise: noise, pulses: pulses)
        }
      }
      let disturbedAlike =
        options.noises.filter { $0 > 0 }.max().map {
          Setting(label: "noise \(short($0)), all alike", kind: .spiking([]), size: size, noise: $0)
        }.map { [$0] } ?? []
      let driven = Setting(label: "temporal drive", kind: .spiking(.all), size: size, pulses: 20)
      let disturbed = try measure(
        "noise", [driven] + noisy + disturbedAlike, seeds: min(options.noiseSeeds, options.seeds))
      let report = ReservoirReport(bench: bench, settings: kinds + loose + sizes, outcomes: still)
      try report.write(noisy: [driven] + noisy + disturbedAlike, disturbed)
      lab.add(claim(still, noisy: disturbed))
    }

    private func measure(_ stage: String, _ settings: [Setting], seeds: Int) throws -> [[Outcome]] {
      try bench.map(stage, settings.count, seeds: seeds, unit: "reservoirs") { index, seed in
        Torch.onOneThread { outcome(settings[index], seed: seed) }
      }
    }

    private func features(_ setting: Setting, seed: Int) -> CueFeatures {
      var generator = lab.generator("reservoir").split(seed)
      var timing = TrialTiming()
      switch setting.kind {
      case .rates:
        return CueFeatures(
          RateReservoir(.init(size: setting.size), using: &generator), timing: timing,
          featureNoise: options.featureNoise, using: &generator)
      case .spiking(let heterogeneity):
        timing.temporalPulses = setting.pulses
        let configuration = bench.configuration {
          ($0.size, $0.heterogeneity, $0.membraneNoise) = (setting.size, heterogeneity, setting.noise)
          $0.temporalChannels = setting.pulses
          $0.gain = setting.gain ?? $0.gain
        }
        return CueFeatures(
          IzhikevichReservoir(configuration, using: &generator), timing: timing,
          featureNoise: options.featureNoise, using: &generator)
      }
    }

    private func outcome(_ setting: Setting, seed: Int) -> Outcome {
      let features = features(setting, seed: seed)
      var generator = lab.generator("ceiling").split(seed)
      var rate = Double.nan
      if let spiking = features.reservoir as? IzhikevichReservoir {
        rate = spiking.run(features.timing.input(cue: 0, of: 1), using: &generator).meanRate
      }
      return Outcome(
        correlations: correlations(features, using: &generator), rate: rate,
        peakError: setting.noise > 0 || setting.pulses > 0 ? peakError(features, seed: seed) : .nan)
    }

    /// Ridge regression of a bell at each latency, its penalty chosen on trials of its own, on trials that it has not seen.
    private func correlations(_ features: CueFeatures, using generator: inout RandomGenerator) -> [Double] {
      let bells = options.latencies.map { features.timing.bell(latency: Double($0)) }
      func trials(_ count: Int) -> [FeatureTrajectory] {
        (0..<count).map { _ in features.trial(cue: 0, using: &generator) }
      }
      let train = trials(options.ceilingTrials)
      let validation = trials(max(1, options.ceilingTrials / 2))
      let test = trials(options.ceilingTrials)
      func correlation(_ readout: WhatWhenReadout, _ trials: [FeatureTrajectory]) -> [Double] {
        bells.indices.map { index in
          Correlation.pearson(
            trials.flatMap { $0.output(of: readout.what[index]) }, trials.flatMap { _ in bells[index] }
          ).coefficient
        }
      }
      let fits = [1e-4, 1e-2, 1.0, 10].map { penalty in
        WhatWhenReadout.ridge(train, events: train.map { _ in bells }, penalty: penalty, every: 2)
      }
      let best = fits.max {
        Spread(correlation($0, validation)).mean < Spread(correlation($1, validation)).mean
      }!
      return correlation(best, test)
    }

    /// The local rule's peak at 300 ms, median over the later half of the trials.
    private func peakError(_ features: CueFeatures, seed: Int) -> Double {
      let task = PredictionTask([
        .init(trials: options.timingTrials, cues: [.init(probabilities: [0.8, 0.2], latency: 300)])
      ])
      let course = bench.course(bench.local, features, task, named: "noise", seed: seed)
      let late = course.peakErrors(options.timingTrials / 2..<options.timingTrials)
      return Percentile.median(late.map { $0 ?? Double(features.timing.duration) })
    }

    private func claim(_ outcomes: [[Outcome]], noisy: [[Outcome]]) -> Claim {
      let place = options.latencies.indices.max { options.latencies[$0] < options.latencies[$1] }!
      let latency = options.latencies[place]
      func at(_ index: Int) -> Spread { Spread(outcomes[index].map { $0.correlations[place] }) }
      let loss = Spread(
        zip(outcomes[0], outcomes[3]).map { $0.correlations[place] - $1.correlations[place] })
      // The last settings of the table of noise: the most noise, unlike, driven, and alike.
      let most = options.noises.max() ?? 0
      let noise =
        most > 0
        ? String(
          format: ". With membrane noise of \(short(most)): unlike %@, all alike %@",
          Spread(noisy[noisy.count - 3].map { $0.correlations[place] }).text(3),
          Spread(noisy[noisy.count - 1].map { $0.correlations[place] }).text(3)) : ""
      lab.measure("ceiling.unlike", at(0).mean)
      lab.measure("ceiling.allAlike", at(3).mean)
      lab.measure("ceiling.loss", loss.mean)
      return .decided(
        "6", "Unlike neurons and synapses matter.",
        paper:
          "Abstract only: the reservoir is of heterogeneous Izhikevich neurons. No ablation is known to us.",
        test:
          "Correlation of the best linear readout with a 25 ms bell at \(latency) ms on held-out trials, noise \(options.featureNoise)/√N on the features; \(options.seeds) pairs of reservoirs of \(options.neurons) neurons, unlike or all alike (constants of excitatory and of inhibitory neurons, synaptic and trace time constants), with the same wiring.",
        criterion: "the correlation falls by at least 0.1",
        measured:
          "unlike \(at(0).text(3)), all alike \(at(3).text(3)), difference \(loss.text(3)); like neurons alone \(at(1).text(3)), like synapses alone \(at(2).text(3)); a reservoir of rates \(at(4).text(3)); without recurrent synapses unlike \(at(5).text(3)), all alike \(at(6).text(3))"
          + noise,
        holds: loss.mean >= Self.loss,
        reason:
          "it falls by \(loss.text(3)) only: random wiring makes like neurons differ, too; without recurrent synapses unlike neurons reach \(at(5).text(3)), like ones \(at(6).text(3))",
        unless: lab.size == .quick && loss.mean < Self.loss ? "small reservoirs" : nil)
    }

    /// Steps of neurons in a second on one thread: a remark, as it depends on the machine.
    private func speed() throws {
      let texts = [options.neurons, 1000].map { size -> String in
        var generator = lab.generator("speed")
        let reservoir = IzhikevichReservoir(
          bench.configuration { $0.size = size }, using: &generator)
        let timing = TrialTiming(temporalPulses: options.temporalPulses)
        let input = timing.input(cue: 0, of: 1)
        _ = reservoir.run(input, using: &generator)
        let clock = ContinuousClock()
        let rates = (0..<5).map { _ in
          let time = clock.measure { _ = reservoir.run(input, using: &generator) }
          return Double(size * timing.duration) / time.inSeconds
        }
        return "\(short((rates.max()! / 1e6).rounded())) million for \(size) neurons"
      }
      lab.note(
        "Speed of the reservoir on this machine, steps of neurons in a second on one thread: \(texts.joined(separator: ", "))."
      )
    }
  }
}
