import Foundation
import Support
import Tensors

/// Samples × neurons, with the neurons' names and what is known about every sample; from a model or from a brain.
///
/// Samples may be a course of time, then ``time`` says when each was taken; or tokens, pictures, trials. Large recordings stay
/// on disk: the activity of one that was opened from a folder or an HDF5 file is read where it is touched.
///
/// ```swift
/// let worm = try RecordingFile.read(url)                       // NWB, MAT, NPZ, CSV, HDF5, a folder
/// let clean = worm.detrended().zScored()
/// let moving = clean.restricted(to: worm.epochs["forward"]!)
/// let trials = clean.aligned(to: worm.epochs["reversal"]!.starts, from: -10, to: 20)
/// ```
public struct Recording: Sendable {
  /// What errors and figures call it: a file, usually.
  public var name: String
  /// `[S, N]`, floating-point.
  public private(set) var activity: Tensor
  public private(set) var neurons: NeuronTable
  /// When the samples were taken; nil where they are no course of time.
  public private(set) var time: TimeAxis?
  /// The time that was observed; empty where samples are no course of time.
  public private(set) var support: Epochs
  /// What is known about every sample: labels, behaviour.
  public private(set) var samples: SampleTable
  /// Named stretches of time: trials, states, stimuli.
  public var epochs: [String: Epochs]
  /// Of the activity: `Hz`, `spikes`, `ΔF/F`, `z`; empty where not known.
  public var unit: String
  /// What was recorded, and from what: free text and fingerprints under names.
  public var source: [String: String]

  /// - Parameters:
  ///   - activity: `[S, N]`
  ///   - neurons: N of them; numbered if nil.
  ///   - time: S times.
  ///   - support: The time observed; from the first sample to the end of the last if nil.
  ///   - samples: S rows, or no column.
  /// - Throws: `CajalError` naming what does not fit.
  public init(
    name: String = "recording", activity: Tensor, neurons: NeuronTable? = nil, time: TimeAxis? = nil,
    support: Epochs? = nil, samples: SampleTable = SampleTable(), epochs: [String: Epochs] = [:],
    unit: String = "", source: [String: String] = [:]
  ) throws {
    guard activity.rank == 2, activity.elementType.isFloatingPoint else {
      throw CajalError(
        "\(name): the activity is \(activity.shape) of \(activity.elementType), samples × neurons of floating-point numbers were expected"
      )
    }
    let (s, n) = (activity.size(0), activity.size(1))
    if let neurons, neurons.count != n {
      throw CajalError("\(name): \(neurons.count) neurons are described, the activity \(activity.shape) has \(n)")
    }
    if let time, time.count != s {
      throw CajalError("\(name): \(time.count) times for the \(s) samples of the activity \(activity.shape)")
    }
    guard samples.columns.isEmpty || samples.count == s else {
      throw CajalError("\(name): \(samples.count) rows for the \(s) samples of the activity \(activity.shape)")
    }
    self.name = name
    self.activity = activity
    self.neurons = neurons ?? NeuronTable(count: n)
    self.time = time
    self.support = support?.union ?? time?.support ?? Epochs()
    self.samples = samples
    self.epochs = epochs
    self.unit = unit
    self.source = source
  }

  /// S
  public var sampleCount: Int { activity.size(0) }
  /// N
  public var neuronCount: Int { activity.size(1) }

  /// The activity of some neurons in 32 bits, `[S, columns]`.
  public func activity(_ columns: Range<Int>) -> Tensor {
    activity.narrowed(1, from: columns.lowerBound, to: columns.upperBound).to(.float32).contiguous()
  }

  /// The times of the samples.
  ///
  /// - Throws: `CajalError` naming the recording where samples are no course of time.
  public func requiredTime(for purpose: String) throws -> TimeAxis {
    guard let time else {
      throw CajalError("\(name) does not say when its samples were taken, which \(purpose) needs")
    }
    return time
  }

  /// The samples in blocks of at most `rows`, each `[rows, N]` in 64 bits: what streams through a recording larger than memory.
  public func forEachBlock(
    rows: Int = 4_096, _ body: (_ first: Int, _ block: UnsafeBufferPointer<Double>) throws -> Void
  ) rethrows {
    for first in stride(from: 0, to: sampleCount, by: rows) {
      let block = activity.narrowed(0, from: first, to: min(first + rows, sampleCount)).to(.float64)
        .contiguous()
      try block.withUnsafeElements { try body(first, $0) }
    }
  }

  /// The same samples and neurons with other values.
  ///
  /// - Parameter activity: `[S, N]`
  public func replacing(activity: Tensor, unit: String? = nil) -> Recording {
    precondition(activity.shape == self.activity.shape, "\(activity.shape) for \(self.activity.shape)")
    var changed = self
    changed.activity = activity
    if let unit { changed.unit = unit }
    return changed
  }

  /// With another description of the neurons, in the same order.
  public func replacing(neurons: NeuronTable) -> Recording {
    precondition(neurons.count == neuronCount, "\(neurons.count) neurons for \(neuronCount)")
    var changed = self
    changed.neurons = neurons
    return changed
  }

  /// With a column of the samples more, or another one.
  public func setting(_ column: String, _ values: SampleTable.Column) -> Recording {
    precondition(values.count == sampleCount, "\(values.count) values for \(sampleCount) samples")
    var changed = self
    changed.samples.set(column, values)
    return changed
  }
}

extension Recording {
  /// The part within epochs: samples whose times lie in them, and epochs cut to them. Nothing is copied where one stretch is
  /// asked for.
  ///
  /// A sample belongs to an epoch from its start on, up to but without its end. A recording without times is empty
  /// afterwards.
  public func restricted(to epochs: Epochs) -> Recording {
    let ranges = time?.indices(in: epochs) ?? []
    var part = selected(ranges: ranges)
    part.support = support.intersection(epochs)
    part.epochs = self.epochs.mapValues { $0.restricted(to: epochs) }
    return part
  }

  /// Some neurons, in this order.
  public func selected(neurons columns: [Int]) -> Recording {
    var part = self
    part.activity = activity.selected(Tensor(columns), axis: 1)
    part.neurons = neurons.selected(columns)
    return part
  }

  /// Neurons by name.
  ///
  /// - Throws: `CajalError` naming the one that is not there.
  public func selected(neurons names: [String]) throws -> Recording {
    try selected(
      neurons: names.map { name in
        guard let column = neurons.column(ofNeuron: name) else {
          throw CajalError(
            "\(self.name) has no neuron '\(name)'; it has \(neurons.allNames.prefix(12).joined(separator: ", "))…")
        }
        return column
      })
  }

  /// Samples in ranges, ascending.
  func selected(ranges: [Range<Int>]) -> Recording {
    var part = self
    let parts = ranges.map { activity.narrowed(0, from: $0.lowerBound, to: $0.upperBound) }
    part.activity =
      parts.count == 1
      ? parts[0]
      : parts.isEmpty ? Tensor.zeros([0, neuronCount], activity.elementType) : .concatenated(parts)
    part.time = time?.selected(ranges)
    part.samples = samples.columns.isEmpty ? samples : samples.selected(ranges.flatMap { Array($0) })
    return part
  }

  /// Samples of another course of time, with as many neurons; epochs stay.
  func resampled(activity: Tensor, time: TimeAxis, samples: SampleTable) -> Recording {
    var changed = self
    (changed.activity, changed.time, changed.samples) = (activity, time, samples)
    return changed
  }
}
