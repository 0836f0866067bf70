import Foundation
import Support

/// Images changed as a whole: what makes another task of the same images.
extension LabelledImages {
  /// The numbers of every image in another order: number i comes from place `order[i]` of `[channels, height, width]`.
  public func permutingPixels(_ order: [Int]) -> LabelledImages {
    precondition(
      order.count == imageSize && Set(order) == Set(0..<imageSize),
      "an order of \(order.count) places for images of \(imageSize) numbers")
    return changed { source, target in
      for (place, from) in order.enumerated() { target[place] = source[from] }
    }
  }

  /// Dark for bright.
  public func inverted() -> LabelledImages {
    changed { source, target in
      for place in target.indices { target[place] = 255 - source[place] }
    }
  }

  /// Turned counter-clockwise about the middle, interpolated between pixels; what comes from outside is 0.
  public func rotated(degrees: Double) -> LabelledImages {
    let (width, height, channels) = (width, height, channels)
    let angle = degrees * .pi / 180
    // Right angles stay exact.
    let (c, s) = (Self.clean(cos(angle)), Self.clean(sin(angle)))
    let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let places = (0..<height * width).map { place -> (x: Double, y: Double) in
      let (x, y) = (Double(place % width) - middleX, Double(place / width) - middleY)
      return (c * x - s * y + middleX, s * x + c * y + middleY)
    }
    return changed { source, target in
      for channel in 0..<channels {
        let plane = channel * height * width
        func pixel(_ x: Int, _ y: Int) -> Double {
          (0..<width).contains(x) && (0..<height).contains(y) ? Double(source[plane + y * width + x]) : 0
        }
        for (place, from) in places.enumerated() {
          let (x, y) = (Int(from.x.rounded(.down)), Int(from.y.rounded(.down)))
          let (right, lower) = (from.x - Double(x), from.y - Double(y))
          let upper = pixel(x, y) * (1 - right) + (right > 0 ? pixel(x + 1, y) * right : 0)
          let below = lower > 0 ? pixel(x, y + 1) * (1 - right) + pixel(x + 1, y + 1) * right : 0
          target[plane + place] = UInt8(max(0, min(255, (upper * (1 - lower) + below * lower).rounded())))
        }
      }
    }
  }

  /// In another size: averaged when shrinking, interpolated when growing.
  public func resized(width newWidth: Int, height newHeight: Int) -> LabelledImages {
    precondition(newWidth > 0 && newHeight > 0, "a size of \(newWidth)×\(newHeight)")
    let planes = (0..<count * channels).map { plane -> [UInt8] in
      let start = plane * height * width
      return Picture(
        width: width, height: height, channels: 1, bytes: Array(pixels[start..<start + height * width])
      ).resized(width: newWidth, height: newHeight).bytes
    }
    return rebuilt(planes.flatMap { $0 }, labels, classNames, height: newHeight, width: newWidth)
  }

  /// The images of some classes, which are numbered from 0 in the order given.
  public func ofClasses(_ classes: [Int]) -> LabelledImages {
    precondition(
      classes.allSatisfy(classNames.indices.contains) && Set(classes).count == classes.count,
      "classes \(classes) of \(classCount)")
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let kept = subset(labels.indices.filter { numbers[labels[$0]] != nil })
    return rebuilt(
      kept.pixels, kept.labels.map { numbers[$0]! }, classes.map { classNames[$0] }, height: height,
      width: width)
  }

  private static func clean(_ value: Double) -> Double {
    abs(value - value.rounded()) < 1e-12 ? value.rounded() : value
  }

  /// Every image through `change`, from the old numbers to the new ones.
  private func changed(
    _ change: @Sendable (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> LabelledImages {
    let size = imageSize
    let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      let base = SendableAddress(target.baseAddress)
      pixels.withUnsafeBufferPointer { source in
        let start = SendableAddress(UnsafeMutablePointer(mutating: source.baseAddress))
        parallelFor(count) { image in
          change(
            UnsafeBufferPointer(start: start.pointer! + image * size, count: size),
            UnsafeMutableBufferPointer(start: base.pointer! + image * size, count: size))
        }
      }
      initialized = pixels.count
    }
    return rebuilt(result, labels, classNames, height: height, width: width)
  }

  private func rebuilt(
    _ pixels: [UInt8], _ labels: [Int], _ classNames: [String], height: Int, width: Int
  ) -> LabelledImages {
    do {
      return try LabelledImages(
        name: name, channels: channels, height: height, width: width, pixels: pixels, labels: labels,
        classNames: classNames, fingerprint: fingerprint)
    } catch { preconditionFailure("\(error)") }
  }
}
