import Foundation
import Neurons
import Recordings
import Support
import Tensors
import Testing

@Suite struct QuadraticLayerTests {
  /// The largest difference between the gradients of a layer and central differences, over input and parameters.
  private func gradientError(_ layer: Layer, _ x: Tensor) -> Double {
    func loss() -> Tensor { (layer(x).tanh() * 0.7).square().sum() }
    x.requiringGradient()
    loss().backward()
    return ([x] + layer.parameters.map(\.parameter.value)).map { tensor in
      let analytic = tensor.gradient!.doubles
      return (0..<tensor.count).map { index in
        func value(_ shift: Double) -> Double {
          withoutGradients {
            tensor.withUnsafeMutableElements(of: Double.self) { $0[index] += shift }
            defer { tensor.withUnsafeMutableElements(of: Double.self) { $0[index] -= shift } }
            return loss().item
          }
        }
        return abs((value(1e-6) - value(-1e-6)) / 2e-6 - analytic[index])
      }.max()!
    }.max()!
  }

  @Test(arguments: QuadraticKind.allCases)
  func denseGradientsAgreeWithFiniteDifferences(_ kind: QuadraticKind) {
    var g = RandomGenerator(seed: 1)
    let layer = QuadraticLinear(4, 3, kind: kind, .random(), .float64, using: &g)
    #expect(gradientError(layer, Tensor.normal([5, 4], .float64, using: &g)) < 1e-7)
  }

  @Test(arguments: QuadraticKind.allCases.filter { $0 != .quadraticForm })
  func convolutionGradientsAgreeWithFiniteDifferences(_ kind: QuadraticKind) {
    var g = RandomGenerator(seed: 1)
    let layer = QuadraticConvolution(
      2, 3, kernel: [3, 3], .init(stride: 2, padding: 1), kind: kind, .random(), .float64, using: &g)
    #expect(gradientError(layer, Tensor.normal([2, 2, 5, 5], .float64, using: &g)) < 1e-7)
  }

  /// The fused path (matrices) and the plain one (more axes) are the same function.
  @Test func theKernelAgreesWithAutograd() {
    var g = RandomGenerator(seed: 2)
    for type in [ElementType.float32, .float64] {
      let layer = QuadraticLinear(7, 5, kind: .full, .random(), type, using: &g)
      let x = Tensor.normal([6, 7], type, using: &g)
      func pass(_ input: Tensor) -> [Tensor] {
        layer.zeroGradients()
        let leaf = input.detached().cloned().requiringGradient()
        let y = layer(leaf)
        y.square().sum().backward()
        return [y.detached().reshaped(6, 5), leaf.gradient!.reshaped(6, 7)]
          + layer.parameters.map { $0.parameter.gradient! }
      }
      for (fused, plain) in zip(pass(x), pass(x.reshaped(2, 3, 7))) {
        #expect(fused.isClose(to: plain, relative: 1e-4, absolute: type == .float32 ? 1e-4 : 1e-10))
      }
    }
  }

  @Test func oneNeuronIsExclusiveOr() {
    var g = RandomGenerator(seed: 1)
    let layer = QuadraticLinear(2, 1, kind: .productOnly, .reLinear(.constant(0)), .float64, using: &g)
    layer.regular.weight.value = Tensor([1.0, 0], shape: [1, 2])
    layer.regular.bias!.value = Tensor([0.0])
    layer.gate!.weight.value = Tensor([0.0, 1], shape: [1, 2])
    layer.gate!.bias!.value = Tensor([0.0])
    let x = Tensor([1.0, 1, 1, -1, -1, 1, -1, -1], shape: [4, 2])
    #expect(layer(x).doubles == [1, -1, -1, 1])
  }

