import Support

/// The fields of one node as they stand in a file, and what they mean.
struct NIRFields {
  private(set) var values: [String: NIRValue]
  /// What errors call the node.
  let what: String

  init(_ values: [String: NIRValue], _ what: String) {
    self.values = values
    self.what = what
  }

  /// The operation of a node of type `type`; every field must be known to it.
  ///
  /// - Throws: `CajalError` naming node and field that is missing, unknown or of the wrong kind.
  mutating func operation(_ type: String) throws -> NIROperation {
    let operation = try build(type)
    // Written by early versions beside the shape.
    for name in ["input_type", "output_type"] { values[name] = nil }
    if let unknown = values.keys.min() {
      throw CajalError("\(what) of type \(type) has an unknown field '\(unknown)'")
    }
    return operation
  }

  private mutating func build(_ type: String) throws -> NIROperation {
    switch type {
    case "Input": return .input(shape: try integers("shape"))
    case "Output": return .output(shape: try integers("shape"))
    case "Affine": return .affine(weight: try numbers("weight"), bias: try numbers("bias"))
    case "Linear": return .linear(weight: try numbers("weight"))
    case "Scale": return .scale(try numbers("scale"))
    case "Threshold": return .threshold(try numbers("threshold"))
    case "Flatten":
      return .flatten(
        inputShape: values["input_type"] == nil ? nil : try integers("input_type"),
        start: try integer("start_dim"),
        end: try integer("end_dim"))
    case "Conv1d": return .convolution1D(try convolution(axes: 1))
    case "Conv2d": return .convolution2D(try convolution(axes: 2))
    case "SumPool2d": return .sumPool2D(try pooling())
    case "AvgPool2d": return .averagePool2D(try pooling())
    case "Delay": return .delay(try numbers("delay"))
    default: return try neuron(type)
    }
  }

  private mutating func neuron(_ type: String) throws -> NIROperation {
    switch type {
    case "I": return .integrator(resistance: try numbers("r"))
    case "LI":
      return .leakyIntegrator(
        tau: try numbers("tau"), resistance: try numbers("r"), leak: try numbers("v_leak"))
    case "IF":
      let threshold = try numbers("v_threshold")
      return .integrateAndFire(
        resistance: try numbers("r"), threshold: threshold, reset: try reset(threshold))
    case "LIF": return .lif(try leaky("tau"))
    case "CubaLI":
      let leak = try numbers("v_leak")
      return .currentLeakyIntegrator(
        synapticTau: try numbers("tau_syn"), tau: try numbers("tau_mem"), resistance: try numbers("r"),
        leak: leak,
        inputWeight: try inputWeight(leak))
    case "CubaLIF":
      let neuron = try leaky("tau_mem")
      return .currentLIF(
        synapticTau: try numbers("tau_syn"), neuron, inputWeight: try inputWeight(neuron.threshold))
    default: throw CajalError("\(what) has type '\(type)', which is no primitive of NIR that is read")
    }
  }

  private mutating func leaky(_ tau: String) throws -> NIRLeakyNeuron {
    let threshold = try numbers("v_threshold")
    return NIRLeakyNeuron(
      tau: try numbers(tau), resistance: try numbers("r"), leak: try numbers("v_leak"), threshold: threshold,
      reset: try reset(threshold))
  }

  /// Zero in files of early versions, which lack the field.
  private mutating func reset(_ threshold: NIRArray) throws -> NIRArray {
    values["v_reset"] == nil
      ? NIRArray(repeating: 0, shape: threshold.shape, precision: threshold.precision)
      : try numbers("v_reset")
  }

  private mutating func inputWeight(_ other: NIRArray) throws -> NIRArray {
    values["w_in"] == nil
      ? NIRArray(repeating: 1, shape: other.shape, precision: other.precision) : try numbers("w_in")
  }

  private mutating func convolution(axes: Int) throws -> NIRConvolution {
    let padding: NIRConvolution.Padding
    if case .text(let name)? = values["padding"] {
      guard name == "same" || name == "valid" else {
        throw CajalError("\(what): padding '\(name)' is neither same nor valid")
      }
      padding = name == "same" ? .same : .valid
      values["padding"] = nil
    } else {
      padding = .zeros(try integers("padding", count: axes))
    }
    return NIRConvolution(
      inputShape: values["input_shape"] == nil ? nil : try integers("input_shape", count: axes),
      weight: try numbers("weight"), bias: try numbers("bias"), stride: try integers("stride", count: axes),
      padding: padding, dilation: try integers("dilation", count: axes), groups: try integer("groups"))
  }

  private mutating func pooling() throws -> NIRPooling {
    NIRPooling(
      kernel: try integers("kernel_size", count: 2), stride: try integers("stride", count: 2),
      padding: try integers("padding", count: 2))
  }

