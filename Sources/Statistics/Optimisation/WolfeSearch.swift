/// A step along a line that lowers a function enough and flattens it enough: the strong conditions of Wolfe, by bracketing and cubic
/// interpolation (Nocedal and Wright, 2006, algorithms 3.5 and 3.6).
struct WolfeSearch {
  typealias Function = ([Double], inout [Double]) throws -> Double

  /// A place that was tried.
  struct Trial {
    var length: Double
    var value: Double
    var slope: Double
    var point: [Double]
    var gradient: [Double]
  }

  private let start: Trial
  private let direction: [Double]
  private let bounds: Bounds
  private let longest: Double
  private var length: Double
  private(set) var evaluations = 0

  private static let decrease = 1e-4
  private static let flattening = 0.9

  init(
    _ point: [Double], _ value: Double, _ gradient: [Double], towards target: [Double], _ bounds: Bounds,
    isFirst: Bool
  ) {
    direction = zip(target, point).map { $0 - $1 }
    self.bounds = bounds
    start = Trial(
      length: 0, value: value, slope: Self.slope(gradient, direction), point: point, gradient: gradient)
    longest = bounds.reach(point, direction, limit: 1e10)
    // The first step knows no scale: one of length 1 at most.
    let norm = Self.slope(direction, direction).squareRoot()
    length = isFirst ? min(1, 1 / max(norm, 1e-300)) : 1
    length = min(length, longest)
  }

  private static func slope(_ gradient: [Double], _ direction: [Double]) -> Double {
    var sum = 0.0
    for i in gradient.indices { sum += gradient[i] * direction[i] }
    return sum
  }

  /// The step, or nil where the direction does not lead down or no step is found.
  mutating func run(_ function: Function) throws -> Trial? {
    guard start.slope < 0, length > 0 else { return nil }
    var last = start
    for round in 0..<30 {
      let trial = try tried(length, function)
      if !trial.value.isFinite || !descends(trial) || (round > 0 && trial.value >= last.value) {
        return try narrowed(last, trial, function)
      }
      if isFlat(trial) { return trial }
      if trial.slope >= 0 { return try narrowed(trial, last, function) }
      // Still downhill at the end of the way.
      if trial.length >= longest { return trial }
      last = trial
      length = min(longest, 2.5 * length)
    }
    return last.length > 0 ? last : nil
  }

  private mutating func tried(_ length: Double, _ function: Function) throws -> Trial {
    let point = start.point.indices.map { bounds.clamped(start.point[$0] + length * direction[$0], $0) }
    var gradient = [Double](repeating: 0, count: point.count)
    let value = try function(point, &gradient)
    evaluations += 1
    let slope = Self.slope(gradient, direction)
    return Trial(
      length: length, value: slope.isFinite ? value : .infinity, slope: slope, point: point,
      gradient: gradient)
  }

  private func descends(_ trial: Trial) -> Bool {
    trial.value <= start.value + Self.decrease * trial.length * start.slope
  }

  private func isFlat(_ trial: Trial) -> Bool { abs(trial.slope) <= -Self.flattening * start.slope }

  /// Narrows an interval whose end `low` is the lowest that descends enough.
  private mutating func narrowed(_ low: Trial, _ high: Trial, _ function: Function) throws -> Trial? {
    var (low, high) = (low, high)
    for _ in 0..<40 {
      let width = abs(high.length - low.length)
      guard width > 1e-16 * max(low.length, high.length) else { break }
      let trial = try tried(Self.between(low, high), function)
      if !trial.value.isFinite || !descends(trial) || trial.value >= low.value {
        high = trial
        continue
      }
      if isFlat(trial) { return trial }
      if trial.slope * (high.length - low.length) >= 0 { high = low }
      low = trial
    }
    return low.length > 0 && low.value < start.value ? low : nil
  }

  /// The least point of the cubic through both ends, kept off them; the middle where that is of no use.
  private static func between(_ low: Trial, _ high: Trial) -> Double {
    let (a, b) = (low.length, high.length)
    let middle = (a + b) / 2
    guard high.value.isFinite, high.slope.isFinite else { return a + 0.1 * (b - a) }
    let first = low.slope + high.slope - 3 * (low.value - high.value) / (a - b)
    let square = first * first - low.slope * high.slope
    guard square >= 0 else { return middle }
    let second = (b > a ? 1.0 : -1) * square.squareRoot()
    let found = b - (b - a) * (high.slope + second - first) / (high.slope - low.slope + 2 * second)
    let (nearest, farthest) = (a + 0.1 * (b - a), a + 0.9 * (b - a))
    guard found.isFinite, found >= min(nearest, farthest), found <= max(nearest, farthest) else {
      return middle
    }
    return found
  }
}
