import Foundation
import Support
import Tensors

/// Neurons that extract the principal subspace of a population's activity through lateral synapses, by Hebbian and
/// anti-Hebbian learning (Oja, 1989), task after task (Xiao et al., 2024).
///
/// m subspace neurons are joined to n others by H. They answer `y = H x` and predict `x̂ = Hᵀ y`; the free rows learn
///
///     D = Yᵀ X / B - Yᵀ X̂ / B       Hebbian minus anti-Hebbian, clipped to ±10
///     Q = μ Q + (1 - μ) D;   H = H + η Q
///
/// several times a batch. Rows of finished tasks are frozen but take part in the prediction, so that new rows find the
/// principal subspace of what is left. Usable on any activity `[B, n]`:
///
/// ```swift
/// var subspace = HebbianSubspace(inputs: 100, settings: .init(learningRate: 0.01))
/// subspace.beginTask(adding: 10, using: &generator)
/// for batch in batches { subspace.observe(batch) }
/// let strange = activity - subspace.reconstruction(of: activity)
/// ```
public struct HebbianSubspace: ActivitySubspace {
  /// How the rows learn.
  public struct Settings: Sendable, Equatable {
    /// η.
    public var learningRate: Double
    /// μ, 0 for none.
    public var momentum: Double
    /// Updates for each batch.
    public var iterations: Int
    /// Elements of D are clipped to this size.
    public var limit: Double
    /// Subspace neurons that answer by spikes; nil for exact answers.
    public var lateralSpiking: LateralSpiking?
    /// Whether rows are made exactly orthonormal at the end of a task; the rule alone gets them nearly so.
    public var orthonormalises: Bool

    public init(
      learningRate: Double = 0.01, momentum: Double = 0.9, iterations: Int = 5, limit: Double = 10,
      lateralSpiking: LateralSpiking? = nil, orthonormalises: Bool = false
    ) {
      precondition(
        learningRate > 0 && (0..<1).contains(momentum) && iterations > 0 && limit > 0,
        "rate \(learningRate), momentum \(momentum), \(iterations) iterations, limit \(limit)")
      self.learningRate = learningRate
      self.momentum = momentum
      self.iterations = iterations
      self.limit = limit
      self.lateralSpiking = lateralSpiking
      self.orthonormalises = orthonormalises
    }

    /// The largest second moment λ of the activity along any direction for which the rule is stable,
    /// `(1 + μ) / ((1 - μ) η)`.
    ///
    /// Near its goal the rule pulls a row's length back with strength 2λ; with a larger λ every update overshoots further than
    /// the last, held only by the clipping. Momentum raises the limit: 19-fold at μ = 0.9.
    public var largestStableMoment: Double { (1 + momentum) / ((1 - momentum) * learningRate) }
  }

  /// A signed rate code: the answer, clipped to ±scale, in steps of scale/T_l.
  public struct LateralSpiking: Sendable, Equatable {
    public var scale: Double
    /// T_l, the time steps in which the rate is counted.
    public var steps: Int

    public init(scale: Double = 20, steps: Int) {
      precondition(scale > 0 && steps > 0, "scale \(scale), \(steps) steps")
      self.scale = scale
      self.steps = steps
    }

    func callAsFunction(_ y: Tensor) -> Tensor {
      let unit = scale / Double(steps)
      return (y.clamped(to: -scale...scale) / unit).round() * unit
    }
  }

  public let settings: Settings
  /// H, `[m, n]`: the frozen rows first.
  public private(set) var rows: Tensor
  /// Q, `[m, n]`.
  public private(set) var momenta: Tensor
  /// How many rows are frozen.
  public private(set) var frozenCount = 0

  public init(inputs: Int, settings: Settings = Settings(), _ type: ElementType = .float32) {
    self.settings = settings
    rows = Tensor.zeros([0, inputs], type)
    momenta = rows
  }

  /// The number of presynaptic neurons n.
  public var inputs: Int { rows.size(1) }

  public var isLinear: Bool { settings.lateralSpiking == nil }
  public var protected: Tensor? { frozenCount == 0 ? nil : rows[0..<frozenCount] }

  /// What the subspace neurons answer to activity: `[…, n]` -> `[…, m]`.
  public func responses(to activity: Tensor) -> Tensor { answer(activity, rows) }

