import Foundation

/// Cajal's own shared libraries, which are loaded on first use.
package enum SharedLibrary {
  /// Where a library lies: what an environment variable says, else beside the code that asks, beside the program, or in
  /// `lib` beside the program's folder.
  ///
  /// - Parameters:
  ///   - image: The file that the asking code was loaded from.
  ///   - override: The environment variable.
  /// - Throws: `CajalError` where there is none.
  package static func path(of name: String, beside image: String, override: String) throws(CajalError)
    -> String
  {
    if let chosen = ProcessInfo.processInfo.environment[override] { return chosen }
    let beside = URL(fileURLWithPath: image).deletingLastPathComponent()
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let places = [beside, program, program.appendingPathComponent("../lib")].map {
      $0.appendingPathComponent(name).path
    }
    guard let path = places.first(where: FileManager.default.fileExists) else {
      throw CajalError(
        "\(name) was not found beside the program (\(beside.path)): build the package with 'swift build -c release'"
      )
    }
    return path
  }
}
