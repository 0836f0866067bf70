import Datasets
import Foundation
import StudyCore
import Support

/// What the motion worlds of the study move.
enum ImageSource: String, CaseIterable {
  case automatic
  case photographs
  case deadLeaves = "dead-leaves"
  case sparseNoise = "sparse-noise"
}

/// Whitened images, those of the test from other pictures than those of training.
struct MotionImages {
  var train: [GreyImage]
  var test: [GreyImage]
  /// What they are, for claims.
  var name: String

  private init(train: [GreyImage], test: [GreyImage], name: String) {
    (self.train, self.test, self.name) = (train, test, name)
  }

  /// The most tiles that are cut from one picture, so that a large one does not outweigh the others.
  private static let tilesPerPicture = 4

  /// - Throws: `CajalError` when the pictures asked for are not here, too few or too small.
  init(_ options: HeterogeneousDelays.Options, _ lab: Lab) throws {
    var generator = lab.generator("images")
    let source = ImageSource(rawValue: options.images)!
    let packages = [PackagedData.photographs, .chinaAndFlower]
    if let path = lab.dataPath {
      let files = try ImageFolder.pictures(below: URL(fileURLWithPath: path))
      try self.init(files, "pictures of \(path)", options, lab, &generator)
    } else if source == .photographs || (source == .automatic && packages.allSatisfy { $0.isPresent() }) {
      let files = try packages.flatMap { package in try package.files.map { try package.url($0.name) } }
      try self.init(files, "photographs", options, lab, &generator)
    } else {
      if source == .automatic {
        lab.note(
          "Photographs were not here, so dead-leaves images were used: 'cajal data fetch photographs' and 'cajal data fetch china-flower' bring them."
        )
      }
      let isNoise = source == .sparseNoise
      let size = options.imageSize
      let seeds = (0..<options.generatedImages).map { generator.split($0) }
      let images = parallelMap(seeds.count) { index in
        var own = seeds[index]
        return
          (isNoise
          ? GreyImage.sparseNoise(size, using: &own) : GreyImage.deadLeaves(size, using: &own)).whitened()
      }
      let count = max(1, images.count / 3)
      self.init(
        train: Array(images[count...]), test: Array(images[..<count]),
        name: isNoise ? "sparse noise" : "dead-leaves images")
    }
  }

  /// Cuts pictures into tiles; those of a third of the pictures are for the test.
  private init(
    _ files: [URL], _ name: String, _ options: HeterogeneousDelays.Options, _ lab: Lab,
    _ generator: inout RandomGenerator
  ) throws {
    let size = options.imageSize
    let tiles = try parallelMap(files.count) { index throws in
      let picture = GreyImage(try Picture(contentsOf: files[index]))
      return picture.tiles(size).prefix(Self.tilesPerPicture).map { $0.whitened() }
    }
    let usable = files.indices.filter { !tiles[$0].isEmpty }
    guard usable.count >= 2 else {
      throw CajalError(
        "\(usable.count) of the \(files.count) pictures have \(size)×\(size) pixels or more; training and test need one each (imageSize sets the size)"
      )
    }
    lab.usesData(name, fingerprint: try Fingerprint.ofFiles(usable.map { files[$0] }))
    let order = generator.permutation(usable.count).map { usable[$0] }
    let count = max(1, order.count / 3)
    test = order[..<count].flatMap { tiles[$0] }
    train = order[count...].flatMap { tiles[$0] }
    self.name = "\(name) (tiles of \(order.count - count) for training, of \(count) others for the test)"
  }
}
