import Support

/// A population cut into pieces that fit into a core's second cache with all that their steps need.
struct Tiling: Sendable {
  /// A run of neurons next to each other.
  struct Tile {
    /// The place of the first neuron among all, and within its row.
    let first, column: Int
    let count: Int
    /// Vectors that hold them, the last perhaps in part.
    var vectors: Int { (count + Lanes.width - 1) / Lanes.width }
  }

  /// What the steps of a tile may take of the cache, in bytes.
  private static let budget = 768 << 10
  private let rows, row, width: Int

  /// - Parameters:
  ///   - count: Neurons in all.
  ///   - row: Tiles do not cross multiples of this.
  ///   - bytes: What a neuron needs for all steps.
  init(_ count: Int, row: Int, bytes: Int) {
    rows = row == 0 ? 0 : count / row
    self.row = row
    // Small enough, too, for every thread to have several.
    let fitting = Self.budget / max(1, bytes * Lanes.width)
    let sharing = (count / Lanes.width + 8 * Threads.count - 1) / (8 * Threads.count)
    width = max(1, min(fitting, sharing, 256)) * Lanes.width
  }

  private var inRow: Int { (row + width - 1) / width }

  /// Every tile, split over the threads.
  func inParallel(_ body: @Sendable (Tile) -> Void) {
    parallelFor(rows * inRow) { index in
      let (batch, column) = (index / inRow, index % inRow * width)
      body(Tile(first: batch * row + column, column: column, count: min(width, row - column)))
    }
  }
}
