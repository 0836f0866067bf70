import Support
import Tensors

/// What a layer of motif detectors says about a whole raster, from evidence `[duration, height, width, classes]`.
public struct MotifDecision: Sendable, Equatable {
  /// The mean evidence of each class over the steps and places that count, the others taken as 0.
  public var evidence: [Double]
  /// The class with most of it.
  public var motif: Int

  /// - Parameters:
  ///   - first: Steps before this one are left out: their window is not full yet.
  ///   - share: The share of steps and places that count, those of largest evidence.
  public init<Number: BinaryFloatingPoint>(
    _ evidence: UnsafeBufferPointer<Number>, classes: Int, places: Int, from first: Int,
    keeping share: Double = 0.15
  ) {
    let start = first * places * classes
    precondition(
      start < evidence.count && evidence.count.isMultiple(of: places * classes),
      "\(evidence.count) numbers, \(places) places and \(classes) classes, from step \(first)")
    let count = (evidence.count - start) / classes
    var sums = [Double](repeating: 0, count: classes)
    let values = evidence.baseAddress! + start
    let peaks = (0..<count).map { place in
      var peak = values[place * classes]
      for c in 1..<max(classes, 1) { peak = max(peak, values[place * classes + c]) }
      return peak
    }
    let limit = share < 1 ? quantile(1 - share, of: peaks) : -Number.infinity
    for place in 0..<count where peaks[place] > limit {
      for c in 0..<classes { sums[c] += Double(values[place * classes + c]) }
    }
    let means = sums.map { $0 / Double(count) }
    self.evidence = means
    motif = means.indices.max { means[$0] < means[$1] } ?? 0
  }
}

/// The quantile of numbers, interpolated between neighbours in order.
func quantile<Number: BinaryFloatingPoint>(_ level: Double, of values: [Number]) -> Number {
  precondition(!values.isEmpty, "a quantile of nothing")
  let sorted = values.sorted()
  let place = level * Double(sorted.count - 1)
  let below = min(sorted.count - 1, max(0, Int(place)))
  let above = min(sorted.count - 1, below + 1)
  return sorted[below] + (sorted[above] - sorted[below]) * Number(place - Double(below))
}

extension DelayKernelLayer {
  /// The class of a whole raster: see ``classify(_:from:keeping:)-([SpikeRaster],_,_)``.
  public func classify(_ raster: SpikeRaster, from first: Int? = nil, keeping share: Double = 0.15) throws
    -> MotifDecision
  {
    try classify([raster], from: first, keeping: share)[0]
  }

  /// The class of each of many rasters (paper: of the steps with a full window, the 15 % of places with most evidence).
  ///
  /// - Parameter first: The first step that counts; as many as there are delays unless given.
  /// - Throws: `CajalError` when a raster has another number of channels or is not longer than that.
  public func classify(_ rasters: [SpikeRaster], from first: Int? = nil, keeping share: Double = 0.15) throws
    -> [MotifDecision]
  {
    let first = first ?? shape.delays
    for raster in rasters {
      try check(raster)
      guard raster.duration > first else {
        throw CajalError(
          "a raster of \(raster.duration) steps is too short: \(first) are needed to fill the window")
      }
    }
    return weight.value.elementType == .float32
      ? decisions(rasters, first, share, Float.self) : decisions(rasters, first, share, Double.self)
  }

  private func decisions<Scalar: KernelScalar & TensorElement>(
    _ rasters: [SpikeRaster], _ first: Int, _ share: Double, _: Scalar.Type
  ) -> [MotifDecision] {
    guard let some = rasters.first else { return [] }
    let pass: MotifPass<Scalar> = pass([weight.value.detached(), bias.value.detached()], some)
    return parallelMap(rasters.count) { index in
      var pass = pass
      pass.raster = rasters[index]
      let (places, classes) = (pass.places, pass.shape.classes)
      return withUnsafeTemporaryAllocation(
        of: Scalar.self, capacity: pass.raster.duration * places * classes
      ) { evidence in
        pass.evidence(into: evidence.baseAddress!)
        return MotifDecision(
          UnsafeBufferPointer(evidence), classes: classes, places: places, from: first, keeping: share)
      }
    }
  }

  /// The threshold at which a neuron of this layer fires at `rate` spikes a step on average over these rasters.
  public func threshold(rate: Double, over rasters: [SpikeRaster]) throws -> Double {
    var all: [Float] = []
    for raster in rasters {
      let values = try withoutGradients { try evidence(raster) }.to(.float32).floats
      all += values.dropFirst(
        min(shape.delays, raster.duration - 1) * raster.height * raster.width * shape.classes)
    }
    guard !all.isEmpty, (0...1).contains(rate) else {
      throw CajalError("a threshold needs rasters, and a rate from 0 to 1 spikes a step")
    }
    return Double(quantile(1 - rate, of: all))
  }

  /// The layer's own spikes: where evidence exceeds the threshold, of the class with most of it alone. Channels are classes.
  public func spikes(_ raster: SpikeRaster, threshold: Double) throws -> SpikeRaster {
    let evidence = try withoutGradients { try self.evidence(raster) }.to(.float32).floats
    let classes = shape.classes
    let volume = raster.duration * raster.height * raster.width
    var cells = [UInt8](repeating: 0, count: classes * volume)
    for place in 0..<volume {
      var best = 0
      for c in 1..<max(classes, 1) where evidence[place * classes + c] > evidence[place * classes + best] {
        best = c
      }
      if Double(evidence[place * classes + best]) > threshold { cells[best * volume + place] = 1 }
    }
    return try SpikeRaster(
      cells: cells, channels: classes, duration: raster.duration, height: raster.height, width: raster.width)
  }
}
