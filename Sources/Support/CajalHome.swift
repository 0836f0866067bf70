import Foundation

/// The folder of records and data: `CAJAL_HOME`, or `~/.cache/cajal`.
public enum CajalHome {
  public static var folder: URL {
    if let home = ProcessInfo.processInfo.environment["CAJAL_HOME"], !home.isEmpty {
      return URL(fileURLWithPath: home)
    }
    return URL(fileURLWithPath: NSHomeDirectory()).appendingPathComponent(".cache/cajal")
  }
}
