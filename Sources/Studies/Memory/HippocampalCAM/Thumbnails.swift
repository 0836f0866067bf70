import Datasets
import Foundation
import Neurons
import StudyCore
import Support

/// Where the pictures come from.
enum PictureSource: String, CaseIterable {
  case automatic, digits
  case fashion = "fashion-mnist"
}

/// Pictures of 8×8 pixels, lit or not, a few of each class.
struct Thumbnails: Sendable {
  static let side = 8
  let name: String
  /// Lit pixels, ascending, row by row.
  let contents: [[Int]]

  /// - Throws: `CajalError` if the pictures asked for are not here.
  init(_ bench: MemoryBench) throws {
    let source = PictureSource(rawValue: bench.options.pictures)!
    let isHere = PackagedData.digits.isPresent()
    let images: LabelledImages
    if source == .digits || (source == .automatic && isHere) {
      images = try .digits()
    } else {
      images = try Self.small(FashionMNIST.load().test.prefix(2000))
      if source == .automatic {
        bench.lab.note(
          "The handwritten digits were not here, so pictures of clothes were made as small: 'cajal data fetch digits' brings them."
        )
      }
    }
    bench.lab.usesData(images.name, fingerprint: images.fingerprint)
    name = images.name
    var generator = bench.lab.generator("pictures")
    contents = Self.choice(images, bench.options.pictureCount, using: &generator).map { image in
      let pixels = Array(images.image(image))
      let half = Int(pixels.max() ?? 0) / 2
      return pixels.indices.filter { Int(pixels[$0]) > half }
    }
  }

  private static func small(_ images: LabelledImages) throws -> LabelledImages {
    let pixels = (0..<images.count).flatMap { index in
      Picture(
        width: images.width, height: images.height, channels: 1, bytes: Array(images.image(index))
      ).resized(width: side, height: side).bytes
    }
    return try LabelledImages(
      name: "Fashion-MNIST, 8×8", channels: 1, height: side, width: side, pixels: pixels,
      labels: images.labels, classNames: images.classNames, fingerprint: images.fingerprint)
  }

  /// Classes in turn, images of each at random.
  private static func choice(_ images: LabelledImages, _ count: Int, using generator: inout RandomGenerator)
    -> [Int]
  {
    var byClass = [[Int]](repeating: [], count: images.classCount)
    for image in generator.permutation(images.count) { byClass[images.labels[image]].append(image) }
    var chosen: [Int] = []
    var place = 0
    while chosen.count < min(count, images.count) {
      let own = byClass[place % byClass.count]
      let index = place / byClass.count
      if index < own.count { chosen.append(own[index]) }
      place += 1
    }
    return chosen
  }

  /// Lit pixels as a picture.
  static func picture(_ content: [Int]) -> [[Double]] {
    var rows = [[Double]](repeating: [Double](repeating: 0, count: side), count: side)
    for pixel in content { rows[pixel / side][pixel % side] = 1 }
    return rows
  }
}
