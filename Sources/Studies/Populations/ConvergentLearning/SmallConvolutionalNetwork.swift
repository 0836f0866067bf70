import Recordings
import Support
import Tensors

/// Three convolutions and a dense layer, every one tapped before (`conv1.linear`) and behind (`conv1`) its rectification.
///
/// 5×5, 3×3 and 3×3 without padding, pooled 2×2 behind the first two; `[B, C, H, W]` -> `[B, classes]`.
final class SmallConvolutionalNetwork: Module, @unchecked Sendable {
  let convolutions: [Convolution]
  let dense: Linear
  let output: Linear

  /// The rectified layers, from the image up.
  static let layers = ["conv1", "conv2", "conv3", "fc1"]
  static let kernels = [5, 3, 3]

  init(
    image: (channels: Int, height: Int, width: Int), channels: [Int], dense units: Int, classes: Int,
    _ initialisation: Initialisation,
    using generator: inout RandomGenerator
  ) {
    var inputs = image.channels
    convolutions = zip(channels, Self.kernels).map { outputs, kernel in
      defer { inputs = outputs }
      return Convolution(inputs, outputs, kernel: kernel, initialisation, using: &generator)
    }
    let area = Self.mapSize(image.height) * Self.mapSize(image.width)
    dense = Linear(inputs * area, units, initialisation, using: &generator)
    output = Linear(units, classes, using: &generator)
  }

  /// The extent of the last map for an extent of the image.
  static func mapSize(_ extent: Int) -> Int { ((extent - 4) / 2 - 2) / 2 - 2 }

  func callAsFunction(_ images: Tensor) -> Tensor {
    var x = images
    for (index, convolution) in convolutions.enumerated() {
      x = rectified("conv\(index + 1)", convolution(x))
      if index < 2 { x = x.maxPool(2) }
    }
    return output(rectified("fc1", dense(x.flattened(from: 1))))
  }

  private func rectified(_ site: String, _ linear: Tensor) -> Tensor {
    tap(site, tap("\(site).linear", linear).relu())
  }
}
