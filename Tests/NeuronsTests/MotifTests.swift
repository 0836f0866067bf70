import Foundation
import Neurons
import Support
import Tensors
import Testing

/// Motif detectors with many delays: event-driven passes against convolution, gradients, reduction, decision.
@Suite struct MotifTests {
  private func raster(
    channels: Int = 2, duration: Int = 12, height: Int = 6, width: Int = 7, density: Double = 0.1,
    seed: UInt64 = 3
  ) throws -> SpikeRaster {
    var generator = RandomGenerator(seed: seed)
    let cells = (0..<channels * duration * height * width).map { _ in
      generator.uniform() < density ? UInt8(1) : 0
    }
    return try SpikeRaster(cells: cells, channels: channels, duration: duration, height: height, width: width)
  }

  private func layer(
    _ shape: MotifShape = MotifShape(classes: 3, delays: 4, height: 3, width: 5), mask: DelayMask = .none,
    exchanges: Bool = true, _ type: ElementType = .float64
  ) -> DelayKernelLayer {
    var generator = RandomGenerator(seed: 5)
    let layer = DelayKernelLayer(shape, mask: mask, exchangesPolarities: exchanges, type, using: &generator)
    return layer.copy { for i in $0.indices { $0[i] = generator.normal() } }
  }

  @Test(arguments: [true, false]) func spikesAndConvolutionGiveTheSameEvidence(exchanges: Bool) throws {
    let (layer, raster) = (layer(exchanges: exchanges), try raster())
    let (sparse, dense) = (try layer.evidence(raster).doubles, try layer.denseEvidence(raster).doubles)
    #expect(zip(sparse, dense).allSatisfy { abs($0 - $1) < 1e-12 })
    let events = EventDrivenMotifs(layer).evidence(raster)
    #expect(zip(events.evidence, dense).allSatisfy { abs(Double($0) - $1) < 1e-4 })
    #expect(events.operations > 0)
  }

