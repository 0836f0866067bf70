import Alignment
import Foundation
import Statistics
import Support
import Tensors
import Testing

/// Reference numbers by NumPy, SciPy and scikit-learn; `Tests/Golden/make_alignment.py` makes them.
struct Reference: Decodable {
  let firstRows, secondRows, correlations: [[Double]]
  let lasso: [String: [[Double]]]
  let ridge: Ridge
  let dissimilarities: [String: [[Double]]]
  let agreement: [String: Double]
  let cka: [String: Double]
  let canonical: [Double]
  let svcca, pwcca, procrustesDisparity: Double
  let information: [[Double]]
  let laplacian: [Double]
  let crossnobis: Crossnobis
  struct Ridge: Decodable { let alphas: [Double], predicted: [[Double]] }
  struct Crossnobis: Decodable { let runs: [[[Double]]], distances: [Double] }

  static let known = try! JSONDecoder().decode(
    Reference.self,
    from: Data(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Golden/alignment.json")))

  var first: Tensor { matrix(firstRows) }
  var second: Tensor { matrix(secondRows) }
}

func matrix(_ rows: [[Double]]) -> Tensor { Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]) }

func largestError(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

/// Two populations that share three causes.
func populations(_ samples: Int, _ first: Int, _ second: Int, seed: UInt64 = 1, noise: Double = 0.5) -> (
  Tensor, Tensor
) {
  var generator = RandomGenerator(seed: seed)
  func normal(_ shape: [Int]) -> Tensor { .normal(shape, .float64, using: &generator) }
  let causes = normal([samples, 3])
  let (a, b) = (causes.matmul(normal([3, first])), causes.matmul(normal([3, second])))
  return (a + normal([samples, first]) * noise, b + normal([samples, second]) * noise)
}

/// A random orthogonal matrix.
func rotation(_ size: Int, seed: UInt64) -> Tensor {
  var generator = RandomGenerator(seed: seed)
  return Tensor.normal([size, size], .float64, using: &generator).qr().q
}

@Suite struct MatchingTests {
  let known = Reference.known

  @Test func correlationsAgreeWithNumPyHoweverTheyAreStreamed() throws {
    let whole = try JointMoments(known.first, known.second)
    var parts = JointMoments(first: 6, second: 5)
    for (start, end) in [(0, 7), (7, 8), (8, 40)] {
      try parts.add(known.first[start..<end], known.second[start..<end])
    }
    for moments in [whole, parts] {
      let correlations = moments.correlations()
      #expect(largestError(correlations.joint.doubles, known.correlations.flatMap { $0 }) < 1e-12)
      #expect(moments.count == 40 && correlations.silentFirst.isEmpty)
    }
    #expect(largestError(whole.means, parts.means) < 1e-12)
  }

  @Test func largeOffsetsCostNoDigitsAndSilentUnitsAreNamed() throws {
    let (a, b) = populations(200, 4, 3)
    let plain = try JointMoments(a, b).correlations().between.doubles
    let moved = try JointMoments(a + 1e7, b).correlations().between.doubles
    #expect(largestError(plain, moved) < 1e-7)
    let silent = Tensor.concatenated([a, Tensor.full([200, 1], 3, .float64)], axis: 1)
    let correlations = try JointMoments(silent, b).correlations()
    #expect(correlations.silentFirst == [4] && correlations.between[4].abs().sum().item == 0)
  }

  @Test func badActivityIsNamed() throws {
    let (a, b) = populations(20, 4, 3)
    #expect(throws: CajalError.self) { try JointMoments(a, b[0..<19]) }
    let broken = b.cloned()
    broken[3, 1] = Tensor(.nan, .float64)
    let error = #expect(throws: CajalError.self) { try JointMoments(a, broken) }
    #expect(error?.message.contains("unit 1 of the second") == true)
    #expect(throws: CajalError.self) { try PopulationSimilarity.linearCKA(a, broken) }
    #expect(throws: CajalError.self) { try PopulationSimilarity.matching(a, b[0..<3]) }
  }

  @Test func aPermutedPopulationIsFoundAgain() throws {
    let (a, _) = populations(300, 12, 3, noise: 2)
    var generator = RandomGenerator(seed: 4)
    let order = generator.permutation(12)
    let correlations = try JointMoments(a, -a.selected(Tensor(order), axis: 1)).correlations()
    let matching = UnitMatching.oneToOne(correlations.between, .absolute)
    #expect(matching.partners.enumerated().allSatisfy { order[$1] == $0 })
    #expect(abs(matching.mean - 1) < 1e-9 && matching.share(above: 0.99) == 1)
    #expect(UnitMatching.nearest(correlations.between, .absolute).partners == matching.partners)
    #expect(matching.columns == matching.partners)
  }

  @Test func moreUnitsThanPartnersLeaveSomeWithout() throws {
    let (a, b) = populations(100, 5, 3)
    let matching = UnitMatching.oneToOne(try JointMoments(a, b).correlations().between)
    #expect(matching.partners.count { $0 < 0 } == 2 && Set(matching.partners.filter { $0 >= 0 }).count == 3)
    #expect(matching.order.count == 5 && matching.columns.sorted() == [0, 1, 2])
  }

  @Test func mutualInformationAgreesAndSeesWhatCorrelationMisses() throws {
    let found = try MutualInformationMatrix(bins: 4).between((known.first - 100).relu(), known.second)
    #expect(largestError(found.doubles, known.information.flatMap { $0 }) < 1e-12)
    var generator = RandomGenerator(seed: 2)
    let x = Tensor.normal([4_000, 1], .float64, using: &generator)
    let other = Tensor.normal([4_000, 1], .float64, using: &generator)
    let bits = try MutualInformationMatrix().between(x, Tensor.concatenated([x.square(), other], axis: 1))
    #expect(bits[0, 0].item > 2 && abs(bits[0, 1].item) < 0.05)
    let same = try MutualInformationMatrix(isCorrected: false, isNormalised: true).between(x, x)
    #expect(abs(same.item - 1) < 1e-12)
  }

  @Test func clustersThatArePlantedAreFound() throws {
    var generator = RandomGenerator(seed: 8)
    let causes = Tensor.normal([500, 3], .float64, using: &generator)
    let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2]
    func population(_ seed: UInt64) -> Tensor {
      var generator = RandomGenerator(seed: seed)
      return causes.selected(Tensor(labels), axis: 1)
        + Tensor.normal([500, 9], .float64, using: &generator) * 0.4
    }
    let correlations = try JointMoments(population(1), population(2)).correlations()
    let clustering = try SpectralClustering(correlations.joint)
    #expect(clustering.eigengap(in: 2...6) == 3)
    let groups = clustering.groups(3, using: &generator)
    #expect(PartitionComparison(groups, labels + labels).adjustedRandIndex == 1)
    let joint = JointGroup.all(groups, correlations)
    #expect(joint.count == 3 && joint.allSatisfy { $0.isMixed(3) && $0.first == $0.second })
    #expect(joint.allSatisfy { $0.subspaceGain.isFinite && $0.meanCorrelation > 0.7 })
    let laplacian = try SpectralClustering(matrix(known.correlations)).eigenvalues
    #expect(largestError(laplacian, known.laplacian) < 1e-9)
    #expect(throws: CajalError.self) { try SpectralClustering(correlations.joint[0..<4]) }
  }

  /// Groups that span one space in different bases: single units match badly, the spaces well.
  @Test func aRotatedGroupIsTheSameSpace() throws {
    let (a, _) = populations(400, 4, 2, noise: 3)
    let correlations = try JointMoments(a, a.matmul(rotation(4, seed: 3))).correlations()
    let group = JointGroup(first: [0, 1, 2, 3], second: [0, 1, 2, 3], correlations, ridge: 1e-9)
    #expect(group.canonical.allSatisfy { $0 > 0.9999 } && group.subspaceGain > 0.05)
    #expect(JointGroup(first: [0], second: [], correlations).canonical.isEmpty)
  }
}
