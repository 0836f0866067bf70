import Foundation
import Support

/// What a reservoir did in a trial.
public struct ReservoirRun: Sendable {
  public struct Spike: Sendable, Equatable {
    public let step: Int
    public let neuron: Int
  }
  /// In order of time, then of neuron.
  public let spikes: [Spike]
  /// `[T, N + 1]`
  public let features: FeatureTrajectory
  /// v and u of every neuron in the end.
  public let membrane, recovery: [Double]

  /// Spikes of a neuron in a second, on average.
  public var meanRate: Double {
    Double(spikes.count) * 1000 / Double(features.steps * (features.count - 1))
  }
}

extension IzhikevichReservoir {
  /// Runs a trial from rest.
  public func run(_ input: ReservoirInput, using generator: inout RandomGenerator) -> ReservoirRun {
    precondition(
      input.channels == inputCount, "an input of \(input.channels) channels for a reservoir of \(inputCount)")
    let loop = IzhikevichLoop(self)
    var values = [Double](repeating: 1, count: input.steps * featureCount)
    var spikes: [ReservoirRun.Spike] = []
    values.withUnsafeMutableBufferPointer { rows in
      for step in 0..<input.steps {
        loop.drive(input, step)
        if membraneNoise > 0 { loop.disturb(membraneNoise, using: &generator) }
        loop.advance(step, &spikes)
        loop.copyTraces(to: rows.baseAddress! + step * featureCount)
      }
    }
    return ReservoirRun(
      spikes: spikes, features: FeatureTrajectory(values: values, steps: input.steps, count: featureCount),
      membrane: loop.numbers(loop.membrane), recovery: loop.numbers(loop.recovery))
  }
}

/// The reservoir's variables in registers' width, and the step over them: eight neurons at a time, and of the synapses only the
/// columns of neurons that spike.
private final class IzhikevichLoop {
  typealias Lane = SIMD8<Double>
  private let reservoir: IzhikevichReservoir
  private let lanes: Int
  private let block: UnsafeMutablePointer<Lane>
  private let a, b, c, d, keep, gain: UnsafeMutablePointer<Lane>
  /// Bias and input.
  private let driven: UnsafeMutablePointer<Lane>
  /// The same with noise.
  private let current: UnsafeMutablePointer<Lane>
  private let trace: UnsafeMutablePointer<Lane>
  let membrane, recovery: UnsafeMutablePointer<Lane>
  /// The synaptic current by time constant, `[L, N]`.
  private let synaptic: UnsafeMutablePointer<Lane>
  private let decays: [Double]
  /// 10/τ_s by neuron.
  private let heights: [Double]
  private var isNoisy = false

  init(_ reservoir: IzhikevichReservoir) {
    self.reservoir = reservoir
    let lanes = (reservoir.size + Lane.scalarCount - 1) / Lane.scalarCount
    self.lanes = lanes
    let kinds = 11 + reservoir.decayLevels.count
    let block = UnsafeMutablePointer<Lane>.allocate(capacity: kinds * lanes)
    block.initialize(repeating: .zero, count: kinds * lanes)
    self.block = block
    func part(_ index: Int) -> UnsafeMutablePointer<Lane> { block + index * lanes }
    (a, b, c, d) = (part(0), part(1), part(2), part(3))
    (keep, gain, driven, current) = (part(4), part(5), part(6), part(7))
    (trace, membrane, recovery, synaptic) = (part(8), part(9), part(10), part(11))
    decays = reservoir.decayLevels.map { exp(-1 / $0) }
    heights = reservoir.synapticTimeConstants.map { 10 / $0 }
    let neurons = reservoir.population
    // Lanes behind the last neuron stay at rest.
    for lane in 0..<lanes { (membrane[lane], c[lane]) = (Lane(repeating: -65), Lane(repeating: -65)) }
    fill(a, neurons.a)
    fill(b, neurons.b)
    fill(c, neurons.c)
    fill(d, neurons.d)
    fill(keep, reservoir.readoutTimeConstants.map { exp(-1 / $0) })
    fill(gain, reservoir.readoutTimeConstants.map { 10 / $0 })
    fill(membrane, neurons.a.map { _ in -65 })
    fill(recovery, neurons.b.map { $0 * -65 })
  }

