import Neurons
import Support
import Tensors

extension HebbianOrthogonalProjection {
  /// How the tasks of a sequence are learnt.
  struct Condition: Sendable {
    /// What keeps old tasks.
    enum Keeping: Sendable, Equatable {
      case nothing
      case hebbian(HebbianSubspace.Settings)
      case singularVectors
      case replay(perClass: Int)
      /// All tasks at once.
      case joint
    }

    /// As figures and tables call it.
    var label: String
    var keeping: Keeping
    var rule = LearningRule.dsr()
    var feedback = Feedback.backpropagation
    /// Times the usual subspace sizes.
    var sizeFactor = 1.0
    var isMild = false
    /// A learning rate of its own; that of the regime and rule if nil.
    var rate: Double?
    /// Whether the course of the first task's accuracy, subspaces and responses are followed.
    var isFollowed = false

    /// Weights start larger where the threshold is one and spikes are small.
    var initialisation: Initialisation {
      if case .dsr = rule { return .uniformFanIn }
      return .kaimingNormal()
    }
  }
}

extension HebbianOrthogonalProjection.Options {
  typealias Condition = HebbianOrthogonalProjection.Condition

  func hidden(_ condition: Condition) -> [Int] { condition.isMild ? mildHidden : hidden }
  func taskCount(_ condition: Condition) -> Int { condition.isMild ? mildTasks : tasks }

  private func rate(_ condition: Condition) -> Double {
    if let rate = condition.rate { return rate }
    if condition.isMild { return mildRate }
    if condition.feedback == .alignment { return alignmentRate }
    return switch condition.rule {
    case .dsr: rate
    case .bptt: bpttRate
    case .ottt: otttRate
    }
  }

  /// Rows of each layer: one number for each hidden layer and the head, the last repeated where the option has fewer.
  func sizes(_ factor: Double, layers: Int) -> SubspaceSizes {
    func scaled(_ rows: [Int]) -> [Int] {
      (0..<layers).map { Int((Double(rows[min($0, rows.count - 1)]) * factor).rounded()) }
    }
    return SubspaceSizes(
      first: scaled(firstRows).map { max(1, $0) }, later: scaled(laterRows), reduction: rowReduction,
      reducedAt: [3, 6, 9])
  }

  private func protection(_ condition: Condition) -> Protection {
    let sizes = sizes(condition.sizeFactor, layers: hidden(condition).count + 1)
    switch condition.keeping {
    case .nothing, .replay, .joint: return .none
    case .singularVectors: return .gradientProjection(sizes)
    case .hebbian(let settings):
      return .hebbian(
        hebbianRates.map { rate in
          var own = settings
          own.learningRate = rate
          own.orthonormalises = own.orthonormalises || orthonormal
          return own
        }, sizes)
    }
  }

  func settings(_ condition: Condition, prepare: @escaping @Sendable (Tensor) -> Tensor) -> ContinualSettings
  {
    var settings = ContinualSettings(
      protection: protection(condition), epochs: condition.isMild ? mildEpochs : epochs, batchSize: batch,
      learningRate: rate(condition))
    if case .replay(let count) = condition.keeping { settings.replayedPerClass = count }
    settings.prepare = prepare
    return settings
  }
}
