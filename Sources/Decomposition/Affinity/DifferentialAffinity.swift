import Foundation
import Support

/// How strongly every two neurons change together, moment by moment (Dyballa et al., 2024, section 3; the formula is a
/// reconstruction).
///
/// Traces are smoothed, differentiated and scaled to unit root mean square; the affinity of two neurons at a moment is then a
/// mean of their changes where both go the same way, and 0 where they go opposite ways.
///
/// ```swift
/// let affinity = DifferentialAffinity(samplingRate: 4)
/// let changes = try traces.map { try affinity.changes($0) }        // by animal; nil for neurons it lacks
/// let tensor = try AffinityTensor(changes, bin: 1)       // time x animal x pair
/// ```
public struct DifferentialAffinity: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// √(z_i z_j) where both rise or both fall.
    case geometric
    /// z_i z_j where both rise or both fall.
    case product
    /// The smaller of |z_i| and |z_j| where both rise or both fall.
    case min
    /// √(z_i z_j) where both rise.
    case riseOnly
  }

  /// Samples a second.
  public var samplingRate: Double
  /// Standard deviation of the smoothing kernel in seconds: the time scale of what counts as a change; 0 for none.
  public var smoothing: Double
  public var kind: Kind
  /// The largest affinity over shifts of up to so many samples between the two neurons counts.
  public var lagTolerance: Int
  /// Whether the mean trace of the animal is regressed out of every neuron first: movement makes all neurons go together.
  public var removesGlobalSignal: Bool
  /// Neurons whose changes are smaller than this share of the animal's median are scaled as if theirs were so large: else the noise
  /// of silent neurons would be blown up.
  public var floorShare: Double

  public init(
    samplingRate: Double, smoothing: Double = 0.75, kind: Kind = .geometric, lagTolerance: Int = 0,
    removesGlobalSignal: Bool = false, floorShare: Double = 0.25
  ) {
    precondition(
      samplingRate > 0 && smoothing >= 0 && lagTolerance >= 0 && floorShare >= 0,
      "sampling rate \(samplingRate), smoothing \(smoothing), lag tolerance \(lagTolerance), floor \(floorShare)"
    )
    self.samplingRate = samplingRate
    self.smoothing = smoothing
    self.kind = kind
    self.lagTolerance = lagTolerance
    self.removesGlobalSignal = removesGlobalSignal
    self.floorShare = floorShare
  }

  /// The scaled changes of one animal.
  public struct Changes: Sendable {
    /// Samples.
    public let duration: Int
    public let neurons: Int
    /// Which neurons the animal has.
    public let isPresent: [Bool]
    /// `[T, N]`, 0 for absent neurons.
    public let values: [Double]
    let affinity: DifferentialAffinity

    /// The scaled change of a neuron over time.
    public func trace(_ neuron: Int) -> [Double] { (0..<duration).map { values[$0 * neurons + neuron] } }
  }

  /// Smooths, differentiates and scales the traces of one animal.
  ///
  /// - Parameter traces: By neuron, all of one length; nil for neurons that the animal lacks.
  /// - Throws: `CajalError` for fewer than two neurons or three samples, unequal lengths, or values that are not finite.
  public func changes(_ traces: [[Double]?]) throws -> Changes {
    let lengths = Set(traces.compactMap { $0?.count })
    guard traces.count > 1, let duration = lengths.first, lengths.count == 1, duration > 2 else {
      throw CajalError(
        "\(traces.count) traces of \(lengths.sorted()) samples, expected two neurons or more and one length from 3 up"
      )
    }
    for (neuron, trace) in traces.enumerated() {
      if let trace, let wrong = trace.firstIndex(where: { !$0.isFinite }) {
        throw CajalError("sample \(wrong) of neuron \(neuron) is not a finite number")
      }
    }
    let signals = removesGlobalSignal ? Self.withoutMean(traces) : traces
    let steps = signals.map { $0.map { differentiated(smoothed($0)) } }
    let sizes = steps.map {
      $0.map { ($0.reduce(0) { $0 + $1 * $1 } / Double(duration) + 1e-12).squareRoot() }
    }
    let present = sizes.compactMap { $0 }.sorted()
    let floor = floorShare * present[present.count / 2]
    var values = [Double](repeating: 0, count: duration * traces.count)
    for (neuron, step) in steps.enumerated() {
      guard let step, let size = sizes[neuron] else { continue }
      let scale = 1 / Swift.max(size, floor)
      for time in 0..<duration { values[time * traces.count + neuron] = step[time] * scale }
    }
    return Changes(
      duration: duration, neurons: traces.count, isPresent: traces.map { $0 != nil }, values: values,
      affinity: self)
  }

  /// With a Gaussian kernel of three standard deviations to either side; the ends are continued.
  private func smoothed(_ trace: [Double]) -> [Double] {
    let deviation = smoothing * samplingRate
    guard deviation > 0 else { return trace }
    let radius = Int((3 * deviation).rounded(.up))
    var kernel = (-radius...radius).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let sum = kernel.reduce(0, +)
    kernel = kernel.map { $0 / sum }
    let last = trace.count - 1
    let padded = (-radius...last + radius).map { trace[Swift.max(0, Swift.min(last, $0))] }
    return trace.indices.map { time in
      var value = 0.0
      for k in kernel.indices { value += kernel[k] * padded[time + k] }
      return value
    }
  }

  /// Central differences, one-sided at the ends, a second.
  private func differentiated(_ trace: [Double]) -> [Double] {
    let last = trace.count - 1
    return trace.indices.map { time in
      if time == 0 { return (trace[1] - trace[0]) * samplingRate }
      if time == last { return (trace[last] - trace[last - 1]) * samplingRate }
      return (trace[time + 1] - trace[time - 1]) * samplingRate / 2
    }
  }

  /// What is left of every trace after regression on the mean of all scaled traces.
  private static func withoutMean(_ traces: [[Double]?]) -> [[Double]?] {
    let centred = traces.map { trace in
      trace.map { values in
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { $0 - mean }
      }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let scaled = centred.compactMap { $0 }.map { values in
      let size = product(values, values).squareRoot()
      return values.map { size > 0 ? $0 / size : 0 }
    }
    let global = scaled[0].indices.map { time in scaled.reduce(0) { $0 + $1[time] } }
    let power = product(global, global)
    guard power > 0 else { return centred }
    return centred.map { trace in
      trace.map { values in
        let slope = product(values, global) / power
        return zip(values, global).map { $0 - slope * $1 }
      }
    }
  }
}

