import Support
import Tensors

/// One run of a model over a sequence.
struct SequencePass<Model: NeuronModel>: Sendable {
  private let model: Model
  private let inputs: [Steps]
  private let start, parameters: [Tensor]
  private let steps: Int
  /// `[B, N]`.
  private let shape: [Int]
  private let tiles: Tiling

  init(_ model: Model, inputs: [Tensor], start: [Tensor], parameters: [Tensor]) {
    self.model = model
    self.inputs = inputs.map(Steps.init)
    self.start = start.map { $0.contiguous() }
    self.parameters = parameters.map { $0.contiguous() }
    steps = inputs[0].size(0)
    shape = start[0].shape
    // Neurons with parameters of their own are cut batch by batch.
    let count = shape[0] * shape[1]
    tiles = Tiling(
      count, row: parameters.isEmpty ? count : shape[1],
      bytes: steps * 4 * (Model.variableCount + Model.inputCount))
  }

  private var kernel: SequenceKernel<Model> {
    SequenceKernel(
      model: model, steps: steps, count: shape[0] * shape[1],
      inputs: addresses(inputs.map(\.tensor)), inputStrides: Variables(inputs.map(\.stride), filler: 0),
      start: addresses(start), parameters: addresses(parameters))
  }

  func forward() -> (output: Tensor, end: [Tensor]) {
    let output = Tensor.uninitialized([steps] + shape)
    let end = start.map { _ in Tensor.uninitialized(shape) }
    let kernel = kernel
    let targets = ForwardTargets(output: elements(output), end: addresses(end))
    withExtendedLifetime(self) { tiles.inParallel { kernel.forward($0, to: targets) } }
    return (output, end)
  }

  /// Gradients of inputs (those wanted), start and parameters.
  func backward(ofOutput: Tensor?, ofEnd: [Tensor?], towardsInputs wanted: [Bool]) -> [Tensor?] {
    let ofOutput = ofOutput.map(Steps.init) ?? Steps(zerosOf: shape)
    let ofEnd = ofEnd.map { ($0 ?? Tensor.zeros(shape)).contiguous() }
    let towardsInputs = wanted.map { $0 ? Tensor.uninitialized([steps] + shape) : nil }
    let towardsStart = start.map { _ in Tensor.uninitialized(shape) }
    let towardsParameters = parameters.map { _ in Tensor.uninitialized(shape) }
    let kernel = kernel
    let targets = BackwardTargets(
      ofOutput: elements(ofOutput.tensor), outputStride: ofOutput.stride, ofEnd: addresses(ofEnd),
      inputs: Variables(towardsInputs.map { $0.map(elements) }, filler: nil),
      start: addresses(towardsStart), parameters: addresses(towardsParameters))
    // Addresses do not keep what they point to.
    withExtendedLifetime((ofOutput, ofEnd, self)) { tiles.inParallel { kernel.backward($0, targets) } }
    return towardsInputs + towardsStart + towardsParameters.map { $0.sum(axis: 0) }
  }
}

/// Where the way forward writes.
struct ForwardTargets: @unchecked Sendable {
  let output: Values
  let end: Variables<Values>
}

/// Where the way back reads gradients of outputs and writes those of inputs.
struct BackwardTargets: @unchecked Sendable {
  let ofOutput: Values
  let outputStride: Int
  let ofEnd: Variables<Values>
  let inputs: Variables<Values?>
  let start, parameters: Variables<Values>
}

/// The loops over a tile: all neurons of a step, then the next step.
struct SequenceKernel<Model: NeuronModel>: @unchecked Sendable {
  let model: Model
  let steps, count: Int
  let inputs: Variables<Values>
  let inputStrides: Variables<Int>
  let start, parameters: Variables<Values>
  /// Whether whole sequences are larger than the caches, and every vector of them aligned.
  var streams: Bool { steps * count > 2 << 20 && count % Lanes.width == 0 }

  /// Calls `body` with the number, the first neuron and the width of every vector of a tile.
  @inline(__always)
  private func vectors(_ tile: Tiling.Tile, _ body: (_ index: Int, _ place: Int, _ width: Int) -> Void) {
    let full = tile.count / Lanes.width
    for index in 0..<full { body(index, tile.first + index * Lanes.width, Lanes.width) }
    let rest = tile.count - full * Lanes.width
    if rest > 0 { body(full, tile.first + full * Lanes.width, rest) }
  }

  @inline(__always)
  private func inputs(_ time: Int, _ place: Int, _ width: Int) -> Variables<Lanes> {
    let first = Lanes(inputs.v0 + time * inputStrides.v0 + place, width)
    let second =
      Model.inputCount > 1 ? Lanes(inputs.v1 + time * inputStrides.v1 + place, width) : first
    return Variables(first, second)
  }

