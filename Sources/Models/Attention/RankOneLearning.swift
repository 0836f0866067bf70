import Support

/// Gradient descent on a tensor of rank one, `a ⊗ b ⊗ c`, towards another (Singh et al., 2024, section 5.1): three factors that can each
/// only learn once the others are there, the smallest model of an abrupt change.
///
/// The loss is half the mean squared difference of all elements; it and its gradient follow from nine scalar products.
public struct RankOneLearning: Sendable, Equatable {
  /// Three vectors each, of any lengths.
  public let target, start: [[Double]]

  /// - Throws: `CajalError` when there are not three vectors of the same lengths.
  public init(target: [[Double]], start: [[Double]]) throws {
    guard target.count == 3, start.map(\.count) == target.map(\.count), !target.contains(where: \.isEmpty)
    else {
      throw CajalError(
        "vectors of lengths \(target.map(\.count)) and \(start.map(\.count)), expected three and as long")
    }
    (self.target, self.start) = (target, start)
  }

  /// Standard normal vectors.
  public init(dimension: Int = 20, using generator: inout RandomGenerator) {
    precondition(dimension > 0, "a dimension of \(dimension)")
    func vectors(_ generator: inout RandomGenerator) -> [[Double]] {
      (0..<3).map { _ in (0..<dimension).map { _ in generator.normal() } }
    }
    (target, start) = (vectors(&generator), vectors(&generator))
  }

  /// What happened in a run.
  public struct Course: Sendable, Equatable {
    /// After 0, 1, … steps.
    public var losses: [Double] = []
    /// `1 - cos²` between the first vector and its target, after 0, 1, … steps.
    public var angles: [Double] = []
    /// The loss with the others replaced by their targets, with the better sign.
    public var unhindered: [Double] = []
    /// The vectors in the end.
    public var vectors: [[Double]] = []
  }

  /// - Parameters:
  ///   - clamped: Which of the three are held at their targets.
  ///   - steps: Steps of gradient descent; the course has one entry more.
  public func run(steps: Int = 1_000, learningRate: Double = 1, clamped: Set<Int> = []) -> Course {
    var vectors = start
    for index in clamped { vectors[index] = target[index] }
    var course = Course()
    for step in 0...steps {
      course.losses.append(loss(vectors))
      let (own, aim) = (vectors[0], target[0])
      let cosine = dot(own, aim) / (dot(own, own) * dot(aim, aim)).squareRoot()
      course.angles.append(1 - cosine * cosine)
      course.unhindered.append(
        [1, -1].map { sign in loss([own.map { sign * $0 }, target[1], target[2]]) }.min()!)
      guard step < steps else { break }
      let gradients = (0..<3).map { clamped.contains($0) ? [] : gradient(vectors, $0) }
      for index in 0..<3 where !clamped.contains(index) {
        vectors[index] = zip(vectors[index], gradients[index]).map { $0 - learningRate * $1 }
      }
    }
    course.vectors = vectors
    return course
  }

  /// The loss of vectors of the target's lengths.
  public func loss(_ vectors: [[Double]]) -> Double {
    let products = (0..<3).map { index in
      (
        dot(target[index], target[index]), dot(target[index], vectors[index]),
        dot(vectors[index], vectors[index])
      )
    }
    let square =
      products.reduce(1) { $0 * $1.0 } - 2 * products.reduce(1) { $0 * $1.1 }
      + products.reduce(1) { $0 * $1.2 }
    return 0.5 * square / elements
  }

  /// The derivative of the loss by one of the vectors.
  public func gradient(_ vectors: [[Double]], _ index: Int) -> [Double] {
    let others = (0..<3).filter { $0 != index }
    let own = others.reduce(1) { $0 * dot(vectors[$1], vectors[$1]) } / elements
    let aim = others.reduce(1) { $0 * dot(vectors[$1], target[$1]) } / elements
    return zip(vectors[index], target[index]).map { own * $0 - aim * $1 }
  }

  private var elements: Double { target.reduce(1) { $0 * Double($1.count) } }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
