import Support

/// What learning a sequence of tasks came to.
public struct ContinualOutcome: Sendable, Equatable {
  /// `accuracies[i][j]`: the accuracy on task j after task i, j up to i.
  public var accuracies: [[Double]]

  public init(accuracies: [[Double]] = []) { self.accuracies = accuracies }

  /// ACC: the mean accuracy over all tasks after the last one.
  public var averageAccuracy: Double {
    guard let last = accuracies.last, !last.isEmpty else { return 0 }
    return last.reduce(0, +) / Double(last.count)
  }

  /// BWT: how much the accuracy on earlier tasks has changed since they were learnt, on average; negative is forgetting.
  /// 0 for a single task.
  public var backwardTransfer: Double {
    guard let last = accuracies.last, accuracies.count > 1 else { return 0 }
    let changes = accuracies.indices.dropLast().map { last[$0] - accuracies[$0][$0] }
    return changes.reduce(0, +) / Double(changes.count)
  }

  /// The mean accuracy on each task just after it was learnt: how plastic the network stays.
  public var learningAccuracy: Double {
    guard !accuracies.isEmpty else { return 0 }
    return accuracies.indices.reduce(0) { $0 + accuracies[$1][$1] } / Double(accuracies.count)
  }
}
