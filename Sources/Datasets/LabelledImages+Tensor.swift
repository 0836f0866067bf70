import Support
import Tensors

extension LabelledImages {
  /// The images as `[B, C, H, W]`, single precision, 0…1.
  public var tensor: Tensor { Tensor(pixels, shape: [count, channels, height, width]).to(.float32) / 255 }

  /// The classes as whole numbers `[B]`.
  public var labelTensor: Tensor { Tensor(labels) }

  /// Mean and standard deviation of each channel, of pixels in 0…1: what ``standardised(by:)`` takes.
  public var channelStatistics: (mean: [Double], deviation: [Double]) {
    let area = height * width
    var (mean, deviation) = ([Double](), [Double]())
    for channel in 0..<channels {
      var (sum, squares) = (0, 0)
      for image in 0..<count {
        let start = (image * channels + channel) * area
        for pixel in pixels[start..<start + area] {
          sum += Int(pixel)
          squares += Int(pixel) * Int(pixel)
        }
      }
      let total = Double(count * area)
      let average = Double(sum) / total
      mean.append(average / 255)
      deviation.append(max(Double(squares) / total - average * average, 0).squareRoot() / 255)
    }
    return (mean, deviation)
  }

  /// The images as `[B, C, H, W]` with the mean of each channel subtracted and divided by its deviation.
  ///
  /// - Parameter statistics: Those of the training images, so that test images are treated alike.
  public func standardised(by statistics: (mean: [Double], deviation: [Double])) -> Tensor {
    precondition(
      statistics.mean.count == channels, "statistics of \(statistics.mean.count) channels for \(channels)")
    let mean = Tensor(statistics.mean, shape: [1, channels, 1, 1], as: .float32)
    let deviation = Tensor(
      statistics.deviation.map { max($0, 1e-8) }, shape: [1, channels, 1, 1], as: .float32)
    return (tensor - mean) / deviation
  }
}
