/// Where in the depth of a model neurons of a kind lie, smoothed, and where the profile bends.
public struct DepthProfile: Sendable, Equatable {
  /// Neurons of the kind in each layer.
  public let counts: [Int]
  /// The mean over each layer and its two neighbours, fewer at the ends.
  public let smoothed: [Double]

  public init(_ counts: [Int]) {
    self.counts = counts
    smoothed = counts.indices.map { layer in
      let window = Swift.max(0, layer - 1)...Swift.min(counts.count - 1, layer + 1)
      return Double(counts[window].reduce(0, +)) / Double(window.count)
    }
  }

  /// The density of neurons in the first and the last third of the layers over that of the middle third; infinite where the
  /// middle is empty, not a number where all are.
  public var outerToMiddle: Double {
    let third = counts.count / 3
    let middle = counts[third..<counts.count - third]
    let outer = counts.prefix(third) + counts.suffix(third)
    let density = Double(outer.reduce(0, +)) / Double(outer.count)
    return density / (Double(middle.reduce(0, +)) / Double(middle.count))
  }

  /// The layer with the fewest neurons, smoothed; the first of equals.
  public var lowest: Int { smoothed.indices.min { (smoothed[$0], $0) < (smoothed[$1], $1) } ?? 0 }

  /// Where four parts of the depth would begin: the sharpest bend before the lowest layer, the sharpest one behind it, and
  /// behind the last local maximum. Fewer where the profile has none.
  ///
  /// A description, not a test: any profile has sharpest bends.
  public var boundaries: [Int] {
    func bend(_ layer: Int) -> Double { abs(smoothed[layer + 1] - 2 * smoothed[layer] + smoothed[layer - 1]) }
    let inner = Array(smoothed.indices.dropFirst().dropLast())
    func sharpest(_ layers: [Int]) -> Int? { layers.max { (bend($0), -$0) < (bend($1), -$1) } }
    let lowest = lowest
    let last = inner.last { smoothed[$0] > smoothed[$0 + 1] && smoothed[$0] >= smoothed[$0 - 1] }
    let found = [
      sharpest(inner.filter { $0 < lowest }), sharpest(inner.filter { $0 > lowest }), last.map { $0 + 1 },
    ]
    return Set(found.compactMap { $0 }).sorted()
  }
}
