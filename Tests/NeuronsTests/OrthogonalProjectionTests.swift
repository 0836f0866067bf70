import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct OrthogonalProjectionTests {
  private func worst(_ a: Tensor, _ b: Tensor) -> Double {
    (a.to(.float64) - b.to(.float64)).abs().max().item
  }

  /// Samples whose second moments have these roots along random orthonormal directions, `[count, n]`.
  private func samples(_ count: Int, deviations: [Double], using generator: inout RandomGenerator) -> (
    x: Tensor, directions: Tensor
  ) {
    let n = deviations.count
    let directions = Tensor.normal([n, n], .float64, using: &generator).qr().q
    let x = Tensor.normal([count, n], .float64, using: &generator) * Tensor(deviations)
    return (x.matmul(directions.transposed()), directions.transposed().contiguous())
  }

  private func learned(
    _ x: Tensor, rows: Int, _ settings: HebbianSubspace.Settings = .init(learningRate: 0.02),
    epochs: Int = 100,
    using generator: inout RandomGenerator
  ) -> HebbianSubspace {
    var subspace = HebbianSubspace(inputs: x.size(1), settings: settings, .float64)
    subspace.beginTask(adding: rows, using: &generator)
    for _ in 0..<epochs { for batch in x.split(100) { subspace.observe(batch) } }
    return subspace
  }

  @Test func hebbianRowsFindThePrincipalSubspace() {
    var generator = RandomGenerator(seed: 1)
    let (x, _) = samples(500, deviations: [3, 2.5, 2] + Array(repeating: 0.3, count: 17), using: &generator)
    let subspace = learned(x, rows: 3, using: &generator)
    let quality = SubspaceQuality(rows: subspace.rows, activity: x)
    #expect(quality.meanSquaredCosine > 0.999 && quality.orthonormalityError < 0.02)
    #expect(quality.reconstructionError < 1.02 * quality.optimalError && quality.optimalError > 0.01)
    #expect(zip(quality.explained, quality.optimal).allSatisfy { $0 <= $1 + 1e-9 && $0 > 0.98 * $1 })
    #expect(subspace.responses(to: x).shape == [500, 3])
    #expect(
      worst(subspace.reconstruction(of: x), x.matmul(subspace.rows.transposed()).matmul(subspace.rows)) < 1e-9
    )
  }

  @Test func newRowsFindWhatTheFrozenOnesLeave() {
    var generator = RandomGenerator(seed: 2)
    let (x, directions) = samples(
      500, deviations: [4, 3.5, 2, 1.8] + Array(repeating: 0.2, count: 12), using: &generator)
    var subspace = learned(x, rows: 2, using: &generator)
    subspace.freeze()
    let frozen = subspace.rows.doubles
    subspace.beginTask(adding: 2, using: &generator)
    for _ in 0..<100 { for batch in x.split(100) { subspace.observe(batch) } }
    // Frozen rows have not moved, and the new ones span the third and fourth direction.
    #expect(Array(subspace.rows.doubles.prefix(32)) == frozen && subspace.frozenCount == 2)
    let inside = subspace.rows[2..<4].matmul(directions[2..<4].transposed()).square().sum().item
    #expect(abs(inside - 2) < 0.05, "\(inside)")
    subspace.freeze()
    #expect(subspace.protected?.shape == [4, 16])
  }

  /// One neuron, one row: from beside its goal it settles below the limit and overshoots above.
  @Test(arguments: [0.0, 0.5, 0.9]) func stabilityEndsWhereItIsSaid(_ momentum: Double) {
    let settings = HebbianSubspace.Settings(learningRate: 0.02, momentum: momentum, limit: 1e9)
    for (share, settles) in [(0.9, true), (1.1, false)] {
      let x = Tensor([(share * settings.largestStableMoment).squareRoot()], shape: [1, 1])
      var subspace = HebbianSubspace(inputs: 1, settings: settings, .float64)
      subspace.add(Tensor([1.001], shape: [1, 1]))
      for _ in 0..<100 { subspace.observe(x) }
      #expect((abs(subspace.rows.item - 1) < 1e-4) == settles, "\(share): \(subspace.rows.item)")
    }
  }

  @Test func freshRowsAreOrthonormalAndSeeded() {
    let make = {
      var generator = RandomGenerator(seed: 5)
      var subspace = HebbianSubspace(inputs: 30, .float64)
      subspace.beginTask(adding: 7, using: &generator)
      return subspace.rows
    }
    #expect(worst(make().matmul(make().transposed()), Tensor.eye(7, nil, .float64)) < 1e-12)
    #expect(make().doubles == make().doubles)
  }

  @Test func orthonormalisingKeepsTheSpan() {
    var generator = RandomGenerator(seed: 3)
    let (x, _) = samples(300, deviations: (1...12).map { 3 / Double($0) }, using: &generator)
    var settings = HebbianSubspace.Settings(learningRate: 0.05)
    settings.orthonormalises = true
    var subspace = learned(x, rows: 4, settings, epochs: 3, using: &generator)
    let before = subspace.rows
    subspace.freeze()
    #expect(worst(subspace.rows.matmul(subspace.rows.transposed()), Tensor.eye(4, nil, .float64)) < 1e-10)
    // Every old row is reproduced by the new projection.
    #expect(worst(subspace.projection(of: before), before) < 1e-9)
  }

  @Test func lateralSpikesAreASignedRateCode() {
    var generator = RandomGenerator(seed: 4)
    var settings = HebbianSubspace.Settings(lateralSpiking: .init(scale: 2, steps: 4))
    var subspace = HebbianSubspace(inputs: 3, settings: settings, .float64)
    subspace.add(Tensor.eye(3, nil, .float64))
    let x = Tensor([0.2, 0.3, -0.8, 5, -7, 0.74], shape: [2, 3])
    #expect(subspace.responses(to: x).doubles == [0, 0.5, -1, 2, -2, 0.5])
    #expect(!subspace.isLinear)
    settings.lateralSpiking = .init(scale: 20, steps: 1_000_000)
    let (data, _) = samples(200, deviations: [3, 2, 1, 0.3, 0.2], using: &generator)
    var other = generator
    let fine = learned(data, rows: 2, settings, epochs: 20, using: &generator)
    settings.lateralSpiking = nil
    let exact = learned(data, rows: 2, settings, epochs: 20, using: &other)
    #expect(worst(fine.rows, exact.rows) < 1e-3)
  }

  @Test func singularVectorsAreTheReference() {
    var generator = RandomGenerator(seed: 6)
    let (x, _) = samples(400, deviations: [3, 2, 1.5] + Array(repeating: 0.1, count: 9), using: &generator)
    var memory = GradientProjectionMemory(inputs: 12, .float64)
    memory.beginTask(adding: 2, using: &generator)
    memory.endTask(x)
    #expect(memory.rows.shape == [2, 12])
    #expect(SubspaceQuality(rows: memory.rows, activity: x).meanSquaredCosine > 1 - 1e-9)
    memory.beginTask(adding: 1, using: &generator)
    memory.endTask(x)
    #expect(SubspaceQuality(rows: memory.rows, activity: x).meanSquaredCosine > 1 - 1e-9)
    var byEnergy = GradientProjectionMemory(inputs: 12, energy: 0.95, .float64)
    byEnergy.endTask(x)
    let held = SubspaceQuality(rows: byEnergy.rows, activity: x).explained.last!
    #expect(held >= 0.95 && byEnergy.rows.size(0) == 3)
  }

  /// Projected weight gradients do not change what old activity evokes; the error signal to the inputs is whole.
  @Test(arguments: Feedback.allCases) func updatesLeaveOldResponsesAlone(_ feedback: Feedback) {
    var generator = RandomGenerator(seed: 7)
    let old = Tensor.normal([20, 3], .float64, using: &generator)
      .matmul(Tensor.normal([3, 10], .float64, using: &generator))
    let layer = ProjectedLinear(10, 5, feedback: feedback, .uniformFanIn, .float64, using: &generator)
    var memory = GradientProjectionMemory(inputs: 10, .float64)
    memory.beginTask(adding: 3, using: &generator)
    memory.endTask(old)
    layer.subspace = memory
    let x = Tensor.normal([8, 10], .float64, using: &generator).requiringGradient()
    let error = Tensor.normal([8, 5], .float64, using: &generator)
    let gradients = (layer(x) * error).sum().gradients(to: [layer.weight.value, x])
    #expect(old.matmul(gradients[0].transposed()).abs().max().item < 1e-10)
    #expect(gradients[0].abs().max().item > 0.1)
    let back =
      switch feedback {
      case .backpropagation: layer.weight.value.detached()
      case .alignment: layer.feedbackWeight!.value
      case .signSymmetric: layer.weight.value.detached().sign() / 10.0.squareRoot()
      }
    #expect(worst(gradients[1], error.matmul(back)) < 1e-12)
  }

  /// Projecting activity, as spiking lateral neurons must, and projecting the gradient are the same where both can be done.
  @Test func activityAndGradientProjectionsAgree() {
    var generator = RandomGenerator(seed: 8)
    let rows = Tensor.normal([10, 3], .float64, using: &generator).qr().q.transposed().contiguous()
    let x = Tensor.normal([8, 10], .float64, using: &generator)
    let error = Tensor.normal([8, 5], .float64, using: &generator)
    let start = generator
    let found = [nil, HebbianSubspace.LateralSpiking(scale: 1000, steps: 1_000_000_000)].map { spiking in
      var own = start
      let layer = ProjectedLinear(10, 5, .uniformFanIn, .float64, using: &own)
      var subspace = HebbianSubspace(inputs: 10, settings: .init(lateralSpiking: spiking), .float64)
      subspace.add(rows)
      subspace.freeze()
      layer.subspace = subspace
      return (layer(x) * error).sum().gradients(to: [layer.weight.value])[0]
    }
    #expect(worst(found[0], found[1]) < 1e-4)
  }

  // Convolutions.

  private func convolution(_ feedback: Feedback = .backpropagation, stride: Int = 1, seed: UInt64 = 9)
    -> ProjectedConvolution
  {
    var generator = RandomGenerator(seed: seed)
    return ProjectedConvolution(
      2, 4, kernel: 3, stride: stride, padding: 1, feedback: feedback, .uniformFanIn, .float64,
      using: &generator)
  }

  @Test func patchesTimesWeightsAreTheConvolution() {
    var generator = RandomGenerator(seed: 10)
    let x = Tensor.normal([3, 2, 6, 5], .float64, using: &generator)
    for stride in [1, 2] {
      let layer = convolution(stride: stride)
      let y = layer(x).detached()
      let patches = layer.patches(x)
      #expect(patches.size(1) == y.size(2) && patches.size(2) == y.size(3))
      let flat = patches.linear(layer.weight.value.detached().reshaped(4, 18)).permuted(0, 3, 1, 2)
      #expect(worst(y, flat) < 1e-12)
      #expect(layer.presynaptic(x).shape == [3 * y.size(2) * y.size(3), 18])
    }
  }

  @Test(arguments: Feedback.allCases) func convolutionsProjectAndReturnAsAsked(_ feedback: Feedback) {
    var generator = RandomGenerator(seed: 11)
    let x = Tensor.normal([3, 2, 6, 5], .float64, using: &generator).requiringGradient()
    let trace = Tensor.normal([3, 2, 6, 5], .float64, using: &generator)
    let error = Tensor.normal([3, 4, 6, 5], .float64, using: &generator)
    let rows = Tensor.normal([18, 4], .float64, using: &generator).qr().q.transposed().contiguous()
    for credited in [nil, trace] {
      // Once by projecting the gradient, once by projecting patches.
      let found = [nil, HebbianSubspace.LateralSpiking(scale: 1000, steps: 1_000_000_000)].map { spiking in
        let layer = convolution(feedback)
        var subspace = HebbianSubspace(inputs: 18, settings: .init(lateralSpiking: spiking), .float64)
        subspace.add(rows)
        subspace.freeze()
        layer.subspace = subspace
        let y = layer.currents(x, trace: credited)
        return [y.detached()] + (y * error).sum().gradients(to: [layer.weight.value, x])
      }
      for (a, b) in zip(found[0], found[1]) { #expect(worst(a, b) < 1e-3) }
      let plain = convolution().callAsFunction(x)
      #expect(worst(found[0][0], plain) < 1e-12)
      // The way back is the transposed convolution with the returning weights.
      let layer = convolution(feedback)
      let back =
        switch feedback {
        case .backpropagation: layer.weight.value.detached()
        case .alignment: layer.feedbackWeight!.value
        case .signSymmetric: layer.weight.value.detached().sign() / 18.0.squareRoot()
        }
      let expected = error.transposedConvolution(back, nil, .init(stride: 1, padding: 1))
      #expect(worst(found[0][2], expected) < 1e-10)
      // Nothing is learnt inside the rows.
      #expect(found[0][1].reshaped(4, 18).matmul(rows.transposed()).abs().max().item < 1e-10)
    }
  }

  @Test func statesAreKeptAndChecked() throws {
    var generator = RandomGenerator(seed: 12)
    let (x, _) = samples(100, deviations: [2, 1, 0.5, 0.1], using: &generator)
    var subspace = learned(x, rows: 2, epochs: 2, using: &generator)
    subspace.freeze()
    subspace.beginTask(adding: 1, using: &generator)
    subspace.observe(x)
    var copy = HebbianSubspace(inputs: 4, settings: subspace.settings, .float64)
    try copy.load(subspace.state)
    #expect(copy.rows.doubles == subspace.rows.doubles && copy.frozenCount == 2)
    subspace.observe(x)
    copy.observe(x)
    #expect(copy.rows.doubles == subspace.rows.doubles)
    var other = HebbianSubspace(inputs: 5)
    let error = #expect(throws: CajalError.self) { try other.load(subspace.state) }
    #expect(error?.message.contains("[m, 5]") == true)
    #expect(throws: CajalError.self) { try copy.load([]) }
  }
}