  @Test func evidenceIsCausalAndCountsDelays() throws {
    var generator = RandomGenerator(seed: 1)
    let shape = MotifShape(classes: 2, channels: 2, delays: 3, height: 3, width: 3)
    let layer = DelayKernelLayer(shape, .float64, using: &generator).copy { weights in
      for i in weights.indices { weights[i] = 0 }
      // Class 1, channel 0, delay 2, the first row and column: what was two steps ago up and left.
      weights[2 * 27 + 0] = 1
    }
    let synapses = layer.synapses()
    #expect(
      synapses.count == 1 && synapses[0].motif == 1 && synapses[0].channel == 0 && synapses[0].delay == 2)
    #expect(synapses[0].rowOffset == 1 && synapses[0].columnOffset == 1 && synapses[0].weight == 1)
    var cells = [UInt8](repeating: 0, count: 2 * 5 * 4 * 4)
    cells[(1 * 4 + 1) * 4 + 2] = 1  // Channel 0, step 1, row 1, column 2.
    let raster = try SpikeRaster(cells: cells, channels: 2, duration: 5, height: 4, width: 4)
    let evidence = try layer.evidence(raster) - layer.bias.value.detached()
    let found = evidence.doubles.enumerated().filter { abs($0.element) > 1e-9 }.map(\.offset)
    #expect(found == [((3 * 4 + 2) * 4 + 3) * 2 + 1])
  }

  @Test(arguments: MotifLoss.allCases) func fusedLossAgreesWithAutograd(kind: MotifLoss) throws {
    let (fused, plain, raster) = (layer(), layer(), try raster())
    let labels = (0..<raster.duration).map { $0 / 5 % 3 }
    let loss = try fused.loss(raster, labels, kind)
    loss.backward()
    let evidence = try plain.evidence(raster).reshaped(raster.duration * 42, 3)
    let targets = Tensor(labels.flatMap { Array(repeating: $0, count: 42) })
    let reference: Tensor
    if kind == .crossEntropy {
      reference = evidence.crossEntropy(targets)
    } else {
      let hot = Tensor(
        labels.flatMap { label in (0..<42).flatMap { _ in (0..<3).map { $0 == label ? 1.0 : 0 } } }
      )
      .reshaped(raster.duration * 42, 3)
      reference = ((evidence.exp() + 1).log() - hot * evidence).mean()
    }
    reference.backward()
    #expect(abs(loss.item - reference.item) < 1e-12)
    for (a, b) in [(fused.weight, plain.weight), (fused.bias, plain.bias)] {
      #expect(zip(a.gradient!.doubles, b.gradient!.doubles).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test func gradientsAgreeWithFiniteDifferences() throws {
    let (layer, raster) = (layer(), try raster())
    let labels = Array(repeating: 1, count: raster.duration)
    try layer.loss(raster, labels).backward()
    let gradient = layer.weight.gradient!.doubles
    for index in stride(from: 0, to: gradient.count, by: 37) {
      let losses = try [1e-6, -1e-6].map { step in
        try layer.copy { $0[index] += step }.loss(raster, labels).item
      }
      #expect(abs((losses[0] - losses[1]) / 2e-6 - gradient[index]) < 1e-7)
    }
  }

  @Test func polaritiesMayBeExchanged() throws {
    let raster = try raster()
    let cells = raster.cells
    let swapped = try SpikeRaster(
      cells: Array(cells[(cells.count / 2)...] + cells[..<(cells.count / 2)]), channels: 2,
      duration: raster.duration, height: raster.height, width: raster.width)
    func evidence(_ raster: SpikeRaster, exchanges: Bool) throws -> [Double] {
      try layer(exchanges: exchanges).evidence(raster).doubles
    }
    let blind = try [raster, swapped].map { try evidence($0, exchanges: true) }
    let seeing = try [raster, swapped].map { try evidence($0, exchanges: false) }
    func difference(_ pair: [[Double]]) -> Double {
      zip(pair[0], pair[1]).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
    #expect(difference(blind) < 1e-12 && difference(seeing) > 0.1)
  }

  @Test func theConeBoundsWeights() throws {
    let shape = MotifShape(classes: 1, delays: 21, height: 17, width: 17)
    let mask = DelayMask.cone.values(shape)!
    #expect(mask[20 * 289 + 8 * 17 + 8] == 1 && abs(mask[20 * 289 + 8 * 17 + 9] - 0.084012455) < 1e-8)
    let layer = layer(MotifShape(classes: 2, delays: 4, height: 5, width: 5), mask: .cone)
    let largest = layer.weight.value.doubles.map(abs).max()!
    layer.clampToMask()
    let weights = layer.weight.value.doubles
    let bounds = DelayMask.cone.values(layer.shape)!
    #expect(weights.enumerated().allSatisfy { abs($0.element) <= bounds[$0.offset % 100] * largest + 1e-12 })
  }

  @Test func reductionKeepsWhatItSays() {
    let layer = layer()
    let pruned = layer.pruned(keeping: 0.1)
    #expect(pruned.activeSynapses == 36)
    let kept = pruned.synapses().map { abs($0.weight) }.min()!
    #expect(layer.weight.value.doubles.count { abs($0) >= kept } == 36)
    let short = layer.shortened(to: 2)
    #expect(short.synapses().map(\.delay).max() == 1 && short.activeSynapses == 180)
    #expect(EventDrivenMotifs(pruned).synapseCount == 36)
  }

  @Test func decisionsKeepTheStrongestPlaces() {
    // One place is left out as too early; of ten others the strongest decides.
    let others = (0..<9).flatMap { place -> [Double] in [0.1 * Double(place), 0] }
    let evidence: [Double] = [9, 0] + others + [1, 3]
    let decision = evidence.withUnsafeBufferPointer {
      MotifDecision($0, classes: 2, places: 1, from: 1, keeping: 0.1)
    }
    #expect(decision.motif == 1 && decision.evidence == [0.1, 0.3])
  }

  @Test func motifsOfNeuronsWithoutAPlaceAreLearnt() throws {
    // Three motifs over five neurons: each a sequence of its own, in noise; its label is the class at its end.
    var generator = RandomGenerator(seed: 11)
    let orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]]
    func sample(_ motif: Int) throws -> LabelledRaster {
      var cells = (0..<8 * 5).map { _ in generator.uniform() < 0.05 ? UInt8(1) : 0 }
      for (step, neuron) in orders[motif].enumerated() { cells[(step + 3) * 5 + neuron] = 1 }
      return LabelledRaster(
        try SpikeRaster(steps: cells, duration: 8, neurons: 5), Array(repeating: motif, count: 8))
    }
    let train = try (0..<60).map { try sample($0 % 3) }
    let test = try (0..<60).map { try sample($0 % 3) }
    let layer = DelayKernelLayer(MotifShape(classes: 3, channels: 5, delays: 5), using: &generator)
    var training = MotifTraining()
    (training.steps, training.learningRate) = (400, 0.02)
    let losses = try training.fit(layer, train, using: &generator)
    let guesses = try layer.classify(test.map(\.raster), from: 7, keeping: 1).map(\.motif)
    #expect(losses.last! < losses.first!)
    #expect(zip(guesses, test).count { $0 == $1.labels[0] } >= 51)
  }

  @Test func outputSpikesKeepTheRateAndOneClassAPlace() throws {
    let (layer, raster) = (layer(exchanges: true, .float32), try raster(duration: 40))
    let threshold = try layer.threshold(rate: 0.01, over: [raster])
    let spikes = try layer.spikes(raster, threshold: threshold)
    let late = (4..<40).reduce(0) { $0 + spikes.spikes(at: $1).count }
    #expect(late > 0 && late <= Int(0.01 * 3 * 36 * 42) + 1)
    #expect(spikes.channels == 3)
  }

  @Test func saturationIsFound() {
    let x = (0..<12).map { -3 + 0.25 * Double($0) }
    let y = x.map { 0.1 + 0.8 / (1 + exp(-4 * ($0 + 1.5))) }
    let fit = SaturationFit(x: x, y: y, floor: 0.1)
    #expect(abs(fit.half + 1.5) < 0.03 && abs(fit.top - 0.9) < 0.02 && fit.residual < 0.01)
  }

  @Test func surfacesForgetExponentially() throws {
    var cells = [UInt8](repeating: 0, count: 3 * 3)
    cells[1] = 1  // Step 0, column 1.
    cells[6 + 2] = 1  // Step 2, column 2.
    let raster = try SpikeRaster(cells: cells, channels: 1, duration: 3, height: 1, width: 3)
    let (features, steps) = TimeSurface(radius: 1, decay: 2).surfaces(raster)
    #expect(steps == [0, 2] && features.count == 18)
    #expect(features[4] == 1 && features[13] == 1 && abs(features[12] - exp(-1)) < 1e-6 && features[14] == 0)
  }

  @Test func badInputIsNamed() throws {
    let layer = layer()
    let channels = #expect(throws: CajalError.self) { _ = try layer.evidence(raster(channels: 1)) }
    #expect(channels?.message.contains("1 channels") == true)
    let labels = #expect(throws: CajalError.self) { _ = try layer.loss(raster(), [0]) }
    #expect(labels?.message.contains("12 steps") == true)
    #expect(throws: CajalError.self) { _ = try layer.loss(raster(), Array(repeating: 3, count: 12)) }
    #expect(throws: CajalError.self) { _ = try layer.classify(raster(duration: 4)) }
    #expect(throws: CajalError.self) {
      _ = try SpikeRaster(cells: [1], channels: 1, duration: 2, height: 1, width: 1)
    }
  }
}
