import CTorch
import Support

/// Stride, padding, dilation and groups of a convolution, one number an axis or one for all.
public struct ConvolutionShape: Sendable, Equatable {
  public var stride: [Int]
  public var padding: [Int]
  public var dilation: [Int]
  /// Extra extent on one side of a transposed convolution's output.
  public var outputPadding: [Int]
  public var groups: Int

  public init(
    stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1], outputPadding: [Int] = [0],
    groups: Int = 1
  ) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.outputPadding = outputPadding
    self.groups = groups
  }

  public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) {
    self.init(stride: [stride], padding: [padding], dilation: [dilation], groups: groups)
  }
}

private func spread(_ values: [Int], _ axes: Int) -> [Int64] {
  precondition(values.count == 1 || values.count == axes, "\(values.count) numbers for \(axes) spatial axes")
  return (values.count == 1 ? [Int](repeating: values[0], count: axes) : values).int64
}

extension Tensor {
  /// Convolution over 1 to 3 spatial axes: `[B, C, …]` with weights `[out, C/groups, k…]`.
  public func convolution(
    _ weight: Tensor, _ bias: Tensor? = nil, _ shape: ConvolutionShape = .init(stride: 1)
  ) -> Tensor {
    convolution(weight, bias, shape, transposed: false)
  }

  /// Transposed convolution; weights `[C, out/groups, k…]`.
  public func transposedConvolution(
    _ weight: Tensor, _ bias: Tensor? = nil, _ shape: ConvolutionShape = .init(stride: 1)
  ) -> Tensor {
    convolution(weight, bias, shape, transposed: true)
  }

