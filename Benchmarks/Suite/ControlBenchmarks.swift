import Control
import Foundation
import Support

/// Steps of physics of a swimmer, beside MuJoCo's own Python binding stepping the same model.
enum ControlBenchmarks {
  static let all: [Benchmark] = [
    swimming("swimmer", "one swimmer", swimmers: 1, physics: .native, target: 1.5),
    swimming("swimmer-many", "64 swimmers on all cores", swimmers: 64, physics: .native, target: 1.5),
    swimming(
      "swimmer-mujoco", "one swimmer through MuJoCo's library", swimmers: 1, physics: .mujoco, target: nil),
  ]

  private static let controlSteps = 1000

  private static func swimming(
    _ name: String, _ what: String, swimmers: Int, physics: Swimmer.Physics, target: Double?
  ) -> Benchmark {
    let steps = swimmers == 1 ? controlSteps : controlSteps / 5
    return Benchmark(
      name,
      "\(what) of six links, \(steps) controls of 15 steps of physics each, driven by a sine at every joint",
      work: (Double(swimmers * steps * 15), "steps"), peer: ("control.py", "MuJoCo's Python binding"),
      target: target
    ) {
      let template = try Swimmer(physics: physics, episodeLength: steps)
      var total = 0.0
      var sample = Benchmark.time(swimmers == 1 ? 9 : 5) {
        total = parallelMap(swimmers) { k in swim(template.fresh(), steps, k) }.reduce(0, +)
      }
      sample.notes = ["return": total / Double(swimmers)]
      return sample
    }
  }

  private static func swim(_ swimmer: Swimmer, _ steps: Int, _ which: Int) -> Double {
    var swimmer = swimmer
    swimmer.place(angle: Double(which), joints: [0.3, -0.2, 0.1, 0, -0.4])
    var total = 0.0
    for step in 0..<steps {
      total += swimmer.step(
        (0..<5).map { sin(Double(step) * 0.1 - Double($0)) })
    }
    return total
  }
}
