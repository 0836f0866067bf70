import Foundation

/// The folder of records and data: `CAJAL_HOME`, or `~/.cache/cajal`.
public enum CajalHome {
  public static var folder: URL {
    let environment = ProcessInfo.processInfo.environment
    if let home = environment["CAJAL_HOME"], !home.isEmpty { return URL(fileURLWithPath: home) }
    let user = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return URL(fileURLWithPath: user).appendingPathComponent(".cache/cajal")
  }
}