  private func convolution(_ weight: Tensor, _ bias: Tensor?, _ shape: ConvolutionShape, transposed: Bool)
    -> Tensor
  {
    let axes = weight.rank - 2
    return Tensor(
      ct_convolution(
        raw, weight.raw, bias?.raw, spread(shape.stride, axes), spread(shape.padding, axes),
        spread(shape.dilation, axes), spread(shape.outputPadding, axes), Int32(axes), transposed ? 1 : 0,
        Int64(shape.groups)), #function, self, weight)
  }

  /// The largest element of each window; the stride is the window's extent unless given.
  public func maxPool(_ kernel: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    let axes = rank - 2
    return Tensor(
      ct_max_pool(
        raw, spread([kernel], axes), spread([stride ?? kernel], axes), spread([padding], axes), Int32(axes)),
      #function, self)
  }

  public func averagePool(_ kernel: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    let axes = rank - 2
    return Tensor(
      ct_average_pool(
        raw, spread([kernel], axes), spread([stride ?? kernel], axes), spread([padding], axes), Int32(axes)),
      #function, self)
  }

  /// Averages to the spatial extents `size`.
  public func adaptiveAveragePool(_ size: [Int]) -> Tensor {
    Tensor(ct_adaptive_average_pool(raw, size.int64, Int32(size.count)), #function, self)
  }

  public enum Interpolation: Int32, Sendable { case nearest, linear, cubic }

  /// Resizes the spatial axes to `size`.
  public func interpolated(to size: [Int], _ mode: Interpolation = .linear, alignCorners: Bool = false)
    -> Tensor
  {
    Tensor(
      ct_interpolate(raw, size.int64, Int32(size.count), mode.rawValue, alignCorners ? 1 : 0), #function, self
    )
  }

  public enum GridMode: Int32, Sendable { case linear, nearest, cubic }
  public enum GridPadding: Int32, Sendable { case zeros, border, reflection }

  /// Reads `[B, C, H, W]` at the places `grid` `[B, h, w, 2]` (x, y in -1...1).
  public func gridSample(
    _ grid: Tensor, _ mode: GridMode = .linear, padding: GridPadding = .zeros, alignCorners: Bool = false
  ) -> Tensor {
    Tensor(
      ct_grid_sample(raw, grid.raw, mode.rawValue, padding.rawValue, alignCorners ? 1 : 0), #function, self,
      grid)
  }

  /// Batch normalisation over all axes but the second; in training the running statistics are updated.
  public func batchNorm(
    weight: Tensor?, bias: Tensor?, mean: Tensor?, variance: Tensor?, training: Bool, momentum: Double = 0.1,
    epsilon: Double = 1e-5
  ) -> Tensor {
    Tensor(
      ct_batch_norm(
        raw, weight?.raw, bias?.raw, mean?.raw, variance?.raw, training ? 1 : 0, momentum, epsilon),
      #function, self)
  }

  /// Normalises over the last axes of extents `shape`.
  public func layerNorm(_ shape: [Int], weight: Tensor?, bias: Tensor?, epsilon: Double = 1e-5) -> Tensor {
    Tensor(
      ct_layer_norm(raw, shape.int64, Int32(shape.count), weight?.raw, bias?.raw, epsilon), #function, self)
  }

  public func groupNorm(_ groups: Int, weight: Tensor?, bias: Tensor?, epsilon: Double = 1e-5) -> Tensor {
    Tensor(ct_group_norm(raw, Int64(groups), weight?.raw, bias?.raw, epsilon), #function, self)
  }

  /// `x / sqrt(mean(x²) + epsilon) · weight` over the last axis.
  public func rmsNorm(weight: Tensor?, epsilon: Double = 1e-6) -> Tensor {
    let normal = self * (square().mean(axis: -1, keep: true) + epsilon).rsqrt()
    return weight.map { normal * $0 } ?? normal
  }

  /// The rows of this table `[V, D]` at `indices`.
  public func embedding(_ indices: Tensor) -> Tensor {
    Tensor(ct_embedding(raw, indices.raw), #function, self, indices)
  }

  /// Whole numbers as vectors of zeros and a one.
  public func oneHot(_ classes: Int) -> Tensor { Tensor(ct_one_hot(raw, Int64(classes)), #function, self) }

  /// Half of the channels times the logistic function of the other half.
  public func glu(axis: Int = -1) -> Tensor { Tensor(ct_glu(raw, Int64(axis)), #function, self) }

  /// Scaled dot-product attention of queries over keys and values `[…, T, D]`.
  ///
  /// `mask` is added to the scores (use -infinity to forbid); `causal` forbids later positions.
  public func attention(keys: Tensor, values: Tensor, mask: Tensor? = nil, causal: Bool = false) -> Tensor {
    var scores = matmul(keys.transposed()) / Double(size(-1)).squareRoot()
    if let mask { scores = scores + mask }
    if causal {
      let later = Tensor.ones([size(-2), keys.size(-2)], .bool, on: device).upperTriangle(
        keys.size(-2) - size(-2) + 1)
      scores = scores.filled(later, with: -.infinity)
    }
    return scores.softmax(axis: -1).matmul(values)
  }
}

/// How the losses of a batch become one number.
public enum Reduction: Int32, Sendable { case none, mean, sum }

// Losses: the receiver is the prediction.
extension Tensor {
  /// Cross-entropy of logits `[B, C, …]` with class numbers `[B, …]` or probabilities `[B, C, …]`.
  public func crossEntropy(
    _ target: Tensor, weight: Tensor? = nil, ignoring: Int = -100, smoothing: Double = 0,
    reduction: Reduction = .mean
  ) -> Tensor {
    Tensor(
      ct_cross_entropy(raw, target.raw, weight?.raw, Int64(ignoring), smoothing, reduction.rawValue),
      #function, self,
      target)
  }

  /// Negative log-likelihood of log-probabilities with class numbers.
  public func negativeLogLikelihood(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
    Tensor(ct_nll_loss(raw, target.raw, reduction.rawValue), #function, self, target)
  }

  /// Binary cross-entropy of logits with targets in 0...1.
  public func binaryCrossEntropy(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean)
    -> Tensor
  {
    Tensor(ct_binary_cross_entropy(raw, target.raw, weight?.raw, reduction.rawValue), #function, self, target)
  }

  public func meanSquaredError(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
    Tensor(ct_mse_loss(raw, target.raw, reduction.rawValue), #function, self, target)
  }

  public func absoluteError(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
    Tensor(ct_l1_loss(raw, target.raw, reduction.rawValue), #function, self, target)
  }

  public func huberLoss(_ target: Tensor, delta: Double = 1, reduction: Reduction = .mean) -> Tensor {
    Tensor(ct_huber_loss(raw, target.raw, delta, reduction.rawValue), #function, self, target)
  }

  /// Kullback-Leibler divergence of these log-probabilities from `target`.
  public func klDivergence(_ target: Tensor, logTarget: Bool = false, reduction: Reduction = .sum) -> Tensor {
    Tensor(ct_kl_div(raw, target.raw, reduction.rawValue, logTarget ? 1 : 0), #function, self, target)
  }
}