// The affinities themselves.
extension DifferentialAffinity.Changes {
  /// The affinities of all pairs at a sample, in the order of ``NeuronPairs``.
  public func affinities(at time: Int) -> [Double] {
    precondition((0..<duration).contains(time), "sample \(time) of \(duration)")
    var row = [Double](repeating: 0, count: neurons * (neurons - 1) / 2)
    row.withUnsafeMutableBufferPointer { add(at: time, to: $0.baseAddress!, weight: 1) }
    return row
  }

  /// Adds the weighted affinities of all pairs at a sample.
  func add(at time: Int, to target: UnsafeMutablePointer<Double>, weight: Double) {
    values.withUnsafeBufferPointer { values in
      let now = values.baseAddress! + time * neurons
      if affinity.lagTolerance == 0 {
        affinity.kind.addPairs(now, neurons, weight, to: target)
      } else {
        addLagged(values.baseAddress!, time, to: target, weight)
      }
    }
  }

  private func addLagged(
    _ values: UnsafePointer<Double>, _ time: Int, to target: UnsafeMutablePointer<Double>, _ weight: Double
  ) {
    let shifts = -affinity.lagTolerance...affinity.lagTolerance
    let now = values + time * neurons
    var pair = 0
    for i in 0..<neurons {
      for j in i + 1..<max(i + 1, neurons) {
        var largest = 0.0
        for shift in shifts where (0..<duration).contains(time + shift) {
          let then = values + (time + shift) * neurons
          largest = max(
            largest, affinity.kind.value(now[i], then[j]), affinity.kind.value(then[i], now[j]))
        }
        target[pair] += weight * largest
        pair += 1
      }
    }
  }
}

extension DifferentialAffinity.Kind {
  /// The affinity of two scaled changes.
  @inline(__always)
  func value(_ a: Double, _ b: Double) -> Double {
    let product = a * b
    guard product > 0 else { return 0 }
    return switch self {
    case .geometric: product.squareRoot()
    case .product: product
    case .min: Swift.min(abs(a), abs(b))
    case .riseOnly: a > 0 ? product.squareRoot() : 0
    }
  }

  /// Adds those of all pairs of `count` changes; one plain loop for each kind, so that each fills the vector registers.
  @inline(__always)
  func addPairs(
    _ z: UnsafePointer<Double>, _ count: Int, _ weight: Double, to target: UnsafeMutablePointer<Double>
  ) {
    var out = target
    for i in 0..<count - 1 {
      let (own, others, left) = (z[i], z + i + 1, count - i - 1)
      switch self {
      case .geometric:
        for j in 0..<left {
          let product = own * others[j]
          out[j] += weight * (product > 0 ? product : 0).squareRoot()
        }
      case .product:
        for j in 0..<left {
          let product = own * others[j]
          out[j] += weight * (product > 0 ? product : 0)
        }
      case .min:
        let size = abs(own)
        for j in 0..<left {
          let other = abs(others[j])
          out[j] += own * others[j] > 0 ? weight * (other < size ? other : size) : 0
        }
      case .riseOnly:
        let risen = own > 0 ? own : 0
        for j in 0..<left {
          let product = risen * others[j]
          out[j] += weight * (product > 0 ? product : 0).squareRoot()
        }
      }
      out += left
    }
  }
}
