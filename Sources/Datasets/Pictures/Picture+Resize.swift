import Support

extension Picture {
  /// The picture in another size: each new pixel is the mean of the area that it covers when shrinking, and
  /// interpolated between neighbours when growing.
  public func resized(width newWidth: Int, height newHeight: Int) -> Picture {
    guard (newWidth, newHeight) != (width, height) else { return self }
    let columns = Self.weights(width, newWidth)
    let rows = Self.weights(height, newHeight)
    var narrow = [Float](repeating: 0, count: height * newWidth * channels)
    for y in 0..<height {
      for (x, parts) in columns.enumerated() {
        for (source, weight) in parts {
          for c in 0..<channels {
            narrow[(y * newWidth + x) * channels + c] +=
              weight * Float(bytes[(y * width + source) * channels + c])
          }
        }
      }
    }
    let line = newWidth * channels
    var result = [UInt8](repeating: 0, count: newHeight * line)
    for (y, parts) in rows.enumerated() {
      for i in 0..<line {
        let value = parts.reduce(Float(0)) { $0 + $1.weight * narrow[$1.source * line + i] }
        result[y * line + i] = UInt8(max(0, min(255, value.rounded())))
      }
    }
    return Picture(width: newWidth, height: newHeight, channels: channels, bytes: result)
  }

  /// Scales the shorter side to fill the size, then cuts out the middle.
  public func filling(width newWidth: Int, height newHeight: Int) -> Picture {
    let scale = max(Double(newWidth) / Double(width), Double(newHeight) / Double(height))
    let between = resized(
      width: max(newWidth, Int((Double(width) * scale).rounded())),
      height: max(newHeight, Int((Double(height) * scale).rounded())))
    return between.cropped(
      x: (between.width - newWidth) / 2, y: (between.height - newHeight) / 2, width: newWidth,
      height: newHeight)
  }

  public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Picture {
    precondition(
      x >= 0 && y >= 0 && x + newWidth <= width && y + newHeight <= height,
      "\(newWidth)×\(newHeight) at (\(x), \(y)) of a picture of \(width)×\(height)")
    let lines = (y..<y + newHeight).flatMap { (row: Int) -> ArraySlice<UInt8> in
      let start = (row * width + x) * channels
      return bytes[start..<start + newWidth * channels]
    }
    return Picture(width: newWidth, height: newHeight, channels: channels, bytes: lines)
  }

  /// Which old pixels make up each new one along an axis, with weights that add up to one.
  private static func weights(_ old: Int, _ new: Int) -> [[(source: Int, weight: Float)]] {
    let ratio = Double(old) / Double(new)
    // A triangle as wide as a new pixel, or as two old ones: linear interpolation that averages when shrinking.
    let reach = max(ratio, 1)
    return (0..<new).map { (index: Int) -> [(source: Int, weight: Float)] in
      let centre = (Double(index) + 0.5) * ratio - 0.5
      let lowest = Int((centre - reach).rounded(.up))
      let highest = Int((centre + reach).rounded(.down))
      let range = max(0, lowest)...min(old - 1, highest)
      let heights = range.map { (source: Int) -> Double in max(0, 1 - abs(Double(source) - centre) / reach) }
      let total = heights.reduce(0, +)
      return zip(range, heights).map { (source: $0, weight: Float($1 / total)) }
    }
  }
}
