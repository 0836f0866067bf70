import Foundation
import Support

/// Folders in the format of MNIST: four IDX files, gzipped or not.
public enum MNISTFolder {
  /// Reads the training and test images of a folder.
  ///
  /// The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`, with or without `.gz`.
  /// - Parameter classNames: The classes; their numbers if nil, as many as the labels need.
  /// - Throws: `CajalError` naming the file, and the offset where the trouble lies inside one.
  public static func load(_ folder: URL, name: String, classNames: [String]? = nil) throws
    -> (train: LabelledImages, test: LabelledImages)
  {
    let parts = try ["train", "t10k"].map { part in
      (
        images: try file(folder, "\(part)-images-idx3-ubyte"),
        labels: try file(folder, "\(part)-labels-idx1-ubyte")
      )
    }
    let labels = try parts.map { try readLabels($0.labels) }
    let highest = labels.flatMap { $0 }.max() ?? 0
    let names = classNames ?? (0...highest).map(String.init)
    let loaded = try zip(parts, labels).enumerated().map { index, pair in
      try load(pair.0.images, pair.0.labels, pair.1, index == 0 ? "\(name), train" : "\(name), test", names)
    }
    guard (loaded[0].height, loaded[0].width) == (loaded[1].height, loaded[1].width) else {
      throw CajalError("\(folder.path): training and test images differ in size")
    }
    return (loaded[0], loaded[1])
  }

  private static func file(_ folder: URL, _ name: String) throws -> URL {
    let candidates = [name, "\(name).gz", name.replacingOccurrences(of: "-idx", with: ".idx")]
      .map(folder.appendingPathComponent)
    guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw CajalError(
        "\(folder.path) holds no \(name) (or \(name).gz), which a folder in MNIST's format should")
    }
    return found
  }

  private static func readLabels(_ url: URL) throws -> [Int] {
    let file = try IDXFile(contentsOf: url)
    guard file.element == .uint8, file.shape.count == 1 else {
      throw CajalError(
        "\(url.path) holds \(file.element) of shape \(file.shape), expected labels: uint8 of rank 1")
    }
    return file.bytes.map(Int.init)
  }

  private static func load(
    _ images: URL, _ labelFile: URL, _ labels: [Int], _ name: String, _ classes: [String]
  ) throws
    -> LabelledImages
  {
    let file = try IDXFile(contentsOf: images)
    guard file.element == .uint8, file.shape.count == 3 else {
      throw CajalError(
        "\(images.path) holds \(file.element) of shape \(file.shape), expected images: uint8 of rank 3")
    }
    guard file.shape[0] == labels.count else {
      throw CajalError(
        "\(images.path) holds \(file.shape[0]) images but \(labelFile.path) \(labels.count) labels")
    }
    if let wrong = labels.firstIndex(where: { $0 >= classes.count }) {
      throw CajalError(
        "\(labelFile.path): byte \(8 + wrong) is label \(labels[wrong]), expected one below \(classes.count)")
    }
    return try LabelledImages(
      name: name, channels: 1, height: file.shape[1], width: file.shape[2], pixels: file.bytes,
      labels: labels,
      classNames: classes, fingerprint: Fingerprint.ofFiles([images, labelFile]))
  }
}

/// Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 60,000 and 10,000 grey pictures of clothes, 28×28, 10 classes.
public enum FashionMNIST {
  /// Where Debian's `dataset-fashion-mnist` lies.
  public static let defaultFolder = "/usr/share/datasets/fashion-mnist"

  public static let classNames = [
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
  ]

  /// Reads the packaged data, or the user's own folder in the same format.
  ///
  /// - Throws: `CajalError` that says what to install when the package is missing, or naming the bad file.
  public static func load(from path: String? = nil) throws -> (train: LabelledImages, test: LabelledImages) {
    if let path { return try MNISTFolder.load(URL(fileURLWithPath: path), name: path) }
    guard FileManager.default.fileExists(atPath: defaultFolder) else {
      throw CajalError(
        "Fashion-MNIST is not installed: 'apt-get install dataset-fashion-mnist', or give a folder in MNIST's format with --data"
      )
    }
    return try MNISTFolder.load(
      URL(fileURLWithPath: defaultFolder), name: "Fashion-MNIST", classNames: classNames)
  }
}
