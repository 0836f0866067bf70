import Foundation
import Support

/// Pictures of dashed curves for the Pathfinder task (Linsley et al., 2018): two discs lie at the ends of curves, and the question is whether they
/// are the ends of the same one.
///
/// Two long curves of dashes and some shorter ones are drawn so that they do not touch. In positive pictures the discs mark both ends of one long
/// curve, in negative ones an end of each: locally the two look alike.
public struct PathfinderImages: Sendable {
  /// Pixels on a side.
  public var size = 32
  /// Dashes of the long curves.
  public var dashes = 6
  /// Dashes of the shorter ones, and how many of these there are.
  public var distractorDashes = 2
  public var distractors = 4
  /// Of a dash and between two, in pixels.
  public var dashLength = 3.5
  public var gap = 1.4
  /// How far a curve may turn from dash to dash, in radians.
  public var turn = 0.55
  /// What other curves keep from a curve, in pixels.
  public var clearance = 2.2
  public var discRadius = 1.6

  public init() {}

  /// Pictures, half of them positive, with classes 0 (different curves) and 1 (the same).
  ///
  /// - Throws: `CajalError` when curves of this length find no place.
  public func images(_ count: Int, using generator: inout RandomGenerator) throws -> LabelledImages {
    let base = RandomGenerator(seed: generator.next())
    let drawn = try parallelMap(
      count,
      throwing: { index in
        var own = base.split(index)
        return try picture(isConnected: index % 2 == 1, using: &own)
      })
    return try LabelledImages(
      name: "pathfinder", channels: 1, height: size, width: size, pixels: drawn.flatMap { $0 },
      labels: (0..<count).map { $0 % 2 }, classNames: ["different curves", "one curve"],
      fingerprint: Fingerprint.of(Data("pathfinder \(self) \(count) \(base)".utf8)))
  }

  /// One picture, row by row.
  func picture(isConnected: Bool, using generator: inout RandomGenerator) throws -> [UInt8] {
    for _ in 0..<2000 {
      var occupied: [Point] = []
      guard let first = curve(dashes, avoiding: &occupied, using: &generator),
        let second = curve(dashes, avoiding: &occupied, using: &generator)
      else { continue }
      var curves = [first, second]
      for _ in 0..<distractors {
        if let other = curve(distractorDashes, avoiding: &occupied, using: &generator) {
          curves.append(other)
        }
      }
      let discs =
        isConnected
        ? [first.start, first.end]
        : [
          generator.integer(below: 2) == 0 ? first.start : first.end,
          generator.integer(below: 2) == 0 ? second.start : second.end,
        ]
      return paint(curves, discs)
    }
    throw CajalError(
      "two curves of \(dashes) dashes of \(dashLength) pixels find no place in pictures of \(size) pixels")
  }

  private typealias Point = SIMD2<Double>

  private struct Curve {
    /// Both ends of every dash.
    var dashes: [(from: Point, to: Point)] = []
    var start: Point { dashes[0].from }
    var end: Point { dashes[dashes.count - 1].to }
  }

  /// A curve that grows dash by dash; nil when it runs into another, into itself or out of the picture.
  private func curve(_ count: Int, avoiding occupied: inout [Point], using generator: inout RandomGenerator)
    -> Curve?
  {
    let margin = discRadius + 0.5
    func inside(_ point: Point) -> Bool {
      point.x > margin && point.y > margin && point.x < Double(size) - margin
        && point.y < Double(size) - margin
    }
    for _ in 0..<60 {
      var curve = Curve()
      var own: [Point] = []
      var place = Point(generator.uniform(), generator.uniform()) * Double(size)
      var angle = generator.uniform() * 2 * .pi
      while curve.dashes.count < count {
        let step = Point(cos(angle), sin(angle))
        let to = place + step * dashLength
        let points = stride(from: 0, through: dashLength, by: 0.7).map { place + step * $0 }
        // The dash before is near by its nature.
        let past = own.dropLast(points.count)
        guard inside(place), inside(to),
          points.allSatisfy({ isClear($0, occupied) && isClear($0, Array(past)) })
        else { break }
        curve.dashes.append((place, to))
        own += points
        place = to + step * gap
        angle += (2 * generator.uniform() - 1) * turn
      }
      guard curve.dashes.count == count else { continue }
      occupied += own
      return curve
    }
    return nil
  }

  private func isClear(_ point: Point, _ others: [Point]) -> Bool {
    others.allSatisfy { other in
      let d = point - other
      return d.x * d.x + d.y * d.y >= clearance * clearance
    }
  }

  private func paint(_ curves: [Curve], _ discs: [Point]) -> [UInt8] {
    let segments = curves.flatMap(\.dashes)
    return (0..<size * size).map { index in
      let pixel = Point(Double(index % size) + 0.5, Double(index / size) + 0.5)
      var brightness = 0.0
      for (from, to) in segments {
        brightness = max(brightness, 1 - max(0, Self.distance(pixel, from, to) - 0.35))
      }
      for disc in discs {
        let d = pixel - disc
        brightness = max(brightness, 1 - max(0, (d.x * d.x + d.y * d.y).squareRoot() - discRadius + 0.5))
      }
      return UInt8((max(0, min(1, brightness)) * 255).rounded())
    }
  }

  /// From a point to a line between two others.
  private static func distance(_ point: Point, _ from: Point, _ to: Point) -> Double {
    let (line, offset) = (to - from, point - from)
    let along = (line * offset).sum() / max((line * line).sum(), 1e-12)
    let d = offset - line * max(0, min(1, along))
    return (d * d).sum().squareRoot()
  }
}
