import Foundation
import Support

// Images made up where no photographs are at hand.
extension GreyImage {
  /// A dead-leaves image (Lee, Mumford and Huang, 2001): discs of random grey, laid over one another until all is covered;
  /// radii have the density r⁻³. It shares edges, occlusion and the 1/f spectrum with photographs.
  ///
  /// - Parameters:
  ///   - size: Height and width in pixels.
  ///   - radii: The smallest and largest radius in pixels.
  public static func deadLeaves(
    _ size: Int, radii: ClosedRange<Double> = 2...40, using generator: inout RandomGenerator
  ) -> GreyImage {
    var grey = [Double](repeating: .nan, count: size * size)
    var bare = size * size
    let (low, high) = (pow(radii.lowerBound, -2), pow(radii.upperBound, -2))
    // From the front to the back: a disc fills only what is bare. The last specks are left to a cap on discs.
    for _ in 0..<200_000 where bare > 0 {
      let radius = pow(low + generator.uniform() * (high - low), -0.5)
      let centre = (generator.uniform() * Double(size), generator.uniform() * Double(size))
      let value = generator.uniform()
      let top = max(0, Int(centre.0 - radius))
      let bottom = min(size - 1, Int(centre.0 + radius))
      guard top <= bottom else { continue }
      for row in top...bottom {
        let across = radius * radius - (Double(row) - centre.0) * (Double(row) - centre.0)
        guard across > 0 else { continue }
        let half = across.squareRoot()
        let left = max(0, Int((centre.1 - half).rounded(.up)))
        let right = min(size - 1, Int((centre.1 + half).rounded(.down)))
        guard left <= right else { continue }
        for place in row * size + left...row * size + right where grey[place].isNaN {
          grey[place] = value
          bare -= 1
        }
      }
    }
    return GreyImage(height: size, width: size, values: grey.map { $0.isNaN ? 0.5 : $0 })
  }

  /// Sparse noise with a spectrum falling as 1/f: points of random sign at random places, blurred by the spectrum.
  ///
  /// - Parameter density: The share of pixels that carry a point.
  public static func sparseNoise(
    _ size: Int, density: Double = 0.01, using generator: inout RandomGenerator
  ) -> GreyImage {
    let points = (0..<size * size).map { _ in
      generator.uniform() < density ? (generator.uniform() < 0.5 ? -1.0 : 1.0) : 0
    }
    var spectrum = ComplexGrid(transforming: points, shape: [size, size])
    let frequencies = ComplexGrid.frequencies(size)
    for (row, fx) in frequencies.enumerated() {
      for (column, fy) in frequencies.enumerated() {
        let radius = (fx * fx + fy * fy).squareRoot()
        spectrum.scale(row * size + column, by: radius > 0 ? 1 / radius : 0)
      }
    }
    return GreyImage(height: size, width: size, values: spectrum.inverseRealPart()).standardised()
  }
}
