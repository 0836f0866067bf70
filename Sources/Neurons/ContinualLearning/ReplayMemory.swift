import Support
import Tensors

/// Samples of earlier tasks that are shown again.
public struct ReplayMemory: Sendable {
  /// Inputs `[S, …]` and labels `[S]` by task.
  public private(set) var tasks: [(inputs: Tensor, labels: Tensor)] = []

  public init() {}

  /// Keeps up to `count` samples of each class, drawn at random.
  public mutating func keep(
    _ inputs: Tensor, _ labels: Tensor, perClass count: Int, using generator: inout RandomGenerator
  ) {
    let classes = labels.integers
    var (taken, chosen) = ([Int: Int](), [Int]())
    for index in generator.permutation(classes.count) where taken[classes[index], default: 0] < count {
      taken[classes[index], default: 0] += 1
      chosen.append(index)
    }
    let places = Tensor(chosen)
    tasks.append((inputs.selected(places, axis: 0), labels.selected(places, axis: 0)))
  }

  /// A random batch of one random task; nil while nothing is kept.
  public func batch(_ count: Int, using generator: inout RandomGenerator) -> (
    task: Int, inputs: Tensor, labels: Tensor
  )? {
    guard !tasks.isEmpty else { return nil }
    let task = generator.integer(below: tasks.count)
    let (inputs, labels) = tasks[task]
    let size = labels.count
    let places = Tensor((0..<min(count, size)).map { _ in generator.integer(below: size) })
    return (task, inputs.selected(places, axis: 0), labels.selected(places, axis: 0))
  }

  var state: NamedTensors {
    tasks.enumerated().flatMap { [("\($0).inputs", $1.inputs), ("\($0).labels", $1.labels)] }
  }

  init(_ state: NamedTensors) throws {
    let given = Dictionary(state.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    for task in 0..<given.count / 2 {
      guard let inputs = given["\(task).inputs"], let labels = given["\(task).labels"] else {
        throw CajalError("the replay memory lacks task \(task)")
      }
      tasks.append((inputs, labels))
    }
  }
}