  /// What is larger than the caches is written past them.
  @inline(__always)
  private func write(_ lanes: Lanes, to target: Values, _ width: Int) {
    if streams, width == Lanes.width { lanes.stream(to: target) } else { lanes.store(to: target, width) }
  }

  @inline(__always)
  private func own(_ tile: Tiling.Tile, _ index: Int, _ width: Int) -> Variables<Lanes> {
    parameters.lanes(Model.parameterCount, at: tile.column + index * Lanes.width, width)
  }

  func forward(_ tile: Tiling.Tile, to targets: ForwardTargets) {
    let used = Model.variableCount
    let model = model
    let state = UnsafeMutablePointer<Lanes>.allocate(capacity: used * tile.vectors)
    defer { state.deallocate() }
    vectors(tile) { start.lanes(used, at: $1, $2).store(to: state + $0 * used, used) }
    for time in 0..<steps {
      @inline(__always) func step(_ index: Int, _ place: Int, _ width: Int) {
        let held = state + index * used
        let result = model.advance(
          inputs(time, place, width), Variables<Lanes>(held, used), own(tile, index, width))
        write(result.output, to: targets.output + time * count + place, width)
        result.state.store(to: held, used)
      }
      vectors(tile, step)
    }
    vectors(tile) { index, place, width in
      for variable in 0..<used {
        state[index * used + variable].store(to: targets.end[variable] + place, width)
      }
    }
  }

  /// What the tile's neurons remembered before every step, run forward once more: `[T, vectors, variables]`.
  private func remember(_ tile: Tiling.Tile, in tape: UnsafeMutablePointer<Lanes>) {
    let used = Model.variableCount
    let model = model
    let step = used * tile.vectors
    vectors(tile) { start.lanes(used, at: $1, $2).store(to: tape + $0 * used, used) }
    for time in 0..<max(steps - 1, 0) {
      @inline(__always) func advance(_ index: Int, _ place: Int, _ width: Int) {
        let held = tape + time * step + index * used
        let result = model.advance(
          inputs(time, place, width), Variables<Lanes>(held, used), own(tile, index, width))
        result.state.store(to: held + step, used)
      }
      vectors(tile, advance)
    }
  }

  func backward(_ tile: Tiling.Tile, _ targets: BackwardTargets) {
    let (used, owned) = (Model.variableCount, Model.parameterCount)
    let model = model
    let step = used * tile.vectors
    let tape = UnsafeMutablePointer<Lanes>.allocate(capacity: (steps + 1) * step + owned * tile.vectors)
    defer { tape.deallocate() }
    let carried = tape + steps * step
    let sums = carried + step
    sums.initialize(repeating: Lanes(repeating: 0), count: owned * tile.vectors)
    remember(tile, in: tape)
    vectors(tile) { targets.ofEnd.lanes(used, at: $1, $2).store(to: carried + $0 * used, used) }
    for time in stride(from: steps - 1, through: 0, by: -1) {
      @inline(__always) func back(_ index: Int, _ place: Int, _ width: Int) {
        let held = carried + index * used
        let gradients = model.reverse(
          inputs(time, place, width), Variables<Lanes>(tape + time * step + index * used, used),
          own(tile, index, width),
          ofOutput: Lanes(targets.ofOutput + time * targets.outputStride + place, width),
          ofState: Variables<Lanes>(held, used))
        store(gradients.inputs, to: targets, time * count + place, width)
        if owned > 0 { accumulate(gradients.parameters, owned, sums + index * owned) }
        gradients.state.store(to: held, used)
      }
      vectors(tile, back)
    }
    vectors(tile) { index, place, width in
      for variable in 0..<used {
        carried[index * used + variable].store(to: targets.start[variable] + place, width)
      }
      for parameter in 0..<owned {
        sums[index * owned + parameter].store(to: targets.parameters[parameter] + place, width)
      }
    }
  }

  @inline(__always)
  private func store(
    _ gradients: Variables<Lanes>, to targets: BackwardTargets, _ place: Int, _ width: Int
  ) {
    if let target = targets.inputs.v0 { write(gradients.v0, to: target + place, width) }
    if Model.inputCount > 1, let target = targets.inputs.v1 { write(gradients.v1, to: target + place, width) }
  }

  @inline(__always)
  private func accumulate(_ gradients: Variables<Lanes>, _ owned: Int, _ sums: UnsafeMutablePointer<Lanes>) {
    let before = Variables<Lanes>(sums, owned)
    Variables<Lanes>(
      before.v0 + gradients.v0, before.v1 + gradients.v1, before.v2 + gradients.v2,
      before.v3 + gradients.v3, before.v4 + gradients.v4, before.v5 + gradients.v5,
      before.v6 + gradients.v6, before.v7 + gradients.v7
    ).store(to: sums, owned)
  }
}
