import Foundation
import Support

/// Where the reading room keeps its files.
public enum ReadingFolder {
  /// `reading` in Cajal's folder.
  public static var url: URL { CajalHome.folder.appendingPathComponent("reading") }
}
