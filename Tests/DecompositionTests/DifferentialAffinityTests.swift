import Decomposition
import Foundation
import Support
import Testing

@Suite struct DifferentialAffinityTests {
  @Test func agreesWithTheReference() throws {
    let golden = ConnectomeGolden.sections["affinity"] as! [String: Any]
    let affinity = DifferentialAffinity(
      samplingRate: ConnectomeGolden.numbers(golden["fs"])[0],
      smoothing: ConnectomeGolden.numbers(golden["sigma_s"])[0], floorShare: 0)
    let changes = try affinity.changes(ConnectomeGolden.rows(golden["traces"]))
    let expected = ConnectomeGolden.rows(golden["pairs_by_time"])
    for time in 0..<changes.duration {
      #expect(ConnectomeGolden.difference(changes.affinities(at: time), expected.map { $0[time] }) < 1e-4)
    }
  }

  private func traces(_ seed: UInt64, _ neurons: Int = 5, _ duration: Int = 50) -> [[Double]] {
    var generator = RandomGenerator(seed: seed)
    return (0..<neurons).map { _ in
      var value = 0.0
      return (0..<duration).map { _ in
        value = 0.8 * value + generator.normal()
        return value
      }
    }
  }

  @Test(arguments: DifferentialAffinity.Kind.allCases, [0, 2])
  func affinitiesAreSymmetricAndNotNegative(_ kind: DifferentialAffinity.Kind, _ lag: Int) throws {
    let affinity = DifferentialAffinity(samplingRate: 4, kind: kind, lagTolerance: lag)
    let own = traces(1)
    let (pairs, order) = (NeuronPairs(neurons: 5), [4, 2, 0, 3, 1])
    let changes = try affinity.changes(own)
    let turned = try affinity.changes(order.map { own[$0] })
    for time in 0..<50 {
      let (a, b) = (changes.affinities(at: time), turned.affinities(at: time))
      #expect(a.allSatisfy { $0 >= 0 })
      for (i, j) in pairs.all {
        #expect(abs(b[pairs.index(i, j)] - a[pairs.index(order[i], order[j])]) < 1e-12)
      }
    }
  }

  @Test func eachKindIsItsFormula() throws {
    for kind in DifferentialAffinity.Kind.allCases {
      let changes = try DifferentialAffinity(samplingRate: 2, kind: kind).changes(traces(2, 3, 20))
      for time in 0..<20 {
        let z = (0..<3).map { changes.trace($0)[time] }
        let expected = NeuronPairs(neurons: 3).all.map { pair -> Double in
          let (a, b) = (z[pair.0], z[pair.1])
          guard a * b > 0 else { return 0 }
          switch kind {
          case .geometric: return sqrt(a * b)
          case .product: return a * b
          case .min: return min(abs(a), abs(b))
          case .riseOnly: return a > 0 ? sqrt(a * b) : 0
          }
        }
        #expect(ConnectomeGolden.difference(changes.affinities(at: time), expected) < 1e-12)
      }
    }
  }

  @Test func aLagIsTolerated() throws {
    var generator = RandomGenerator(seed: 3)
    let long = (0..<103).map { _ in generator.normal() }
    let late = [Array(long[3..<103]), Array(long[0..<100])]
    func mean(_ lag: Int) throws -> Double {
      let changes = try DifferentialAffinity(samplingRate: 4, smoothing: 0, lagTolerance: lag).changes(late)
      return (0..<100).reduce(0) { $0 + changes.affinities(at: $1)[0] } / 100
    }
    #expect(try mean(3) > 1.1 * mean(2) && mean(2) > mean(0))
  }

  @Test func theGlobalSignalGoes() throws {
    let (own, common) = (traces(4, 6, 400), traces(5, 1, 400)[0])
    let moved = own.map { zip($0, common).map { $0 + 3 * $1 } }
    func mean(_ removes: Bool) throws -> Double {
      let changes = try DifferentialAffinity(samplingRate: 4, removesGlobalSignal: removes).changes(moved)
      return (0..<400).reduce(0) { $0 + changes.affinities(at: $1).reduce(0, +) } / 6_000
    }
    #expect(try mean(true) < 0.6 * mean(false))
  }

  @Test func absentNeuronsAreMissingAndBinsAreMeans() throws {
    let affinity = DifferentialAffinity(samplingRate: 4)
    var second: [[Double]?] = traces(7, 4, 44)
    second[1] = nil
    let changes = [try affinity.changes(traces(6, 4, 41)), try affinity.changes(second)]
    let binned = try AffinityTensor(changes, bin: 1)
    #expect(binned.tensor.shape == [10, 2, 6] && binned.times == (0..<10).map { Double($0) + 0.5 })
    #expect(binned.isPresent[1] == [true, false, true, true])
    // The same tensor held and computed again, and the same fit.
    let streamed = try AffinityTensor(changes, bin: 1, isHeld: false)
    var (a, b) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
    let cp = NonNegativeCP(rank: 2, restarts: 2, sweeps: 20)
    #expect(cp.fit(binned.tensor, using: &a) == cp.fit(streamed.tensor, using: &b))
  }

  @Test func eventsAreAveraged() throws {
    let affinity = DifferentialAffinity(samplingRate: 2)
    let changes = try affinity.changes(traces(8, 3, 60))
    let aligned = try AffinityTensor([changes], around: [[10, 30, 59]], window: -2...4, bin: 1)
    #expect(aligned.tensor.shape == [6, 1, 3])
    #expect(aligned.times == [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5])
    #expect(throws: CajalError.self) { try AffinityTensor([changes], around: [[59]], window: -2...4) }
    #expect(throws: CajalError.self) { try AffinityTensor([changes], around: [], window: -2...4) }
  }

  @Test func badTracesAreRejected() throws {
    let affinity = DifferentialAffinity(samplingRate: 4)
    #expect(throws: CajalError.self) { try affinity.changes([[1, 2, 3]]) }
    #expect(throws: CajalError.self) { try affinity.changes([[1, 2, 3], [1, 2]]) }
    #expect(throws: CajalError.self) { try affinity.changes([[1, 2, 3], [1, .nan, 2]]) }
    #expect(throws: CajalError.self) { try affinity.changes([nil, nil]) }
    #expect(throws: CajalError.self) { try AffinityTensor([]) }
    let fast = try DifferentialAffinity(samplingRate: 8).changes(traces(1))
    #expect(throws: CajalError.self) { try AffinityTensor([affinity.changes(traces(1)), fast]) }
    #expect(throws: CajalError.self) {
      try AffinityTensor([affinity.changes(traces(1)), affinity.changes(traces(1, 6))])
    }
  }

  @Test func pairsAreCountedOnce() {
    let pairs = NeuronPairs(neurons: 6)
    for (position, pair) in pairs.all.enumerated() {
      #expect(pairs.index(pair.0, pair.1) == position && pairs.index(pair.1, pair.0) == position)
    }
    let values = (0..<15).map(Double.init)
    #expect(pairs.unfolded(pairs.folded(values)) == values)
    #expect(pairs.folded(values)[5][4] == 14 && pairs.folded(values)[3][3] == 0)
  }
}
