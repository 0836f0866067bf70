import Foundation
import Neurons
import Support
import Testing

@Suite struct SparseDataTests {
  @Test func clusteredPatternsAreCorrelated() throws {
    var generator = RandomGenerator(seed: 1)
    let source = try CorrelatedPatterns(n: 500, a: 20, clusterSizes: [9], using: &generator)
    #expect(source.clusters.count >= 55 && source.clusters.count < 167)
    let clustered = source.patterns(2000, using: &generator)
    #expect(clustered.allSatisfy { $0.activeCount == 20 })
    let independent = SDRMatrix.random(count: 2000, n: 500, a: 20, using: &generator)
    let high = try SparseCodeStatistics(try SDRMatrix(clustered))
    let low = try SparseCodeStatistics(independent)
    #expect(high.patternCorrelation > 0.1 && abs(low.patternCorrelation) < 0.01)
    #expect(high.strongestCorrelation > low.strongestCorrelation + 0.1)
    #expect(low.meanActive == 20 && low.deviationOfActive == 0 && low.usedCells == 1)
    #expect(throws: CajalError.self) {
      try CorrelatedPatterns(n: 500, a: 5, clusterSizes: [9], using: &generator)
    }
    for _ in 0..<5 {
      let pool = try CorrelatedPatterns.randomPool(n: 300, a: 12, using: &generator)
      #expect(Set(pool.clusters.map(\.count)).isSubset(of: Set(2...9)))
    }
  }

  @Test func correlationsAreThoseOfPearson() throws {
    // Cells 0 and 1 always together, cell 2 alone: correlation 1 within each pattern of two.
    let codes = try (0..<10).map { try SDR($0 % 2 == 0 ? [0, 1] : [2], of: 3) }
    let statistics = try SparseCodeStatistics(try SDRMatrix(codes))
    #expect(
      abs(statistics.patternCorrelation - 1) < 1e-12 && abs(statistics.strongestCorrelation - 1) < 1e-12)
    #expect(statistics.meanActive == 1.5)
    #expect(throws: CajalError.self) { try SparseCodeStatistics(try SDRMatrix([codes[0]])) }
  }

  @Test func ranksShareTies() {
    #expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
    #expect(rankCorrelation([1, 2, 3], [3, 2, 1]) == -1)
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
    #expect(abs(rankCorrelation([1, 2, 2, 9], [1, 2, 3, 4]) - 4.5 / 22.5.squareRoot()) < 1e-12)
    #expect(rankCorrelation([1, 1], [1, 2]).isNaN)
  }

  @Test func poiraziMelPatternsAreOneHot() {
    var generator = RandomGenerator(seed: 2)
    let data = PoiraziMelPatterns(perClass: 50, using: &generator)
    var counts = [Int](repeating: 0, count: 400)
    for pattern in data.positive + data.negative {
      #expect(pattern.n == 400 && pattern.indices.map { $0 / 10 } == (0..<40).map { Int32($0) })
      for cell in pattern.indices { counts[Int(cell)] += 1 }
    }
    #expect(counts.allSatisfy { $0 == 10 })
  }

  @Test func encodersKeepSimilarity() throws {
    var generator = RandomGenerator(seed: 3)
    var encoder = try KWinnerEncoder(inputs: 100, n: 512, a: 20, using: &generator)
    let samples = (0..<(33 * 100)).map { _ in UInt8(generator.integer(below: 256)) }
    try encoder.fit(samples)
    let codes = try encoder.encode(samples)
    #expect(codes.count == 33 && codes.allSatisfy { $0.activeCount == 20 && $0.n == 512 })
    #expect(try encoder.encode(samples.map(Float.init)) == codes)
    // A slightly changed sample keeps most cells; another one does not.
    var near = Array(samples[..<100])
    near[0] = near[0] &+ 20
    let again = try encoder.encode(near)[0]
    #expect(again.overlap(codes[0]) >= 14 && codes[1].overlap(codes[0]) < 8)
    #expect(throws: CajalError.self) { try encoder.encode([UInt8](repeating: 0, count: 150)) }
    #expect(throws: CajalError.self) { try KWinnerEncoder(inputs: 10, n: 5, a: 6, using: &generator) }
    // No input at all: ties go to the first cells.
    let blank = try KWinnerEncoder(inputs: 10, n: 50, a: 3, using: &generator)
    #expect(try blank.encode([Float](repeating: 0, count: 10))[0].indices == [0, 1, 2])
  }

  @Test func numbersAndCategoriesHaveCodes() throws {
    let scalar = try ScalarEncoder(n: 100, a: 11, range: 0...10)
    #expect(try scalar.encode(0).indices.first == 0 && scalar.encode(10).indices.last == 99)
    #expect(try scalar.encode(-5) == scalar.encode(0))
    #expect(try scalar.encode(5).overlap(try scalar.encode(5.3)) > 5)
    #expect(try scalar.encode(1).overlap(try scalar.encode(9)) == 0)
    #expect(throws: CajalError.self) { try scalar.encode(.nan) }
    let words = try CategoryEncoder(n: 2048, a: 40, seed: 1)
    #expect(words.encode("cat") == words.encode("cat") && words.encode("cat").activeCount == 40)
    #expect(words.encode("cat").overlap(words.encode("dog")) < 8)
    #expect(try CategoryEncoder(n: 2048, a: 40, seed: 2).encode("cat") != words.encode("cat"))
  }

  @Test func matricesAreReadFromFiles() throws {
    func read(_ text: String) throws -> [SDR] {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("matrix-\(UUID()).csv").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try BinaryMatrixFile.read(path)
    }
    let expected = [try SDR([0, 2], of: 3), try SDR([1], of: 3)]
    for text in [
      "1,0,1\n0,1,0\n", "a,b,c\r\n1,0,1\r\n\r\n0,1,0", "1 0 1\n0 1.0 0", "1;0;1\n0;1;0\n", "1\t0\t1\n0\t1\t0",
    ] {
      #expect(try read(text) == expected)
    }
    func problem(_ text: String) -> String {
      (#expect(throws: CajalError.self) { try read(text) })?.message ?? ""
    }
    #expect(problem("1,0\n1,0,1\n").hasSuffix("line 2: 3 columns where 2 were expected"))
    #expect(problem("1,0\n1,2\n").hasSuffix("line 2, column 2: '2' is neither 0 nor 1"))
    #expect(problem("1,0\n1,x\n").hasSuffix("line 2, column 2: 'x' is neither 0 nor 1"))
    #expect(problem("1,0\n1,\n").contains("line 2, column 2"))
    #expect(problem("").hasSuffix("holds no samples"))
    #expect(throws: CajalError.self) { try BinaryMatrixFile.read("/nowhere/matrix.csv") }
  }
}
