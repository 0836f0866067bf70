import Foundation
import Support

/// The swimming task of the control suite: a ``SwimmerBody``, controls of -1...1 for its joints, and a reward for swimming on,
/// head first.
///
/// ```swift
/// var swimmer = try Swimmer(SwimmerBody(links: 6))
/// swimmer.reset(using: &generator)
/// while !swimmer.isOver { total += swimmer.step(circuit.torques(swimmer.jointAngles, step: swimmer.controlSteps)) }
/// ```
public struct Swimmer: Sendable {
  /// Who computes the motion.
  public enum Physics: String, Sendable, CaseIterable, Codable {
    /// MuJoCo itself.
    case mujoco
    /// The same equations, written for this body (``ChainSwimmer``).
    case native
  }

  public let body: SwimmerBody
  public let physics: Physics
  /// Control steps of an episode; 1,000 are 30 s.
  public let episodeLength: Int
  /// Metres a second, from which on the reward is full.
  public let desiredSpeed: Double
  /// Control steps taken since the last reset.
  public private(set) var controlSteps = 0
  private var chain: ChainSwimmer
  private var engine: MuJoCoState?
  private let head: Int

  /// - Throws: `CajalError` where MuJoCo is asked for and not here.
  public init(
    _ body: SwimmerBody = SwimmerBody(), physics: Physics = .native, episodeLength: Int = 1000,
    desiredSpeed: Double = 0.1
  ) throws {
    precondition(
      episodeLength > 0 && desiredSpeed > 0, "episodes of \(episodeLength) steps, \(desiredSpeed) m/s")
    (self.body, self.physics) = (body, physics)
    (self.episodeLength, self.desiredSpeed) = (episodeLength, desiredSpeed)
    chain = ChainSwimmer(body)
    engine = physics == .mujoco ? MuJoCoState(try MuJoCoModel(mjcf: body.mjcf)) : nil
    head = engine?.model.site("link_0") ?? 0
  }

  /// A swimmer like this one that moves on its own; a plain copy shares MuJoCo's state.
  public func fresh() -> Swimmer {
    var copy = self
    copy.engine = engine.map { MuJoCoState($0.model) }
    copy.place(angle: 0, joints: [Double](repeating: 0, count: body.joints))
    return copy
  }

  /// Anywhere, bent anyhow within its limits, at rest: an angle of -π...π, joints uniform.
  public mutating func reset(using generator: inout RandomGenerator) {
    let angle = (2 * generator.uniform() - 1) * Double.pi
    place(
      angle: angle,
      joints: (0..<body.joints).map { _ in (2 * generator.uniform() - 1) * body.jointLimit })
  }

  /// At rest in this posture.
  public mutating func place(angle: Double, joints: [Double]) {
    controlSteps = 0
    guard let engine else { return chain.place(x: 0, y: 0, angle: angle, joints: joints) }
    engine.reset()
    engine.positions = [0, 0, angle] + joints
    engine.forward()
  }

  /// Radians, from head to tail.
  public var jointAngles: [Double] {
    engine.map { Array($0.positions[3...]) } ?? Array(chain.joints)
  }

  /// Whether the episode has come to its end.
  public var isOver: Bool { controlSteps >= episodeLength }

  /// Lets one control act for 30 ms; returns the reward, 0 to 1.
  public mutating func step(_ controls: [Double]) -> Double {
    precondition(controls.count == body.joints, "\(controls.count) controls for \(body.joints) joints")
    if let engine {
      engine.controls = controls
      engine.step(body.substeps)
      engine.forward()
    } else {
      chain.step(controls, count: body.substeps)
    }
    controlSteps += 1
    return Self.reward(forwardVelocity, desiredSpeed: desiredSpeed)
  }

  /// Of the head, in the direction that it points to; metres a second.
  public var forwardVelocity: Double {
    if let engine { return -engine.velocity(ofSite: head).linear.y }
    return -chain.linkVelocities()[0].y
  }

  /// Nothing for swimming backwards, then in proportion to the speed up to the one desired.
  public static func reward(_ forwardVelocity: Double, desiredSpeed: Double = 0.1) -> Double {
    max(0, min(1, forwardVelocity / desiredSpeed))
  }

  /// What a controller without a circuit sees: joint angles, then for each link its velocities across and along, and its rotation,
  /// `N + 3 (N + 1)` numbers.
  public var observation: [Double] {
    if let engine {
      let links = (0..<body.links).map { engine.velocity(ofSite: engine.model.site("link_\($0)")!) }
      return jointAngles + links.flatMap { [$0.linear.x, $0.linear.y, $0.rotational.z] }
    }
    return jointAngles + chain.linkVelocities().flatMap { [$0.x, $0.y, $0.turn] }
  }

  /// The ends of the links in the plane, from the head's front to the tail: metres.
  public var outline: [(x: Double, y: Double)] {
    let positions = engine.map(\.positions) ?? chain.positions
    var (x, y, angle) = (positions[0], positions[1], 0.0)
    var points = [(x: x, y: y)]
    for link in 0..<body.links {
      angle += positions[link + 2]
      x -= body.linkLength * sin(angle)
      y += body.linkLength * cos(angle)
      points.append((x, y))
    }
    return points
  }
}
