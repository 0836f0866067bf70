import Foundation
import Statistics
import Support

/// What reaches a population from outside, while it runs: written into the inputs of a step before the step is taken.
final class EngineStimulus<Scalar: SimulationScalar>: @unchecked Sendable {
  let input: Int
  private let steps: Range<Int>
  private let bounds: [Int]
  private let kind: Kind

  private enum Kind {
    case constant(Scalar)
    case values(UnsafeMutablePointer<Scalar>)
    case waveform(@Sendable (Double) -> Double, scale: Double, step: Double)
    case noise([NoiseBlocks<Scalar>])
    case events([EventBlocks<Scalar>])
  }

  /// - Parameters:
  ///   - scale: From the stimulus's unit to the model's.
  ///   - bounds: Of the partitions of this rank.
  init(
    _ stimulus: Stimulus, input: Int, scale: Double, step: Double, bounds: [Int], generator: RandomGenerator
  ) {
    (self.input, self.bounds) = (input, bounds)
    steps = stepRange(stimulus.active, step)
    let count = bounds[bounds.count - 1] - bounds[0]
    let parts = bounds.indices.dropLast().map { bounds[$0]..<bounds[$0 + 1] }
    switch stimulus.kind {
    case .constant(.constant(let value)): kind = .constant(Scalar(value * scale))
    case .constant(let distribution):
      let values = UnsafeMutablePointer<Scalar>.aligned(count)
      for neuron in bounds[0]..<bounds[bounds.count - 1] {
        var own = generator.split(neuron)
        values[neuron - bounds[0]] = Scalar(distribution.draw(neuron, using: &own) * scale)
      }
      kind = .values(values)
    case .waveform(let waveform): kind = .waveform(waveform, scale: scale, step: step)
    case .noise(let deviation, let timeConstant):
      kind = .noise(
        parts.map {
          NoiseBlocks(
            $0, deviation: deviation * scale, keep: timeConstant > 0 ? exp(-step / timeConstant) : 0,
            generator: generator)
        })
    case .poisson(let rate, let weight):
      kind = .events(
        parts.map {
          EventBlocks($0, mean: rate * step / 1000, weight: Scalar(weight * scale), generator: generator)
        })
    }
  }

  /// A current of each neuron's own, in the model's unit, which others may change between runs; the array is taken over.
  init(values: UnsafeMutablePointer<Scalar>, input: Int, bounds: [Int]) {
    (self.input, self.bounds, steps, kind) = (input, bounds, 0..<Int.max, .values(values))
  }

  deinit { if case .values(let values) = kind { values.deallocate() } }

  @inline(__always)
  func apply(_ partition: Int, _ now: Int, _ slot: UnsafeMutablePointer<Scalar>) {
    guard steps.contains(now) else { return }
    let (start, end) = (bounds[partition] - bounds[0], bounds[partition + 1] - bounds[0])
    switch kind {
    case .constant(let value): for n in start..<end { slot[n] += value }
    case .values(let values): for n in start..<end { slot[n] += values[n] }
    case .waveform(let waveform, let scale, let step):
      let value = Scalar(waveform(Double(now) * step) * scale)
      for n in start..<end { slot[n] += value }
    case .noise(let blocks): blocks[partition].add(to: slot + start)
    case .events(let blocks): blocks[partition].add(to: slot + start)
    }
  }
}

/// Gaussian noise for the neurons of a partition, each block of 64 from a stream of its own.
private final class NoiseBlocks<Scalar: SimulationScalar>: @unchecked Sendable {
  private var generators: [LaneGenerator]
  private var drawn = [Double](repeating: 0, count: 64)
  /// What an Ornstein–Uhlenbeck process remembers; empty for white noise.
  private var memory: [Double] = []
  private let count: Int
  private let deviation, keep, fresh: Double

  init(_ range: Range<Int>, deviation: Double, keep: Double, generator: RandomGenerator) {
    count = range.count
    (self.deviation, self.keep) = (deviation, keep)
    fresh = deviation * (1 - keep * keep).squareRoot()
    generators = stride(from: range.lowerBound, to: range.upperBound, by: 64).map {
      var own = generator.split($0)
      return LaneGenerator(&own)
    }
    guard keep > 0 else { return }
    // It begins where it would be after a long time.
    memory = [Double](repeating: 0, count: generators.count * 64)
    for block in generators.indices {
      draw(block)
      for k in 0..<64 { memory[block * 64 + k] = deviation * drawn[k] }
    }
  }

  private func draw(_ block: Int) {
    drawn.withUnsafeMutableBufferPointer { generators[block].fillNormal($0.baseAddress!, 64) }
  }

  func add(to slot: UnsafeMutablePointer<Scalar>) {
    for block in generators.indices {
      draw(block)
      let first = block * 64
      let here = min(64, count - first)
      if keep > 0 {
        for k in 0..<here {
          let value = memory[first + k]
          slot[first + k] += Scalar(value)
          memory[first + k] = value * keep + fresh * drawn[k]
        }
      } else {
        for k in 0..<here { slot[first + k] += Scalar(deviation * drawn[k]) }
      }
    }
  }
}

/// Poisson events for the neurons of a partition: time runs through the neurons of a block, then through the next step, so
/// that the cost grows with the events alone.
private final class EventBlocks<Scalar: SimulationScalar>: @unchecked Sendable {
  private struct Block {
    let first, count: Int
    var generator: RandomGenerator
    /// Of the next event, in neurons from the beginning of this step.
    var position: Double
  }
  private var blocks: [Block]
  private let weight: Scalar
  private let meanGap: Double

  init(_ range: Range<Int>, mean: Double, weight: Scalar, generator: RandomGenerator) {
    self.weight = weight
    meanGap = mean > 0 ? 1 / mean : .infinity
    blocks = stride(from: range.lowerBound, to: range.upperBound, by: 64).map { first in
      var own = generator.split(first)
      let start = mean > 0 ? -log(1 - own.uniform()) / mean : .infinity
      return Block(
        first: first - range.lowerBound, count: min(64, range.upperBound - first), generator: own,
        position: start)
    }
  }

  func add(to slot: UnsafeMutablePointer<Scalar>) {
    blocks.withUnsafeMutableBufferPointer { blocks in
      for b in blocks.indices {
        let count = Double(blocks[b].count)
        while blocks[b].position < count {
          slot[blocks[b].first + Int(blocks[b].position)] += weight
          blocks[b].position -= log(1 - blocks[b].generator.uniform()) * meanGap
        }
        blocks[b].position -= count
      }
    }
  }
}
