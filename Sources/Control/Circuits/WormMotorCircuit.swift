import Foundation
import Support

/// The locomotion circuit of C. elegans as a controller of swimming (NCAP; Bhattasali, Zador and Engel, 2022).
///
/// At every joint a dorsal and a ventral B-type motor neuron excite their own side's muscle and inhibit the other's. They are
/// excited by the stretch of their side at the joint before, so that a bend travels from head to tail; those of the head by an
/// oscillator. With all weights shared there are four numbers to learn.
///
///     B_s,i = g([i > 0] exc(prop) sensor_s,i-1 + [i = 0] exc(osc) osc_s(t) + inh(speed) (1 - speed) + exc(turn) turn_s)
///     M_s,i = g(exc(ipsi) B_s,i + inh(contra) B_s',i),   torque_i = M_dorsal,i - M_ventral,i
///
/// with g clipping to 0...1, exc to positive and inh to negative weights.
public struct WormMotorCircuit: Sendable, Equatable {
  /// How weights begin.
  public enum Initialisation: String, Sendable, CaseIterable, Codable {
    /// +1 where excitatory, -1 where inhibitory; without constraints either with the same chance.
    case constant
    /// Uniform of 0...1, or of -1...0; without constraints of -1...1.
    case uniform
  }

  public struct Configuration: Sendable, Equatable {
    public var joints: Int
    /// One weight of a kind for all joints and sides.
    public var sharesWeights = true
    /// Weights keep their signs.
    public var constrainsSigns = true
    public var initialisation = Initialisation.constant
    /// Control steps of one cycle of the oscillator.
    public var period = 60
    public var hasProprioception = true
    public var hasOscillator = true
    /// A weight for slowing down, and one for turning the first joints.
    public var takesSpeed = false
    public var takesTurns = false
    public var turningJoints = 1

    public init(joints: Int = 5) {
      precondition(joints >= 1, "a circuit for \(joints) joints")
      self.joints = joints
    }
  }

  /// What commands from above do; none where the circuit does not take them.
  public struct Command: Sendable, Equatable {
    /// 0...1.
    public var right, left, speed: Double
    public init(right: Double = 0, left: Double = 0, speed: Double = 1) {
      (self.right, self.left, self.speed) = (right, left, speed)
    }
  }

  /// Neurons and muscles at one moment, by joint.
  public struct Activity: Sendable, Equatable {
    public var dorsalNeurons, ventralNeurons, dorsalMuscles, ventralMuscles: [Double]
    public var torques: [Double] { zip(dorsalMuscles, ventralMuscles).map { $0 - $1 } }
  }

  public let configuration: Configuration
  /// In the order of ``names``.
  public var weights: [Double]
  public let names: [String]
  /// Where the weights of each kind lie: by joint and side, dorsal first.
  private let layout: Layout
  var weightPlaces: Layout { layout }

