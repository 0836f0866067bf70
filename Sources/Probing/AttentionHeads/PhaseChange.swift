import Support

/// When a loss leaves its plateau, and how abruptly (Singh et al., 2024, section 3.3).
public struct PhaseChange: Sendable, Equatable {
  /// The first iteration whose loss lies below the end of the change; nil if it never does.
  public let time: Int?
  /// The first iteration whose loss lies below the upper end of the change.
  public let onset: Int?
  /// Iterations that the loss stayed within the plateau's band, for the longest stretch of measurements; 0 for a single one.
  public let plateauLength: Int

  /// - Parameters:
  ///   - iterations: When losses were measured, ascending.
  ///   - plateau: The loss of the plateau: ln 2 where two labels are in context and chance decides between them.
  ///   - tolerance: Half the width of the plateau's band, and how far below the plateau the change begins, as a share of it.
  ///   - end: Where the change ends, as a share of the plateau.
  /// - Throws: `CajalError` when iterations do not ascend or are not as many as losses.
  public init(
    iterations: [Int], losses: [Double], plateau: Double, tolerance: Double = 0.1, end: Double = 0.4
  ) throws {
    guard iterations.count == losses.count, zip(iterations, iterations.dropFirst()).allSatisfy(<) else {
      throw CajalError(
        "\(iterations.count) iterations for \(losses.count) losses; as many are needed, in ascending order")
    }
    func first(below limit: Double) -> Int? { losses.firstIndex { $0 < limit }.map { iterations[$0] } }
    time = first(below: end * plateau)
    onset = first(below: (1 - tolerance) * plateau)
    var (start, longest): (Int?, Int) = (nil, 0)
    for (iteration, loss) in zip(iterations, losses) {
      if abs(loss - plateau) <= tolerance * plateau {
        start = start ?? iteration
        longest = max(longest, iteration - start!)
      } else {
        start = nil
      }
    }
    plateauLength = longest
  }

  /// The part of the whole time that the change itself took; nil if it did not happen.
  public var abruptness: Double? {
    guard let time, let onset, time > 0 else { return nil }
    return Double(time - onset) / Double(time)
  }
}
