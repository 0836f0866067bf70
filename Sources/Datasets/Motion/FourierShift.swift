import Foundation

/// Windows of an image at places between its pixels, exactly as its Fourier series says.
///
/// Multiplying the spectrum by `exp(2πi(u·x + v·y))` moves an image by (x, y). Along one axis that is a circular
/// convolution with a Dirichlet kernel, so a window of N×N of a W×W image takes two products of matrices, N·W·(W + N)
/// multiplications, and no transform. At the highest frequency of an even extent, where the kernel is complex, the
/// real part of the two-dimensional product has a term of its own.
public struct FourierShift: Sendable {
  private let image: GreyImage
  /// The coefficient of the highest frequency along both axes.
  private let highest: Double

  public init(_ image: GreyImage) {
    self.image = image
    guard image.height.isMultiple(of: 2), image.width.isMultiple(of: 2) else {
      highest = 0
      return
    }
    var sum = 0.0
    for row in 0..<image.height {
      for column in 0..<image.width {
        let value = image.values[row * image.width + column]
        sum += (row + column).isMultiple(of: 2) ? value : -value
      }
    }
    highest = sum / Double(image.height * image.width)
  }

  /// The `size`×`size` window whose upper left pixel lies at (row, column), row-major; the image is periodic.
  public func window(row: Double, column: Double, size: Int) -> [Double] {
    let (height, width) = (image.height, image.width)
    let rowKernel = Self.kernel(row, size, height)
    let columnKernel = Self.kernel(column, size, width)
    var result = [Double](repeating: 0, count: size * size)
    // Transposed, so that the last product runs along the result's rows.
    var across = [Double](repeating: 0, count: width * size)
    for c in 0..<size { for n in 0..<width { across[n * size + c] = columnKernel[c * width + n] } }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { line in
      let line = line.baseAddress!
      image.values.withUnsafeBufferPointer { pixels in
        for r in 0..<size {
          line.initialize(repeating: 0, count: width)
          for m in 0..<height {
            Self.add(pixels.baseAddress! + m * width, times: rowKernel[r * height + m], to: line, width)
          }
          result.withUnsafeMutableBufferPointer { out in
            across.withUnsafeBufferPointer { across in
              for n in 0..<width {
                Self.add(
                  across.baseAddress! + n * size, times: line[n], to: out.baseAddress! + r * size, size)
              }
            }
          }
        }
      }
    }
    let term = highest * sin(.pi * row) * sin(.pi * column)
    if term != 0 {
      for r in 0..<size {
        for c in 0..<size { result[r * size + c] -= (r + c).isMultiple(of: 2) ? term : -term }
      }
    }
    return result
  }

  @inline(__always)
  private static func add(
    _ source: UnsafePointer<Double>, times factor: Double, to target: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    for i in 0..<count { target[i] += factor * source[i] }
  }

  /// The weights `[size, extent]` of an axis: how much of each pixel is seen at `place + r`.
  private static func kernel(_ place: Double, _ size: Int, _ extent: Int) -> [Double] {
    let whole = Double(extent)
    return (0..<size).flatMap { r in
      (0..<extent).map { m -> Double in
        // Reduced to a period, so that sines keep their digits.
        let z = (place + Double(r - m)).remainder(dividingBy: whole)
        let base = sin(.pi * z / whole)
        guard extent.isMultiple(of: 2) else {
          return abs(base) < 1e-14 ? 1 : sin(.pi * z) / (whole * base)
        }
        let lower = abs(base) < 1e-14 ? whole - 1 : sin(.pi * z * (whole - 1) / whole) / base
        return (lower + cos(.pi * z)) / whole
      }
    }
  }
}
