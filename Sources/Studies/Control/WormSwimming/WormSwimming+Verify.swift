import Control
import Foundation
import StudyCore
import Support

extension WormSwimming {
  /// Compares circuit, commands, reward and a run of the body with reference vectors.
  struct Reference {
    private let tolerance: Double

    init(_ golden: GoldenFile) throws { tolerance = try golden.tolerance("abs", otherwise: 1e-6) }

    func compare(_ golden: inout GoldenFile) throws {
      try section("circuit", in: &golden, circuits)
      try section("modulation", in: &golden, modulation)
      try section("swim_reward", in: &golden) { value, comparison in
        comparison.check(
          try value.numbers("input").map { Swimmer.reward($0) }, try value.numbers("expected"),
          absolute: tolerance)
      }
      try section("rollout", in: &golden, rollout)
    }

    private func section(
      _ name: String, in golden: inout GoldenFile, _ compare: (JSONValue, inout Comparison) throws -> Void
    ) throws {
      guard let value = golden.section(name) else { return }
      var comparison = Comparison(name)
      do { try compare(value, &comparison) } catch { comparison.fail("\(error)") }
      golden.report(comparison)
    }

    private func circuit(
      _ input: JSONValue, joints: Int, _ change: (inout WormMotorCircuit.Configuration) -> Void
    )
      throws -> WormMotorCircuit
    {
      var configuration = WormMotorCircuit.Configuration(joints: joints)
      configuration.period = Int(input["period"].double ?? 60)
      change(&configuration)
      var generator = RandomGenerator(seed: 0)
      var circuit = WormMotorCircuit(configuration, using: &generator)
      let names = [
        "proprioception": "prop", "oscillator": "osc", "ipsilateral": "ipsi", "contralateral": "contra",
        "speed": "speed", "turn": "turn",
      ]
      circuit.weights = try circuit.names.map { name in
        guard let weight = input["weights"][names[name]!].double else {
          throw CajalError("weights.\(names[name]!) is missing")
        }
        return weight
      }
      return circuit
    }

    private func circuits(_ value: JSONValue, _ comparison: inout Comparison) throws {
      guard let cases = value.array, !cases.isEmpty else { throw CajalError("'circuit' should list cases") }
      for one in cases {
        let input = one["input"]
        let normalised = try input.rows("joint_pos_normalised_unclamped")
        let joints = normalised[0].count
        let scale = 2 * Double.pi / Double(joints + 1)
        let c = try circuit(input, joints: joints) {
          $0.hasProprioception = input["options"]["prop"].bool ?? true
          $0.hasOscillator = input["options"]["osc"].bool ?? true
        }
        let expected = try one["expected"].rows("torques")
        let steps = try input.numbers("timesteps")
        for (k, row) in normalised.enumerated() {
          comparison.check(
            c.torques(row.map { $0 * scale }, step: Int(steps[k])), expected[k], absolute: tolerance)
        }
      }
    }

    private func modulation(_ value: JSONValue, _ comparison: inout Comparison) throws {
      let input = value["input"]
      let angles = try input.rows("joint_pos")
      let (right, left, speed) = (
        try input.numbers("right"), try input.numbers("left"), try input.numbers("speed")
      )
      let c = try circuit(input, joints: angles[0].count) {
        ($0.takesSpeed, $0.takesTurns) = (true, true)
        $0.turningJoints = Int(input["n_turn_joints"].double ?? 1)
      }
      let commands = right.indices.map {
        WormMotorCircuit.Command(right: right[$0], left: left[$0], speed: speed[$0])
      }
      // Angles are given in units of the limit.
      let scale = 2 * Double.pi / Double(angles[0].count + 1)
      let (expected, step) = (try value["expected"].rows("torques"), try input.integer("timestep"))
      for (k, row) in angles.enumerated() {
        let torques = c.torques(row.map { $0 * scale }, step: step, command: commands[k])
        comparison.check(torques, expected[k], absolute: tolerance)
      }
    }

    /// The first steps closely, the return to two per cent: the motion is chaotic.
    private func rollout(_ value: JSONValue, _ comparison: inout Comparison) throws {
      let input = value["input"]
      let joints = try input.numbers("joints0")
      let c = try circuit(input, joints: joints.count) { _ in }
      let steps = Int(input["steps"].double ?? 0)
      let samples = Dictionary(
        uniqueKeysWithValues: (value["expected"]["samples"].array ?? []).map {
          (Int($0["step"].double ?? -1), $0)
        })
      for physics in Swimmer.Physics.allCases where physics == .native || MuJoCoModel.isAvailable {
        var swimmer = try Swimmer(
          SwimmerBody(links: joints.count + 1), physics: physics, episodeLength: steps)
        swimmer.place(angle: input["root_angle"].double ?? 0, joints: joints)
        var total = 0.0
        for step in 0..<steps {
          total += swimmer.step(c.torques(swimmer.jointAngles, step: step))
          guard let sample = samples[step] else { continue }
          let allowed = step < 50 ? 1e-4 : 2e-2
          comparison.check(swimmer.jointAngles, try sample.numbers("joints"), absolute: allowed)
          comparison.check(
            swimmer.forwardVelocity, sample["forward_velocity"].double ?? .nan, absolute: allowed)
        }
        comparison.check(total, value["expected"]["episode_return"].double ?? .nan, relative: 0.02)
      }
    }
  }
}
