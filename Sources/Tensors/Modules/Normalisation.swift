import Support

/// Normalises each channel over batch and space (Ioffe and Szegedy, 2015): `[B, C, …]`.
///
/// Paths: `weight`, `bias`, `running_mean`, `running_var` `[C]`. In evaluation the running statistics are used.
public final class BatchNorm: Layer {
  public let weight: Parameter
  public let bias: Parameter
  public let runningMean: Buffer
  public let runningVariance: Buffer
  /// How many batches have been seen, as PyTorch counts them.
  public let batches: Buffer
  public let momentum: Double
  public let epsilon: Double

  public init(_ channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, _ type: ElementType = .float32)
  {
    weight = Parameter(.ones([channels], type))
    bias = Parameter(.zeros([channels], type))
    runningMean = Buffer(.zeros([channels], type))
    runningVariance = Buffer(.ones([channels], type))
    batches = Buffer(.zeros([], .int64))
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public override var keys: [String: String] {
    ["runningMean": "running_mean", "runningVariance": "running_var", "batches": "num_batches_tracked"]
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    if isTraining { batches.value.add(inPlace: 1) }
    return x.batchNorm(
      weight: weight.value, bias: bias.value, mean: runningMean.value, variance: runningVariance.value,
      training: isTraining, momentum: momentum, epsilon: epsilon)
  }
}

/// Normalises over the last axis (Ba et al., 2016). Paths: `weight`, `bias` `[D]`.
public final class LayerNorm: Layer {
  public let weight: Parameter
  public let bias: Parameter?
  public let epsilon: Double

  public init(_ features: Int, bias: Bool = true, epsilon: Double = 1e-5) {
    weight = Parameter(.ones([features]))
    self.bias = bias ? Parameter(.zeros([features])) : nil
    self.epsilon = epsilon
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight.value.shape, weight: weight.value, bias: bias?.value, epsilon: epsilon)
  }
}

/// Normalises groups of channels of each sample (Wu and He, 2018). Paths: `weight`, `bias` `[C]`.
public final class GroupNorm: Layer {
  public let weight: Parameter
  public let bias: Parameter
  public let groups: Int
  public let epsilon: Double

  public init(groups: Int, _ channels: Int, epsilon: Double = 1e-5) {
    precondition(channels % groups == 0, "\(channels) channels do not divide into \(groups) groups")
    weight = Parameter(.ones([channels]))
    bias = Parameter(.zeros([channels]))
    self.groups = groups
    self.epsilon = epsilon
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    x.groupNorm(groups, weight: weight.value, bias: bias.value, epsilon: epsilon)
  }
}

/// Divides by the root mean square over the last axis (Zhang and Sennrich, 2019). Path: `weight` `[D]`.
public final class RMSNorm: Layer {
  public let weight: Parameter
  public let epsilon: Double

  public init(_ features: Int, epsilon: Double = 1e-6) {
    weight = Parameter(.ones([features]))
    self.epsilon = epsilon
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    x.rmsNorm(weight: weight.value, epsilon: epsilon)
  }
}
