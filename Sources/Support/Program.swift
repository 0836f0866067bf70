import Dispatch
import Foundation

/// Another program, run to its end.
package enum Program {
  package struct Result: Sendable {
    /// 127 where a program that was named without a path is nowhere on `PATH`.
    package let status: Int32
    package let output: Data
    /// What it complained of.
    package let complaint: String

    package var isMissing: Bool { status == 127 }
  }

  /// Runs a program and keeps what it writes.
  ///
  /// - Parameters:
  ///   - program: A path, or a name that is looked for on `PATH`.
  ///   - input: What it reads; nothing if nil.
  ///   - showsErrors: Whether what it complains of goes to where ours goes, instead of into the result.
  /// - Throws: `CajalError` when it cannot be started; how it ended is in the result.
  package static func run(
    _ program: String, _ arguments: [String] = [], input: Data? = nil, showsErrors: Bool = false
  ) throws -> Result {
    let process = Process()
    let isPath = program.contains("/")
    process.executableURL = URL(fileURLWithPath: isPath ? program : "/usr/bin/env")
    process.arguments = isPath ? arguments : [program] + arguments
    let (output, errors, source) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    if !showsErrors { process.standardError = errors }
    process.standardInput = input == nil ? FileHandle.nullDevice : source
    // Foundation's own waiting looks every 50 ms only.
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    do { try process.run() } catch {
      throw CajalError("cannot start \(program): \(error.localizedDescription)")
    }
    // Each pipe has a thread of its own: one that is full would hold the program, and with it the others.
    let complaint = showsErrors ? nil : Reader(errors.fileHandleForReading)
    if let input { feed(input, to: source.fileHandleForWriting) }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let said = complaint.map { String(decoding: $0.result, as: UTF8.self) } ?? ""
    end.wait()
    return Result(status: process.terminationStatus, output: data, complaint: said)
  }

  private static func feed(_ data: Data, to handle: FileHandle) {
    Thread {
      // A program that ends before it has read everything must not end this one.
      var pipe = sigset_t()
      sigemptyset(&pipe)
      sigaddset(&pipe, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &pipe, nil)
      try? handle.write(contentsOf: data)
      try? handle.close()
    }.start()
  }

  /// Reads a pipe to its end, beside everything else.
  private final class Reader: @unchecked Sendable {
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
      Thread { [self] in
        data = handle.readDataToEndOfFile()
        done.signal()
      }.start()
    }

    /// What was read, once there is no more; to be asked once.
    var result: Data {
      done.wait()
      return data
    }
  }
}
