import Foundation
import Support
import Tensors

/// Brings recordings of any laboratory to one form: the same names in the same order, one rate, z-scores, their derivative, and
/// smoothed versions of both, with masks of who was recorded (Simeon et al., 2024).
public struct WormHomogeniser: Sendable {
  /// The neurons and their order.
  public var slots = WormNeurons.all
  /// Seconds between samples of the common grid; nil keeps each recording's own times.
  public var step: Double? = 0.333
  /// Of the smoothed versions; nothing that is smoothed by a Gaussian may be predicted.
  public var smoothing = Smoothing.gaussianSamples(sigma: 3)
  /// Mean and deviation of z-scores are those of this share of the samples at the start: less than 1 keeps the rest unseen.
  public var referenceShare = 1.0
  /// Names at least so sure are believed; recordings without confidences are believed whole.
  public var leastConfidence = 0.0

  public init() {}

  /// - Parameter recording: Its column `confidence` of neurons, if it has one, says how sure the names are.
  /// - Throws: `CajalError` without times, with fewer than four samples, or without any neuron.
  public func callAsFunction(_ recording: Recording) throws -> WormRecording {
    let time = try recording.requiredTime(for: "the common form")
    guard time.count > 3 else { throw CajalError("\(recording.name) has \(time.count) samples; at least 4 are needed") }
    let missing = recording.activity.to(.float64).isNaN().to(.int64).sum(axes: [0]).integers
    let kept = missing.indices.filter { missing[$0] < recording.sampleCount }
    guard !kept.isEmpty else { throw CajalError("\(recording.name) has no neuron with a value") }
    let (whole, replaced) = recording.selected(neurons: kept).interpolated()
    let reference = Epochs(
      from: time.start, to: time[max(1, min(time.count - 1, Int(referenceShare * Double(time.count)) - 1))].nextUp)
    let calcium = try whole.zScored(over: referenceShare < 1 ? reference : nil)
    let residual = try calcium.derivative()
    let confidence = whole.neurons.table.numbers("confidence")
    let names = whole.neurons.allNames.enumerated().map { index, name in
      (confidence?[index] ?? .infinity) < leastConfidence ? "" : name
    }
    let assignments = WormNeurons.assign(names, confidence: confidence, slots: slots)
    let smooth = (try calcium.smoothed(smoothing), try residual.smoothed(smoothing))
    let quality = zip(zip(replaced, deviations(smooth.0)), deviations(calcium, less: smooth.0)).map {
      WormRecording.Quality(
        interpolated: Double($0.0) / Double(time.count), signalToNoise: $1 > 0 ? $0.1 / $1 : .infinity)
    }
    return WormRecording(
      name: recording.name, assignments: assignments, slots: slots, nativeStep: time.step,
      native: calcium, calcium: try resampled(calcium), residual: try resampled(residual),
      smoothCalcium: try resampled(smooth.0), smoothResidual: try resampled(smooth.1), quality: quality)
  }

  /// Coarser samples are drawn on lines, finer ones averaged.
  private func resampled(_ recording: Recording) throws -> Recording {
    guard let step, let time = recording.time else { return recording }
    return time.step >= step ? try recording.resampled(step: step) : try recording.averaged(step: step)
  }

  private func deviations(_ a: Recording, less b: Recording? = nil) -> [Double] {
    let values = b.map { a.activity - $0.activity } ?? a.activity
    let centred = values - values.mean(axis: 0)
    return (centred * centred).mean(axis: 0).sqrt().doubles
  }
}

/// A recording in the common form.
public struct WormRecording: Sendable {
  public struct Quality: Sendable, Equatable {
    /// The share of samples that were missing.
    public let interpolated: Double
    /// The spread of the smoothed trace over that of what smoothing took off.
    public let signalToNoise: Double
  }

  public var name: String
  /// Which source it belongs to: the name of a worm is its own only within it.
  public var source = ""
  /// One for each neuron recorded, in the order of the columns.
  public let assignments: [WormNeurons.Assignment]
  public let slots: [String]
  /// Seconds between samples as they were recorded.
  public let nativeStep: Double
  /// z-scores at the recording's own times, `[S, n]`: n neurons recorded.
  public let native: Recording
  /// z-scores on the common grid, `[T, n]`, their derivative per second, and both smoothed.
  public let calcium, residual, smoothCalcium, smoothResidual: Recording
  /// By neuron recorded.
  public let quality: [Quality]

  /// T
  public var sampleCount: Int { calcium.sampleCount }
  public var neuronCount: Int { assignments.count }
  public var labelledCount: Int { assignments.count { $0.slot != nil } }
  /// Which slots were recorded.
  public var mask: [Bool] {
    var mask = [Bool](repeating: false, count: slots.count)
    for assignment in assignments { if let slot = assignment.slot { mask[slot] = true } }
    return mask
  }
  /// Columns of labelled neurons, with their slots.
  public var labelled: [(column: Int, slot: Int)] {
    assignments.indices.compactMap { column in assignments[column].slot.map { (column, $0) } }
  }

  /// A version in slots, `[T, slots]`, with 0 where no neuron was labelled; unlabelled neurons are in none.
  public func inSlots(_ version: KeyPath<WormRecording, Recording>) -> Tensor {
    let recording = self[keyPath: version]
    let values = recording.activity.to(.float64)
    let known = labelled
    guard !known.isEmpty else { return Tensor.zeros([recording.sampleCount, slots.count], .float64) }
    let scatter = Tensor.zeros([neuronCount, slots.count], .float64)
    scatter.withUnsafeMutableElements(of: Double.self) { buffer in
      for (column, slot) in known { buffer[column * slots.count + slot] = 1 }
    }
    return values.matmul(scatter)
  }
}
