import Decomposition
import StudyCore
import Support

/// Affinities, decompositions and description lengths beside reference vectors.
struct ConnectomeReference {
  private let tolerance: Double

  /// The file names the paper and gives its tolerance beside the sections.
  init(_ golden: inout GoldenFile) throws {
    if golden.names.contains("paper") { _ = golden.section("paper") }
    guard golden.names.contains("tolerance_rel") else {
      tolerance = 1e-6
      return
    }
    guard let value = golden.section("tolerance_rel")?.double, value >= 0 else {
      throw CajalError("'tolerance_rel' should be a number from 0 up")
    }
    tolerance = value
  }

  func compare(_ golden: inout GoldenFile) throws {
    for part in [affinity, factorisation, blocks] { try part(&golden) }
  }

  private func affinity(_ golden: inout GoldenFile) throws {
    guard let section = golden.section("affinity") else { return }
    var comparison = Comparison("affinity")
    let method = DifferentialAffinity(
      samplingRate: try positive(section, "fs"), smoothing: try positive(section, "sigma_s"), floorShare: 0)
    let changes = try method.changes(matrix(section["traces"], "affinity.traces"))
    let expected = try matrix(section["pairs_by_time"], "affinity.pairs_by_time")
    let absolute = try section.number("tolerance_abs")
    let rows = (0..<changes.duration).map { changes.affinities(at: $0) }
    guard expected.count == rows[0].count else {
      throw CajalError("'affinity.pairs_by_time' has \(expected.count) pairs, expected \(rows[0].count)")
    }
    for (pair, row) in expected.enumerated() {
      comparison.check(rows.map { $0[pair] }, row, absolute: absolute, relative: tolerance)
    }
    golden.report(comparison)
  }

  private func factorisation(_ golden: inout GoldenFile) throws {
    guard let section = golden.section("ntf") else { return }
    var comparison = Comparison("ntf")
    let (values, shape) = try flattened(section["X_time_worm_pair"], "ntf.X_time_worm_pair")
    let (mask, maskShape) = try flattened(section["mask"], "ntf.mask")
    guard shape == maskShape else {
      throw CajalError("'ntf.mask' has the shape \(maskShape), expected \(shape)")
    }
    let tensor = try NonNegativeTensor(values, shape: shape, missing: .entries(mask.map { $0 == 0 }))
    let start = try factors(section["init"], shape, try section.integer("rank"), "ntf.init")
    let later = try section.number("tolerance_rel_after_20")
    for (sweeps, relative) in [(1, tolerance), (20, later)] {
      let run = NonNegativeCP(rank: start.rank, sweeps: sweeps, stopping: .none).run(tensor, from: start)
      let expected = try factors(section["after_\(sweeps)"], shape, start.rank, "ntf.after_\(sweeps)")
      for axis in shape.indices {
        comparison.check(
          run.factors.columns[axis].flatMap { $0 }, expected.columns[axis].flatMap { $0 }, absolute: 1e-7,
          relative: relative)
      }
      comparison.check(
        run.error, try section.number("rel_error_after_\(sweeps)"), absolute: 1e-8, relative: relative)
    }
    golden.report(comparison)
  }

  private func blocks(_ golden: inout GoldenFile) throws {
    guard let section = golden.section("wsbm") else { return }
    var comparison = Comparison("wsbm")
    let ends = try matrix(section["edges"], "wsbm.edges")
    let weights = try section.numbers("weights")
    guard ends.count == weights.count, ends.allSatisfy({ $0.count == 2 }) else {
      throw CajalError("'wsbm.weights' should have a number for each pair of 'wsbm.edges'")
    }
    let graph = try WeightedGraph(
      count: try section.integer("N"),
      edges: zip(ends, weights).map { .init(Int($0[0]), Int($0[1]), weight: $1) })
    guard let partitions = section["partitions"].object, !partitions.isEmpty else {
      throw CajalError("'wsbm.partitions' should be an object of partitions")
    }
    let (alpha, beta) = (try positive(section, "alpha"), try positive(section, "beta"))
    for name in partitions.keys.sorted() {
      let partition = partitions[name]!
      guard name.hasSuffix("_dc") || name.hasSuffix("_ndc") else {
        throw CajalError("'wsbm.partitions.\(name)' should end in _dc or _ndc")
      }
      let model = WeightedSBM(kind: name.hasSuffix("_ndc") ? .notDegreeCorrected : .degreeCorrected)
      let length = try model.descriptionLength(
        graph, labels: try partition.integers("labels"), alpha: alpha, beta: beta)
      for (value, key) in [
        (length.total, "description_length"), (-length.topology, "ln_P_A"), (-length.edges, "ln_P_e"),
        (-length.partition, "ln_P_b"), (-length.degrees, "ln_P_k"), (-length.weights, "ln_P_x"),
      ] {
        comparison.check(value, try partition.number(key), absolute: 1e-7, relative: tolerance)
      }
    }
    golden.report(comparison)
  }
}

// Reading.
extension ConnectomeReference {
  private func positive(_ section: JSONValue, _ key: String) throws -> Double {
    let value = try section.number(key)
    guard value > 0 else { throw CajalError("'\(key)' should be above 0, not \(value)") }
    return value
  }

  private func matrix(_ value: JSONValue, _ key: String) throws -> [[Double]] {
    let (values, shape) = try flattened(value, key)
    guard shape.count == 2 else { throw CajalError("'\(key)' should be an array of arrays of numbers") }
    return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }

  /// A nested array of numbers and its shape.
  private func flattened(_ value: JSONValue, _ key: String) throws -> ([Double], [Int]) {
    guard let array = value.array, !array.isEmpty else { throw CajalError("'\(key)' should be an array") }
    let numbers = array.compactMap(\.double)
    if numbers.count == array.count { return (numbers, [numbers.count]) }
    let parts = try array.map { try flattened($0, key) }
    guard Set(parts.map(\.1)).count == 1 else { throw CajalError("'\(key)' has rows of different lengths") }
    return (parts.flatMap(\.0), [parts.count] + parts[0].1)
  }

  private func factors(_ value: JSONValue, _ shape: [Int], _ rank: Int, _ key: String) throws -> CPFactors {
    guard let axes = value.array, axes.count == shape.count else {
      throw CajalError("'\(key)' should have a factor for each of \(shape.count) axes")
    }
    return CPFactors(
      columns: try axes.enumerated().map { axis, rows in
        let matrix = try matrix(rows, key)
        guard matrix.count == shape[axis], matrix[0].count == rank else {
          throw CajalError("'\(key)', axis \(axis): expected \(shape[axis]) rows of \(rank) numbers")
        }
        return (0..<rank).map { component in matrix.map { $0[component] } }
      })
  }
}