  /// What all subspace neurons together predict: `[…, n]` -> `[…, n]`.
  public func reconstruction(of activity: Tensor) -> Tensor { responses(to: activity).matmul(rows) }

  /// The reconstruction from the frozen rows alone.
  public func projection(of activity: Tensor) -> Tensor {
    guard let protected else { return Tensor.zeros(like: activity) }
    return answer(activity, protected).matmul(protected)
  }

  private func answer(_ activity: Tensor, _ rows: Tensor) -> Tensor {
    let y = activity.matmul(rows.transposed())
    return settings.lateralSpiking.map { $0(y) } ?? y
  }

  /// Appends random orthonormal rows, free to learn; they are not made orthogonal to the frozen ones.
  public mutating func beginTask(adding count: Int, using generator: inout RandomGenerator) {
    precondition(count >= 0 && count <= inputs, "\(count) orthonormal rows among \(inputs) neurons")
    guard count > 0 else { return }
    let random = Tensor.normal([inputs, count], .float64, using: &generator)
    add(random.qr().q.transposed().contiguous().to(rows.elementType))
  }

  /// Appends rows `[k, n]`, free to learn, with no momentum.
  public mutating func add(_ new: Tensor) {
    precondition(new.rank == 2 && new.size(1) == inputs, "rows \(new.shape) for \(inputs) neurons")
    rows = Tensor.concatenated([rows, new.to(rows.elementType)])
    momenta = Tensor.concatenated([momenta, Tensor.zeros(like: new.to(rows.elementType))])
  }

  /// Learns from a batch `[B, n]`; frozen rows and their momenta stay as they are.
  public mutating func observe(_ activity: Tensor) {
    precondition(
      activity.rank == 2 && activity.size(1) == inputs, "activity \(activity.shape), n = \(inputs)")
    guard rows.size(0) > frozenCount else { return }
    withoutGradients {
      let x = activity.detached()
      // The frozen rows' share of the prediction does not change within a batch.
      let rest = frozenCount == 0 ? x : x - projection(of: x)
      var (free, momentum) = (rows[frozenCount...], momenta[frozenCount...])
      let share = 1 - settings.momentum
      for _ in 0..<settings.iterations {
        let y = answer(x, free)
        let transposed = y.transposed()
        let change = (transposed.matmul(rest) - transposed.matmul(y).matmul(free)) / Double(x.size(0))
        momentum =
          momentum * settings.momentum + change.clamped(to: -settings.limit...settings.limit) * share
        free = free + momentum * settings.learningRate
      }
      let frozen = frozenCount
      rows = frozen == 0 ? free : Tensor.concatenated([rows[0..<frozen], free])
      momenta = frozen == 0 ? momentum : Tensor.concatenated([momenta[0..<frozen], momentum])
    }
  }

  /// Freezes all rows: from now on they are one protected subspace.
  public mutating func freeze() {
    if settings.orthonormalises, rows.size(0) > 0 {
      rows = rows.to(.float64).transposed().qr().q.transposed().contiguous().to(rows.elementType)
    }
    frozenCount = rows.size(0)
  }

  /// Freezes all rows; the activity is not needed.
  public mutating func endTask(_ activity: Tensor) { freeze() }

  public var state: NamedTensors {
    [("rows", rows), ("momenta", momenta), ("frozen", Tensor([frozenCount]))]
  }

  public mutating func load(_ state: NamedTensors) throws {
    let given = Dictionary(state.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    guard let rows = given["rows"], let momenta = given["momenta"], let frozen = given["frozen"],
      frozen.count == 1
    else { throw CajalError("a Hebbian subspace needs 'rows', 'momenta' and 'frozen'") }
    guard rows.rank == 2, rows.size(1) == inputs, momenta.shape == rows.shape,
      (0...rows.size(0)).contains(Int(frozen.item))
    else {
      throw CajalError(
        "rows \(rows.shape), momenta \(momenta.shape), \(frozen.item) frozen: expected [m, \(inputs)] and at most m"
      )
    }
    self.rows = rows.to(self.rows.elementType)
    self.momenta = momenta.to(self.rows.elementType)
    frozenCount = Int(frozen.item)
  }
}
