import Foundation

/// The posture and motion of a ``SwimmerBody``, moved by ``ChainMechanics``.
struct ChainSwimmer: Sendable {
  let body: SwimmerBody
  /// Of the front end of the head: x, y; the head's angle; joint angles.
  private(set) var positions: [Double]
  /// Of the front end, x and y, then the rotation of each link against the world.
  private(set) var velocities: [Double]
  /// `(M⁻¹)_ii` of each joint for the straight body, by which MuJoCo scales limits.
  private let inverseWeights: [Double]

  init(_ body: SwimmerBody) {
    self.body = body
    positions = [Double](repeating: 0, count: body.links + 2)
    velocities = positions
    var (straight, still) = (positions, positions)
    inverseWeights = ChainMechanics.lend(body, [], &straight, &still) { $0.straightInverses() }
  }

  var joints: ArraySlice<Double> { positions[3...] }

  /// Places the body at rest.
  mutating func place(x: Double, y: Double, angle: Double, joints: [Double]) {
    precondition(joints.count == body.joints, "\(joints.count) joint angles for \(body.joints)")
    positions = [x, y, angle] + joints
    velocities = [Double](repeating: 0, count: body.links + 2)
  }

  /// The velocity of the middle of a link in its own frame: across, along, and its rotation.
  func linkVelocities() -> [(x: Double, y: Double, turn: Double)] {
    var (angle, front) = (0.0, (x: velocities[0], y: velocities[1]))
    let half = body.halfSizes.y
    return (0..<body.links).map { link in
      angle += positions[link + 2]
      let (s, c, w) = (sin(angle), cos(angle), velocities[link + 2])
      let middle = (x: front.x - half * w * c, y: front.y - half * w * s)
      front = (front.x - 2 * half * w * c, front.y - 2 * half * w * s)
      return (middle.x * c + middle.y * s, middle.y * c - middle.x * s, w)
    }
  }

  /// Lets one control act for so many steps of physics.
  mutating func step(_ controls: [Double], count: Int) {
    let torques = controls.map { body.torque * max(-1, min(1, $0)) }
    let weights = inverseWeights
    ChainMechanics.lend(body, weights, &positions, &velocities) { mechanics in
      torques.withUnsafeBufferPointer { torques in
        for _ in 0..<count { mechanics.step(torques.baseAddress!) }
      }
    }
  }
}
