import Support
import Tensors

extension DelayKernelLayer {
  /// The evidence `[duration, height, width, classes]` by convolution: delays unfolded into channels, one two-dimensional
  /// convolution with the steps as batch. The reference that the event-driven passes are compared with.
  ///
  /// - Throws: `CajalError` when the raster has another number of channels.
  public func denseEvidence(_ raster: SpikeRaster) throws -> Tensor {
    try check(raster)
    let input = unfolded(raster.cells, raster)
    guard exchangesPolarities else { return convolved(input) }
    let cells = raster.cells
    let exchanged = unfolded(Array(cells[(cells.count / 2)...] + cells[..<(cells.count / 2)]), raster)
    return convolved(input).maximum(convolved(exchanged))
  }

  /// Cells `[duration, channels × delays, height, width]`: each channel as it was so many steps ago.
  private func unfolded(_ cells: [UInt8], _ raster: SpikeRaster) -> Tensor {
    let plane = raster.height * raster.width
    let channels = shape.channels * shape.delays
    var values = [UInt8](repeating: 0, count: raster.duration * channels * plane)
    for time in 0..<raster.duration {
      for channel in 0..<shape.channels {
        for step in 0..<shape.delays where time - (shape.delays - 1 - step) >= 0 {
          let source = (channel * raster.duration + time - (shape.delays - 1 - step)) * plane
          let target = (time * channels + channel * shape.delays + step) * plane
          for i in 0..<plane { values[target + i] = cells[source + i] }
        }
      }
    }
    return Tensor(values, shape: [raster.duration, channels, raster.height, raster.width])
      .to(weight.value.elementType)
  }

  private func convolved(_ input: Tensor) -> Tensor {
    let kernel = weight.value.reshaped([
      shape.classes, shape.channels * shape.delays, shape.height, shape.width,
    ])
    let padding = ConvolutionShape(stride: [1], padding: [shape.height / 2, shape.width / 2])
    return input.convolution(kernel, bias.value, padding).permuted([0, 2, 3, 1])
  }
}
