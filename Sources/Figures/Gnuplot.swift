import Foundation
import Support

/// Runs gnuplot on a script.
enum Gnuplot {
  /// What gnuplot prints for `script`: with an `svg` terminal and no output set, the picture.
  ///
  /// - Throws: `CajalError` when gnuplot is missing or refuses the script.
  static func run(_ script: String) throws -> String {
    let result = try Program.run("gnuplot", ["-"], input: Data(script.utf8))
    guard !result.isMissing else {
      throw CajalError("gnuplot is missing: install it with 'apt-get install gnuplot-nox'")
    }
    guard result.status == 0 else {
      throw CajalError("gnuplot failed: \(result.complaint.suffix(400))")
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
