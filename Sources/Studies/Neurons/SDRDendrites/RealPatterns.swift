import Datasets
import Foundation
import Neurons
import StudyCore
import Support

/// The real patterns of a run: images to be coded, or a user's binary rows.
enum RealPatterns {
  case images(train: LabelledImages, test: LabelledImages)
  case rows([SDR], name: String)

  /// One drawing: what the neuron stores, what a perceptron may learn to reject, what is tried.
  struct Draw {
    var stored: [SDR]
    var rejected: [SDR]
    var unseen: [SDR]
  }

  /// - Throws: `CajalError` naming the file and line of what is wrong.
  static func load(_ options: SDRDendrites.Options, _ lab: Lab) throws -> RealPatterns {
    if let path = lab.dataPath {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw CajalError("there is no file or folder \(path)")
      }
      if !isFolder.boolValue { return try loadRows(path, lab) }
    }
    guard options.active <= options.cells / 2 else {
      throw CajalError("active=\(options.active) should be at most half of cells=\(options.cells)")
    }
    let (train, test) = try FashionMNIST.load(from: lab.dataPath)
    guard train.count >= 2 * options.segments else {
      throw CajalError(
        "\(train.name) has \(train.count) training images; segments=\(options.segments) takes twice as many")
    }
    lab.usesData(train.name, fingerprint: train.fingerprint)
    return .images(train: train, test: test)
  }

  private static func loadRows(_ path: String, _ lab: Lab) throws -> RealPatterns {
    let rows = try BinaryMatrixFile.read(path)
    guard rows.count >= 12 else {
      throw CajalError("\(path) has \(rows.count) rows; at least 12 are needed to store some and try others")
    }
    guard rows.filter({ $0.activeCount > 0 }).count >= 12 else {
      throw CajalError("\(path) has fewer than 12 rows with an active cell")
    }
    let name = URL(fileURLWithPath: path).lastPathComponent
    lab.usesData(name, fingerprint: try Fingerprint.ofFile(URL(fileURLWithPath: path)))
    return .rows(rows, name: name)
  }

  var name: String {
    switch self {
    // "Fashion-MNIST, train" without the part.
    case .images(let train, _): String(train.name.prefix { $0 != "," })
    case .rows(_, let name): name
    }
  }

  /// - Parameter active: how many cells code an image; rows are as they are.
  func draw(
    _ options: SDRDendrites.Options, active: Int, using generator: inout RandomGenerator
  ) throws -> Draw {
    switch self {
    case .images(let train, let test):
      var encoder = try KWinnerEncoder(
        inputs: train.imageSize, n: options.cells, a: active, using: &generator)
      try encoder.fit(train.prefix(min(train.count, 10_000)).pixels)
      let order = generator.permutation(train.count)
      let rejected = min(train.count, options.segments + 2000)
      let unseen = Array(generator.permutation(test.count).prefix(options.images))
      return Draw(
        stored: try encoder.encode(train.subset(Array(order[..<options.segments])).pixels),
        rejected: try encoder.encode(train.subset(Array(order[options.segments..<rejected])).pixels),
        unseen: try encoder.encode(test.subset(unseen).pixels))
    case .rows(let rows, _):
      let order = generator.permutation(rows.count).map { rows[$0] }
      let third = rows.count / 3
      let stored = min(third, options.segments)
      let rejected = stored + min(third, 2000)
      return Draw(
        stored: Array(order[..<stored]), rejected: Array(order[stored..<rejected]),
        unseen: Array(order[rejected...].prefix(options.images)))
    }
  }

  /// Patterns of independent cells in the numbers of `draw`.
  static func random(
    like draw: Draw, n: Int, a: Int, using generator: inout RandomGenerator
  ) -> Draw {
    func some(_ count: Int) -> [SDR] { (0..<count).map { _ in SDR.random(n: n, a: a, using: &generator) } }
    return Draw(
      stored: some(draw.stored.count), rejected: some(draw.rejected.count), unseen: some(draw.unseen.count))
  }
}
