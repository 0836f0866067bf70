import Foundation
import Support

/// A motion across the image: direction in radians (0 is down the rows, π/2 along the columns), speed in pixels per frame.
public struct Motion: Sendable, Equatable {
  public var direction: Double
  public var speed: Double

  public init(direction: Double, speed: Double) {
    self.direction = direction
    self.speed = speed
  }

  /// Displacement of the content per frame along rows and columns.
  public var velocity: (row: Double, column: Double) { (speed * cos(direction), speed * sin(direction)) }

  /// The angle between the directions, from 0 to π.
  public func angle(to other: Motion) -> Double {
    abs((direction - other.direction).remainder(dividingBy: 2 * .pi))
  }
}

/// The classes of motion: directions evenly around the circle at each of several speeds, every second ring turned by half a step.
public struct MotionSet: Sendable, Equatable {
  public let directions: Int
  public let speeds: [Double]

  /// - Parameter speeds: In pixels per frame; the paper's three by default, 0.25 to 0.63 in equal ratios.
  public init(directions: Int = 12, speeds: [Double] = MotionSet.paperSpeeds) {
    precondition(directions > 0 && !speeds.isEmpty, "\(directions) directions and \(speeds.count) speeds")
    self.directions = directions
    self.speeds = speeds
  }

  /// `0.5·2^(2s/3 - 1)` for s = 0, 1, 2.
  public static let paperSpeeds = (0..<3).map { 0.5 * pow(2, 2 * Double($0) / 3 - 1) }

  public var count: Int { directions * speeds.count }

  /// The motion of a label: directions run fastest.
  public subscript(label: Int) -> Motion {
    precondition((0..<count).contains(label), "label \(label) of \(count) motions")
    let ring = label / directions
    let step = Double(label % directions) + 0.5 * Double(ring % 2)
    return Motion(direction: 2 * .pi * step / Double(directions), speed: speeds[ring])
  }
}

/// A moving picture `[duration, size, size]` and the label of its motion at every frame.
public struct MotionMovie: Sendable, Equatable {
  public let size: Int
  public let frames: [Double]
  public let labels: [Int]

  public init(size: Int, frames: [Double], labels: [Int]) {
    precondition(
      frames.count == labels.count * size * size, "\(frames.count) pixels for \(labels.count) frames")
    self.size = size
    self.frames = frames
    self.labels = labels
  }

  public var duration: Int { labels.count }

  /// One frame, row-major.
  public func frame(_ time: Int) -> ArraySlice<Double> {
    frames[time * size * size..<(time + 1) * size * size]
  }
}

/// A window that wanders over still images: the generator of labelled movies (Grimaldi and Perrinet, 2023).
///
/// The label is redrawn now and then; the window moves against the motion, so that its content moves with it.
public struct MotionWorld: Sendable {
  public let motions: MotionSet
  public let imageCount: Int
  /// The mean length of a motion in frames; nil for one motion a movie.
  public var blockLength: Double?
  /// Height and width of the window in pixels.
  public var size: Int
  /// Frames a movie.
  public var duration: Int
  /// Pixels that the window keeps from the image's border, where its Fourier series wraps around.
  public let margin: Double
  /// Standard deviation of the noise on the movie, whose range is -1 to 1.
  public var noise = 0.001
  private let shifts: [FourierShift]
  private let extents: [(height: Int, width: Int)]

  /// - Throws: `CajalError` when there is no image, or one too small for the window on its longest way.
  public init(
    images: [GreyImage], motions: MotionSet, blockLength: Double? = 24, size: Int, duration: Int,
    margin: Double = 5
  ) throws {
    guard !images.isEmpty else { throw CajalError("a motion world needs at least one image") }
    let way = motions.speeds.max()! * Double(duration)
    let needed = Int((Double(size) + 2 * margin + way).rounded(.up))
    if let small = images.first(where: { min($0.height, $0.width) < needed }) {
      throw CajalError(
        "an image of \(small.height)×\(small.width) pixels is too small: a window of \(size) that moves for \(duration) frames needs \(needed)"
      )
    }
    self.motions = motions
    self.blockLength = blockLength
    self.size = size
    self.duration = duration
    self.margin = margin
    imageCount = images.count
    shifts = images.map(FourierShift.init)
    extents = images.map { ($0.height, $0.width) }
  }

  /// A movie of a random image; with `label`, of that one motion throughout.
  public func movie(label: Int? = nil, using generator: inout RandomGenerator) -> MotionMovie {
    let image = generator.integer(below: imageCount)
    let labels = label.map { Array(repeating: $0, count: duration) } ?? sequence(using: &generator)
    let path = path(labels, from: (0, 0))
    let (height, width) = extents[image]
    let start = (
      row: Self.start(path.map(\.row), height - size, margin, &generator),
      column: Self.start(path.map(\.column), width - size, margin, &generator)
    )
    let clean = movie(image: image, labels: labels, from: start)
    let noisy = clean.frames.map { max(-1, min(1, $0 + noise * generator.normal())) }
    return MotionMovie(size: size, frames: noisy, labels: labels)
  }

  /// The movie of an image and a sequence of labels, without noise, mean 0 and largest magnitude 1.
  ///
  /// - Parameter start: The window's upper left pixel before the first frame's step.
  public func movie(image: Int, labels: [Int], from start: (row: Double, column: Double)) -> MotionMovie {
    var frames = path(labels, from: start).flatMap {
      shifts[image].window(row: $0.row, column: $0.column, size: size)
    }
    let mean = frames.reduce(0, +) / Double(frames.count)
    let largest = frames.reduce(0) { max($0, abs($1 - mean)) }
    let scale = largest > 0 ? 1 / largest : 0
    for i in frames.indices { frames[i] = (frames[i] - mean) * scale }
    return MotionMovie(size: size, frames: frames, labels: labels)
  }

  /// Labels frame by frame: with probability 1/blockLength a new one, which may be the same.
  private func sequence(using generator: inout RandomGenerator) -> [Int] {
    var current = generator.integer(below: motions.count)
    return (0..<duration).map { time in
      if time > 0, let blockLength, generator.uniform() < 1 / blockLength {
        current = generator.integer(below: motions.count)
      }
      return current
    }
  }

  private func path(_ labels: [Int], from start: (row: Double, column: Double))
    -> [(row: Double, column: Double)]
  {
    var place = start
    return labels.map { label in
      let velocity = motions[label].velocity
      place = (place.row - velocity.row, place.column - velocity.column)
      return place
    }
  }

  /// A uniform start from which a path of these offsets stays within the room, less the margin.
  private static func start(
    _ offsets: [Double], _ room: Int, _ margin: Double, _ generator: inout RandomGenerator
  ) -> Double {
    let (low, high) = (margin - offsets.min()!, Double(room) - margin - offsets.max()!)
    return low + generator.uniform() * max(0, high - low)
  }
}
