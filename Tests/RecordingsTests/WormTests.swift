import Foundation
import Recordings
import Support
import Tensors
import Testing

@Suite struct WormTests {
  private static let scratch = FileManager.default.temporaryDirectory
  private func place(_ name: String) -> URL {
    Self.scratch.appendingPathComponent("cajal-worm-\(UInt64.random(in: 0...(.max)))-\(name)")
  }

  @Test func namesOfLaboratoriesAreRead() {
    #expect(
      WormNeurons.all.count == 302 && WormNeurons.recorded.count == 300 && Set(WormNeurons.all).count == 302)
    let given = [
      "VB02", "DB10", "AS01", "avaL", "AVA", "AVA", "RID", "SMDV?", "?", "", "123", "RIML", "RIML", "AWCL",
    ]
    let found = WormNeurons.assign(given)
    #expect(
      found.map(\.name) == [
        "VB2", nil, "AS1", "AVAL", "AVAR", nil, "RID", "SMDVL", nil, nil, nil, "RIML", nil, "AWCON",
      ])
    #expect(
      found.map(\.isAmbiguous)
        == given.map { ["AVA", "SMDV?"].contains($0) && $0 != "x" }.enumerated().map {
          $0.offset == 5 ? false : $0.element
        })
    // The surer of two equal names keeps it.
    #expect(WormNeurons.assign(["RIS", "RIS"], confidence: [2, 5]).map(\.slot).first == .some(nil))
    let slots = found.compactMap(\.slot)
    #expect(Set(slots).count == slots.count)
  }

  @Test func madeWormsComeToOneForm() throws {
    var generator = RandomGenerator(seed: 2)
    var maker = SyntheticWorms()
    (maker.laboratories, maker.worms, maker.durations) = (4, 1, 60...90)
    let worms = try maker(using: &generator)
    var again = RandomGenerator(seed: 2)
    #expect(
      try maker(using: &again)[3].recording.activity.doubles.elementsEqual(
        worms[3].recording.activity.doubles
      ) { $0 == $1 || ($0.isNaN && $1.isNaN) })
    var corpus = WormCorpus()
    for worm in worms {
      var one = try WormHomogeniser()(worm.recording)
      one.source = "laboratory \(worm.laboratory)"
      #expect(
        abs((one.calcium.time?.step ?? 0) - 0.333) < 1e-12 && one.labelledCount > 0
          && one.native.activity.isNaN().to(.int64).sum().item == 0)
      #expect(one.inSlots(\.calcium).shape == [one.sampleCount, 302])
      corpus.append(one)
    }
    #expect(
      corpus.summary.count == 4
        && corpus.coverage.reduce(0, +) == corpus.worms.reduce(0) { $0 + $1.labelledCount })
    let folder = place("corpus")
    defer { try? FileManager.default.removeItem(at: folder) }
    try corpus.write(to: folder)
    let back = try WormCorpus(contentsOf: folder)
    #expect(
      back.worms.map(\.assignments) == corpus.worms.map(\.assignments) && back.summary == corpus.summary)
    #expect(back.worms[2].smoothResidual.activity.doubles == corpus.worms[2].smoothResidual.activity.doubles)
    let connectivity = FunctionalConnectivity(corpus)
    #expect(
      connectivity.worms.max() ?? 0 >= 2 && connectivity.correlation.allSatisfy { $0.isNaN || abs($0) <= 1 })
  }

  private func chain() throws -> Connectome {
    try Connectome(
      name: "chain", neurons: ["A", "B", "C", "D"],
      edges: [
        .init(0, 1, weight: 2, kind: .chemical), .init(1, 2, weight: 1, kind: .chemical),
        .init(2, 3, weight: 3, kind: .electrical), .init(0, 1, weight: 1.5, kind: .chemical),
      ])
  }

  @Test func wiresAreCounted() throws {
    let connectome = try chain().mirroringElectrical()
    #expect(connectome.edges.count == 4 && connectome.edges[0].weight == 3.5)
    #expect(connectome.hops() == [0, 1, 2, 3, -1, 0, 1, 2, -1, -1, 0, 1, -1, -1, 1, 0])
    #expect(connectome.hops(isDirected: false)[12] == 3)
    #expect(connectome.weights(.electrical)[11] == 3 && connectome.weights(.electrical)[14] == 3)
    #expect(throws: CajalError.self) { try Connectome(name: "x", neurons: ["A", "A"], edges: []) }
    #expect(throws: CajalError.self) {
      try Connectome(name: "x", neurons: ["A"], edges: [.init(0, 1, weight: 1, kind: .chemical)])
    }
  }

  @Test(arguments: ["csv", "graphml"])
  func wiringIsReadBack(format: String) throws {
    let url = place("wires.\(format)")
    defer { try? FileManager.default.removeItem(at: url) }
    let connectome = try chain().mirroringElectrical()
    try connectome.write(to: url)
    let back = try Connectome(contentsOf: url).arranged(connectome.neurons)
    #expect(back.edges == connectome.edges)
    try Data("nonsense <".utf8).write(to: url)
    #expect(throws: CajalError.self) { try Connectome(contentsOf: url) }
  }

  @Test func hostileGraphsAreRefused() throws {
    let url = place("hostile.graphml")
    defer { try? FileManager.default.removeItem(at: url) }
    let growing = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }
      .joined()
    let body = "<graph><node id=\"a\"/><node id=\"b\"/>"
    let wrong = [
      (
        "<!DOCTYPE g [<!ENTITY e0 \"x\">\(growing)]>\n<graphml>&e9;</graphml>",
        "line 1: declares a document type"
      ),
      (
        "<!DOCTYPE g [<!ENTITY f SYSTEM \"file:///etc/hostname\">]>\n<graphml>&f;</graphml>",
        "line 1: declares"
      ),
      (
        "<?xml version=\"1.0\"?>\n<graphml>\n\(body)\n<edge source=\"a\"/></graph></graphml>",
        "line 4: an edge without"
      ),
      ("<graphml>\(body)<edge source=\"a\" target=\"c\"/></graph></graphml>", "'c', which are no nodes"),
      (
        "<graphml>\(body)<edge source=\"a\" target=\"b\"><data key=\"weight\">nan</data></edge></graph></graphml>",
        "weight 'nan'"
      ),
      (
        "<graphml><graph><node id=\"\(String(repeating: "x", count: 5_000))\"/></graph></graphml>",
        "a tag of more than"
      ),
      ("<graphml>\(body)", "line 1"), ("<graphml></graphml>", "holds no graph"),
    ]
    for (text, reason) in wrong {
      try Data(text.utf8).write(to: url)
      #expect { try Connectome(contentsOf: url) } throws: {
        "\($0)".contains(url.path) && "\($0)".contains(reason)
      }
    }
  }

  /// What is left of a file after damage is read or refused, and ends nothing.
  @Test func damagedGraphsEndNothing() throws {
    let url = place("damaged.graphml")
    defer { try? FileManager.default.removeItem(at: url) }
    try chain().mirroringElectrical().write(to: url)
    let whole = [UInt8](try Data(contentsOf: url))
    var generator = RandomGenerator(seed: 12)
    var refused = 0
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0...generator.integer(below: 4) {
        bytes[generator.integer(below: bytes.count)] = UInt8(generator.integer(below: 256))
      }
      if generator.uniform() < 0.2 { bytes.removeLast(generator.integer(below: bytes.count)) }
      try Data(bytes).write(to: url)
      do { _ = try Connectome(contentsOf: url) } catch {
        #expect("\(error)".contains("damaged"))
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  /// Numbers of partners stay, partners do not.
  @Test func rewiringKeepsNumbersOfPartners() throws {
    var generator = RandomGenerator(seed: 4)
    var edges: [Connectome.Edge] = []
    for a in 0..<30 {
      for b in 0..<30 where a != b {
        if generator.uniform() < 0.15 { edges.append(.init(a, b, weight: 1, kind: .chemical)) }
        if a < b, generator.uniform() < 0.1 {
          edges.append(.init(a, b, weight: 1, kind: .electrical))
          edges.append(.init(b, a, weight: 1, kind: .electrical))
        }
      }
    }
    let wired = try Connectome(name: "random", neurons: (0..<30).map { "\($0)" }, edges: edges)
    let other = wired.rewired(using: &generator)
    func degrees(_ c: Connectome, _ kind: Connectome.Kind) -> [[Int]] {
      (0..<30).map { node in
        [
          c.edges.count { $0.kind == kind && $0.pre == node },
          c.edges.count { $0.kind == kind && $0.post == node },
        ]
      }
    }
    #expect(
      degrees(wired, .chemical) == degrees(other, .chemical)
        && degrees(wired, .electrical) == degrees(other, .electrical))
    #expect(other.edges != wired.edges && other.edges.allSatisfy { $0.pre != $0.post })
    let gaps = Set(other.edges.filter { $0.kind == .electrical }.map { [$0.pre, $0.post] })
    #expect(gaps.allSatisfy { gaps.contains([$0[1], $0[0]]) })
    #expect(wired.jaccardIndex(with: wired, kind: .chemical) == 1)
    let agreed = try Connectome.consensus([wired, wired, other], kind: .chemical, support: 2)
    #expect(
      agreed.connectome.edges.map { [$0.pre, $0.post] }
        == wired.edges.filter { $0.kind == .chemical }.map { [$0.pre, $0.post] })
  }

  @Test func predictionsOfAnAutoregressionAreRight() throws {
    var generator = RandomGenerator(seed: 7)
    var values = [Double]()
    var (one, two) = ([0.0, 0.0], [0.0, 0.0])
    for _ in 0..<6_000 {
      let next = (0..<2).map { 0.9 * one[$0] - 0.3 * two[$0] + generator.normal() }
      (two, one) = (one, next)
      values += next
    }
    let sequence = NextStepPrediction.Sequence(Tensor(values, shape: [6_000, 2]), mask: [true, true])
    let rule = NextStepPrediction.SharedAutoregression([sequence], lags: 2)
    #expect(abs(rule.weights[0] - 0.9) < 0.03 && abs(rule.weights[1] + 0.3) < 0.03)
    #expect(
      abs(rule.error(sequence) - 1) < 0.05 && rule.error(sequence) < NextStepPrediction.persistence(sequence))
    // Far ahead only the mean is known.
    #expect(rule.error(sequence, horizon: 12) < 1.1 * 1.0 / (1 - 0.49))
    #expect(abs(NextStepPrediction.LinearMap(sequence, alpha: 0).weights.doubles[1]) < 0.05)
  }
}
