import Foundation
import Support

/// A line that moves: a body seen from above. An SVG picture that plays by itself, over a strip of what went before.
public struct Animation: Sendable {
  public var name: String
  public var title: String
  /// What it shows: printed below it and read as its alternative text.
  public var caption: String
  /// The line at each moment: as many points each time, the first is the head.
  public var frames: [[(x: Double, y: Double)]]
  /// Seconds between two frames.
  public var interval: Double
  /// Every so many frames one stays as a shadow.
  public var shadowEvery: Int

  public init(
    name: String, title: String, caption: String, frames: [[(x: Double, y: Double)]], interval: Double,
    shadowEvery: Int
  ) {
    precondition(
      frames.count > 1 && frames.allSatisfy { $0.count == frames[0].count && $0.count > 1 } && interval > 0
        && shadowEvery > 0, "an animation of \(frames.count) frames, \(interval) s apart")
    (self.name, self.title, self.caption) = (name, title, caption)
    (self.frames, self.interval, self.shadowEvery) = (frames, interval, shadowEvery)
  }

  public func write(to url: URL) throws { try AtomicFile.write(svg, to: url) }

  /// 720 wide, as high as the path asks for.
  public var svg: String {
    let points = frames.flatMap { $0 }
    let (left, right) = (points.map(\.x).min()!, points.map(\.x).max()!)
    let (low, high) = (points.map(\.y).min()!, points.map(\.y).max()!)
    let margin = 24.0
    let scale = min((720 - 2 * margin) / max(right - left, 1e-9), 560 / max(high - low, 1e-9))
    let height = (high - low) * scale + 2 * margin
    func text(_ frame: [(x: Double, y: Double)]) -> String {
      frame.map { point in
        let x = margin + (point.x - left) * scale
        let y = margin + (high - point.y) * scale
        return String(format: "%.1f,%.1f", x, y)
      }.joined(separator: " ")
    }
    let lines = frames.map(text)
    let heads = frames.map { text([$0[0]]).split(separator: ",") }
    let duration = String(format: "%.2f", Double(frames.count) * interval)
    func animate(_ attribute: String, _ values: [String]) -> String {
      "<animate attributeName=\"\(attribute)\" dur=\"\(duration)s\" repeatCount=\"indefinite\" values=\"\(values.joined(separator: ";"))\"/>"
    }
    let shadows = stride(from: 0, to: frames.count, by: shadowEvery).map { k in
      "<polyline points=\"\(lines[k])\" fill=\"none\" stroke=\"#7f7f7f\" stroke-opacity=\"0.35\" stroke-width=\"4\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
    }
    let size = String(format: "%.0f", height)
    let svg = """
      <svg xmlns="http://www.w3.org/2000/svg" width="720" height="\(size)" viewBox="0 0 720 \(size)">
      \(shadows.joined(separator: "\n"))
      <polyline points="\(lines.last!)" fill="none" stroke="\(HouseStyle.colours[0])" stroke-width="7" stroke-linejoin="round" stroke-linecap="round">\(animate("points", lines))</polyline>
      <circle cx="\(heads.last![0])" cy="\(heads.last![1])" r="7" fill="\(HouseStyle.colours[1])">\(animate("cx", heads.map { String($0[0]) }))\(animate("cy", heads.map { String($0[1]) }))</circle>
      </svg>
      """
    return HouseStyle.finish(svg, title: title, caption: caption)
  }
}
