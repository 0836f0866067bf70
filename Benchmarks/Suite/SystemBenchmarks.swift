import Foundation
import Support
import Tensors

/// How long the program takes to start.
enum SystemBenchmarks {
  static let all: [Benchmark] = [
    start("start-help", "start of 'cajal --help', which needs no tensor", ["--help"]),
    start("start-tensor", "start of a program that makes one tensor", ["bench", "--sample", "one-tensor"]),
  ]

  /// What `start-tensor` starts.
  static let oneTensor = Benchmark("one-tensor", "makes a tensor and adds it up", work: (1, "sums")) {
    Benchmark.time(1) { _ = Tensor.ones([3]).sum().item }
  }

  private static func start(_ name: String, _ summary: String, _ arguments: [String]) -> Benchmark {
    Benchmark(name, summary, work: (1, "starts")) {
      try Benchmark.time(15) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
          throw CajalError("'cajal \(arguments.joined(separator: " "))' failed")
        }
      }
    }
  }
}
