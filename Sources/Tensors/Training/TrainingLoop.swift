import Foundation
import Support

/// A layer that draws random numbers in training.
///
/// A training loop reseeds it before every step, so that a resumed run draws what an uninterrupted one would have.
public protocol Stochastic: Module {
  func reseed(_ generator: RandomGenerator)
}

/// A plain loop over mini-batches: shuffles, steps, shows progress, stops when asked and resumes from a checkpoint.
///
/// Everything random comes from the seed, by epoch and step; a run that was stopped and resumed ends with the very weights
/// of one that was not.
///
/// ```swift
/// var loop = TrainingLoop(model, Adam(model), batchSize: 128, epochs: 5, seed: 1)
/// loop.checkpoint = folder.appendingPathComponent("model.safetensors")
/// let history = try loop.run(samples: images.size(0)) { batch in
///   model(images.selected(batch, axis: 0)).crossEntropy(labels.selected(batch, axis: 0))
/// }
/// ```
public struct TrainingLoop {
  /// How far a loop is.
  public struct Progress: Sendable {
    /// Counted from 0.
    public var epoch: Int
    /// Steps done in this epoch.
    public var step: Int
    public var stepsPerEpoch: Int
    /// The mean loss of this epoch so far.
    public var loss: Double
  }

  public let model: Module
  public let optimiser: Optimiser
  public var batchSize: Int
  public var epochs: Int
  public let seed: UInt64
  /// The factor on the learning rate by step, counted over all epochs.
  public var schedule: Schedule = .constant
  /// The largest common norm of the gradients, if they are clipped.
  public var clippingNorm: Double?
  /// An average of the weights that is kept up to date.
  public var average: WeightAverage?
  /// Where the state is kept, for resuming; written after every epoch and when the loop is stopped.
  public var checkpoint: URL?
  /// Whether the last batch of an epoch is left out when it is not full.
  public var dropsIncompleteBatch = false

  public init(_ model: Module, _ optimiser: Optimiser, batchSize: Int, epochs: Int, seed: UInt64) {
    precondition(batchSize > 0 && epochs >= 0, "batches of \(batchSize) in \(epochs) epochs")
    self.model = model
    self.optimiser = optimiser
    self.batchSize = batchSize
    self.epochs = epochs
    self.seed = seed
  }

  /// Trains on `samples` samples, going on from ``checkpoint`` if that file exists.
  ///
  /// - Parameters:
  ///   - progress: Called after every step; what it throws (an `Interruption`, say) stops the loop, the checkpoint is
  ///     written, and the error goes on to the caller.
  ///   - loss: The mean loss `[]` of a batch, given as positions `[B]`.
  /// - Returns: The mean loss of each epoch, from the first one on.
  /// - Throws: What `progress` throws; `CajalError` for a checkpoint that cannot be read, written, or is of another run.
  @discardableResult
  public func run(
    samples: Int, progress: (Progress) throws -> Void = { _ in }, loss: (Tensor) throws -> Tensor
  ) throws -> [Double] {
    let steps = dropsIncompleteBatch ? samples / batchSize : (samples + batchSize - 1) / batchSize
    precondition(steps > 0, "\(samples) samples give no batch of \(batchSize)")
    var state = try resumed(samples)
    let random = RandomGenerator(seed: seed)
    let noisy = stochasticLayers(model)
    while state.epoch < epochs {
      let ofEpoch = random.split(state.epoch)
      var shuffling = ofEpoch
      let order = Tensor(shuffling.permutation(samples))
      while state.step < steps {
        for (index, layer) in noisy.enumerated() { layer.reseed(ofEpoch.split(state.step + 1).split(index)) }
        optimiser.setScale(schedule(state.epoch * steps + state.step))
        state.sum += try step(
          order[state.step * batchSize..<min((state.step + 1) * batchSize, samples)], loss)
        state.step += 1
        do {
          try progress(
            Progress(
              epoch: state.epoch, step: state.step, stepsPerEpoch: steps, loss: state.sum / Double(state.step)
            ))
        } catch {
          try save(state, samples)
          throw error
        }
      }
      state.finishEpoch()
      try save(state, samples)
    }
    return state.losses
  }

