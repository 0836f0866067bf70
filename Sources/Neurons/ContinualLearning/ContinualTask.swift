import Support
import Tensors

/// One task of a sequence: inputs with a class each, for training and for tests.
public struct ContinualTask: Sendable {
  public let name: String
  /// `[B, …]`.
  public let trainInputs: Tensor
  /// Whole numbers `[B]` from 0.
  public let trainLabels: Tensor
  public let testInputs: Tensor
  public let testLabels: Tensor
  public let classCount: Int

  /// - Throws: `CajalError` naming the task when counts, shapes or labels do not fit.
  public init(
    _ name: String, train: (inputs: Tensor, labels: Tensor), test: (inputs: Tensor, labels: Tensor),
    classCount: Int
  ) throws {
    for (part, data) in [("training", train), ("test", test)] {
      guard data.inputs.rank >= 2, data.inputs.size(0) > 0, data.labels.shape == [data.inputs.size(0)] else {
        throw CajalError(
          "task \(name): \(part) inputs \(data.inputs.shape) and labels \(data.labels.shape), expected [B, …] and [B] with B > 0"
        )
      }
      let labels = data.labels.integers
      if let wrong = labels.first(where: { !(0..<classCount).contains($0) }) {
        throw CajalError(
          "task \(name): \(part) label \(wrong) is not below the number of classes, \(classCount)")
      }
    }
    guard train.inputs.shape.dropFirst() == test.inputs.shape.dropFirst() else {
      throw CajalError(
        "task \(name): training inputs \(train.inputs.shape) and test inputs \(test.inputs.shape) differ in shape"
      )
    }
    self.name = name
    (trainInputs, trainLabels) = (train.inputs, train.labels.to(.int64))
    (testInputs, testLabels) = (test.inputs, test.labels.to(.int64))
    self.classCount = classCount
  }

  /// The shape of one input.
  public var inputShape: [Int] { Array(trainInputs.shape.dropFirst()) }
}
