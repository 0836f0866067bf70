/// A minibatch that the network remembers, with what is needed to imagine it under changed weights.
final class RecentBatch<Scalar: KernelScalar> {
  let inputs: PaddedMatrix<Scalar>
  /// Net inputs of the first hidden layer under the *present* weights, kept up to date step by step.
  let netInputs: PaddedMatrix<Scalar>
  /// Scalar products with the inputs of the present minibatch, plus one for the bias.
  let gram: PaddedMatrix<Scalar>
  var count = 0

  init(inputs: Int, hidden: Int, batch: Int) {
    self.inputs = PaddedMatrix(rows: batch, columns: inputs)
    netInputs = PaddedMatrix(rows: batch, columns: hidden)
    gram = PaddedMatrix(rows: batch, columns: batch)
  }
}

/// Working memory for imagining `candidates` steps on `memory` samples.
final class ImaginationSpace<Scalar: KernelScalar> {
  let memory: Int
  let candidates: Int
  /// Net inputs of the first layer, and their change for a step of size one: `[memory, hidden]`.
  let netInputs: PaddedMatrix<Scalar>
  let response: PaddedMatrix<Scalar>
  /// Layers after the first, all candidates below one another: `[candidates·memory, size]`.
  let layers: [PaddedMatrix<Scalar>]
  let gram: PaddedMatrix<Scalar>
  /// The memory as a minibatch of its own, for steps along the memory's gradient.
  let pass: LayerPass<Scalar>
  let passGram: PaddedMatrix<Scalar>

  init(sizes: [Int], memory: Int, candidates: Int, batch: Int) {
    self.memory = memory
    self.candidates = candidates
    netInputs = PaddedMatrix(rows: memory, columns: sizes[1])
    response = PaddedMatrix(rows: memory, columns: sizes[1])
    layers = sizes.dropFirst().map { PaddedMatrix(rows: memory * candidates, columns: $0) }
    gram = PaddedMatrix(rows: memory * candidates, columns: max(memory, batch))
    pass = LayerPass(sizes: sizes, capacity: memory)
    passGram = PaddedMatrix(rows: memory, columns: memory)
  }
}

/// A step of gradient descent changes weights by a sum over samples of input times delta. So an imagined
/// layer's net input is the present one plus (scalar products with those samples' inputs) times their
/// deltas: no weights are copied, and `X·G` costs a tenth of a product with `G` itself.
extension Perceptron {
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func imaginedHits(_ step: ImaginedStep) -> [Int] {
    precondition(
      step.memory > 0 && step.memory <= memory,
      "memory of \(step.memory) samples; the network keeps \(memory)")
    precondition(step.position < current.count, "position \(step.position) of \(current.count)")
    let space = space(step.memory, step.rates.count)
    prepareDeltas()
    prepareGrams()
    space.response.clear()
    let (source, rows) =
      switch step.gradient {
      case .batch(let first): (current, first)
      case .memory: (passOverMemory(step, space), step.memory)
      }
    precondition(rows > 0 && rows <= source.count, "gradient of \(rows) of \(source.count) samples")
    forEachRemembered(step) { recent, range, target in
      space.netInputs.row(target).update(
        from: recent.netInputs.row(range.lowerBound), count: range.count * space.netInputs.stride)
      if source === current {
        respond(
          space, at: target, recent.gram.row(range.lowerBound), recent.gram.stride, range.count, source, rows)
      }
    }
    if source !== current {
      respond(space, at: 0, space.passGram.base, space.passGram.stride, rows, source, rows)
    }
    let scales = step.rates.map { Scalar(-$0 / Double(source.count)) }
    imagine(space, source, sourceRows: rows, scales: scales)
    return hits(space, step.memoryLabels)
  }

  private func space(_ memory: Int, _ candidates: Int) -> ImaginationSpace<Scalar> {
    if let imagination, imagination.memory == memory, imagination.candidates == candidates {
      return imagination
    }
    let space = ImaginationSpace<Scalar>(sizes: sizes, memory: memory, candidates: candidates, batch: batch)
    imagination = space
    return space
  }

  /// Visits the remembered samples from the oldest: minibatch, rows in it, row in the memory.
  @inline(__always)
  private func forEachRemembered(
    _ step: ImaginedStep, _ body: (RecentBatch<Scalar>, Range<Int>, Int) -> Void
  ) {
    var end = step.memory
    for (age, recent) in history.enumerated() {
      let available = age == 0 ? step.position : recent.count
      let count = min(available, end)
      if count > 0 { body(recent, (available - count)..<available, end - count) }
      end -= count
      if end == 0 { return }
    }
    preconditionFailure("fewer than \(step.memory) samples were presented")
  }

