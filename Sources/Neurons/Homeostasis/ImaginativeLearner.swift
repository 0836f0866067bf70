/// A classifier that learns online from minibatches, remembers its recent samples, and can imagine a
/// step before it takes one.
///
/// ``Perceptron`` is the fast one; ``RememberingLearner`` makes one of any ``GradientClassifier``.
public protocol ImaginativeLearner: AnyObject {
  associatedtype Scalar: KernelScalar
  var classCount: Int { get }

  /// Shows the next minibatch and returns its guesses, made before anything is learned from it.
  func present(_ samples: Samples<Scalar>, _ indices: [Int], labels: [Int]) -> [Int]

  /// How many samples of the memory each of the step's rates would get right; nothing is changed.
  func imaginedHits(_ step: ImaginedStep) -> [Int]

  /// Takes a step down the mean gradient of the present minibatch.
  func learn(rate: Double)

  /// Classifies samples without remembering them.
  func guesses(_ samples: Samples<Scalar>, _ indices: [Int]) -> [Int]
}

/// A step of gradient descent to be imagined, and the memory that judges it.
public struct ImaginedStep: Sendable {
  /// Whose gradient is followed.
  public enum Gradient: Sendable, Equatable {
    /// The sum over the first samples of the present minibatch, divided by the size of the minibatch.
    case batch(first: Int)
    /// The mean over the memory.
    case memory
  }

  public var gradient: Gradient
  /// The memory holds the samples before this position of the present minibatch …
  public var position: Int
  /// … with these labels, the oldest first.
  public var memoryLabels: [Int]
  /// The learning rates to be compared.
  public var rates: [Double]

  public var memory: Int { memoryLabels.count }

  public init(gradient: Gradient, position: Int, memoryLabels: [Int], rates: [Double]) {
    self.gradient = gradient
    self.position = position
    self.memoryLabels = memoryLabels
    self.rates = rates
  }
}

/// Any model that a ``RememberingLearner`` can regulate: gradient, step and guesses.
public protocol GradientClassifier {
  associatedtype Scalar: KernelScalar
  associatedtype Gradient
  var classCount: Int { get }
  /// The class of each input.
  func guesses(_ inputs: [ArraySlice<Scalar>]) -> [Int]
  /// The gradient of the loss, summed over the samples.
  func gradient(_ inputs: [ArraySlice<Scalar>], labels: [Int]) -> Gradient
  /// Moves the parameters by `-size` times the gradient.
  mutating func step(along gradient: Gradient, size: Double)
}

/// Makes an ``ImaginativeLearner`` of any model with value semantics: imagined steps are taken by a copy.
public final class RememberingLearner<Model: GradientClassifier>: ImaginativeLearner {
  public private(set) var model: Model
  /// How many samples before the present minibatch are kept.
  public let memory: Int
  private var inputs: [ArraySlice<Model.Scalar>] = []
  private var labels: [Int] = []
  private var past: [ArraySlice<Model.Scalar>] = []

  public var classCount: Int { model.classCount }

  public init(_ model: Model, memory: Int) {
    self.model = model
    self.memory = memory
  }

  public func present(_ samples: Samples<Model.Scalar>, _ indices: [Int], labels: [Int]) -> [Int] {
    past = Array((past + inputs).suffix(memory))
    inputs = indices.map(samples.row)
    self.labels = labels
    return model.guesses(inputs)
  }

  public func imaginedHits(_ step: ImaginedStep) -> [Int] {
    let remembered = (past + inputs.prefix(step.position)).suffix(step.memory)
    precondition(remembered.count == step.memory, "\(remembered.count) of \(step.memory) samples remembered")
    let memory = Array(remembered)
    let (gradient, count) =
      switch step.gradient {
      case .batch(let first):
        (
          model.gradient(Array(inputs.prefix(first)), labels: Array(labels.prefix(first))), inputs.count
        )
      case .memory: (model.gradient(memory, labels: step.memoryLabels), memory.count)
      }
    return step.rates.map { rate in
      var imagined = model
      imagined.step(along: gradient, size: rate / Double(count))
      return zip(imagined.guesses(memory), step.memoryLabels).count { $0 == $1 }
    }
  }

  public func learn(rate: Double) {
    model.step(along: model.gradient(inputs, labels: labels), size: rate / Double(inputs.count))
  }

  public func guesses(_ samples: Samples<Model.Scalar>, _ indices: [Int]) -> [Int] {
    model.guesses(indices.map(samples.row))
  }
}
