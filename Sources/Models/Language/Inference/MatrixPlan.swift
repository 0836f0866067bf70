import CQuantised
import Support

/// Which rows make up a matrix, before there is memory for it.
struct MatrixPlan: Sendable {
  private let parts: [RowSource]
  /// Whether 16 rows of each part stand in turns, instead of part after part.
  private let inTurns: Bool

  init(_ parts: [RowSource], inTurns: Bool = false) {
    precondition(parts.allSatisfy { $0.columns == parts[0].columns })
    precondition(parts.count == 1 || parts.allSatisfy { $0.rows % 16 == 0 })
    precondition(!inTurns || parts.allSatisfy { $0.rows == parts[0].rows })
    (self.parts, self.inTurns) = (parts, inTurns)
  }

  private var rows: Int { parts.reduce(0) { $0 + $1.rows } }
  private var columns: Int { parts[0].columns }
  private var bits: Int { parts.map(\.bits).max()! }
  private var groups: Int { (rows + 15) / 16 }
  private var bytes: Int { groups * QuantisedMatrix.groupBytes(columns, bits: bits) }

  /// The part and the first row in it of a group of 16.
  private func place(_ group: Int) -> (part: Int, row: Int) {
    if inTurns { return (group % parts.count, group / parts.count * 16) }
    var row = group * 16
    for (index, part) in parts.enumerated() {
      if row < part.rows || index == parts.count - 1 { return (index, row) }
      row -= part.rows
    }
    preconditionFailure("no parts")
  }

  /// Makes the matrices, in one piece of memory, on all threads.
  static func fill(_ plans: [MatrixPlan]) throws -> [QuantisedMatrix] {
    let total = plans.reduce(0) { $0 + ($1.bytes + 63) / 64 * 64 }
    let memory = try WeightMemory(bytes: total)
    let matrices = plans.map {
      QuantisedMatrix(
        rows: $0.rows, columns: $0.columns, bits: $0.bits, at: memory.take($0.bytes), in: memory)
    }
    // Jobs of equal work, small enough that little of the file is in memory twice.
    let unit = 32
    let jobs = plans.indices.flatMap { plan in
      stride(from: 0, to: plans[plan].groups, by: unit).map { (plan: plan, first: $0) }
    }
    parallelFor(jobs.count) { index in
      let job = jobs[index]
      let last = min(job.first + unit, plans[job.plan].groups)
      plans[job.plan].fill(job.first..<last, of: matrices[job.plan])
    }
    return matrices
  }

  private func fill(_ groups: Range<Int>, of matrix: QuantisedMatrix) {
    let width = RowSource.bytes(columns, bits: bits)
    var done = [Range<Int>?](repeating: nil, count: parts.count)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 * width) { scratch in
      for group in groups {
        let (index, first) = place(group)
        let part = parts[index]
        let rows: [UnsafePointer<UInt8>?] = (0..<16).map { lane in
          first + lane < part.rows ? part.read(first + lane, bits, scratch.baseAddress! + lane * width) : nil
        }
        let pack = bits == 4 ? cajal_pack4 : cajal_pack8
        rows.withUnsafeBufferPointer { pack($0.baseAddress!, Int64(columns / 32), matrix.group(group)) }
        let end = min(first + 16, part.rows)
        done[index] = (done[index]?.lowerBound ?? first)..<end
      }
    }
    for (part, range) in zip(parts, done) { if let range { part.forget(range) } }
  }
}
