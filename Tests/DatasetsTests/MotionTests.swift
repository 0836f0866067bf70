import Datasets
import Foundation
import Support
import Testing

/// Moving images, events and textures.
@Suite struct MotionTests {
  private func wave(_ size: Int, _ cycles: (Int, Int)) -> GreyImage {
    GreyImage(
      height: size, width: size,
      values: (0..<size * size).map { place in
        cos(2 * .pi * (Double(cycles.0 * (place / size)) + Double(cycles.1 * (place % size))) / Double(size))
      })
  }

  @Test(arguments: [16, 15]) func shiftsAreExactForWaves(size: Int) {
    // A wave below the highest frequency is known between its pixels.
    let shift = FourierShift(wave(size, (3, -2)))
    let window = shift.window(row: 2.3, column: -4.75, size: 5)
    for r in 0..<5 {
      for c in 0..<5 {
        let phase = 3 * (2.3 + Double(r)) - 2 * (-4.75 + Double(c))
        #expect(abs(window[r * 5 + c] - cos(2 * .pi * phase / Double(size))) < 1e-11)
      }
    }
  }

  @Test func wholeShiftsMovePixels() {
    var generator = RandomGenerator(seed: 2)
    let image = GreyImage(height: 8, width: 8, values: (0..<64).map { _ in generator.normal() })
    let window = FourierShift(image).window(row: 3, column: -2, size: 4)
    #expect(
      (0..<16).allSatisfy { abs(window[$0] - image.values[(3 + $0 / 4) * 8 + ($0 % 4 + 6) % 8]) < 1e-12 })
  }

  @Test func contentMovesWithTheMotion() throws {
    let motions = MotionSet(directions: 4, speeds: [1])
    let image = wave(64, (2, 3))
    let world = try MotionWorld(images: [image], motions: motions, size: 12, duration: 6)
    for label in 0..<4 {
      let movie = world.movie(image: 0, labels: Array(repeating: label, count: 6), from: (20, 20))
      let (row, column) = (
        Int(motions[label].velocity.row.rounded()), Int(motions[label].velocity.column.rounded())
      )
      for r in 2..<10 {
        for c in 2..<10 {
          let before = movie.frames[4 * 144 + (r - row) * 12 + c - column]
          #expect(abs(movie.frames[5 * 144 + r * 12 + c] - before) < 1e-9)
        }
      }
    }
    #expect(abs(MotionSet.paperSpeeds[2] - 0.629960525) < 1e-8)
  }

  @Test func worldsRepeatThemselvesAndRefuseSmallImages() throws {
    let world = try MotionWorld(
      images: [wave(64, (5, 1))], motions: MotionSet(directions: 8), size: 16, duration: 20)
    var (first, second) = (RandomGenerator(seed: 4), RandomGenerator(seed: 4))
    let movie = world.movie(using: &first)
    #expect(movie == world.movie(using: &second) && movie.frames.allSatisfy { abs($0) <= 1 })
    let small = #expect(throws: CajalError.self) {
      _ = try MotionWorld(images: [wave(16, (1, 1))], motions: MotionSet(), size: 16, duration: 20)
    }
    #expect(small?.message.contains("16×16") == true)
  }

  @Test func eventsFollowTheirRules() {
    // One pixel rising by 1 and then resting, among others that keep still.
    var frames = [Double](repeating: 0, count: 5 * 4)
    for time in 2..<5 { frames[time * 4] = 1 }
    let encoder = EventEncoder(selectivity: 1)
    let threshold = encoder.threshold(frames, duration: 5)
    #expect(abs(threshold - (1.0 / 16 - 1.0 / 256).squareRoot()) < 1e-12)
    let events = encoder.events(frames, duration: 5, height: 2, width: 2)
    // The threshold is taken off the next, resting frame, which falls short of an event of its own: exactly -θ.
    #expect(events[1, 2, 0, 0] && events.eventCount == 1)
    let camera = EventEncoder(selectivity: 1, mode: .accumulating).events(
      frames, duration: 5, height: 2, width: 2)
    // A camera goes on until the rise is accounted for: 1/θ is 4.13, so in each frame that is left.
    #expect(camera.eventCount == 3 && camera[1, 4, 0, 0])
    let still = encoder.events([Double](repeating: 1, count: 20), duration: 5, height: 2, width: 2)
    #expect(still.eventCount == 0)
  }

  @Test func eventsComeFromAndGoToLists() throws {
    let movie = try EventMovie(
      x: [1, 2, 2], y: [0, 1, 1], t: [1500, 2100, 9000], p: [1, 0, 0], height: 2, width: 3, duration: 4)
    #expect(movie.eventCount == 2 && movie[1, 1, 0, 1] && movie[0, 2, 1, 2])
    let list = movie.events()
    #expect(list.x == [1, 2] && list.y == [0, 1] && list.t == [1500, 2500] && list.p == [1, 0])
    let outside = #expect(throws: CajalError.self) {
      _ = try EventMovie(x: [3], y: [0], t: [0], p: [0], height: 2, width: 3, duration: 4)
    }
    #expect(outside?.message.contains("event 0") == true)
    #expect(throws: CajalError.self) {
      _ = try EventMovie(x: [1], y: [], t: [0], p: [0], height: 2, width: 3, duration: 4)
    }
  }

  @Test func whiteningFlattensTheSpectrum() {
    var generator = RandomGenerator(seed: 9)
    let image = GreyImage.deadLeaves(64, using: &generator)
    // Of a white image pixels some way apart are not alike.
    func likeness(_ image: GreyImage) -> Double {
      let pixels = image.standardised().values
      let products = (0..<64 * 60).map { place -> Double in Double(pixels[place] * pixels[place + 256]) }
      return products.reduce(0, +) / Double(products.count)
    }
    #expect(likeness(image) > 0.3 && abs(likeness(image.whitened())) < 0.1)
    #expect(abs(image.whitened().values.reduce(0, +)) < 1e-6)
    #expect(image.tiles(32).count == 4 && image.tiles(65).isEmpty)
    let noise = GreyImage.sparseNoise(32, using: &generator)
    #expect(!noise.values.contains { !$0.isFinite })
  }

  @Test func cloudsDriftWithTheirMotion() {
    var generator = RandomGenerator(seed: 6)
    var cloud = MotionCloud(Motion(direction: .pi / 2, speed: 1))
    cloud.speedBandwidth = 1e-6
    let movie = cloud.movie(size: 16, duration: 8, using: &generator)
    for r in 0..<16 {
      for c in 1..<16 {
        #expect(abs(movie.frames[5 * 256 + r * 16 + c] - movie.frames[4 * 256 + r * 16 + c - 1]) < 1e-3)
      }
    }
    cloud.orientationBandwidth = 0.2
    cloud.orientation = 0
    #expect(cloud.envelope(0.125, 0) > 100 * cloud.envelope(0, 0.125))
  }
}
