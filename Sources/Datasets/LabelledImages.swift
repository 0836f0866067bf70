import Support

/// Images with a class each: what every loader of pictures gives.
public struct LabelledImages: SampleCollection, Sendable {
  /// The name under which a run records the data.
  public let name: String
  public let channels: Int
  public let height: Int
  public let width: Int
  /// Row-major `[count, channels, height, width]`.
  public let pixels: [UInt8]
  /// One class an image, counted from 0.
  public let labels: [Int]
  public let classNames: [String]
  /// SHA-256 of the files that were read; subsets keep it.
  public let fingerprint: String

  public var count: Int { labels.count }
  public var classCount: Int { classNames.count }
  /// Pixels an image, all channels.
  public var imageSize: Int { channels * height * width }

  /// - Throws: `CajalError` naming the data when extents do not fit, or a label has no class.
  public init(
    name: String, channels: Int, height: Int, width: Int, pixels: [UInt8], labels: [Int],
    classNames: [String], fingerprint: String
  ) throws {
    guard channels > 0, height > 0, width > 0, pixels.count == labels.count * channels * height * width else {
      throw CajalError(
        "\(name): \(pixels.count) pixel bytes for \(labels.count) labels of \(channels)×\(height)×\(width) pixels"
      )
    }
    if let wrong = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw CajalError(
        "\(name): label \(labels[wrong]) of image \(wrong) is not below the number of classes, \(classNames.count)"
      )
    }
    self.init(
      unchecked: name, channels, height, width, pixels, labels, classNames, fingerprint)
  }

  private init(
    unchecked name: String, _ channels: Int, _ height: Int, _ width: Int, _ pixels: [UInt8], _ labels: [Int],
    _ classNames: [String], _ fingerprint: String
  ) {
    self.name = name
    self.channels = channels
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
    self.classNames = classNames
    self.fingerprint = fingerprint
  }

  /// The pixels of one image, `[channels, height, width]`.
  public func image(_ index: Int) -> ArraySlice<UInt8> { pixels[index * imageSize..<(index + 1) * imageSize] }

  /// The first `count` images, or all if there are fewer.
  public func prefix(_ count: Int) -> LabelledImages {
    let kept = min(count, self.count)
    return with(Array(pixels[..<(kept * imageSize)]), Array(labels[..<kept]))
  }

  /// The images at `indices`, in that order.
  public func subset(_ indices: [Int]) -> LabelledImages {
    precondition(
      indices.allSatisfy(labels.indices.contains), "an index beyond the \(count) images of \(name)")
    var chosen: [UInt8] = []
    chosen.reserveCapacity(indices.count * imageSize)
    for index in indices { chosen += image(index) }
    return with(chosen, indices.map { labels[$0] })
  }

  private func with(_ pixels: [UInt8], _ labels: [Int]) -> LabelledImages {
    LabelledImages(unchecked: name, channels, height, width, pixels, labels, classNames, fingerprint)
  }
}
