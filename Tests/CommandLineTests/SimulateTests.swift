import Foundation
import Testing

@Suite struct SimulateTests {
  let cajal = Program()
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static let network = """
    {
      "name": "small", "step": "0.1 ms", "duration": "300 ms", "seed": 3,
      "populations": {
        "a": {"neurons": 400, "model": "current-lif", "parameters": {"rest": "-49 mV"},
              "start": {"membrane": {"uniform": ["-60 mV", "-50 mV"]}}},
        "b": {"neurons": 100, "like": "a"}
      },
      "connections": [
        {"from": "a", "to": ["a", "b"], "rule": {"fixedProbability": 0.1}, "weight": "1 mV", "delay": "0.5 ms"},
        {"from": "b", "to": "a", "rule": {"fixedInDegree": 10}, "weight": {"uniform": ["4 mV", "6 mV"]}, "delay": "0.5 ms",
         "receptor": "inhibitory",
         "plasticity": {"rule": "inhibitory-stdp", "bounds": ["0 mV", "10 mV"], "learningRate": "0.01 mV", "targetRate": "8 Hz"}}
      ],
      "record": {"spikes": "all", "variables": [{"of": "a", "variables": ["membrane"], "neurons": [0, 399], "every": "1 ms"}]}
    }
    """

  private func file(_ text: String = network, _ name: String = "small.json") throws -> String {
    let url = folder.appendingPathComponent(name)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test func aNetworkRunsAndReports() throws {
    let out = folder.appendingPathComponent("out")
    let outcome = try cajal(["simulate", file(), "--out", out.path, "--json"])
    let json = try #require(outcome.json as? [String: Any], "\(outcome.errors)")
    #expect(outcome.code == 0 && json["neurons"] as? Int == 500 && json["simulated"] as? Double == 0.3)
    let groups = try #require(json["populations"] as? [[String: Any]])
    #expect(groups.map { $0["name"] as? String } == ["a", "b"])
    #expect((groups[0]["spikes"] as? Int ?? 0) > 20)
    for name in [
      "report.html", "raster.svg", "rates.svg", "traces-a.membrane.svg", "weights-0.svg", "a.spikes.npz",
      "a.membrane.npz", "b to a.weights.csv",
    ] {
      #expect(FileManager.default.fileExists(atPath: out.appendingPathComponent(name).path), "\(name)")
    }
    let page = try String(contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.contains("<svg") && page.contains("cajal simulate") && page.contains("Plastic synapses"))
    let info = try cajal(["recording", "info", out.appendingPathComponent("a.spikes.npz").path, "--json"])
    #expect((info.json as? [String: Any])?["spikes"] as? Int == groups[0]["spikes"] as? Int)
  }

  @Test func optionsOverrideTheFile() throws {
    func summary(_ line: String) throws -> [String: Any] {
      let outcome = try cajal(
        ["simulate", file()] + line.split(separator: " ").map(String.init) + ["--json"])
      return try #require(outcome.json as? [String: Any], "\(outcome.errors)")
    }
    let plain = try summary("")
    #expect(plain["seed"] as? Int == 3 && plain["precision"] as? String == "single")
    let other = try summary("--seed 4 --precision double --duration 50ms --threads 2")
    #expect(other["seed"] as? Int == 4 && other["precision"] as? String == "double")
    #expect(other["simulated"] as? Double == 0.05)
    func spikes(_ summary: [String: Any]) -> [Int] {
      (summary["populations"] as? [[String: Any]])?.compactMap { $0["spikes"] as? Int } ?? []
    }
    #expect(try spikes(summary("--threads 3")) == spikes(plain))
    let text = try cajal(["simulate", file(), "--duration", "0.05 s"])
    #expect(text.code == 0 && text.output.contains("population") && text.errors.contains("500 neurons"))
  }

  @Test func recordedSpikesAreSources() throws {
    let text = Self.network.replacing(
      "\"connections\": [", with: "\"sources\": {\"x\": {\"spikes\": null}}, \"connections\": [")
    let spikes = folder.appendingPathComponent("spikes.csv")
    try "unit,time\n0,0.01\n0,0.02\n1,0.03\n".write(to: spikes, atomically: true, encoding: .utf8)
    for data in [spikes.path, "x=\(spikes.path)"] {
      let outcome = try cajal(["simulate", file(text, "given.json"), "--data", data, "--json"])
      let groups = (outcome.json as? [String: Any])?["populations"] as? [[String: Any]]
      #expect(
        groups?.last?["name"] as? String == "x" && groups?.last?["spikes"] as? Int == 3, "\(outcome.errors)")
    }
    #expect(try cajal(["simulate", file(text, "given.json")]).errors.contains("--data x=FILE"))
  }

  @Test func errorsNameTheCulprit() throws {
    let wrong = try file(Self.network.replacing("\"1 mV\"", with: "\"1 nS\""), "wrong.json")
    let outcome = try cajal(["simulate", wrong])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("wrong.json, line 9: connections[0].weight is '1 nS', a conductance"))
    for (line, message) in [
      ("simulate", "expected one file"), ("simulate /nowhere.json", "there is no file /nowhere.json"),
      ("simulate \(wrong) --duration fast", "--duration is 'fast', expected a time such as 500ms or 2s"),
      ("simulate \(wrong) --duration -1s", "--duration is '-1s'"),
      ("simulate \(wrong) --threads 0", "--threads is '0'"),
      ("simulate \(wrong) --seed x", "--seed is 'x'"),
      ("simulate \(wrong) --step 1ms", "--step is for NIR files"),
      ("simulate \(wrong) --precision half", "--precision is 'half'"),
      ("simulate \(wrong) --data /nowhere.npz", "/nowhere.npz"),
    ] {
      let outcome = try cajal(line)
      #expect(outcome.code != 0 && outcome.errors.contains(message), "\(line): \(outcome.errors)")
    }
    let endless = try file(Self.network.replacing("\"duration\": \"300 ms\",", with: ""), "endless.json")
    #expect(try cajal(["simulate", endless]).errors.contains("how long? endless.json does not say"))
  }

  @Test(.enabled(if: MPIRun.isThere, "mpirun is not here: 'make setup' installs openmpi-bin"))
  func ranksFireTheSameSpikes() throws {
    let path = try file()
    func files(_ out: String) throws -> [Data] {
      try ["a.spikes.csv", "b.spikes.csv", "a.membrane.csv", "b to a.weights.csv"].map {
        try Data(contentsOf: folder.appendingPathComponent(out).appendingPathComponent($0))
      }
    }
    let alone = try cajal(["simulate", path, "--out", folder.path + "/one", "--format", "csv"])
    #expect(alone.code == 0, "\(alone.errors)")
    for (ranks, threads) in [(2, 1), (3, 2)] {
      let out = "ranks\(ranks)"
      let line = "simulate \(path) --threads \(threads) --out \(folder.path)/\(out) --format csv --json"
      let together = try cajal.onRanks(ranks, line)
      #expect(together.code == 0, "\(together.errors)")
      #expect((together.json as? [String: Any])?["ranks"] as? Int == ranks)
      #expect(try files(out) == files("one"))
    }
    let wrong = try file("{}", "empty.json")
    let failed = try cajal.onRanks(2, "simulate \(wrong)")
    #expect(
      failed.code != 0 && failed.errors.components(separatedBy: "lacks 'step'").count == 2, "\(failed.errors)"
    )
  }
}
