import Control
import Foundation
import Support
import Testing

@Suite struct SwimmerTests {
  private func circuit(_ joints: Int = 5) -> WormMotorCircuit {
    var generator = RandomGenerator(seed: 1)
    return WormMotorCircuit(.init(joints: joints), using: &generator)
  }

  /// Numbers of MuJoCo's own Python binding, 200 control steps of the untrained circuit.
  @Test(arguments: Swimmer.Physics.allCases)
  func theSwimmerMovesAsMuJoCoMovesIt(_ physics: Swimmer.Physics) throws {
    guard physics == .native || MuJoCoModel.isAvailable else { return }
    var swimmer = try Swimmer(physics: physics)
    swimmer.place(angle: 0.5, joints: [0.3, -0.2, 0.1, 0, -0.4])
    let expected: [Int: ([Double], Double)] = [
      0: ([0.324528, -0.205985, 0.093155, 0.007084, -0.40255], -0.01039),
      9: ([0.996266, -0.165556, -0.340402, 0.242109, -0.301741], -0.034552),
      49: ([-0.857592, 0.844995, 1.143947, -0.485774, -1.12454], 0.024545),
      199: ([0.946198, -0.715114, -0.536423, 0.923083, 0.513065], 0.061514),
    ]
    var total = 0.0
    let circuit = circuit()
    for step in 0..<200 {
      total += swimmer.step(circuit.torques(swimmer.jointAngles, step: step))
      guard let (joints, velocity) = expected[step] else { continue }
      for (a, b) in zip(swimmer.jointAngles, joints) { #expect(abs(a - b) < 1e-4, "step \(step)") }
      #expect(abs(swimmer.forwardVelocity - velocity) < 1e-4)
    }
    #expect(abs(total - 137.907) < 0.01)
  }

  /// Both kinds of physics agree for bodies of any length, pushed against their limits.
  @Test(arguments: [3, 6, 12])
  func bothPhysicsAgree(_ links: Int) throws {
    guard MuJoCoModel.isAvailable else { return }
    var (a, b) = (
      try Swimmer(SwimmerBody(links: links)), try Swimmer(SwimmerBody(links: links), physics: .mujoco)
    )
    var generator = RandomGenerator(seed: 4)
    let joints = (0..<links - 1).map { _ in (2 * generator.uniform() - 1) * a.body.jointLimit }
    a.place(angle: 1, joints: joints)
    b.place(angle: 1, joints: joints)
    for step in 0..<60 {
      let controls = (0..<links - 1).map { _ in step < 30 ? 1 : 2 * generator.uniform() - 1 }
      let (x, y) = (a.step(controls), b.step(controls))
      #expect(abs(x - y) < 1e-4)
    }
    for (x, y) in zip(a.observation, b.observation) { #expect(abs(x - y) < 1e-3 * max(1, abs(y))) }
    for (p, q) in zip(a.outline, b.outline) { #expect(abs(p.x - q.x) + abs(p.y - q.y) < 1) }
  }

  @Test func bodiesWithoutPushOrFluidStayAtRest() throws {
    var swimmer = try Swimmer(SwimmerBody(links: 5))
    swimmer.place(angle: 0.3, joints: [0.1, -0.2, 0.3, 0])
    let before = swimmer.outline
    for _ in 0..<20 { #expect(swimmer.step([0, 0, 0, 0]) == 0) }
    for (p, q) in zip(before, swimmer.outline) { #expect(abs(p.x - q.x) + abs(p.y - q.y) < 1e-12) }
  }

  @Test func rewardsGrowWithSpeed() {
    let velocities = [-0.05, 0, 0.03, 0.1, 0.2]
    #expect(zip(velocities, [0, 0, 0.3, 1, 1]).allSatisfy { abs(Swimmer.reward($0) - $1) < 1e-12 })
  }

  @Test func anEpisodeIsTheSameForTheSameStart() throws {
    let swimmer = try Swimmer(episodeLength: 100)
    let circuit = circuit()
    let first = circuit.episode(in: swimmer, start: RandomGenerator(seed: 3))
    #expect(first == circuit.episode(in: swimmer, start: RandomGenerator(seed: 3)))
    #expect(first != circuit.episode(in: swimmer, start: RandomGenerator(seed: 4)))
  }

  @Test func wrongModelsAreRefusedInMuJoCosWords() {
    guard MuJoCoModel.isAvailable else { return }
    #expect(throws: CajalError.self) { try MuJoCoModel(mjcf: "<mujoco><worldbody><body><joint/></body>") }
    #expect(throws: CajalError.self) {
      try MuJoCoModel(mjcf: "<mujoco><worldbody><geom type=\"cube\"/></worldbody></mujoco>")
    }
  }
}