  struct Layout: Sendable, Equatable {
    var proprioception: [Int] = []
    var oscillator: [Int] = []
    var ipsilateral: [Int] = []
    var contralateral: [Int] = []
    var speed: [Int] = []
    var turn: [Int] = []
  }

  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    self.configuration = configuration
    var (names, layout, weights): ([String], Layout, [Double]) = ([], Layout(), [])
    func add(_ kind: String, _ count: Int, isExcitatory: Bool) -> [Int] {
      func weight() -> Double {
        switch (configuration.initialisation, configuration.constrainsSigns) {
        case (.constant, true): return isExcitatory ? 1 : -1
        case (.constant, false): return generator.uniform() < 0.5 ? 1 : -1
        case (.uniform, true): return isExcitatory ? generator.uniform() : -generator.uniform()
        case (.uniform, false): return 2 * generator.uniform() - 1
        }
      }
      let own = configuration.sharesWeights ? 1 : count
      let first = weights.count
      for k in 0..<own {
        names.append(own == 1 ? kind : "\(kind).\(k / 2).\(k % 2 == 0 ? "dorsal" : "ventral")")
        weights.append(weight())
      }
      return (0..<count).map { own == 1 ? first : first + $0 }
    }
    let joints = configuration.joints
    layout.proprioception = add("proprioception", 2 * max(1, joints - 1), isExcitatory: true)
    layout.oscillator = add("oscillator", 2, isExcitatory: true)
    layout.ipsilateral = add("ipsilateral", 2 * joints, isExcitatory: true)
    layout.contralateral = add("contralateral", 2 * joints, isExcitatory: false)
    if configuration.takesSpeed { layout.speed = add("speed", 2 * joints, isExcitatory: false) }
    if configuration.takesTurns {
      layout.turn = add("turn", 2 * configuration.turningJoints, isExcitatory: true)
    }
    (self.names, self.layout, self.weights) = (names, layout, weights)
  }

  /// Radians to which angles are measured: a joint's limit, `2π / links`.
  var angleScale: Double { 2 * .pi / Double(configuration.joints + 1) }

  @inline(__always) private func clipped(_ x: Double) -> Double { max(0, min(1, x)) }
  @inline(__always) private func excitatory(_ index: Int) -> Double {
    configuration.constrainsSigns ? max(0, weights[index]) : weights[index]
  }
  @inline(__always) private func inhibitory(_ index: Int) -> Double {
    configuration.constrainsSigns ? min(0, weights[index]) : weights[index]
  }

  /// The oscillator's two sides at a control step: a square wave, dorsal first.
  public func oscillation(_ step: Int) -> (dorsal: Double, ventral: Double) {
    let phase = step % configuration.period
    return phase < configuration.period / 2 ? (1, 0) : (0, 1)
  }

  /// What all neurons and muscles do.
  ///
  /// - Parameters:
  ///   - jointAngles: Radians, from head to tail.
  ///   - step: Control steps since the episode began.
  public func activity(_ jointAngles: [Double], step: Int, command: Command = Command()) -> Activity {
    let joints = configuration.joints
    precondition(jointAngles.count == joints, "\(jointAngles.count) joint angles for a circuit of \(joints)")
    let wave = oscillation(step)
    var all = Activity(
      dorsalNeurons: [Double](repeating: 0, count: joints),
      ventralNeurons: [Double](repeating: 0, count: joints),
      dorsalMuscles: [Double](repeating: 0, count: joints),
      ventralMuscles: [Double](repeating: 0, count: joints))
    for joint in 0..<joints {
      var (dorsal, ventral) = (0.0, 0.0)
      if joint > 0 {
        if configuration.hasProprioception {
          let angle = max(-1, min(1, jointAngles[joint - 1] / angleScale))
          dorsal = excitatory(layout.proprioception[2 * joint - 2]) * max(0, angle)
          ventral = excitatory(layout.proprioception[2 * joint - 1]) * max(0, -angle)
        }
      } else if configuration.hasOscillator {
        dorsal = excitatory(layout.oscillator[0]) * wave.dorsal
        ventral = excitatory(layout.oscillator[1]) * wave.ventral
      }
      if configuration.takesSpeed {
        let braking = 1 - clipped(command.speed)
        dorsal += inhibitory(layout.speed[2 * joint]) * braking
        ventral += inhibitory(layout.speed[2 * joint + 1]) * braking
      }
      if configuration.takesTurns, joint < configuration.turningJoints {
        dorsal += excitatory(layout.turn[2 * joint]) * command.right
        ventral += excitatory(layout.turn[2 * joint + 1]) * command.left
      }
      let (b, c) = (clipped(dorsal), clipped(ventral))
      (all.dorsalNeurons[joint], all.ventralNeurons[joint]) = (b, c)
      all.dorsalMuscles[joint] = clipped(
        excitatory(layout.ipsilateral[2 * joint]) * b + inhibitory(layout.contralateral[2 * joint]) * c)
      all.ventralMuscles[joint] = clipped(
        excitatory(layout.ipsilateral[2 * joint + 1]) * c + inhibitory(layout.contralateral[2 * joint + 1])
          * b)
    }
    return all
  }

  /// Controls of -1...1 for the joints.
  public func torques(_ jointAngles: [Double], step: Int, command: Command = Command()) -> [Double] {
    activity(jointAngles, step: step, command: command).torques
  }

  /// The same circuit for a body of another length; weights that are not shared cannot be carried over.
  public func adapted(toJoints joints: Int) -> WormMotorCircuit {
    precondition(
      configuration.sharesWeights, "weights of single joints belong to a body of \(configuration.joints)")
    var other = configuration
    other.joints = joints
    var generator = RandomGenerator(seed: 0)
    var circuit = WormMotorCircuit(other, using: &generator)
    circuit.weights = weights
    return circuit
  }

  /// What a target at a place in the head's frame (x to its right, y behind it) asks for: turn to its side, stop when near.
  public static func command(towards target: (x: Double, y: Double)) -> Command {
    Command(right: target.x > 0.1 ? 1 : 0, left: target.x < -0.1 ? 1 : 0, speed: abs(target.y) > 0.12 ? 1 : 0)
  }
}
