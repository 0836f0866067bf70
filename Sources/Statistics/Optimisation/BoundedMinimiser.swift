import Support

/// The least value of a smooth function of many numbers within bounds, by a limited-memory quasi-Newton method (L-BFGS-B: Byrd, Lu,
/// Nocedal and Zhu, 1995; the projected subspace step of Morales and Nocedal, 2011).
///
/// ```swift
/// let found = try BoundedMinimiser().minimise(from: [3, 3], lower: [0, 1]) { x, gradient in
///   gradient = [2 * x[0], 2 * x[1]]
///   return x[0] * x[0] + x[1] * x[1]
/// }
/// found.point  // [0, 1]
/// ```
///
/// A value that is infinite or not a number marks places where the function is not defined: steps are shortened until they avoid them.
public struct BoundedMinimiser: Sendable {
  /// How many past steps the curvature is known by.
  public var memory: Int
  /// The most steps.
  public var iterations: Int
  /// It ends where no entry of the projected gradient is larger.
  public var gradientTolerance: Double
  /// It ends where a step lowers the value by no more than this share of its size (or of 1, if that is larger).
  public var valueTolerance: Double

  public init(
    memory: Int = 10, iterations: Int = 1_000, gradientTolerance: Double = 1e-8,
    valueTolerance: Double = 1e-15
  ) {
    precondition(memory > 0 && iterations >= 0, "memory of \(memory) steps, at most \(iterations) steps")
    (self.memory, self.iterations) = (memory, iterations)
    (self.gradientTolerance, self.valueTolerance) = (gradientTolerance, valueTolerance)
  }

  /// Why it ended.
  public enum Outcome: String, Sendable {
    /// The projected gradient vanished: a stationary point within the bounds.
    case stationary
    /// Steps did not lower the value any more.
    case settled
    /// The steps allowed were used up.
    case exhausted
  }

  public struct Result: Sendable {
    public let point: [Double]
    public let value: Double
    /// The largest entry of the projected gradient there.
    public let projectedGradient: Double
    public let iterations: Int
    public let evaluations: Int
    public let outcome: Outcome
  }

  /// - Parameters:
  ///   - start: `[D]`; brought within the bounds.
  ///   - lower: `[D]`, `-.infinity` for none; no bounds if nil.
  ///   - upper: `[D]`, `.infinity` for none; no bounds if nil.
  ///   - function: Gives the value at a point `[D]` and writes the gradient `[D]`.
  /// - Throws: `CajalError` when bounds are of another number or the wrong way round, or the function is not finite at the start; what
  ///   the function throws.
  public func minimise(
    from start: [Double], lower: [Double]? = nil, upper: [Double]? = nil,
    _ function: (_ point: [Double], _ gradient: inout [Double]) throws -> Double
  ) throws -> Result {
    let bounds = try Bounds(lower, upper, count: start.count)
    var point = bounds.projected(start)
    var gradient = [Double](repeating: 0, count: start.count)
    var (value, evaluations) = (try function(point, &gradient), 1)
    guard value.isFinite, gradient.allSatisfy(\.isFinite) else {
      throw CajalError("the function to be minimised is not finite at the start: \(value)")
    }
    var model = QuasiNewtonModel(count: start.count, memory: memory)
    var (iteration, outcome) = (0, Outcome.exhausted)
    while true {
      if bounds.projectedGradient(point, gradient) <= gradientTolerance {
        outcome = .stationary
        break
      }
      if iteration == iterations { break }
      let target = model.target(point, gradient, bounds)
      var search = WolfeSearch(point, value, gradient, towards: target, bounds, isFirst: model.isEmpty)
      let found = try search.run(function)
      evaluations += search.evaluations
      guard let found else {
        // The curvature may be at fault: once more along the gradient, then no more.
        if model.isEmpty {
          outcome = .settled
          break
        }
        model.forget()
        continue
      }
      let decrease = value - found.value
      let scale = max(abs(value), abs(found.value), 1)
      model.learn(
        step: zip(found.point, point).map { $0 - $1 }, change: zip(found.gradient, gradient).map { $0 - $1 })
      (point, value, gradient) = (found.point, found.value, found.gradient)
      iteration += 1
      if decrease <= valueTolerance * scale {
        outcome = bounds.projectedGradient(point, gradient) <= gradientTolerance ? .stationary : .settled
        break
      }
    }
    return Result(
      point: point, value: value, projectedGradient: bounds.projectedGradient(point, gradient),
      iterations: iteration, evaluations: evaluations, outcome: outcome)
  }
}

/// The box that a point must stay in.
struct Bounds {
  let lower, upper: [Double]

  init(_ lower: [Double]?, _ upper: [Double]?, count: Int) throws {
    self.lower = lower ?? Array(repeating: -.infinity, count: count)
    self.upper = upper ?? Array(repeating: .infinity, count: count)
    guard self.lower.count == count, self.upper.count == count else {
      throw CajalError(
        "\(self.lower.count) lower and \(self.upper.count) upper bounds for \(count) numbers, expected one each"
      )
    }
    if let wrong = (0..<count).first(where: { !(self.lower[$0] <= self.upper[$0]) }) {
      throw CajalError(
        "number \(wrong) should lie between \(self.lower[wrong]) and \(self.upper[wrong]): no bounds")
    }
  }

  func projected(_ point: [Double]) -> [Double] { point.indices.map { clamped(point[$0], $0) } }

  func clamped(_ value: Double, _ index: Int) -> Double { max(lower[index], min(upper[index], value)) }

  /// The largest entry of the gradient without what points out of the box.
  func projectedGradient(_ point: [Double], _ gradient: [Double]) -> Double {
    point.indices.reduce(0) { max($0, abs(clamped(point[$1] - gradient[$1], $1) - point[$1])) }
  }

  /// How far one may go along a direction, at most `limit`.
  func reach(_ point: [Double], _ direction: [Double], limit: Double) -> Double {
    point.indices.reduce(limit) { reach, i in
      let d = direction[i]
      if d > 0 { return min(reach, (upper[i] - point[i]) / d) }
      if d < 0 { return min(reach, (lower[i] - point[i]) / d) }
      return reach
    }
  }
}
