import Decomposition
import Support
import Testing

@Suite struct NonNegativeCPTests {
  private let golden = ConnectomeGolden.sections["ntf"] as! [String: Any]

  private func factors(_ value: Any?) -> CPFactors {
    CPFactors(
      columns: (value as! [Any]).map { axis in
        let rows = ConnectomeGolden.rows(axis)
        return rows[0].indices.map { component in rows.map { $0[component] } }
      })
  }

  /// All three ways to say what is missing give the numbers of the reference.
  @Test func agreesWithTheReference() throws {
    let values = ConnectomeGolden.numbers(golden["X_time_worm_pair"])
    let missing = ConnectomeGolden.numbers(golden["mask"]).map { $0 == 0 }
    let slab = Array(missing.prefix(40))
    let streamed = try NonNegativeTensor(shape: [8, 4, 10], missingAlike: slab) { range, target in
      for index in 0..<range.count * 40 { target[index] = values[range.lowerBound * 40 + index] }
    }
    for tensor in [
      try NonNegativeTensor(values, shape: [8, 4, 10], missing: .alike(slab)),
      try NonNegativeTensor(values, shape: [8, 4, 10], missing: .entries(missing)), streamed,
    ] {
      for (sweeps, tolerance) in [(1, 1e-6), (20, 1e-5)] {
        let run = NonNegativeCP(rank: 2, sweeps: sweeps, stopping: .none).run(
          tensor, from: factors(golden["init"]))
        let expected = factors(golden["after_\(sweeps)"])
        for axis in 0..<3 {
          #expect(
            ConnectomeGolden.difference(
              run.factors.columns[axis].flatMap { $0 }, expected.columns[axis].flatMap { $0 })
              < tolerance)
        }
        let error = ConnectomeGolden.number(golden["rel_error_after_\(sweeps)"])
        #expect(abs(run.error - error) < 1e-6 && run.errors.count == sweeps)
      }
    }
  }

  /// A tensor of four axes that is a sum of three products, with a fifth of its entries missing.
  @Test func findsPlantedComponentsInFourAxes() throws {
    var generator = RandomGenerator(seed: 3)
    var planted = CPFactors.random(shape: [9, 7, 6, 11], rank: 3, in: 0...1, using: &generator)
    for axis in 0..<4 {
      for component in 0..<3 {
        for index in planted.columns[axis][component].indices where generator.uniform() < 0.5 {
          planted.columns[axis][component][index] = 0
        }
      }
    }
    let values = planted.values
    let holes = values.map { _ in generator.uniform() < 0.2 }
    let slab = (0..<462).map { _ in generator.uniform() < 0.2 }
    for missing in [NonNegativeTensor.Missing.none, .alike(slab), .entries(holes)] {
      let tensor = try NonNegativeTensor(values, shape: planted.shape, missing: missing)
      let fit = NonNegativeCP(rank: 3, restarts: 6, sweeps: 2_000, stopping: .relativeChange(1e-9)).fit(
        tensor, using: &generator)
      #expect(fit.best.error < 1e-3)
      #expect(fit.best.factors.matchScore(planted) > 0.999)
    }
  }

  @Test func theErrorIsThatOfTheModelAndFalls() throws {
    var generator = RandomGenerator(seed: 4)
    let values = (0..<13 * 5 * 37).map { _ in generator.uniform() }
    let holes = (0..<5 * 37).map { _ in generator.uniform() < 0.3 }
    for rank in [1, 2, 5, 9] {
      let tensor = try NonNegativeTensor(values, shape: [13, 5, 37], missing: .alike(holes))
      let run = NonNegativeCP(rank: rank, sweeps: 30, stopping: .none).run(
        tensor, from: .random(shape: [13, 5, 37], rank: rank, using: &generator))
      for (before, now) in zip(run.errors, run.errors.dropFirst()) { #expect(now <= before + 1e-12) }
      let model = run.factors.values
      var (distance, squares) = (0.0, 0.0)
      for index in values.indices where !holes[index % holes.count] {
        distance += (values[index] - model[index]) * (values[index] - model[index])
        squares += values[index] * values[index]
      }
      #expect(abs((distance / squares).squareRoot() - run.error) < 1e-9)
      #expect(run.factors.columns.joined().joined().allSatisfy { $0 >= 0 })
    }
  }

  @Test func matricesAreFactorisedToo() throws {
    var generator = RandomGenerator(seed: 5)
    let planted = CPFactors.random(shape: [12, 15], rank: 2, in: 0...1, using: &generator)
    let tensor = try NonNegativeTensor(planted.values, shape: [12, 15])
    let fit = NonNegativeCP(rank: 2, restarts: 3, sweeps: 3_000, stopping: .none).fit(
      tensor, using: &generator)
    #expect(fit.best.error < 2e-3)
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var generator = RandomGenerator(seed: 6)
    let values = (0..<40 * 6 * 300).map { _ in generator.uniform() }
    let tensor = try NonNegativeTensor(values, shape: [40, 6, 300])
    let threads = Threads.count
    defer { Threads.count = threads }
    var fits: [NonNegativeCP.Fit] = []
    for (count, restarts) in [(1, 1), (2, 1), (1, 3), (2, 3)] {
      Threads.count = count
      var own = RandomGenerator(seed: 7)
      fits.append(NonNegativeCP(rank: 4, restarts: restarts, sweeps: 8).fit(tensor, using: &own))
    }
    #expect(fits[0] == fits[1] && fits[2] == fits[3])
    #expect(fits[2].similarity > 0 && fits[2].similarity <= 1)
  }

  @Test func theRankIsSeen() throws {
    var generator = RandomGenerator(seed: 8)
    var planted = CPFactors.random(shape: [20, 8, 60], rank: 3, in: 0...1, using: &generator)
    for axis in [0, 2] {
      for component in 0..<3 {
        for index in planted.columns[axis][component].indices where index % 3 != component {
          planted.columns[axis][component][index] *= 0.1
        }
      }
    }
    let values = planted.values.map { $0 + 0.02 * generator.uniform() }
    let tensor = try NonNegativeTensor(values, shape: [20, 8, 60])
    let scan = try RankScan.run(
      tensor, ranks: 1...5, method: NonNegativeCP(rank: 1, restarts: 5, sweeps: 300), using: &generator)
    #expect(scan.entries.map(\.rank) == [1, 2, 3, 4, 5])
    #expect(scan.entries[2].similarity > 0.95 && scan.chosenRank(similarity: 0.95) >= 3)
    #expect(scan.entries[2].drop > 5 * scan.entries[3].drop)
    #expect(scan.entries[2].active == 3)
  }

  @Test func scaleAndOrderDoNotMatterToTheMatch() {
    var generator = RandomGenerator(seed: 9)
    let factors = CPFactors.random(shape: [5, 6, 7], rank: 3, using: &generator)
    var scaled = factors.reordered([2, 0, 1])
    scaled.columns[0][1] = scaled.columns[0][1].map { $0 * 7 }
    #expect(abs(factors.matchScore(scaled) - 1) < 1e-12)
    #expect(factors.matched(with: scaled).map(\.component) == [1, 2, 0])
    #expect(ConnectomeGolden.difference(factors.normalised(into: 2).values, factors.values) < 1e-12)
    let norms = factors.sorted.norms
    #expect(norms == norms.sorted(by: >))
  }

  @Test func badTensorsAreRejected() {
    #expect(throws: CajalError.self) { try NonNegativeTensor([1, 2, 3], shape: [2, 2]) }
    #expect(throws: CajalError.self) { try NonNegativeTensor([1, -2, 3, 4], shape: [2, 2]) }
    #expect(throws: CajalError.self) { try NonNegativeTensor([1, .nan, 3, 4], shape: [2, 2]) }
    #expect(throws: CajalError.self) { try NonNegativeTensor([0, 0, 0, 0], shape: [2, 2]) }
    #expect(throws: CajalError.self) { try NonNegativeTensor([1, 2], shape: [2]) }
    #expect(throws: CajalError.self) {
      try NonNegativeTensor([1, 2, 3, 4], shape: [2, 2], missing: .alike([true]))
    }
    #expect(throws: CajalError.self) {
      try NonNegativeTensor([1, 2, 3, 4], shape: [2, 2], missing: .entries([true, true, true, true]))
    }
    // What is missing need not be a number.
    #expect(throws: Never.self) {
      try NonNegativeTensor([1, .nan, 3, 4], shape: [2, 2], missing: .entries([false, true, false, false]))
    }
  }
}
