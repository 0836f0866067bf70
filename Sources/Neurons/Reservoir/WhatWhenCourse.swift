import Foundation
import Statistics
import Support

/// What readouts foresaw in trial after trial, before they learned from it.
public struct WhatWhenCourse: Sendable {
  public struct Record: Sendable, Equatable {
    public var trial: PredictionTrial
    /// When "when" is highest behind the cue, in milliseconds from the cue's onset; nil where it stays below the threshold of an
    /// expectation.
    public var peak: Double?
    /// How high.
    public var peakHeight: Double
    /// Each "what" within 10 ms of the outcome's usual time, `[K]`.
    public var amplitudes: [Double]
    /// Each "what" summed over the steps behind the cue at which something is expected, over the sum of a bell: a probability even where
    /// the time varies, `[K]`.
    public var masses: [Double]
    /// The same of "when": the probability that anything comes.
    public var whenMass: Double
    /// The root mean square of "when" outside of two widths around the usual times.
    public var whenUnrest: Double
    /// The same of "what", mean over outcomes.
    public var whatUnrest: Double
  }

  /// Something is expected where "when" is above this.
  public static let expectationThreshold = 0.1

  public internal(set) var records: [Record] = []
  /// The predictions of the trials that were asked for.
  public internal(set) var predictions: [Int: WhatWhenReadout.Prediction] = [:]
  /// The readouts in the end.
  public internal(set) var readout: WhatWhenReadout

  public init(readout: WhatWhenReadout) { self.readout = readout }

  /// Predicts and learns trial by trial.
  ///
  /// - Parameters:
  ///   - resets: Trials before which least squares forget how certain they are.
  ///   - kept: Trials whose predictions are kept whole.
  /// - Returns: The course, going on from `readout`.
  public static func run(
    _ trials: [PredictionTrial], _ features: CueFeatures, readout: WhatWhenReadout, resets: Set<Int> = [],
    keeping kept: Set<Int> = [], using generator: inout RandomGenerator
  ) -> WhatWhenCourse {
    var course = WhatWhenCourse(readout: readout)
    for (index, trial) in trials.enumerated() {
      if resets.contains(index) { course.readout.reset() }
      let x = features.trial(cue: trial.cue, using: &generator)
      let prediction = course.readout.prediction(x)
      if kept.contains(index) { course.predictions[index] = prediction }
      course.records.append(record(trial, prediction, features.timing))
      course.readout.learn(x, events: features.timing.events(trial), using: &generator)
    }
    return course
  }

  /// What a prediction says of a trial.
  public static func record(
    _ trial: PredictionTrial, _ prediction: WhatWhenReadout.Prediction, _ timing: TrialTiming
  ) -> Record {
    let window = timing.readSteps
    let top = window.max { prediction.when[$0] < prediction.when[$1] }!
    let height = prediction.when[top]
    let amplitudes = zip(prediction.what, trial.expectedLatencies).map { output, latency in
      let centre = timing.cueOnset + Int(latency.rounded())
      let near = max(0, centre - 10)..<max(1, min(timing.duration, centre + 11))
      return near.isEmpty ? 0 : output[near].reduce(0, +) / Double(near.count)
    }
    let expecting = expectingSteps(prediction, timing)
    func mass(_ output: [Double]) -> Double { expecting.reduce(0) { $0 + output[$1] } / timing.bellSum }
    let quiet = quietSteps(trial, timing)
    func unrest(_ output: [Double]) -> Double {
      (quiet.reduce(0) { $0 + output[$1] * output[$1] } / Double(max(1, quiet.count))).squareRoot()
    }
    return Record(
      trial: trial, peak: height > expectationThreshold ? Double(top - timing.cueOnset) : nil,
      peakHeight: height, amplitudes: amplitudes, masses: prediction.what.map(mass),
      whenMass: mass(prediction.when), whenUnrest: unrest(prediction.when),
      whatUnrest: Spread(prediction.what.map(unrest)).mean)
  }

  /// The steps behind the cue at which something is expected.
  public static func expectingSteps(_ prediction: WhatWhenReadout.Prediction, _ timing: TrialTiming) -> [Int]
  {
    timing.readSteps.filter { prediction.when[$0] > expectationThreshold }
  }

  /// The steps more than two widths away from every usual time.
  private static func quietSteps(_ trial: PredictionTrial, _ timing: TrialTiming) -> [Int] {
    (0..<timing.duration).filter { step in
      trial.expectedLatencies.allSatisfy {
        abs(Double(step - timing.cueOnset) - $0) > 2 * timing.eventWidth
      }
    }
  }

  /// The error of the peak in a range of trials: milliseconds from the trial's usual time, nil where there was no peak.
  public func peakErrors(_ range: Range<Int>) -> [Double?] {
    records[range].map { record in
      record.peak.map { abs($0 - record.trial.expectedLatencies[record.trial.outcome ?? 0]) }
    }
  }

  /// How many trials behind `start` it takes until the running median of five peaks stays within `tolerance` milliseconds of
  /// `latency` to the end of the range; nil where it never does.
  public func trialsToTime(_ range: Range<Int>, latency: Double, tolerance: Double = 30) -> Int? {
    let fits = runningMedians(records[range].map { $0.peak ?? -1e9 }).map { abs($0 - latency) <= tolerance }
    guard let wrong = fits.lastIndex(of: false) else { return 0 }
    return wrong + 1 < fits.count ? wrong + 1 : nil
  }

  /// How many trials it takes until the running median of five differences of two amplitudes is below 0; nil where it never is.
  public func trialsToCross(_ range: Range<Int>, from first: Int = 0, to second: Int = 1) -> Int? {
    runningMedians(records[range].map { $0.amplitudes[first] - $0.amplitudes[second] })
      .firstIndex { $0 < 0 }
  }

  /// The median of each value and the four behind it.
  private func runningMedians(_ values: [Double]) -> [Double] {
    guard values.count >= 5 else { return values.isEmpty ? [] : [Percentile.median(values)] }
    return (0...values.count - 5).map { Percentile.median(Array(values[$0..<$0 + 5])) }
  }
}
