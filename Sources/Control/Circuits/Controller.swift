import Foundation
import Support

/// Whatever turns what a swimmer senses into controls, and can be learned as a list of numbers.
public protocol Controller: Sendable {
  /// What is learned.
  var parameters: [Double] { get set }
  /// Controls of -1...1.
  func controls(_ swimmer: Swimmer) -> [Double]
}

extension WormMotorCircuit: Controller {
  public var parameters: [Double] {
    get { weights }
    set {
      precondition(newValue.count == weights.count, "\(newValue.count) weights for \(weights.count)")
      weights = newValue
    }
  }
  public func controls(_ swimmer: Swimmer) -> [Double] {
    torques(swimmer.jointAngles, step: swimmer.controlSteps)
  }
}

/// A multilayer perceptron without a plan: the baseline. Hidden layers of tanh, controls through tanh.
public struct PerceptronController: Controller {
  /// Of the layers, input and output included.
  public let sizes: [Int]
  public var parameters: [Double]
  private let sensesTime: Bool

  /// - Parameters:
  ///   - sensesTime: Whether the share of the episode that is past, as -1...1, is an input, too.
  public init(
    joints: Int, hidden: [Int] = [64, 64], sensesTime: Bool = true, using generator: inout RandomGenerator
  ) {
    let inputs = joints + 3 * (joints + 1) + (sensesTime ? 1 : 0)
    sizes = [inputs] + hidden + [joints]
    self.sensesTime = sensesTime
    parameters = []
    for (a, b) in zip(sizes, sizes.dropFirst()) {
      let bound = 1 / Double(a).squareRoot()
      for _ in 0..<(a + 1) * b { parameters.append((2 * generator.uniform() - 1) * bound) }
    }
  }

  public func controls(_ swimmer: Swimmer) -> [Double] {
    var x = swimmer.observation
    if sensesTime { x.append(2 * Double(swimmer.controlSteps) / Double(swimmer.episodeLength) - 1) }
    return output(x)
  }

  /// The layers on any input.
  public func output(_ input: [Double]) -> [Double] {
    precondition(input.count == sizes[0], "\(input.count) inputs for \(sizes[0])")
    var x = input
    var first = 0
    parameters.withUnsafeBufferPointer { weights in
      for (a, b) in zip(sizes, sizes.dropFirst()) {
        x = (0..<b).map { row -> Double in
          let own = first + row * (a + 1)
          var sum = weights[own + a]
          for k in 0..<a { sum += weights[own + k] * x[k] }
          return tanh(sum)
        }
        first += (a + 1) * b
      }
    }
    return x
  }
}

/// Torques drawn anew at every step: what any controller must beat.
public struct RandomController: Controller {
  public var parameters: [Double] = []
  private let seed: UInt64
  public init(seed: UInt64) { self.seed = seed }
  public func controls(_ swimmer: Swimmer) -> [Double] {
    var generator = RandomGenerator(seed: seed &+ UInt64(swimmer.controlSteps) &* 0x9E37_79B9_7F4A_7C15)
    return (0..<swimmer.body.joints).map { _ in 2 * generator.uniform() - 1 }
  }
}

extension Controller {
  /// The return of one episode: the sum of its rewards.
  ///
  /// - Parameter start: Where the episode begins is drawn from it.
  public func episode(in swimmer: Swimmer, start: RandomGenerator) -> Double {
    var (swimmer, generator) = (swimmer.fresh(), start)
    swimmer.reset(using: &generator)
    var total = 0.0
    while !swimmer.isOver { total += swimmer.step(controls(swimmer)) }
    return total
  }
}