  @Test func aQuadraticFormIsItsMatrix() {
    var g = RandomGenerator(seed: 1)
    let layer = QuadraticLinear(2, 1, kind: .quadraticForm, .reLinear(.constant(0)), .float64, using: &g)
    layer.form!.value = Tensor([1.0, 2, 3, 4], shape: [1, 2, 2])
    layer.regular.bias!.value = Tensor([0.5])
    // 1·4 + (2 + 3)·2·3 + 4·9 + 0.5
    #expect(layer(Tensor([2.0, 3], shape: [1, 2])).doubles == [70.5])
  }

  @Test(arguments: QuadraticKind.allCases.filter { $0 != .productOnly })
  func parameterCountsAreThoseOfTheNeuron(_ kind: QuadraticKind) {
    var g = RandomGenerator(seed: 1)
    let n = 6
    let layer = QuadraticLinear(n, 2, kind: kind, using: &g)
    let each =
      switch kind {
      case .full: 3 * n + 3
      case .compact: 2 * n + 2
      case .linearPlusSquare: 2 * n + 1
      case .productOnly: 2 * n + 2
      case .quadraticForm: n * n + n + 1
      }
    #expect(layer.parameterCount == 2 * each)
  }
}

@Suite struct QuadraticConversionTests {
  @Test(arguments: QuadraticKind.allCases)
  func aTrainedLayerIsTakenOverExactly(_ kind: QuadraticKind) {
    var g = RandomGenerator(seed: 3)
    let x = Tensor.normal([4, 5], .float64, using: &g)
    for bias in [true, false] {
      let linear = Linear(5, 3, bias: bias, .uniformFanIn, .float64, using: &g)
      #expect(
        QuadraticLinear(from: linear, kind: kind)(x).isClose(to: linear(x), relative: 0, absolute: 1e-14))
    }
    guard kind != .quadraticForm else { return }
    let convolution = Convolution(
      4, 6, kernel: [3, 3], .init(stride: 2, padding: 1, groups: 2), bias: false, .uniformFanIn, .float64,
      using: &g)
    let images = Tensor.normal([2, 4, 7, 7], .float64, using: &g)
    #expect(
      QuadraticConvolution(from: convolution, kind: kind)(images).isClose(
        to: convolution(images), relative: 0, absolute: 1e-13))
  }

  @Test func networksStartAsTheirConventionalCounterparts() {
    var generator = RandomGenerator(seed: 4)
    let images = Tensor.normal([2, 1, 12, 12], using: &generator)
    func network(_ neurons: NeuronChoice) -> QResNet {
      var g = RandomGenerator(seed: 5)
      return QResNet(.init(depth: 8, widths: [4, 8, 16], inputs: 1, neurons: neurons), using: &g)
    }
    let conventional = network(.conventional())
    for quadratic in [network(.quadratic()), network(.quadratic(.compact)), conventional.quadratic()] {
      #expect(quadratic.outputs(for: images).isClose(to: conventional.outputs(for: images), absolute: 1e-5))
    }
    var (a, b) = (RandomGenerator(seed: 6), RandomGenerator(seed: 6))
    let dense = DenseNetwork([5, 8, 8, 3], .conventional(), using: &a)
    let x = Tensor.normal([4, 5], using: &generator)
    #expect(DenseNetwork([5, 8, 8, 3], .quadratic(), using: &b)(x).isClose(to: dense(x), absolute: 1e-6))
    #expect(dense.quadratic(.compact)(x).isClose(to: dense(x), absolute: 1e-6))
    #expect(a.next() == b.next(), "ReLinear leaves the generator where the conventional layers do")
  }

  @Test func aConvertedNetworkIsTrainedFurther() throws {
    var g = RandomGenerator(seed: 7)
    let x = Tensor.normal([64, 3], using: &g)
    let y = (x[.all, 0] * x[.all, 1]).unsqueezed(1)
    var training = SupervisedTraining(policy: .shrinkGradients(0.1), learningRate: 0.05)
    training.epochs = 150
    training.batch = 16
    let conventional = DenseNetwork([3, 4, 1], .conventional(), using: &g)
    let before = try training.fit(conventional, x, y, using: &g) { $0.meanSquaredError($1) }
    let after = try training.fit(conventional.quadratic(), x, y, using: &g) { $0.meanSquaredError($1) }
    #expect(after.losses.last! < before.losses.last!)
  }
}