  private func step(_ batch: Tensor, _ loss: (Tensor) throws -> Tensor) throws -> Double {
    optimiser.zeroGradients()
    let value = try loss(batch)
    value.backward()
    if let clippingNorm { clipGradients(optimiser.groups.flatMap(\.parameters), norm: clippingNorm) }
    optimiser.step()
    average?.update()
    return value.item
  }

  private func stochasticLayers(_ module: Module) -> [any Stochastic] {
    ((module as? any Stochastic).map { [$0] } ?? []) + module.children.flatMap { stochasticLayers($0.module) }
  }

  // The state of a run.

  private struct State {
    var epoch = 0
    var step = 0
    /// The sum of the losses of this epoch.
    var sum = 0.0
    /// The mean losses of the epochs done.
    var losses: [Double] = []

    mutating func finishEpoch() {
      losses.append(sum / Double(step))
      (epoch, step, sum) = (epoch + 1, 0, 0)
    }
  }

  private func resumed(_ samples: Int) throws -> State {
    guard let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) else { return State() }
    let file = try Safetensors(checkpoint)
    let settings = ["seed": "\(seed)", "samples": "\(samples)", "batch": "\(batchSize)"]
    for (key, value) in settings where file.metadata[key] != value {
      throw CajalError(
        "\(checkpoint.path) is the checkpoint of another run: \(key) is \(file.metadata[key] ?? "missing"), expected \(value)"
      )
    }
    func part(_ prefix: String) -> NamedTensors {
      file.tensors.filter { $0.name.hasPrefix(prefix) }.map {
        (String($0.name.dropFirst(prefix.count)), $0.tensor)
      }
    }
    do {
      try model.load(part("model."))
      try optimiser.load(part("optimiser."))
      try average?.load(part("average."))
    } catch { throw CajalError("\(checkpoint.path): \(error)") }
    guard let progress = part("loop.").first(where: { $0.name == "progress" })?.tensor.doubles,
      progress.count == 3
    else { throw CajalError("\(checkpoint.path) is no checkpoint of a training loop") }
    let losses = part("loop.").first { $0.name == "losses" }?.tensor.doubles ?? []
    return State(epoch: Int(progress[0]), step: Int(progress[1]), sum: progress[2], losses: losses)
  }

  private func save(_ state: State, _ samples: Int) throws {
    guard let checkpoint else { return }
    func named(_ prefix: String, _ tensors: NamedTensors) -> NamedTensors {
      tensors.map { (prefix + $0.name, $0.tensor) }
    }
    let loop: NamedTensors = [
      ("progress", Tensor([Double(state.epoch), Double(state.step), state.sum])),
      ("losses", Tensor(state.losses)),
    ]
    try Safetensors.write(
      named("model.", model.state) + named("optimiser.", optimiser.state)
        + named("average.", average?.state ?? [])
        + named("loop.", loop),
      metadata: ["seed": "\(seed)", "samples": "\(samples)", "batch": "\(batchSize)"], to: checkpoint)
  }
}

extension Module {
  /// Writes parameters and buffers; the extension chooses the format.
  ///
  /// - Throws: `CajalError` naming the path.
  public func save(to url: URL) throws { try TensorFile.write(state, to: url) }

  /// Reads parameters and buffers from safetensors, NPZ or a PyTorch file.
  ///
  /// - Parameter prefix: What stands before the names in the file: `state_dict.`.
  /// - Throws: `CajalError` naming the file, and missing, unknown and wrongly shaped entries.
  public func load(from url: URL, prefix: String = "", strict: Bool = true) throws {
    let tensors = try TensorFile.read(url).filter { $0.name.hasPrefix(prefix) }
      .map { (name: String($0.name.dropFirst(prefix.count)), tensor: $0.tensor) }
    do { try load(tensors, strict: strict) } catch { throw CajalError("\(url.path): \(error)") }
  }
}
