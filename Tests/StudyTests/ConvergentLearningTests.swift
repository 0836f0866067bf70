import Alignment
import Datasets
import Foundation
import PopulationStudies
import Statistics
import StudyCore
import Support
import Tensors
import TestSupport
import Testing

@Suite struct ConvergentLearningTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(ConvergentLearning.self)

  @Test func quickRunAnswersForEveryClaim() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id).sorted() == ["1", "2", "3", "4", "5", "6"])
    #expect(claims.allSatisfy { !$0.measured.isEmpty })
    #expect(
      Set(record.findings.tables.map(\.name)) == ["matching", "sparse-prediction", "groups", "ablations"])
    #expect(record.findings.figures.count == 13)
    #expect(record.data.map(\.name).contains("Fashion-MNIST, train"))
    let value = { (name: String) in record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    // What holds whatever the size: trained twins match better than shuffled samples, and each unit's most similar one is at least
    // as similar as its partner.
    for layer in ["conv1", "conv2", "conv3", "fc1"] {
      #expect(value("oneToOne.\(layer)") > value("shuffled.\(layer)"))
      #expect(value("nearest.\(layer)") >= value("oneToOne.\(layer)"))
    }
    #expect(value("twin.sameStart.conv1") > value("oneToOne.conv1"))
  }

  private let small = [
    ("networks", "2"), ("trainImages", "200"), ("epochs", "1"), ("probeImages", "60"), ("channels", "4,6,8"),
    ("denseUnits", "12"), ("ablations", "false"), ("rotations", "3"),
  ]

  @Test func sameSeedSameMetricsWhateverTheThreads() throws {
    let first = try run(small).findings.metrics
    let threads = Threads.count
    Threads.count = 1
    defer { Threads.count = threads }
    let second = try run(small).findings.metrics
    #expect(first.count > 30 && first.map(\.name) == second.map(\.name))
    #expect(zip(first, second).allSatisfy { abs($0.value - $1.value) < 1e-9 })
  }

  private static let hasPretrained = [PackagedData.mobileNetV2, .efficientNetLite0, .photographs].allSatisfy {
    $0.isPresent()
  }

  @Test(.enabled(if: hasPretrained)) func pretrainedNetworksAreCompared() throws {
    let record = try run(small + [("crops", "1")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let value = { (name: String) in record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    #expect(value("pretrained.oneToOne.stem") > value("pretrained.shuffled.stem") + 0.2)
    #expect(record.findings.tables.first { $0.name == "pretrained" }?.rows.count == 2)
    #expect(record.findings.figures.contains { $0.name == "pretrained-pooled" })
  }

  @Test func wrongOptionsAndDataAreRejected() throws {
    #expect(throws: CajalError.self) { try run([("networks", "1")]) }
    #expect(throws: CajalError.self) { try run([("initialisation", "large")]) }
    #expect(try run(small + [("channels", "4,6")]).problem?.contains("three layers") == true)
    #expect(try run(small, data: "/nowhere").problem?.contains("/nowhere") == true)
  }

  @Test func referenceVectorsAgree() throws {
    let sections = try verified(file)
    #expect(sections.count == 2 && sections.allSatisfy(\.passes), "\(sections)")
  }

  @Test func damagedVectorsAreFound() throws {
    func failing(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      try verified(changed(change)).filter { !$0.passes }.map(\.name)
    }
    for name in ["semi_match_index", "bipartite_index", "mean_X", "sym_laplacian_eigs", "lasso_mse_per_unit"]
    {
      let found = try failing { content in
        var expected = content["expected"] as! [String: Any]
        var values = expected[name] as! [Double]
        values[1] += 0.01
        expected[name] = values
        content["expected"] = expected
      }
      #expect(found == ["expected"], "\(name)")
    }
    #expect(try failing { $0["expected"] = nil } == ["expected"])
    #expect(try failing { $0["more"] = 1 } == ["more"])
    #expect(
      try failing { content in
        var expected = content["expected"] as! [String: Any]
        expected["lasso_W"] = nil
        content["expected"] = expected
      } == ["expected"])
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ name: String, _ value: Any) throws -> String {
      let url = try changed { content in
        var inputs = content["inputs"] as! [String: Any]
        inputs[name] = value
        content["inputs"] = inputs
      }
      return (#expect(throws: CajalError.self) { try verified(url) })?.message ?? ""
    }
    #expect(try problem("X", "many").contains("'X'"))
    #expect(try problem("X", [[1, 2], [3]]).contains("'X'"))
    #expect(try problem("Y", [[1.0, 2.0]]).contains("'Y'"))
    #expect(try problem("lasso_lambda", -1).contains("'lasso_lambda'"))
  }

  /// The snippet of the study's page.
  @Test func theLibraryServesAnyTwoPopulations() throws {
    var generator = RandomGenerator(seed: 1)
    let first = Tensor.normal([500, 20], using: &generator)
    let second =
      first.selected(Tensor(generator.permutation(20)), axis: 1)
      + Tensor.normal([500, 20], using: &generator)

    var moments = JointMoments(first: 20, second: 20)
    for start in stride(from: 0, to: 500, by: 100) {
      try moments.add(first[start..<start + 100], second[start..<start + 100])
    }
    let correlations = moments.correlations()
    let partners = UnitMatching.oneToOne(correlations.between)
    let sparse = try SparseRegression(correlations).path([0.05])[0]
    let clustering = try SpectralClustering(correlations.joint)
    let groups = JointGroup.all(clustering.groups(20, using: &generator), correlations)
    let alike = try PopulationSimilarity.linearCKA(first, second).test(permutations: 99, using: &generator)
    #expect(partners.mean > 0.6 && sparse.meanInputs < 6 && !groups.isEmpty && alike.pGreater == 0.01)
  }
}