  private mutating func take(_ name: String) throws -> NIRValue {
    guard let value = values.removeValue(forKey: name) else {
      throw CajalError("\(what) has no field '\(name)'")
    }
    return value
  }

  private mutating func numbers(_ name: String) throws -> NIRArray {
    switch try take(name) {
    case .numbers(let array): return array
    case .integers(let values, let shape):
      return NIRArray(values.map(Double.init), shape: shape, precision: .double)
    case .text: throw CajalError("\(what), field '\(name)': numbers were expected")
    }
  }

  private mutating func integers(_ name: String) throws -> [Int] {
    switch try take(name) {
    case .integers(let values, _): return values
    case .numbers(let array):
      return try array.values.map {
        guard let whole = Int(exactly: $0) else {
          throw CajalError("\(what), field '\(name)': \($0) is no whole number")
        }
        return whole
      }
    case .text: throw CajalError("\(what), field '\(name)': whole numbers were expected")
    }
  }

  /// One number stands for all axes.
  private mutating func integers(_ name: String, count: Int) throws -> [Int] {
    let values = try integers(name)
    guard values.count == count || values.count == 1 else {
      throw CajalError("\(what), field '\(name)': \(values.count) numbers, expected \(count)")
    }
    return values.count == count ? values : [Int](repeating: values[0], count: count)
  }

  private mutating func integer(_ name: String) throws -> Int {
    let values = try integers(name)
    guard values.count == 1 else { throw CajalError("\(what), field '\(name)': one number was expected") }
    return values[0]
  }
}

extension NIROperation {
  /// The fields that a file has for the node, without its type.
  var fields: [(String, NIRValue)] {
    switch self {
    case .input(let shape), .output(let shape): [("shape", .integers(shape, shape: [shape.count]))]
    case .affine(let weight, let bias): [("weight", .numbers(weight)), ("bias", .numbers(bias))]
    case .linear(let weight): [("weight", .numbers(weight))]
    case .scale(let scale): [("scale", .numbers(scale))]
    case .threshold(let threshold): [("threshold", .numbers(threshold))]
    case .flatten(let shape, let start, let end):
      (shape.map { [("input_type", .integers($0, shape: [$0.count]))] } ?? [])
        + [("start_dim", .integers([start], shape: [])), ("end_dim", .integers([end], shape: []))]
    case .convolution1D(let convolution): convolution.fields(axes: 1)
    case .convolution2D(let convolution): convolution.fields(axes: 2)
    case .sumPool2D(let pooling), .averagePool2D(let pooling):
      [("kernel_size", pooling.kernel), ("stride", pooling.stride), ("padding", pooling.padding)].map {
        ($0, .integers($1, shape: [$1.count]))
      }
    case .delay(let delay): [("delay", .numbers(delay))]
    case .graph: []
    default: neuronFields
    }
  }

  private var neuronFields: [(String, NIRValue)] {
    let arrays: [(String, NIRArray)] =
      switch self {
      case .integrator(let r): [("r", r)]
      case .leakyIntegrator(let tau, let r, let leak): [("tau", tau), ("r", r), ("v_leak", leak)]
      case .integrateAndFire(let r, let threshold, let reset):
        [("r", r), ("v_threshold", threshold), ("v_reset", reset)]
      case .lif(let neuron): neuron.fields("tau")
      case .currentLeakyIntegrator(let synapticTau, let tau, let r, let leak, let weight):
        [("tau_syn", synapticTau), ("tau_mem", tau), ("r", r), ("v_leak", leak), ("w_in", weight)]
      case .currentLIF(let synapticTau, let neuron, let weight):
        [("tau_syn", synapticTau)] + neuron.fields("tau_mem") + [("w_in", weight)]
      default: []
      }
    return arrays.map { ($0, .numbers($1)) }
  }
}

extension NIRLeakyNeuron {
  fileprivate func fields(_ tauName: String) -> [(String, NIRArray)] {
    [(tauName, tau), ("r", resistance), ("v_leak", leak), ("v_threshold", threshold), ("v_reset", reset)]
  }
}

extension NIRConvolution {
  fileprivate func fields(axes: Int) -> [(String, NIRValue)] {
    // One axis has plain numbers in NIR's files, two have vectors.
    func integers(_ values: [Int]) -> NIRValue { .integers(values, shape: axes == 1 ? [] : [values.count]) }
    let padded: NIRValue =
      switch padding {
      case .zeros(let zeros): integers(zeros)
      case .same: .text("same")
      case .valid: .text("valid")
      }
    return (inputShape.map { [("input_shape", integers($0))] } ?? []) + [
      ("weight", .numbers(weight)), ("stride", integers(stride)), ("padding", padded),
      ("dilation", integers(dilation)), ("groups", .integers([groups], shape: [])), ("bias", .numbers(bias)),
    ]
  }
}
