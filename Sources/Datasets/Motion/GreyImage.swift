import Foundation
import Support
import Tensors

/// A grey image of real numbers `[height, width]`, row-major: what motion worlds move.
public struct GreyImage: Sendable, Equatable {
  public let height: Int
  public let width: Int
  public var values: [Double]

  public init(height: Int, width: Int, values: [Double]) {
    precondition(
      height > 0 && width > 0 && values.count == height * width,
      "\(values.count) values for \(height)×\(width)")
    self.height = height
    self.width = width
    self.values = values
  }

  /// The mean of a picture's colour channels, from 0 to 1; opacity is left out.
  public init(_ picture: Picture) {
    let colours = min(picture.channels, 3)
    let values = (0..<picture.width * picture.height).map { (pixel: Int) -> Double in
      let start = pixel * picture.channels
      return picture.bytes[start..<start + colours].reduce(0) { $0 + Double($1) } / Double(255 * colours)
    }
    self.init(height: picture.height, width: picture.width, values: values)
  }

  /// Squares of `size` pixels that do not overlap, from the upper left; none when the image is smaller.
  public func tiles(_ size: Int) -> [GreyImage] {
    (0..<height / size).flatMap { row in
      (0..<width / size).map { column in
        let lines = (0..<size).flatMap { (y: Int) -> ArraySlice<Double> in
          let start = (row * size + y) * width + column * size
          return values[start..<start + size]
        }
        return GreyImage(height: size, width: size, values: lines)
      }
    }
  }

  /// The mean taken off and the standard deviation made 1; an image without contrast becomes 0.
  public func standardised() -> GreyImage {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let scale = variance > 1e-24 ? 1 / variance.squareRoot() : 0
    return GreyImage(height: height, width: width, values: values.map { ($0 - mean) * scale })
  }

  /// The image under a Gaussian, along rows and then along columns; pixels beyond the border are those on it.
  ///
  /// - Parameter deviation: Of the Gaussian, in pixels; it is cut behind three of them.
  public func blurred(_ deviation: Double) -> GreyImage {
    precondition(deviation > 0, "a Gaussian of \(deviation) pixels")
    let reach = Int((3 * deviation).rounded(.up))
    var kernel = (-reach...reach).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let sum = kernel.reduce(0, +)
    for k in kernel.indices { kernel[k] /= sum }
    func pass(_ values: [Double], step: Int, length: Int) -> [Double] {
      values.indices.map { index in
        let own = index / step % length
        var total = 0.0
        for k in -reach...reach {
          let other = max(0, min(length - 1, own + k))
          total += kernel[k + reach] * values[index + (other - own) * step]
        }
        return total
      }
    }
    let rows = pass(values, step: 1, length: width)
    return GreyImage(height: height, width: width, values: pass(rows, step: width, length: height))
  }

  /// The image with a flat spectrum: each amplitude is divided by the mean amplitude at its spatial frequency, then
  /// frequencies above the cutoff are taken out by `exp(-(f/cutoff)⁴)`; standardised.
  ///
  /// Natural images have amplitudes that fall as 1/f; whitened, all scales take part alike.
  /// - Parameter cutoff: In cycles per pixel.
  public func whitened(cutoff: Double = 0.4) -> GreyImage {
    var spectrum = ComplexGrid(transforming: values, shape: [height, width])
    let frequencies = frequencies()
    let bins = frequencies.map { Int(($0 * Double(max(height, width))).rounded()) }
    var sums = [Double](repeating: 0, count: bins.max()! + 1)
    var counts = sums
    for (index, bin) in bins.enumerated() {
      sums[bin] += spectrum.amplitude(index)
      counts[bin] += 1
    }
    for (index, bin) in bins.enumerated() {
      let mean = sums[bin] / counts[bin]
      let gain = mean > 0 && bin > 0 ? exp(-pow(frequencies[index] / cutoff, 4)) / mean : 0
      spectrum.scale(index, by: gain)
    }
    return GreyImage(height: height, width: width, values: spectrum.inverseRealPart()).standardised()
  }

  /// The radial frequency of every element of the spectrum, in cycles per pixel.
  private func frequencies() -> [Double] {
    let (rows, columns) = (ComplexGrid.frequencies(height), ComplexGrid.frequencies(width))
    return rows.flatMap { fx in columns.map { fy in (fx * fx + fy * fy).squareRoot() } }
  }
}

/// Complex numbers on a grid, with the Fourier transform over all axes.
struct ComplexGrid {
  let shape: [Int]
  var real: [Double]
  var imaginary: [Double]

  /// The frequencies of a transform of `count` samples in its order, in cycles per sample.
  static func frequencies(_ count: Int) -> [Double] {
    (0..<count).map { Double($0 < (count + 1) / 2 ? $0 : $0 - count) / Double(count) }
  }

  /// Zeros.
  init(shape: [Int]) {
    self.shape = shape
    real = Array(repeating: 0, count: shape.reduce(1, *))
    imaginary = real
  }

  /// The spectrum of real numbers.
  init(transforming values: [Double], shape: [Int]) {
    self.shape = shape
    var tensor = Tensor(values, shape: shape)
    for axis in shape.indices { tensor = tensor.fft(axis: axis) }
    let pairs = tensor.realPairs().doubles
    real = stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
    imaginary = stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
  }

  func amplitude(_ index: Int) -> Double { hypot(real[index], imaginary[index]) }

  mutating func scale(_ index: Int, by gain: Double) {
    real[index] *= gain
    imaginary[index] *= gain
  }

  /// The real part of the inverse transform, over all axes or all but the first.
  func inverseRealPart(keepingFirstAxis: Bool = false) -> [Double] {
    var tensor = Tensor(real, shape: shape).complex(Tensor(imaginary, shape: shape))
    for axis in shape.indices.dropFirst(keepingFirstAxis ? 1 : 0) { tensor = tensor.inverseFFT(axis: axis) }
    return tensor.realPart().doubles
  }
}
