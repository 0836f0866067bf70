import Datasets
import Foundation
import Support
import Tensors

/// How long the program takes to start.
enum SystemBenchmarks {
  static var all: [Benchmark] { starts + (PackagedData.miniLM.isPresent() ? [searchByMeaning] : []) }

  private static let question = ["papers", "search", "which", "neurons", "store", "facts", "--by"]
  private static let starts: [Benchmark] = [
    start("start-help", "start of 'cajal --help', which needs no tensor", ["--help"]),
    start("start-tensor", "start of a program that makes one tensor", ["bench", "--sample", "one-tensor"]),
    start("search-words", "a search of the reading list by words, start included", question + ["words"]),
  ]
  /// Where the encoder was fetched.
  private static let searchByMeaning = start(
    "search-meaning", "a search of the reading list by meaning, start included", question + ["meaning"])

  /// What `start-tensor` starts.
  static let oneTensor = Benchmark("one-tensor", "makes a tensor and adds it up", work: (1, "sums")) {
    Benchmark.time(1) { _ = Tensor.ones([3]).sum().item }
  }

  private static func start(_ name: String, _ summary: String, _ arguments: [String]) -> Benchmark {
    Benchmark(name, summary, work: (1, "starts")) {
      try Benchmark.time(15) {
        let status = try spawn("/proc/self/exe", arguments)
        guard status == 0 else {
          throw CajalError("'cajal \(arguments.joined(separator: " "))' failed")
        }
      }
    }
  }

  /// Starts a program and waits for its end. Foundation's `Process` would add its own wait to what is measured.
  private static func spawn(_ program: String, _ arguments: [String]) throws -> Int32 {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for descriptor: Int32 in 1...2 {
      posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_WRONLY, 0)
    }
    let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    guard posix_spawn(&child, program, &files, nil, words, environ) == 0 else {
      throw CajalError("cannot start \(program)")
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return status
  }
}