@Suite struct ReLinearTests {
  private func layer() -> QuadraticLinear {
    var g = RandomGenerator(seed: 1)
    return QuadraticLinear(2, 1, .reLinear(), .float64, using: &g)
  }

  @Test func groupsHoldEveryParameterOnce() {
    var g = RandomGenerator(seed: 1)
    let network = QResNet(.init(depth: 8, widths: [4, 8, 16], inputs: 1, reZero: true), using: &g)
    let groups = ReLinear.shrinkGradients(gate: 0.1, square: 0.01).groups(
      of: network, learningRate: 0.1, weightDecay: 1e-4)
    #expect(groups.map(\.name) == ["regular", "gate", "gate bias", "square"])
    for (rate, expected) in zip(groups.map(\.learningRate), [0.1, 0.01, 0.01, 0.001]) {
      #expect(abs(rate - expected) < 1e-15)
    }
    #expect(groups.map(\.weightDecay) == [1e-4, 1e-4, 0, 1e-4])
    let all = groups.flatMap(\.parameters).map(ObjectIdentifier.init)
    #expect(Set(all).count == all.count && all.count == network.parameters.count)
    #expect(groups[1].parameters.count == 6 && groups[3].parameters.count == 12)
  }

  @Test func l1StepsStopAtTheGoal() {
    let layer = layer()
    layer.gate!.weight.value = Tensor([0.3, -0.05], shape: [1, 2])
    layer.gate!.bias!.value = Tensor([1.5])
    layer.square!.weight.value = Tensor([-0.2, 0.02], shape: [1, 2])
    layer.square!.bias!.value = Tensor([0.5])
    ReLinear.shrinkL1(gate: 0.1, square: 0.05).shrink(layer)
    #expect(near(layer.gate!.weight, [0.2, 0]) && near(layer.gate!.bias!, [1.4]))
    #expect(near(layer.square!.weight, [-0.15, 0]) && near(layer.square!.bias!, [0.45]))
    ReLinear.shrinkL1(gate: 1, square: 1).shrink(layer)
    #expect(near(layer.gate!.bias!, [1]) && near(layer.square!.bias!, [0]))
  }

  @Test func l2StepsScaleTheDistance() {
    let layer = layer()
    layer.gate!.bias!.value = Tensor([3.0])
    layer.square!.bias!.value = Tensor([4.0])
    let regular = layer.regular.weight.value.doubles
    ReLinear.shrinkL2(gate: 0.25, square: 0.5).shrink(layer)
    #expect(near(layer.gate!.bias!, [2.5]) && near(layer.square!.bias!, [2]))
    ReLinear.shrinkGradients(0.1).shrink(layer)
    #expect(near(layer.gate!.bias!, [2.5]) && layer.regular.weight.value.doubles == regular)
  }

