import Datasets
import Support

/// Matrices the other way round, for gradients of what they read.
final class TransposedWeights {
  typealias Floats = UnsafeMutablePointer<Float>
  private let shape: AttentionOnlyConfiguration
  /// `[3 D, D]` and `[D, D]` for each block, `[K, D]`.
  let projections, outputs: [Floats]
  let unembedding: Floats

  init(_ shape: AttentionOnlyConfiguration) {
    self.shape = shape
    let square = shape.width * shape.width
    projections = (0..<shape.blocks).map { _ in .allocate(capacity: 3 * square) }
    outputs = (0..<shape.blocks).map { _ in .allocate(capacity: square) }
    unembedding = .allocate(capacity: shape.labels * shape.width)
  }

  deinit { for memory in projections + outputs + [unembedding] { memory.deallocate() } }

  func fill(_ weights: Floats, _ layout: AttentionOnlyLayout) {
    let width = shape.width
    for (index, block) in layout.blocks.enumerated() {
      HatchlingProducts.transpose(
        weights + block.projection, rows: width, columns: 3 * width, projections[index])
      HatchlingProducts.transpose(weights + block.output, rows: width, columns: width, outputs[index])
    }
    HatchlingProducts.transpose(
      weights + layout.unembedding, rows: width, columns: shape.labels, unembedding)
  }
}

/// The embedding of a batch: exemplars that occur in several sequences are mapped once, which saves half of all work where there are
/// few classes.
final class EmbeddedExemplars {
  typealias Floats = UnsafeMutablePointer<Float>
  private let shape: AttentionOnlyConfiguration
  /// Rows of the features in this batch, and which of them each token is.
  private var rows: [Int] = []
  private var indices: [Int] = []
  /// `[U, F]`, `[U, D]`, and rows that there is room for.
  private var inputs, outputs: Floats
  private var capacity = 1

  init(_ shape: AttentionOnlyConfiguration) {
    self.shape = shape
    inputs = .allocate(capacity: shape.dimension)
    outputs = .allocate(capacity: shape.width)
  }

  deinit {
    inputs.deallocate()
    outputs.deallocate()
  }

  /// Tokens `[B, T, D]` into `stream`.
  @inline(never)
  func forward(
    _ batch: FewShotBatch, _ features: FewShotFeatures, _ weights: Floats, _ layout: AttentionOnlyLayout,
    into stream: Floats
  ) {
    gather(batch, features)
    let (width, inner) = (shape.width, shape.dimension)
    for row in rows.indices {
      (outputs + row * width).update(from: weights + layout.embeddingBias, count: width)
    }
    HatchlingProducts.product(
      inputs, rowStride: inner, columnStride: 1, weights + layout.embedding, width, outputs, width,
      rows: rows.count, inner: inner, columns: width, adds: true)
    for token in 0..<batch.count * batch.length {
      (stream + token * width).update(
        from: place(token, batch, outputs, weights + layout.labels), count: width)
    }
  }

  /// Where the vector of a token lies, among those of exemplars or of labels.
  private func place(_ token: Int, _ batch: FewShotBatch, _ exemplars: Floats, _ labels: Floats) -> Floats {
    let (sequence, position) = (token / batch.length, token % batch.length)
    let pairs = batch.contextPairs
    return position % 2 == 0
      ? exemplars + indices[sequence * (pairs + 1) + position / 2] * shape.width
      : labels + batch.labels[sequence * pairs + position / 2] * shape.width
  }

  private func gather(_ batch: FewShotBatch, _ features: FewShotFeatures) {
    var known: [Int: Int] = [:]
    rows.removeAll(keepingCapacity: true)
    indices.removeAll(keepingCapacity: true)
    for exemplar in batch.exemplars {
      let index = known[exemplar] ?? rows.count
      if index == rows.count {
        known[exemplar] = index
        rows.append(exemplar)
      }
      indices.append(index)
    }
    let inner = shape.dimension
    if capacity < rows.count {
      inputs.deallocate()
      outputs.deallocate()
      capacity = rows.count
      inputs = .allocate(capacity: capacity * inner)
      outputs = .allocate(capacity: capacity * shape.width)
    }
    features.values.withUnsafeBufferPointer { values in
      for (index, row) in rows.enumerated() {
        (inputs + index * inner).update(from: values.baseAddress! + row * inner, count: inner)
      }
    }
  }

  /// From the gradient of tokens to those of the embedding.
  func backward(
    _ batch: FewShotBatch, _ above: Floats, _ gradient: Floats, _ layout: AttentionOnlyLayout
  ) {
    let (width, inner) = (shape.width, shape.dimension)
    outputs.update(repeating: 0, count: rows.count * width)
    for token in 0..<batch.count * batch.length {
      AttentionLoops.add(
        place(token, batch, outputs, gradient + layout.labels), 1, above + token * width, width)
    }
    for row in rows.indices {
      AttentionLoops.add(gradient + layout.embeddingBias, 1, outputs + row * width, width)
    }
    HatchlingProducts.product(
      inputs, rowStride: 1, columnStride: inner, outputs, width, gradient + layout.embedding, width,
      rows: inner, inner: rows.count, columns: width, adds: true)
  }
}
