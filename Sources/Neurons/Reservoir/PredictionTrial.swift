import Foundation

/// A cue, and what came after it.
public struct PredictionTrial: Sendable, Equatable {
  public var cue: Int
  /// The outcome that occurred; nil where it was omitted.
  public var outcome: Int?
  /// Milliseconds from the cue's onset to the outcome.
  public var latency: Double
  /// When each outcome usually comes behind this cue, in milliseconds, `[K]`: where amplitudes are measured.
  public var expectedLatencies: [Double]

  public init(cue: Int, outcome: Int?, latency: Double, expectedLatencies: [Double]) {
    (self.cue, self.outcome, self.latency) = (cue, outcome, latency)
    self.expectedLatencies = expectedLatencies
  }
}

/// How trials lie in time, in steps of a millisecond.
public struct TrialTiming: Sendable, Equatable {
  /// T
  public var duration: Int
  public var cueOnset: Int
  public var cueLength: Int
  /// The standard deviation of an event's bell.
  public var eventWidth: Double
  /// How many half-sine pulses tile the trial from the cue on, one input channel each behind the cues; 0 for none.
  public var temporalPulses: Int

  public init(
    duration: Int = 800, cueOnset: Int = 100, cueLength: Int = 50, eventWidth: Double = 25,
    temporalPulses: Int = 0
  ) {
    precondition(
      cueOnset >= 0 && cueLength > 0 && cueOnset + cueLength < duration && eventWidth > 0
        && temporalPulses >= 0,
      "a trial of \(duration) steps with a cue of \(cueLength) at \(cueOnset)")
    (self.duration, self.cueOnset, self.cueLength) = (duration, cueOnset, cueLength)
    (self.eventWidth, self.temporalPulses) = (eventWidth, temporalPulses)
  }

  /// The input that tells a cue, `[T, cues + pulses]`.
  public func input(cue: Int, of cueCount: Int) -> ReservoirInput {
    precondition((0..<cueCount).contains(cue), "cue \(cue) of \(cueCount)")
    var pulses = [ReservoirInput.Pulse(channel: cue, start: cueOnset, length: cueLength)]
    let span = Double(duration - cueOnset) / Double(max(1, temporalPulses))
    for index in 0..<temporalPulses {
      let start = cueOnset + Int(Double(index) * span)
      let end = cueOnset + Int(Double(index + 1) * span)
      pulses.append(.init(channel: cueCount + index, start: start, length: end - start, shape: .halfSine))
    }
    return ReservoirInput(steps: duration, channels: cueCount + temporalPulses, pulses: pulses)
  }

  /// An event's signal, `exp(-½ ((t - onset - latency)/width)²)`, `[T]`.
  public func bell(latency: Double) -> [Double] {
    (0..<duration).map { step in
      let distance = (Double(step - cueOnset) - latency) / eventWidth
      return exp(-0.5 * distance * distance)
    }
  }

  /// What the sum of a bell over steps is: an output's sum over this is the probability that it stands for, whatever the jitter.
  public var bellSum: Double { eventWidth * (2 * Double.pi).squareRoot() }

  /// The signals of a trial's outcomes, `[K][T]`: a bell for the one that occurred.
  public func events(_ trial: PredictionTrial) -> [[Double]] {
    var signals = [[Double]](
      repeating: [Double](repeating: 0, count: duration), count: trial.expectedLatencies.count)
    if let outcome = trial.outcome { signals[outcome] = bell(latency: trial.latency) }
    return signals
  }

  /// The steps in which predictions are read: behind the cue, with the latency of each.
  public var readSteps: Range<Int> { cueOnset + cueLength..<duration }

  /// The longest latency whose bell lies in the trial to two widths.
  public var longestLatency: Double { Double(duration - cueOnset) - 2 * eventWidth }
}
