import Support
import Tensors

/// How many directions each layer protects for each task.
public struct SubspaceSizes: Sendable, Equatable {
  /// Rows a layer for the first task.
  public var first: [Int]
  /// Rows a layer for every later task.
  public var later: [Int]
  /// Fewer rows a layer at the tasks in ``reducedAt`` (counted from 0).
  public var reduction: Int
  public var reducedAt: [Int]

  public init(first: [Int], later: [Int], reduction: Int = 0, reducedAt: [Int] = []) {
    precondition(first.count == later.count, "subspaces of \(first.count) and \(later.count) layers")
    self.first = first
    self.later = later
    self.reduction = reduction
    self.reducedAt = reducedAt
  }

  /// The rows of each layer for a task: `later` shrinks by the reduction from each of the tasks on.
  public func rows(task: Int) -> [Int] {
    guard task > 0 else { return first }
    let reductions = reducedAt.count { $0 <= task }
    return later.map { max(0, $0 - reductions * reduction) }
  }
}

/// How old tasks are kept.
public enum Protection: Sendable, Equatable {
  /// Not at all: the tasks are simply learnt one after the other.
  case none
  /// By Hebbian subspaces; one set of settings a layer, the last for all that follow.
  case hebbian([HebbianSubspace.Settings], SubspaceSizes)
  /// By singular vectors found at the end of each task.
  case gradientProjection(SubspaceSizes, energy: Double? = nil)

  var sizes: SubspaceSizes? {
    switch self {
    case .none: nil
    case .hebbian(_, let sizes), .gradientProjection(let sizes, _): sizes
    }
  }

  func subspace(layer: Int, inputs: Int) -> (any ActivitySubspace)? {
    switch self {
    case .none: nil
    case .hebbian(let settings, _):
      HebbianSubspace(inputs: inputs, settings: settings[min(layer, settings.count - 1)])
    case .gradientProjection(_, let energy): GradientProjectionMemory(inputs: inputs, energy: energy)
    }
  }
}

/// How a network learns tasks one after another.
public struct ContinualSettings: Sendable {
  public var protection: Protection
  /// Whether all tasks share one head, which is protected then, or each has its own, which is not.
  public var sharesHead: Bool
  /// Epochs of each task.
  public var epochs: Int
  public var batchSize: Int
  public var learningRate: Double
  /// The learning rate from the second task on; the first one's if nil.
  public var laterLearningRate: Double?
  public var momentum: Double
  /// The factor on the learning rate by epoch of a task.
  public var schedule: Schedule
  /// Samples of each class that are kept of every task and shown again; nil for none.
  public var replayedPerClass: Int?
  /// A subspace sees at most so many presynaptic vectors of a batch, evenly taken; patches are many.
  public var observedSamples: Int
  /// Training inputs of a task that a subspace is given when the task ends.
  public var finalInputs: Int
  /// Makes what the network takes of a batch of inputs: scales bytes, say. Tasks can stay small in memory so.
  public var prepare: @Sendable (Tensor) -> Tensor

  public init(
    protection: Protection = .none, sharesHead: Bool = true, epochs: Int = 1, batchSize: Int = 64,
    learningRate: Double = 0.1
  ) {
    precondition(
      epochs > 0 && batchSize > 0 && learningRate > 0,
      "\(epochs) epochs, batches of \(batchSize), rate \(learningRate)")
    self.protection = protection
    self.sharesHead = sharesHead
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    laterLearningRate = nil
    momentum = 0
    schedule = .constant
    replayedPerClass = nil
    observedSamples = 4_096
    finalInputs = 1_000
    prepare = { $0 }
  }
}
