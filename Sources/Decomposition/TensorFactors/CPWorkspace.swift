import Support

/// The numbers of a running decomposition, allocated once.
///
/// Factors lie component by component, so that every loop of an update runs along an axis.
final class CPWorkspace {
  typealias Values = UnsafeMutablePointer<Double>

  let shape: [Int]
  let rank: Int
  /// Products of all axes but the last: how many long rows the tensor has.
  let rows: Int
  /// The length of the last axis.
  let length: Int
  let factors: [Values]
  /// Those of the sweep's start, from which what is missing is filled in.
  let earlier: [Values]
  /// `[R, rows]`: the tensor times the last factor.
  let projected: Values
  /// `[R, rows]`: the product of all factors but the last.
  let products: Values
  /// `[R, largest axis]`: the tensor times all factors but one.
  let target: Values
  /// As it was before what is missing was added.
  let observedTarget: Values
  /// `[R, R]` of every axis.
  let grams: [Values]
  let gram: Values
  /// Two buffers of contractions.
  let scratch: (Values, Values)
  private let all: [Values]

  init(shape: [Int], rank: Int) {
    self.shape = shape
    self.rank = rank
    let (length, rows) = (shape.last!, shape.dropLast().reduce(1, *))
    (self.length, self.rows) = (length, rows)
    var allocated: [Values] = []
    func make(_ count: Int) -> Values {
      let values = Values.allocate(capacity: max(1, count))
      values.initialize(repeating: 0, count: max(1, count))
      allocated.append(values)
      return values
    }
    factors = shape.map { make($0 * rank) }
    earlier = shape.map { make($0 * rank) }
    projected = make(rank * rows)
    products = make(rank * rows)
    target = make(rank * shape.max()!)
    observedTarget = make(rank * length)
    grams = shape.map { _ in make(rank * rank) }
    gram = make(rank * rank)
    scratch = (make(rows), make(rows))
    all = allocated
  }

  deinit { for values in all { values.deallocate() } }

  func set(_ given: CPFactors) {
    for (axis, size) in shape.enumerated() {
      for component in 0..<rank {
        for index in 0..<size {
          factors[axis][component * size + index] = given.columns[axis][component][index]
        }
      }
      updateGram(axis)
    }
  }

  var result: CPFactors {
    CPFactors(
      columns: shape.enumerated().map { axis, size in
        (0..<rank).map { Array(UnsafeBufferPointer(start: factors[axis] + $0 * size, count: size)) }
      })
  }

  /// The scalar products of the components along an axis.
  func updateGram(_ axis: Int) {
    let (factor, size) = (factors[axis], shape[axis])
    for a in 0..<rank {
      for b in a..<rank {
        let product = VectorLoops.dot(factor + a * size, factor + b * size, size)
        grams[axis][a * rank + b] = product
        grams[axis][b * rank + a] = product
      }
    }
  }

  /// The product of the scalar products along all axes but one.
  func combineGrams(without axis: Int?) {
    for entry in 0..<rank * rank { gram[entry] = 1 }
    for other in shape.indices where other != axis {
      for entry in 0..<rank * rank { gram[entry] *= grams[other][entry] }
    }
  }

  /// Moves every column of a factor to its best place with all else held (Cichocki and Phan, 2009), `sweeps` times.
  func update(_ axis: Int, sweeps: Int) {
    combineGrams(without: axis)
    let (factor, size) = (factors[axis], shape[axis])
    for _ in 0..<sweeps {
      for r in 0..<rank where gram[r * rank + r] > 0 {
        improve(factor, r, size)
      }
    }
    updateGram(axis)
  }

  /// A few hundred places at a time, so that sums stay near.
  @inline(__always)
  private func improve(_ factor: Values, _ r: Int, _ size: Int) {
    let scale = 1 / gram[r * rank + r]
    let (own, aim) = (factor + r * size, target + r * size)
    let block = 256
    withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { buffer in
      let step = buffer.baseAddress!
      var start = 0
      while start < size {
        let count = min(block, size - start)
        for k in 0..<count { step[k] = aim[start + k] }
        for s in 0..<rank {
          VectorLoops.add(factor + s * size + start, times: -gram[s * rank + r], count, to: step)
        }
        for k in 0..<count {
          let value = own[start + k].addingProduct(step[k], scale)
          own[start + k] = value > 1e-12 ? value : 1e-12
        }
        start += count
      }
    }
  }

  /// Scales all columns but those of the last axis to length 1; the last takes the lengths.
  func normalise() {
    let last = shape.count - 1
    for axis in 0..<last {
      for r in 0..<rank {
        let length = grams[axis][r * rank + r].squareRoot()
        guard length > 0 else { continue }
        let (column, lastColumn) = (factors[axis] + r * shape[axis], factors[last] + r * shape[last])
        for index in 0..<shape[axis] { column[index] /= length }
        for index in 0..<shape[last] { lastColumn[index] *= length }
      }
      updateGram(axis)
    }
    updateGram(last)
  }
}
