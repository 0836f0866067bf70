import Support

extension NIRGraph {
  /// Looks whether the graph can mean something.
  func check(_ what: String = "the graph") throws {
    var seen = Set<NIREdge>()
    for edge in edges {
      if let absent = [edge.source, edge.target].first(where: { nodes[$0] == nil }) {
        throw CajalError(
          "\(what): the edge from '\(edge.source)' to '\(edge.target)' names '\(absent)', which is not there")
      }
      guard seen.insert(edge).inserted else {
        throw CajalError("\(what): the edge from '\(edge.source)' to '\(edge.target)' stands twice")
      }
    }
    for (name, node) in nodes {
      guard !name.isEmpty, !name.contains("/"), name != "." else {
        throw CajalError("\(what): a node cannot be named '\(name)'")
      }
      try node.operation.check("\(what), node '\(name)'")
    }
  }
}

extension NIROperation {
  /// Compares the shapes of the parameters.
  func check(_ what: String) throws {
    switch self {
    case .input(let shape), .output(let shape):
      guard shape.allSatisfy({ $0 > 0 }) else { throw CajalError("\(what): a shape of \(shape)") }
    case .affine(let weight, let bias):
      guard weight.shape.count >= 2, bias.shape.last == weight.shape[weight.shape.count - 2] else {
        throw CajalError("\(what): a weight of \(weight.shape) and a bias of \(bias.shape) do not match")
      }
    case .linear(let weight):
      guard weight.shape.count >= 2 else {
        throw CajalError("\(what): a weight of \(weight.shape), two axes were expected")
      }
    case .convolution1D(let convolution): try convolution.check(axes: 1, what)
    case .convolution2D(let convolution): try convolution.check(axes: 2, what)
    case .sumPool2D(let pooling), .averagePool2D(let pooling):
      guard [pooling.kernel, pooling.stride, pooling.padding].allSatisfy({ $0.count == 2 }),
        (pooling.kernel + pooling.stride).allSatisfy({ $0 > 0 }), pooling.padding.allSatisfy({ $0 >= 0 })
      else { throw CajalError("\(what): pooling over \(pooling.kernel) by \(pooling.stride)") }
    case .delay(let delay):
      guard delay.values.allSatisfy({ $0 >= 0 && $0 < .infinity }) else {
        throw CajalError("\(what): delays must be finite and not negative")
      }
    case .graph(let graph): try graph.check(what)
    default: try checkNeuron(what)
    }
  }

  private func checkNeuron(_ what: String) throws {
    let arrays = fields.compactMap { name, value -> (String, NIRArray)? in
      if case .numbers(let array) = value { (name, array) } else { nil }
    }
    if let first = arrays.first, let other = arrays.first(where: { $0.1.shape != first.1.shape }) {
      throw CajalError(
        "\(what): '\(first.0)' has shape \(first.1.shape), '\(other.0)' has \(other.1.shape); both must be the same"
      )
    }
    for (name, array) in arrays where name.hasPrefix("tau") {
      guard array.values.allSatisfy({ $0 > 0 }) else {
        throw CajalError("\(what): '\(name)' must be positive")
      }
    }
  }
}

extension NIRConvolution {
  fileprivate func check(axes: Int, _ what: String) throws {
    let shape = weight.shape
    guard shape.count == axes + 2, bias.shape == [shape[0]], groups > 0, shape[0] % groups == 0 else {
      throw CajalError(
        "\(what): a weight of \(shape), a bias of \(bias.shape) and \(groups) groups do not match over \(axes) axes"
      )
    }
    let padding = if case .zeros(let zeros) = self.padding { zeros } else { [Int](repeating: 0, count: axes) }
    guard stride.count == axes, dilation.count == axes, padding.count == axes,
      inputShape?.count ?? axes == axes,
      (stride + dilation + (inputShape ?? [])).allSatisfy({ $0 > 0 }), padding.allSatisfy({ $0 >= 0 })
    else {
      throw CajalError(
        "\(what): stride \(stride), dilation \(dilation), padding \(padding) and input \(inputShape ?? []) over \(axes) axes"
      )
    }
  }
}
