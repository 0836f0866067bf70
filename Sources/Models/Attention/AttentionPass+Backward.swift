/// The way back.
extension AttentionPass {
  func clearGradients() {
    streamGradient.update(repeating: 0, count: tokens * shape.width)
    for block in 0..<shape.blocks {
      projectedGradient[block].update(repeating: 0, count: tokens * 3 * shape.width)
      patternGradient[block].update(repeating: 0, count: squares)
      scoreGradient[block].update(repeating: 0, count: squares)
    }
  }

  /// From the gradient of logits `[B, K]` to that of the stream behind the last block.
  func readOutBack(
    _ logitGradient: Floats, _ weights: Floats, _ gradient: Floats, _ layout: AttentionOnlyLayout,
    transposed unembedding: Floats
  ) {
    let (width, length, labels) = (shape.width, shape.length, shape.labels)
    Kernels.product(
      finalHidden, rowStride: 1, columnStride: width, logitGradient, labels, gradient + layout.unembedding,
      labels, rows: width, inner: count, columns: labels, adds: true)
    Kernels.product(
      logitGradient, rowStride: labels, columnStride: 1, unembedding, width, scratch, width, rows: count,
      inner: labels, columns: width)
    for sequence in 0..<count {
      for label in 0..<labels {
        gradient[layout.unembeddingBias + label] += logitGradient[sequence * labels + label]
      }
      let place = sequence * width
      affineBack(
        scratch + place, finalNormal + place, weights + layout.norm, gradient + layout.norm,
        gradient + layout.normBias, width)
      let target = streamGradient + (sequence * length + length - 1) * width
      normaliseBack(scratch + place, finalNormal + place, finalScale[sequence], width, into: target)
    }
  }

  /// From the gradient of the stream behind a block to those of its patterns and values, which are added to `patterns` and `values`.
  func mixBack(
    _ block: Int, _ gradient: Floats, _ layout: AttentionOnlyLayout.Block, transposed output: Floats,
    ablated: [Bool], values: Floats, patterns patternTarget: Floats, valueTarget: Floats,
    isGiven: (_ head: Int, _ token: Int) -> Bool
  ) {
    let (length, heads, head, width) = (shape.length, shape.heads, shape.headWidth, shape.width)
    let first = firstRow(block)
    let rows = tokens / step(first)
    Kernels.product(
      mixed[block] + first * width, rowStride: 1, columnStride: step(first) * width,
      streamGradient + first * width, step(first) * width, gradient + layout.output, width, rows: width,
      inner: rows, columns: width, adds: true)
    Kernels.product(
      streamGradient + first * width, rowStride: step(first) * width, columnStride: 1, output, width,
      scratch + first * width, step(first) * width, rows: rows, inner: width, columns: width)
    for index in 0..<heads where !ablated[index] {
      for token in first..<length {
        let cut = isGiven(index, token)
        for sequence in 0..<count {
          let place = (sequence * heads + index) * length * length + token * length
          let above = scratch + (sequence * length + token) * width + index * head
          for other in 0...token {
            let column = (sequence * length + other) * 3 * width + 2 * width + index * head
            if !cut { patternTarget[place + other] += AttentionLoops.dot(above, values + column, head) }
            AttentionLoops.add(valueTarget + column, pattern[block][place + other], above, head)
          }
        }
      }
    }
  }

  /// From the gradients of a block's patterns, scores and values to that of the stream before it, which is added.
  func attendBack(
    _ block: Int, _ weights: Floats, _ gradient: Floats, _ layout: AttentionOnlyLayout.Block,
    transposed projection: Floats, temperatures: [Float]
  ) {
    let width = shape.width
    compareBack(block, temperatures)
    let rows = projectedGradient[block]
    turn(rows, -1)
    Kernels.product(
      hidden[block], rowStride: 1, columnStride: width, rows, 3 * width, gradient + layout.projection,
      3 * width, rows: width, inner: tokens, columns: 3 * width, adds: true)
    Kernels.product(
      rows, rowStride: 3 * width, columnStride: 1, projection, width, scratch, width, rows: tokens,
      inner: 3 * width, columns: width)
    for token in 0..<tokens {
      let place = token * width
      affineBack(
        scratch + place, normal[block] + place, weights + layout.norm, gradient + layout.norm,
        gradient + layout.normBias, width)
      normaliseBack(
        scratch + place, normal[block] + place, scale[block][token], width, into: scratch + place)
      AttentionLoops.add(streamGradient + place, 1, scratch + place, width)
    }
  }

  private func compareBack(_ block: Int, _ temperatures: [Float]) {
    let (length, heads, head) = (shape.length, shape.heads, shape.headWidth)
    let stride = 3 * shape.width
    for sequence in 0..<count {
      let rows = projected[block] + sequence * length * stride
      let targets = projectedGradient[block] + sequence * length * stride
      for index in 0..<heads {
        let factor = 1 / (Float(head).squareRoot() * temperatures[index])
        for token in firstRow(block)..<length {
          let place = ((sequence * heads + index) * length + token) * length
          let (weight, above) = (pattern[block] + place, patternGradient[block] + place)
          var mean: Float = 0
          for other in 0...token { mean += weight[other] * above[other] }
          let column = token * stride + index * head
          for other in 0...token {
            let change = scoreGradient[block][place + other] + weight[other] * (above[other] - mean)
            let key = other * stride + shape.width + index * head
            AttentionLoops.add(targets + column, factor * change, rows + key, head)
            AttentionLoops.add(targets + key, factor * change, rows + column, head)
          }
        }
      }
    }
  }
}
