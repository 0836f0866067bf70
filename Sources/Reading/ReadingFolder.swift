import Foundation
import Support

/// Where the reading room keeps its files.
public enum ReadingFolder {
  /// `reading` in Cajal's folder.
  public static func url(home: URL = CajalHome.folder) -> URL { home.appendingPathComponent("reading") }
}
