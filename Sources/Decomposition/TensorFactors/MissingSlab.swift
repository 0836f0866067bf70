import Support

/// What the model says about entries that are missing alike along the first axis, without ever filling them in.
///
/// With `D_q[r, s] = Σ_k missing[q, k] c_k^r c_k^s` the missing part of every sum is a small product: the first axis
/// enters by its scalar products alone.
final class MissingSlab {
  typealias Values = UnsafeMutablePointer<Double>
  private let work: CPWorkspace
  /// `[q, k]`: 1 where missing.
  private let flags: Values
  /// The product of all axes but the first and the last.
  private let middle: Int
  /// `[q, r, s]`
  private let overlaps: Values
  /// `[R, q]`: products of the columns of the middle axes, at the sweep's start and now.
  private let (before, now): (Values, Values)
  /// `[r, s]`: scalar products of the first axis's columns of the sweep's start with those of now.
  private let shared: Values
  private let row: Values
  private let plane: Values

  init(_ flags: [Bool], _ work: CPWorkspace) {
    self.work = work
    let (rank, length) = (work.rank, work.length)
    middle = work.rows / work.shape[0]
    func make(_ count: Int) -> Values {
      let values = Values.allocate(capacity: count)
      values.initialize(repeating: 0, count: count)
      return values
    }
    self.flags = make(middle * length)
    for index in flags.indices where flags[index] { self.flags[index] = 1 }
    overlaps = make(middle * rank * rank)
    before = make(rank * middle)
    now = make(rank * middle)
    shared = make(rank * rank)
    row = make(length)
    plane = make(middle)
  }

  deinit { for values in [flags, overlaps, before, now, shared, row, plane] { values.deallocate() } }

  /// Takes the factors as they are as those of the sweep's start.
  func begin() {
    let (rank, length) = (work.rank, work.length)
    for (axis, size) in work.shape.enumerated() {
      work.earlier[axis].update(from: work.factors[axis], count: size * rank)
    }
    combineMiddle(into: before)
    let last = work.factors[work.shape.count - 1]
    for q in 0..<middle {
      for r in 0..<rank {
        for k in 0..<length { row[k] = last[r * length + k] * flags[q * length + k] }
        for s in r..<rank {
          let product = VectorLoops.dot(row, last + s * length, length)
          overlaps[(q * rank + r) * rank + s] = product
          overlaps[(q * rank + s) * rank + r] = product
        }
      }
    }
  }

  /// The outer products of the columns of the middle axes.
  private func combineMiddle(into out: Values) {
    for r in 0..<work.rank { work.combine(1..<work.shape.count - 1, r, into: out + r * middle) }
  }

  /// Adds the missing part to the target of an axis before the last.
  func add(to axis: Int) {
    if axis == 0 { addToFirst() } else { addToMiddle(axis) }
  }

  private func addToFirst() {
    let (rank, size) = (work.rank, work.shape[0])
    combineMiddle(into: now)
    for s in 0..<rank {
      for r in 0..<rank {
        var sum = 0.0
        for q in 0..<middle {
          sum += before[r * middle + q] * now[s * middle + q] * overlaps[(q * rank + r) * rank + s]
        }
        VectorLoops.add(work.earlier[0] + r * size, times: sum, size, to: work.target + s * size)
      }
    }
  }

  private func addToMiddle(_ axis: Int) {
    let rank = work.rank
    updateShared()
    for s in 0..<rank {
      for q in 0..<middle {
        var sum = 0.0
        for r in 0..<rank {
          sum += shared[r * rank + s] * before[r * middle + q] * overlaps[(q * rank + r) * rank + s]
        }
        plane[q] = sum
      }
      work.contract(plane, s, from: 1, to: axis, into: work.target + s * work.shape[axis], adding: true)
    }
  }

  /// Adds the missing part to the target of the last axis.
  func addToLast() {
    let (rank, length) = (work.rank, work.length)
    updateShared()
    combineMiddle(into: now)
    let last = work.earlier[work.shape.count - 1]
    for q in 0..<middle {
      let lacking = flags + q * length
      for s in 0..<rank {
        for k in 0..<length { row[k] = 0 }
        for r in 0..<rank {
          let weight = now[s * middle + q] * shared[r * rank + s] * before[r * middle + q]
          VectorLoops.add(last + r * length, times: weight, length, to: row)
        }
        let out = work.target + s * length
        for k in 0..<length { out[k] = out[k].addingProduct(row[k], lacking[k]) }
      }
    }
  }

  private func updateShared() {
    let (rank, size) = (work.rank, work.shape[0])
    for r in 0..<rank {
      for s in 0..<rank {
        shared[r * rank + s] = VectorLoops.dot(
          work.earlier[0] + r * size, work.factors[0] + s * size, size)
      }
    }
  }

  /// The sum of the squares of the model where nothing was observed, with the factors that ``begin()`` took.
  var modelSquares: Double {
    let rank = work.rank
    var sum = 0.0
    for r in 0..<rank {
      for s in 0..<rank {
        var inner = 0.0
        for q in 0..<middle {
          inner += before[r * middle + q] * before[s * middle + q] * overlaps[(q * rank + r) * rank + s]
        }
        sum += work.grams[0][r * rank + s] * inner
      }
    }
    return sum
  }
}