  deinit { block.deallocate() }

  private func scalars(_ lane: UnsafeMutablePointer<Lane>) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(lane).assumingMemoryBound(to: Double.self)
  }

  private func fill(_ lane: UnsafeMutablePointer<Lane>, _ values: [Double]) {
    for (index, value) in values.enumerated() { scalars(lane)[index] = value }
  }

  func numbers(_ lane: UnsafeMutablePointer<Lane>) -> [Double] {
    (0..<reservoir.size).map { scalars(lane)[$0] }
  }

  /// Sets bias and input where the input changes.
  func drive(_ input: ReservoirInput, _ step: Int) {
    let channels = input.channels
    let start = step * channels
    let isSame =
      step > 0
      && (0..<channels).allSatisfy { input.values[start + $0] == input.values[start - channels + $0] }
    guard !isSame else { return }
    let driven = scalars(driven)
    for neuron in 0..<reservoir.size { driven[neuron] = reservoir.bias }
    for channel in 0..<channels where input.values[start + channel] != 0 {
      reservoir.inputWeights[channel].withUnsafeBufferPointer {
        ReadoutKernels.add(input.values[start + channel], $0.baseAddress!, to: driven, reservoir.size)
      }
    }
  }

  func disturb(_ deviation: Double, using generator: inout RandomGenerator) {
    isNoisy = true
    let (driven, current) = (scalars(driven), scalars(current))
    for neuron in 0..<reservoir.size { current[neuron] = driven[neuron] + deviation * generator.normal() }
  }

  func advance(_ step: Int, _ spikes: inout [ReservoirRun.Spike]) {
    let first = spikes.count
    let received = isNoisy ? current : driven
    for lane in 0..<lanes {
      var drive = received[lane]
      for level in 0..<decays.count {
        let place = level * lanes + lane
        drive += synaptic[place]
        synaptic[place] *= decays[level]
      }
      let fired = move(lane, drive)
      guard any(fired) else { continue }
      for index in 0..<Lane.scalarCount where fired[index] {
        spikes.append(.init(step: step, neuron: lane * Lane.scalarCount + index))
      }
    }
    for spike in spikes[first...] { send(spike.neuron) }
  }

  /// The membranes, recoveries and traces of eight neurons; says which of them spike.
  @inline(__always)
  private func move(_ lane: Int, _ drive: Lane) -> SIMDMask<Lane.MaskStorage> {
    var v = membrane[lane]
    var u = recovery[lane]
    let constant: Lane = 140 - u + drive
    // In two half-steps.
    for _ in 0..<2 {
      let square: Lane = v * v * 0.04
      let slope: Lane = square + v * 5
      v += (slope + constant) * 0.5
    }
    u += a[lane] * (b[lane] * v - u)
    let fired = v .>= Izhikevich.peak
    membrane[lane] = v.replacing(with: c[lane], where: fired)
    recovery[lane] = u.replacing(with: u + d[lane], where: fired)
    trace[lane] = trace[lane] * keep[lane] + Lane.zero.replacing(with: gain[lane], where: fired)
    return fired
  }

  /// A spike of one neuron into the synapses of its time constant.
  private func send(_ neuron: Int) {
    let target = scalars(synaptic + reservoir.level[neuron] * lanes)
    let height = heights[neuron]
    let columns = reservoir.synapses
    for entry in columns.starts[neuron]..<columns.starts[neuron + 1] {
      target[Int(columns.rows[entry])] += columns.weights[entry] * height
    }
  }

  func copyTraces(to row: UnsafeMutablePointer<Double>) {
    row.update(from: scalars(trace), count: reservoir.size)
  }
}
