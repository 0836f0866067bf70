import Neurons
import Support
import Testing

@Suite struct SDRTests {
  @Test func setsBehaveAsSets() throws {
    let left = try SDR([5, 1, 64, 5, 130], of: 131)
    let right = try SDR([1, 2, 130], of: 131)
    #expect(left.indices == [1, 5, 64, 130] && left.activeCount == 4 && left.words.count == 3)
    #expect(left.overlap(right) == 2)
    #expect(left.union(right).indices == [1, 2, 5, 64, 130])
    #expect(left.intersection(right).indices == [1, 130])
    #expect(left.jaccard(right) == 0.4 && left.contains(64) && !left.contains(63) && !left.contains(500))
    #expect(SDR(cells: [0, 1, 0, 7] as [UInt8]).indices == [1, 3])
    #expect(throws: CajalError("cell 131 is not one of the 131 cells 0..<131")) { try SDR([131], of: 131) }
    #expect(throws: CajalError.self) { try SDR([-1], of: 131) }
  }

  @Test func noiseKeepsTheSparsityAndReplacesExactly() {
    var generator = RandomGenerator(seed: 5)
    for v in [0, 1, 10, 40] {
      let pattern = SDR.random(n: 100, a: 40, using: &generator)
      let noisy = pattern.withNoise(v, using: &generator)
      #expect(noisy.activeCount == 40 && noisy.overlap(pattern) == 40 - v)
    }
    let part = SDR.random(n: 100, a: 40, using: &generator).subsample(7, using: &generator)
    #expect(part.activeCount == 7 && part.subsample(9, using: &generator) == part)
  }

  @Test func randomCellsAreUniform() {
    var generator = RandomGenerator(seed: 9)
    var counts = [Int](repeating: 0, count: 50)
    for _ in 0..<10_000 {
      for cell in SDR.random(n: 50, a: 5, using: &generator).indices { counts[Int(cell)] += 1 }
    }
    // 1000 expected, standard deviation 30.
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test(arguments: [(1, 64), (8, 2048), (13, 100), (21, 4000), (500, 130), (2500, 2048)])
  func matricesCountLikePairs(count: Int, n: Int) throws {
    var generator = RandomGenerator(seed: 11)
    let codes = (0..<count).map { _ in
      SDR.random(n: n, a: generator.integer(below: n / 2), using: &generator)
    }
    let queries = (0..<5).map { _ in SDR.random(n: n, a: n / 3, using: &generator) }
    let matrix = try SDRMatrix(codes)
    #expect(matrix.codes == codes && matrix.count == count)
    let expected = queries.map { query in codes.map { Int32($0.overlap(query)) } }
    #expect(matrix.overlaps(with: try SDRMatrix(queries)) == expected.flatMap { $0 })
    for (query, row) in zip(queries, expected) {
      #expect(matrix.overlaps(with: query) == row)
      #expect(matrix.maximumOverlap(query) == Int(row.max()!))
      #expect(matrix.unionSizes(with: query) == codes.map { Int32($0.union(query).activeCount) })
      for theta in [0, 1, n / 6, n + 1] {
        #expect(matrix.matchCount(query, threshold: theta) == row.filter { $0 >= theta }.count)
      }
    }
    #expect(
      matrix.matchCounts(try SDRMatrix(queries), threshold: n / 6)
        == queries.map { matrix.matchCount($0, threshold: n / 6) })
    #expect(matrix.union() == codes.dropFirst().reduce(codes[0]) { $0.union($1) })
    #expect(matrix.transposed().transposed().codes == codes)
  }

  @Test(arguments: [(1, 64, 10), (511, 300, 7), (1500, 200, 90), (3000, 2048, 40)])
  func anIndexFindsWhatTheMatrixFinds(count: Int, n: Int, a: Int) {
    var generator = RandomGenerator(seed: 21)
    let matrix = SDRMatrix.random(count: count, n: n, a: a, using: &generator)
    let index = SDRIndex(matrix)
    let queries = [
      matrix[0], matrix[count - 1].withNoise(a / 4, using: &generator),
      SDR(cells: Array(repeating: 1, count: n)),
      SDR(cells: Array(repeating: 0, count: n)), SDR.random(n: n, a: n / 3, using: &generator),
    ]
    for query in queries {
      let overlaps = matrix.overlaps(with: query)
      for theta in [0, 1, 2, a / 3, a / 2, a, a + 1, n + 1] {
        let expected = overlaps.indices.filter { overlaps[$0] >= Int32(theta) }
        #expect(index.matches(query, threshold: theta) == expected)
        #expect(index.matchCount(query, threshold: theta) == expected.count)
      }
    }
    #expect(
      index.matchCounts(queries, threshold: a / 2)
        == queries.map { matrix.matchCount($0, threshold: a / 2) })
  }

  @Test func matricesTakePackedWordsAndRejectWrongOnes() throws {
    var generator = RandomGenerator(seed: 2)
    let codes = (0..<11).map { _ in SDR.random(n: 100, a: 9, using: &generator) }
    let matrix = try SDRMatrix(packed: codes.flatMap(\.words), count: 11, n: 100)
    #expect(matrix.codes == codes)
    var changed = matrix
    changed[10] = codes[0]
    #expect(changed[10] == codes[0] && changed.activeCounts[10] == 9 && changed[9] == codes[9])
    #expect(throws: CajalError.self) { try SDRMatrix(packed: [1, 2, 3], count: 2, n: 100) }
    #expect(throws: CajalError("code 0 has active cells beyond the last cell 99")) {
      try SDRMatrix(packed: [0, 1 << 36], count: 1, n: 100)
    }
    #expect(throws: CajalError.self) { try SDRMatrix([]) }
    #expect(throws: CajalError.self) {
      try SDRMatrix([codes[0], SDR.random(n: 101, a: 3, using: &generator)])
    }
  }
}
