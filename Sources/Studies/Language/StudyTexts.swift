import Datasets
import Foundation
import Support

/// The texts and facts that come with the language studies.
enum StudyTexts {
  /// The place of a file or folder.
  ///
  /// - Throws: `CajalError` when it is missing beside the program.
  static func url(_ name: String) throws -> URL {
    let url = Bundle.module.bundleURL.appendingPathComponent("Texts/\(name)")
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw CajalError("the text '\(name)' is missing beside the program: build the package again")
    }
    return url
  }

  static func text(_ name: String) throws -> String {
    try String(contentsOf: url(name), encoding: .utf8)
  }

  /// The SHA-256 of a file, or of all files of a folder in the order of their names.
  static func fingerprint(_ url: URL) throws -> String {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    guard isFolder.boolValue else { return try Fingerprint.ofFile(url) }
    let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
    return try Fingerprint.ofFiles(files.sorted { $0.lastPathComponent < $1.lastPathComponent })
  }
}