  /// Scalar products of all remembered inputs with the present ones, once a minibatch.
  @inline(__always) private func prepareGrams() {
    guard !hasGrams else { return }
    for recent in history where recent.count > 0 {
      gram(recent.gram, recent.inputs, current.activations[0], rows: recent.count, columns: current.count)
    }
    hasGrams = true
  }

  /// `gram = a·bᵀ + 1`.
  @inline(__always)
  private func gram(
    _ gram: PaddedMatrix<Scalar>, _ a: PaddedMatrix<Scalar>, _ b: PaddedMatrix<Scalar>, rows: Int,
    columns: Int
  ) {
    MatrixKernels.dots(
      gram.base, gram.stride, a.base, a.stride, b.base, b.stride, rows: rows, columns: columns,
      width: a.stride)
    for row in 0..<rows { Pointwise.add(1, to: gram.row(row), columns) }
  }

  /// Adds the products of scalar products `[count, sourceRows]` and deltas to the response.
  @inline(__always)
  private func respond(
    _ space: ImaginationSpace<Scalar>, at target: Int, _ gram: UnsafeMutablePointer<Scalar>,
    _ gramStride: Int,
    _ count: Int, _ source: LayerPass<Scalar>, _ sourceRows: Int
  ) {
    let (response, delta) = (space.response, source.deltas[0])
    MatrixKernels.accumulate(
      response.row(target), response.stride, gram, row: gramStride, inner: 1, delta.base, delta.stride,
      rows: count, inner: sourceRows, columns: delta.stride)
  }

  /// Runs the memory forward and backward under the present weights, as a minibatch of its own.
  @inline(__always)
  private func passOverMemory(_ step: ImaginedStep, _ space: ImaginationSpace<Scalar>) -> LayerPass<Scalar> {
    let pass = space.pass
    pass.count = step.memory
    forEachRemembered(step) { recent, rows, target in
      let inputs = pass.activations[0]
      inputs.row(target).update(from: recent.inputs.row(rows.lowerBound), count: rows.count * inputs.stride)
    }
    feedForward(pass, keepingFirst: nil)
    feedBack(pass, labels: step.memoryLabels)
    gram(
      space.passGram, pass.activations[0], pass.activations[0], rows: step.memory, columns: step.memory)
    return pass
  }

  /// Runs all candidates forward under their imagined weights, up to the last net inputs.
  @inline(__always)
  private func imagine(
    _ space: ImaginationSpace<Scalar>, _ source: LayerPass<Scalar>, sourceRows: Int, scales: [Scalar]
  ) {
    let size = space.memory * space.netInputs.stride
    for (candidate, scale) in scales.enumerated() {
      Pointwise.sum(
        space.layers[0].row(candidate * space.memory), space.netInputs.base, space.response.base,
        times: scale, size)
    }
    for index in 1..<max(weights.count, 1) {
      let (input, output, delta) = (space.layers[index - 1], space.layers[index], source.deltas[index])
      Pointwise.elu(input.base, input.rows * input.stride)
      multiply(input, by: index, into: output, rows: output.rows)
      gram(space.gram, input, source.activations[index], rows: input.rows, columns: sourceRows)
      for (candidate, scale) in scales.enumerated() {
        let block = space.gram.row(candidate * space.memory)
        Pointwise.scale(block, block, by: scale, space.memory * space.gram.stride)
      }
      MatrixKernels.accumulate(
        output.base, output.stride, space.gram.base, row: space.gram.stride, inner: 1, delta.base,
        delta.stride, rows: output.rows, inner: sourceRows, columns: output.stride)
    }
  }

  /// How many remembered samples each candidate recognises.
  @inline(__always)
  private func hits(_ space: ImaginationSpace<Scalar>, _ labels: [Int]) -> [Int] {
    precondition(labels.count == space.memory, "\(labels.count) labels for a memory of \(space.memory)")
    let output = space.layers[space.layers.count - 1]
    return (0..<space.candidates).map { candidate in
      (0..<space.memory).count {
        Pointwise.largest(output.row(candidate * space.memory + $0), output.columns) == labels[$0]
      }
    }
  }

  /// Carries the remembered net inputs over the step that is about to be taken.
  @inline(__always)
  func updateHistory(_ scaledDelta: PaddedMatrix<Scalar>) {
    prepareGrams()
    // The oldest minibatch is forgotten at the next presentation.
    for recent in history.dropLast() where recent.count > 0 {
      let net = recent.netInputs
      MatrixKernels.accumulate(
        net.base, net.stride, recent.gram.base, row: recent.gram.stride, inner: 1, scaledDelta.base,
        scaledDelta.stride, rows: recent.count, inner: current.count, columns: net.stride)
    }
  }
}
