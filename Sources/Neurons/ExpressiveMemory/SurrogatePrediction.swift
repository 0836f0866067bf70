import Datasets
import Foundation
import Statistics
import Support
import Tensors

/// What a surrogate says a neuron does, recording by recording.
public struct SurrogatePrediction: Sendable {
  /// Logits of a spike in each step, by recording.
  public var logits: [[Double]]
  /// In mV, by recording.
  public var voltage: [[Double]]

  public init(logits: [[Double]], voltage: [[Double]]) {
    (self.logits, self.voltage) = (logits, voltage)
  }

  /// Runs a model over recordings in windows that overlap: what a window says in its first `burnIn` steps is not used, but for the first
  /// window of a recording.
  ///
  /// - Throws: `CajalError` when windows are not longer than their burn-in, or a recording is shorter than a window.
  public init(
    _ model: any SynapticModel, _ recordings: SynapticRecordings, window: Int = 500, burnIn: Int = 150,
    batch: Int = 16
  ) throws {
    guard window > burnIn, burnIn >= 0, batch > 0 else {
      throw CajalError("windows of \(window) steps with a burn-in of \(burnIn), \(batch) at a time")
    }
    var places: [(recording: Int, start: Int)] = []
    for (number, recording) in recordings.recordings.enumerated() {
      places += try Self.starts(recording.steps, window, burnIn, number).map { (number, $0) }
    }
    logits = recordings.recordings.map { [Double](repeating: 0, count: $0.steps) }
    voltage = logits
    for first in stride(from: 0, to: places.count, by: batch) {
      let chosen = Array(places[first..<min(first + batch, places.count)])
      let events = try recordings.windows(chosen, of: window).events
      let values = withoutGradients { model(events) }.doubles
      for (b, place) in chosen.enumerated() {
        for t in (place.start == 0 ? 0 : burnIn)..<window {
          let at = 2 * (t * chosen.count + b)
          logits[place.recording][place.start + t] = values[at]
          voltage[place.recording][place.start + t] = SynapticRecordings.voltage(ofTarget: values[at + 1])
        }
      }
    }
  }

  /// Where windows begin; the last one ends with the recording.
  static func starts(_ steps: Int, _ window: Int, _ burnIn: Int, _ number: Int) throws -> [Int] {
    guard steps >= window else {
      throw CajalError("recording \(number) has \(steps) steps, expected at least a window of \(window)")
    }
    var starts = Array(stride(from: 0, through: steps - window, by: window - burnIn))
    if starts[starts.count - 1] + window < steps { starts.append(steps - window) }
    return starts
  }
}

/// How well a surrogate predicts a neuron.
public struct SurrogateScore: Sendable {
  /// Area under the receiver operating characteristic of spikes per step.
  public let areaUnderROC: Double
  /// Rates of true positives at 0.25 % and at 1 % of false ones.
  public let truePositivesAtQuarter, truePositivesAtOne: Double
  /// Of the soma's voltage, cut at -55 mV, in mV.
  public let voltageError, absoluteError: Double
  /// Share of the voltage's variance.
  public let explainedVariance: Double
  /// The same after predictions were given mean and deviation of the targets, which hides errors of both: what the published figures are.
  public let rescaledError, rescaledAbsoluteError, rescaledVariance: Double
  public let curve: ROCCurve

  /// - Parameters:
  ///   - ignored: Steps at the start of recordings that do not count.
  ///   - most: Recordings with more output spikes are left out; nil for none.
  /// - Throws: `CajalError` when nothing is left, or no step has a spike.
  public init(
    _ prediction: SurrogatePrediction, _ recordings: SynapticRecordings, ignoring ignored: Int = 500,
    most: Int? = 24
  ) throws {
    var (scores, labels, predicted, targets): ([Double], [Bool], [Double], [Double]) = ([], [], [], [])
    for (number, recording) in recordings.recordings.enumerated() {
      if let most, recording.spikeCount > most { continue }
      for t in min(ignored, recording.steps)..<recording.steps {
        scores.append(prediction.logits[number][t])
        labels.append(recording.spikes[t])
        predicted.append(prediction.voltage[number][t])
        targets.append(Double(min(recording.voltage[t], -55)))
      }
    }
    guard labels.contains(true), labels.contains(false) else {
      throw CajalError(
        "\(recordings.name): no output spikes are left to predict after the first \(ignored) steps"
          + (most.map { " of recordings with at most \($0)" } ?? ""))
    }
    curve = try ROCCurve(scores: scores, labels: labels)
    areaUnderROC = curve.area
    truePositivesAtQuarter = curve.truePositiveRate(atFalsePositiveRate: 0.0025)
    truePositivesAtOne = curve.truePositiveRate(atFalsePositiveRate: 0.01)
    let plain = VoltageErrors(predicted, targets)
    let rescaled = VoltageErrors(VoltageErrors.rescaled(predicted, like: targets), targets)
    (voltageError, absoluteError, explainedVariance) = (plain.root, plain.absolute, plain.explained)
    (rescaledError, rescaledAbsoluteError, rescaledVariance) = (
      rescaled.root, rescaled.absolute, rescaled.explained
    )
  }
}

private struct VoltageErrors {
  let root, absolute, explained: Double

  init(_ predicted: [Double], _ targets: [Double]) {
    let count = Double(targets.count)
    var (squares, absolute, sum) = (0.0, 0.0, 0.0)
    for (p, t) in zip(predicted, targets) {
      squares += (p - t) * (p - t)
      absolute += abs(p - t)
      sum += p - t
    }
    let bias = sum / count
    let variance = squares / count - bias * bias
    root = (squares / count).squareRoot()
    self.absolute = absolute / count
    let (_, deviation) = Self.moments(targets)
    explained = deviation > 0 ? 1 - variance / (deviation * deviation) : .nan
  }

  static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, square.squareRoot())
  }

  static func rescaled(_ values: [Double], like targets: [Double]) -> [Double] {
    let (own, wanted) = (moments(values), moments(targets))
    guard own.deviation > 0 else { return values.map { _ in wanted.mean } }
    return values.map { ($0 - own.mean) / own.deviation * wanted.deviation + wanted.mean }
  }
}
