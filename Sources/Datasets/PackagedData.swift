import Foundation
import Support

/// Data that come inside a published package: what they are, where from, and how to know them again.
public struct PackagedData: Sendable {
  public enum Source: Sendable, Hashable {
    /// A package of the system, installed by `apt-get`.
    case debian(package: String, folder: String)
    /// A wheel of the Python package index, by exact version.
    case wheel(package: String, version: String)

    public var description: String {
      switch self {
      case .debian(let package, _): "Debian package \(package)"
      case .wheel(let package, let version): "Python wheel \(package) \(version)"
      }
    }
  }

  /// One file of the data.
  public struct File: Sendable {
    /// Its place inside the wheel.
    public let member: String
    public let sha256: String

    public var name: String { (member as NSString).lastPathComponent }
  }

  /// The name for `cajal data fetch`.
  public let name: String
  public let summary: String
  public let licence: String
  /// Bytes that a fetch downloads.
  public let size: Int
  public let source: Source
  /// The files, for wheels.
  public let files: [File]

  /// Where the files lie once they are here.
  public func folder(home: URL = CajalHome.folder) -> URL {
    switch source {
    case .debian(_, let folder): URL(fileURLWithPath: folder)
    case .wheel(let package, let version): home.appendingPathComponent("data/\(package)-\(version)")
    }
  }

  /// Whether all files are here. Their content was checked when they came, and is again by whoever reads them.
  public func isPresent(home: URL = CajalHome.folder) -> Bool {
    let folder = folder(home: home).path
    guard !files.isEmpty else { return FileManager.default.fileExists(atPath: folder) }
    return files.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0.name)") }
  }

  /// The place of one file.
  ///
  /// - Throws: `CajalError` that says how to fetch the data when they are not here, or naming a file that was changed.
  public func url(_ file: String, home: URL = CajalHome.folder) throws -> URL {
    guard let known = files.first(where: { $0.name == file }) else {
      preconditionFailure("'\(name)' has no file \(file)")
    }
    let url = folder(home: home).appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw CajalError("the data '\(name)' are not here yet: 'cajal data fetch \(name)'")
    }
    guard try Fingerprint.ofFile(url) == known.sha256 else {
      throw CajalError(
        "\(url.path) is not the file that was published; 'cajal data fetch \(name)' replaces it")
    }
    return url
  }

  /// The data called `name`.
  ///
  /// - Throws: `CajalError` that lists what there is.
  public static func find(_ name: String) throws -> PackagedData {
    if let found = all.first(where: { $0.name == name }) { return found }
    throw CajalError(
      "there are no data called '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
  }
}
