import Foundation
import Support

extension Plot {
  /// Draws the plot as SVG.
  public func write(to url: URL) throws {
    try AtomicFile.write("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", to: url)
  }
}
