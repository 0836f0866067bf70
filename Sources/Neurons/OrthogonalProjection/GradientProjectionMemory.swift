import Support
import Tensors

/// The reference without neurons: the protected subspace is found by a singular value decomposition at the end of each task
/// (gradient projection memory: Saha, Garg and Roy, 2021).
///
/// What the protected rows leave of the activity is decomposed; its leading right singular vectors join them, as many as the
/// task was given room for, or as many as explain a share of the activity.
public struct GradientProjectionMemory: ActivitySubspace {
  /// The share of the activity's squares that the rows must hold at the end of a task; nil to fill the room given.
  public let energy: Double?
  /// At most so many activity vectors are decomposed.
  public let samples: Int
  /// The rows `[m, n]`, orthonormal.
  public private(set) var rows: Tensor
  private var room = 0

  public init(inputs: Int, energy: Double? = nil, samples: Int = 500, _ type: ElementType = .float32) {
    precondition(energy.map { (0...1).contains($0) } ?? true, "a share of \(energy!)")
    self.energy = energy
    self.samples = samples
    rows = Tensor.zeros([0, inputs], type)
  }

  public var isLinear: Bool { true }
  public var protected: Tensor? { rows.size(0) == 0 ? nil : rows }

  public mutating func beginTask(adding count: Int, using generator: inout RandomGenerator) { room = count }

  /// Nothing is learnt during a task.
  public mutating func observe(_ activity: Tensor) {}

  public mutating func endTask(_ activity: Tensor) {
    precondition(
      activity.rank == 2 && activity.size(1) == rows.size(1),
      "activity \(activity.shape), n = \(rows.size(1))")
    withoutGradients {
      let step = max(1, activity.size(0) / samples)
      let x = activity.detached().narrowed(0, from: 0, to: activity.size(0), step: step).to(.float64)
      let known = rows.to(.float64)
      let rest = x - x.matmul(known.transposed()).matmul(known)
      let (_, values, directions) = rest.svd()
      let squares = values.square().doubles
      let count = energy.map { needed($0, squares, total: x.square().sum().item) } ?? room
      let kept = min(count, rows.size(1) - rows.size(0), squares.count { $0 > 1e-12 * (squares.first ?? 0) })
      guard kept > 0 else { return }
      rows = Tensor.concatenated([rows, directions[0..<kept].to(rows.elementType)])
    }
    room = 0
  }

  /// How many further directions bring the share held up to `share`.
  private func needed(_ share: Double, _ squares: [Double], total: Double) -> Int {
    var (missing, count) = (squares.reduce(0, +), 0)
    let allowed = (1 - share) * total
    while count < squares.count && missing > allowed {
      missing -= squares[count]
      count += 1
    }
    return count
  }

  public var state: NamedTensors { [("rows", rows)] }

  public mutating func load(_ state: NamedTensors) throws {
    guard let given = state.first(where: { $0.name == "rows" })?.tensor, given.rank == 2,
      given.size(1) == rows.size(1)
    else { throw CajalError("a gradient projection memory needs 'rows' [m, \(rows.size(1))]") }
    rows = given.to(rows.elementType)
  }
}
