/// What a node of a NIR graph does. All times are in seconds, and parameters of neurons have the shape of the
/// layer (or one element).
///
/// The primitives and their equations are those of Pedersen et al., "Neuromorphic intermediate
/// representation", Nature Communications 15, 8122 (2024).
public enum NIROperation: Sendable, Equatable {
  /// Where data of a shape comes in; batch and time have no axis.
  case input(shape: [Int])
  case output(shape: [Int])
  /// y = W x + b; the weight is `[..., out, in]`.
  case affine(weight: NIRArray, bias: NIRArray)
  /// y = W x
  case linear(weight: NIRArray)
  /// y = s x, element by element.
  case scale(NIRArray)
  /// 1 above the threshold, else 0.
  case threshold(NIRArray)
  /// Joins the axes from `start` to `end`, both included; -1 is the last one.
  case flatten(inputShape: [Int]?, start: Int, end: Int)
  case convolution1D(NIRConvolution)
  case convolution2D(NIRConvolution)
  case sumPool2D(NIRPooling)
  case averagePool2D(NIRPooling)
  /// y(t) = x(t - delay)
  case delay(NIRArray)
  /// I: dv/dt = R I
  case integrator(resistance: NIRArray)
  /// LI: τ dv/dt = (v_leak - v) + R I
  case leakyIntegrator(tau: NIRArray, resistance: NIRArray, leak: NIRArray)
  /// IF: dv/dt = R I; fires above the threshold, then v = v_reset
  case integrateAndFire(resistance: NIRArray, threshold: NIRArray, reset: NIRArray)
  case lif(NIRLeakyNeuron)
  /// LI whose current I follows τ_syn dI/dt = -I + w_in S.
  case currentLeakyIntegrator(
    synapticTau: NIRArray, tau: NIRArray, resistance: NIRArray, leak: NIRArray, inputWeight: NIRArray)
  /// LIF whose current I follows τ_syn dI/dt = -I + w_in S.
  case currentLIF(synapticTau: NIRArray, NIRLeakyNeuron, inputWeight: NIRArray)
  /// A graph within the graph; its inputs and outputs are where edges of the outer graph end and begin.
  case graph(NIRGraph)
}

/// LIF: τ dv/dt = (v_leak - v) + R I; fires above the threshold, then v = v_reset.
public struct NIRLeakyNeuron: Sendable, Equatable {
  public var tau: NIRArray
  public var resistance: NIRArray
  public var leak: NIRArray
  public var threshold: NIRArray
  public var reset: NIRArray

  public init(tau: NIRArray, resistance: NIRArray, leak: NIRArray, threshold: NIRArray, reset: NIRArray) {
    (self.tau, self.resistance, self.leak) = (tau, resistance, leak)
    (self.threshold, self.reset) = (threshold, reset)
  }
}

/// A convolution over one or two axes, as in PyTorch.
public struct NIRConvolution: Sendable, Equatable {
  public enum Padding: Sendable, Equatable {
    /// Zeros on both sides of each axis.
    case zeros([Int])
    /// As many as keep the extents.
    case same
    case valid
  }

  /// Extents of the input's spatial axes; nil where the file does not say.
  public var inputShape: [Int]?
  /// `[out, in/groups, kernel...]`
  public var weight: NIRArray
  /// `[out]`
  public var bias: NIRArray
  /// One number an axis, as for `dilation`.
  public var stride: [Int]
  public var padding: Padding
  public var dilation: [Int]
  public var groups: Int

  public init(
    inputShape: [Int]?, weight: NIRArray, bias: NIRArray, stride: [Int], padding: Padding, dilation: [Int],
    groups: Int = 1
  ) {
    (self.inputShape, self.weight, self.bias) = (inputShape, weight, bias)
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
  }
}

/// Pooling over height and width.
public struct NIRPooling: Sendable, Equatable {
  public var kernel: [Int]
  public var stride: [Int]
  public var padding: [Int]

  public init(kernel: [Int], stride: [Int], padding: [Int]) {
    (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
  }
}

extension NIROperation {
  /// NIR's name of the primitive, as in files.
  public var typeName: String {
    switch self {
    case .input: "Input"
    case .output: "Output"
    case .affine: "Affine"
    case .linear: "Linear"
    case .scale: "Scale"
    case .threshold: "Threshold"
    case .flatten: "Flatten"
    case .convolution1D: "Conv1d"
    case .convolution2D: "Conv2d"
    case .sumPool2D: "SumPool2d"
    case .averagePool2D: "AvgPool2d"
    case .delay: "Delay"
    case .integrator: "I"
    case .leakyIntegrator: "LI"
    case .integrateAndFire: "IF"
    case .lif: "LIF"
    case .currentLeakyIntegrator: "CubaLI"
    case .currentLIF: "CubaLIF"
    case .graph: "NIRGraph"
    }
  }
}
