import Support

/// Sweeps of hierarchical alternating least squares over one tensor from one start.
///
/// The tensor is read twice a sweep, not once for every axis: its product with the last factor serves all other axes, since that
/// factor does not change before its own turn.
final class CPIteration {
  private let tensor: NonNegativeTensor
  private let innerSweeps: Int
  let work: CPWorkspace
  private let slab: MissingSlab?
  private var filled: FilledEntries?
  private let chunks: [Range<Int>]
  /// The first axis's share of ``CPWorkspace/target`` for each chunk.
  private let partial: UnsafeMutablePointer<Double>

  init(_ tensor: NonNegativeTensor, from start: CPFactors, innerSweeps: Int) {
    self.tensor = tensor
    self.innerSweeps = innerSweeps
    work = CPWorkspace(shape: tensor.shape, rank: start.rank)
    work.set(start)
    let first = tensor.shape[0]
    // By size alone, so that sums do not depend on the number of threads.
    let count = min(first, max(1, min(16, tensor.count / 32_768)))
    chunks = (0..<count).map { first * $0 / count..<first * ($0 + 1) / count }
    partial = .allocate(capacity: count * start.rank * work.length)
    switch tensor.missing {
    case .none: (slab, filled) = (nil, nil)
    case .alike(let flags): (slab, filled) = (flags.contains(true) ? MissingSlab(flags, work) : nil, nil)
    case .entries(let flags): (slab, filled) = (nil, FilledEntries(tensor, flags))
    }
    slab?.begin()
    filled?.fill(work)
  }

  deinit { partial.deallocate() }

  /// One sweep over all axes; the relative error of what was observed: ‖x - model‖ / ‖x‖.
  func sweep() -> Double {
    let last = work.shape.count - 1
    project()
    for axis in 0..<last {
      let size = work.shape[axis]
      for r in 0..<work.rank {
        work.contract(
          work.projected + r * work.rows, r, from: 0, to: axis, into: work.target + r * size, adding: false)
      }
      slab?.add(to: axis)
      work.update(axis, sweeps: innerSweeps)
    }
    work.combineFactors()
    collect()
    work.observedTarget.update(from: work.target, count: work.rank * work.length)
    slab?.addToLast()
    work.update(last, sweeps: innerSweeps)
    return error()
  }

  /// The relative error; factors are normalised on the way.
  private func error() -> Double {
    let (last, rank, length) = (work.shape.count - 1, work.rank, work.length)
    let inner = VectorLoops.dot(work.factors[last], work.observedTarget, rank * length)
    work.combineGrams(without: nil)
    let model = (0..<rank * rank).reduce(0.0) { $0 + work.gram[$1] }
    work.normalise()
    var squares = tensor.squares + (filled?.squares ?? 0) - 2 * inner + model
    if let slab {
      slab.begin()
      squares -= slab.modelSquares
    }
    squares -= filled?.fill(work) ?? 0
    return (max(0, squares) / tensor.squares).squareRoot()
  }

  /// The tensor times the last factor.
  private func project() {
    let perIndex = work.rows / work.shape[0]
    eachSlab { [work = SendableWork(work)] chunk, values, range in
      let work = work.value
      VectorLoops.products(
        values, range.count * perIndex, work.factors[work.shape.count - 1], work.rank, work.length,
        into: work.projected + range.lowerBound * perIndex, stride: work.rows)
    }
  }

  /// The tensor times all factors but the last.
  private func collect() {
    let perIndex = work.rows / work.shape[0]
    let size = work.rank * work.length
    let sums = SendableAddress(partial)
    eachSlab { [work = SendableWork(work)] chunk, values, range in
      let work = work.value
      let own = sums.pointer! + chunk * size
      own.update(repeating: 0, count: size)
      VectorLoops.accumulate(
        values, range.count * perIndex, weights: work.products + range.lowerBound * perIndex,
        stride: work.rows, work.rank, work.length, into: own)
    }
    work.target.update(from: partial, count: size)
    for chunk in 1..<max(1, chunks.count) {
      VectorLoops.add(partial + chunk * size, times: 1, size, to: work.target)
    }
  }

  /// Gives `body` every chunk of the tensor with its number and its indices of the first axis, on all threads.
  private func eachSlab(
    _ body: @escaping @Sendable (Int, UnsafePointer<Double>, Range<Int>) -> Void
  ) {
    let (chunks, size) = (chunks, tensor.slabSize)
    switch tensor.source {
    case .values(let values):
      let given = filled.map { UnsafePointer($0.values) }
      values.withUnsafeBufferPointer { values in
        let base = SendableAddress(UnsafeMutablePointer(mutating: given ?? values.baseAddress!))
        parallelFor(chunks.count) { body($0, base.pointer! + chunks[$0].lowerBound * size, chunks[$0]) }
      }
    case .slabs(let fill):
      let longest = chunks.map(\.count).max()! * size
      parallelFor(chunks.count) { chunk in
        let buffer = UnsafeMutablePointer<Double>.allocate(capacity: longest)
        defer { buffer.deallocate() }
        fill(chunks[chunk], buffer)
        body(chunk, buffer, chunks[chunk])
      }
    }
  }
}

/// A workspace of which every chunk writes its own part.
private struct SendableWork: @unchecked Sendable {
  let value: CPWorkspace
  init(_ value: CPWorkspace) { self.value = value }
}

/// A copy of a tensor in which what was not observed takes the model's values.
private final class FilledEntries {
  let values: UnsafeMutablePointer<Double>
  private let positions: [Int]
  /// The sum of the squares of the filled values.
  private(set) var squares = 0.0

  init(_ tensor: NonNegativeTensor, _ missing: [Bool]) {
    guard case .values(let given) = tensor.source else {
      preconditionFailure("single entries can be missing only of a tensor in memory")
    }
    let copy = UnsafeMutablePointer<Double>.allocate(capacity: given.count)
    given.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress!, count: $0.count) }
    values = copy
    positions = missing.indices.filter { missing[$0] }
  }

  deinit { values.deallocate() }

  /// Fills in the model of the factors as they are; the sum of the squares of the changes.
  @discardableResult
  func fill(_ work: CPWorkspace) -> Double {
    work.combineFactors()
    let last = work.factors[work.shape.count - 1]
    var changes = 0.0
    squares = 0
    for position in positions {
      let (row, k) = position.quotientAndRemainder(dividingBy: work.length)
      var value = 0.0
      for r in 0..<work.rank { value += work.products[r * work.rows + row] * last[r * work.length + k] }
      changes += (value - values[position]) * (value - values[position])
      squares += value * value
      values[position] = value
    }
    return changes
  }
}
