import Foundation
import Support

/// Runs gnuplot on a script.
enum Gnuplot {
  /// What gnuplot prints for `script`: with an `svg` terminal and no output set, the picture.
  ///
  /// - Throws: `CajalError` when gnuplot is missing or refuses the script.
  static func run(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gnuplot", "-"]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw CajalError("cannot start gnuplot: \(error.localizedDescription)")
    }
    // Fed from another thread: a script larger than the pipe would block against a full output.
    let data = Data(script.utf8)
    let feeder = Thread {
      try? input.fileHandleForWriting.write(contentsOf: data)
      try? input.fileHandleForWriting.close()
    }
    feeder.start()
    let picture = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus != 127 else {
      throw CajalError("gnuplot is missing: install it with 'apt-get install gnuplot-nox'")
    }
    guard process.terminationStatus == 0 else {
      throw CajalError("gnuplot failed: \(String(decoding: complaint.suffix(400), as: UTF8.self))")
    }
    return String(decoding: picture, as: UTF8.self)
  }
}