  private func near(_ parameter: Parameter, _ expected: [Double]) -> Bool {
    zip(parameter.value.doubles, expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func strengthZeroIsTheConventionalNetwork() throws {
    func weights(_ neurons: NeuronChoice) throws -> [Double] {
      var g = RandomGenerator(seed: 9)
      let x = Tensor.normal([40, 6], .float64, using: &g)
      let labels = Tensor.integers([40], in: 0..<3, using: &g)
      let network = DenseNetwork([6, 5, 5, 3], neurons, .float64, using: &g)
      let training = SupervisedTraining(policy: .shrinkGradients(0), learningRate: 0.1)
      _ = try training.fit(network, x, labels, using: &g) { $0.crossEntropy($1) }
      return network.parameters.filter { !$0.name.contains("gate") && !$0.name.contains("square") }
        .flatMap(\.parameter.value.doubles)
    }
    let (conventional, quadratic) = (try weights(.conventional()), try weights(.quadratic()))
    #expect(conventional.count == quadratic.count)
    #expect(zip(conventional, quadratic).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func aCollapseIsRecordedAndSeedsRepeat() throws {
    func run(_ start: QuadraticInitialisation, _ policy: ReLinear) throws -> SupervisedTraining.History {
      var g = RandomGenerator(seed: 11)
      let x = Tensor.normal([200, 50], using: &g)
      let labels = Tensor.integers([200], in: 0..<4, using: &g)
      let network = DenseNetwork(
        [50] + Array(repeating: 32, count: 8) + [4], .quadratic(.full, start), using: &g)
      var training = SupervisedTraining(policy: policy, learningRate: 0.02)
      training.batch = 20
      return try Torch.onOneThread { try training.fit(network, x, labels, using: &g) { $0.crossEntropy($1) } }
    }
    let random = try run(.random(), .unrestrained)
    #expect(random.hasCollapsed && random.losses.count < 4)
    let held = try run(.reLinear(), .shrinkGradients(1e-4))
    #expect(!held.hasCollapsed && held.losses.count == 4)
    #expect(try run(.reLinear(), .shrinkGradients(1e-4)) == held)
  }

  @Test func whatIsThrownAfterAnEpochEndsTheTraining() {
    var g = RandomGenerator(seed: 1)
    let network = DenseNetwork([2, 3, 1], .quadratic(), using: &g)
    #expect(throws: Interruption.self) {
      try SupervisedTraining(learningRate: 0.1).fit(
        network, .ones([4, 2]), .ones([4, 1]), using: &g, afterEpoch: { _ in throw Interruption() },
        loss: { $0.meanSquaredError($1) })
    }
  }
}

@Suite struct QuadraticAnalysisTests {
  @Test func theMonitorSeesTheExplosion() {
    var g = RandomGenerator(seed: 1)
    let x = Tensor.normal([10, 64], using: &g)
    func monitored(_ start: QuadraticInitialisation) -> CollapseMonitor {
      let network = DenseNetwork(
        [64] + Array(repeating: 64, count: 12) + [3], .quadratic(.full, start), using: &g)
      let monitor = CollapseMonitor()
      _ = withInstruments(monitor) { network(x) }
      return monitor
    }
    let random = monitored(.random())
    #expect(random.hasCollapsed && random.firstCollapse!.site.hasPrefix("hidden."))
    let held = monitored(.reLinear())
    #expect(!held.hasCollapsed && held.order == (0..<12).map { "hidden.\($0)" })
    #expect(held.profile().allSatisfy { (0.05...20).contains($0) })
  }

  @Test func residualNetworksHaveTheirSites() {
    var g = RandomGenerator(seed: 1)
    let network = QResNet(
      .init(depth: 8, widths: [4, 8, 16], inputs: 3, classes: 7, shortcut: .projection, reZero: true),
      using: &g)
    let monitor = CollapseMonitor()
    let y = withInstruments(monitor) { network(.normal([2, 3, 32, 32], using: &g)) }
    #expect(y.shape == [2, 7])
    #expect(
      monitor.order.first == "stem" && monitor.order.count == 7 && monitor.order.last == "blocks.2.output")
  }

  @Test func dimensionsAreThoseOfKnownSets() {
    let g = RandomGenerator(seed: 1)
    // One quadratic neuron of two inputs gives every conic; a squared affine map only those with one direction.
    let quadratic = FunctionalDimension.measure(.quadratic, [2, 1, 1], using: g)
    #expect(quadratic.parameters == 11 && quadratic.rank == 6 && quadratic.isReliable)
    #expect(FunctionalDimension.measure(.squareActivation, [2, 1, 1], using: g).rank == 4)
    // An affine map moves in as many directions as it has parameters.
    let affine = FunctionalDimension.measure(inputs: 3, using: g) { Linear(3, 2, using: &$0) }
    #expect(affine.parameters == 8 && affine.rank == 8)
    #expect(FunctionalDimension.polynomials(variables: 3, degree: 4) == 35)
  }
}
