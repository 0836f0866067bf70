import Foundation
import Support

/// The built program, run as a person would.
struct Program {
  /// A folder of its own for records and data.
  let home = FileManager.default.temporaryDirectory.appendingPathComponent("cajal-\(UUID().uuidString)")

  /// - Parameter sharingData: Whether it finds the data that were fetched for the person who tests.
  init(sharingData: Bool = false) {
    guard sharingData else { return }
    try? FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try? FileManager.default.createSymbolicLink(
      at: home.appendingPathComponent("data"),
      withDestinationURL: CajalHome.folder.appendingPathComponent("data"))
  }

  struct Outcome {
    let code: Int32
    let output: String
    let errors: String
    /// The output as JSON.
    var json: Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }
  }

  /// Beside the tests.
  static let url = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
    .appendingPathComponent("cajal")

  /// Runs `cajal` with words split at spaces.
  @discardableResult
  func callAsFunction(_ line: String, environment: [String: String] = [:]) throws -> Outcome {
    try run(Self.url.path, line.split(separator: " ").map(String.init), environment)
  }

  /// Runs `cajal` with words that may hold spaces.
  @discardableResult
  func callAsFunction(_ words: [String]) throws -> Outcome { try run(Self.url.path, words, [:]) }

  /// Runs a line of bash in which `cajal` is the program.
  func shell(_ line: String) throws -> Outcome {
    try run("/bin/bash", ["-c", "cajal() { \"\(Self.url.path)\" \"$@\"; }; \(line)"], [:])
  }

  /// Runs `cajal` as so many processes started by `mpirun`, words split at spaces.
  func onRanks(_ count: Int, _ line: String) throws -> Outcome {
    let words =
      ["--oversubscribe", "-n", "\(count)", Self.url.path] + line.split(separator: " ").map(String.init)
    return try run(
      MPIRun.path!, words, ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"])
  }

  private func run(_ program: String, _ arguments: [String], _ environment: [String: String]) throws
    -> Outcome
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["CAJAL_HOME": home.path]) { $1 }
      .merging(environment) { $1 }
    let places = ["out", "err"].map {
      FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).\($0)")
    }
    defer { for place in places { try? FileManager.default.removeItem(at: place) } }
    for place in places { try Data().write(to: place) }
    process.standardOutput = try FileHandle(forWritingTo: places[0])
    process.standardError = try FileHandle(forWritingTo: places[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let texts = try places.map { try String(contentsOf: $0, encoding: .utf8) }
    return Outcome(code: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}
