import Foundation
import Neurons
import Recordings
import Support
import Testing

@Suite struct NetworkFileTests {
  /// A network of two populations, `more` beside them.
  static func text(_ more: String = "", populations: String = "", connections: String = "") -> String {
    """
    {
      "step": "0.1 ms",
      "populations": {
        "a": {"neurons": 40, "model": "current-lif", "parameters": {"rest": "-49 mV"},
              "start": {"membrane": {"uniform": ["-60 mV", "-50 mV"]}}},
        "b": {"neurons": 10, "like": "a"}\(populations)
      },
      "connections": [\(connections)]\(more.isEmpty ? "" : ",\n" + more)
    }
    """
  }

  static func file(_ text: String, _ options: NetworkFile.Options = .init()) throws -> NetworkFile {
    try NetworkFile(json: Data(text.utf8), named: "net.json", options)
  }

  private func spikes(_ file: NetworkFile, for duration: Time = 200.ms, threads: Int? = nil) throws
    -> [[Double]]
  {
    let simulation = try Simulation(file.network, precision: file.precision, threads: threads)
    try simulation.run(for: duration)
    return try simulation.results()!.spikes.map(\.times)
  }

  /// What a file says is what the builder says.
  @Test func aFileIsTheNetworkThatTheBuilderMakes() throws {
    let file = try Self.file(
      Self.text(
        connections: """
          {"from": "a", "to": ["a", "b"], "rule": {"fixedProbability": 0.2}, "weight": "1.62 mV", "delay": "0.1 ms"},
          {"from": "b", "to": ["a", "b"], "rule": {"fixedInDegree": 3, "toSelf": false}, "weight": "9 mV",
           "delay": {"uniform": ["1ms", "2 ms"]}, "receptor": "inhibitory"}
          """))
    var network = Network(step: 0.1.ms, seed: 1)
    let lif = NeuronType.currentLIF(rest: -49.mV)
    let a = network.add("a", 40, lif, start: ["membrane": .uniform(-60, -50)])
    let b = network.add("b", 10, lif, start: ["membrane": .uniform(-60, -50)])
    for target in [a, b] {
      network.connect(a, to: target, .fixedProbability(0.2), weight: 1.62.mV, delay: 0.1.ms)
    }
    for target in [a, b] {
      network.connect(
        b, to: target, .fixedInDegree(3, toSelf: false), weight: 9.mV, delay: .uniform(1.ms, 2.ms),
        receptor: .inhibitory)
    }
    for population in [a, b] { network.recordSpikes(of: population) }
    let simulation = try Simulation(network)
    try simulation.run(for: 200.ms)
    let own = try [a, b].map { try simulation.spikes(of: $0).times }
    #expect(own[0].count > 20)
    #expect(try spikes(file) == own)
    // Another seed, another network.
    var options = NetworkFile.Options()
    options.seed = 2
    #expect(try spikes(Self.file(Self.text(connections: "")), threads: 1) != own)
    #expect(try Self.file(Self.text(), options).network.seed == 2)
  }

  @Test func everyKindOfPartIsRead() throws {
    let file = try Self.file(
      Self.text(
        """
        "name": "all", "duration": "0.1 s", "seed": 18446744073709551615, "precision": "double",
        "sources": {
          "poisson": {"poisson": {"count": 5, "rate": {"uniform": ["10 Hz", "0.1 kHz"]}, "during": ["0 ms", "50 ms"]}},
          "listed": {"spikes": [["1 ms", "7.5 ms"], [], ["0 ms"]]}
        },
        "inputs": [
          {"to": ["a", "b"], "current": "1 mV", "during": ["10 ms", "20 ms"]},
          {"to": "conductance", "current": {"normal": {"mean": "0.3 nA", "deviation": "10 pA"}}},
          {"to": "a", "noise": {"deviation": "2 mV", "timeConstant": "5 ms"}},
          {"to": "b", "poisson": {"sources": 1000, "rate": "3 Hz", "weight": "0.1 mV"}}
        ],
        "record": {
          "spikes": "all",
          "variables": [{"of": ["a", "b"], "variables": ["membrane", "excitation"], "neurons": [0, 3], "every": "1 ms"}]
        }
        """,
        populations: """
          , "conductance": {"neurons": 3, "model": "conductance-lif",
            "parameters": {"leak": "20 nS", "kernel": "alpha"},
            "start": {"excitation": "40 nS", "refractory": 2}},
          "izhikevich": {"neurons": 2, "model": "izhikevich", "parameters": {"type": "chattering", "d": 3}},
          "adex": {"neurons": 2, "model": "adex", "parameters": {"capacitance": "200 pF", "spikeAdaptation": "0.1 nA",
            "synapses": {"conductances": {"excitatory": "3 ms", "excitatoryReversal": "5 mV"}}}},
          "hh": {"neurons": 2, "model": "hodgkin-huxley", "parameters": {"sodium": 110, "synapses": "none"}}
          """,
        connections: """
          {"name": "named", "from": ["poisson", "listed"], "to": "a", "rule": "all", "weight": "1 mV", "delay": "1 ms"},
          {"from": "a", "to": "a", "rule": {"smallWorld": {"neighbours": 4, "rewiring": 0.1}}, "weight": "0.5 mV",
           "delay": "1 ms", "receptor": "current"},
          {"from": "a", "to": "adex", "rule": {"pairs": [[3, 1], [0, 0]]}, "weight": {"values": ["1 nS", "2 nS"]},
           "delay": {"values": ["1 ms", "2 ms"]}},
          {"from": "b", "to": "b", "rule": "oneToOne", "weight": {"logNormal": {"median": "1 mV", "spread": 0.5}},
           "delay": "0.5 ms", "shortTerm": {"utilisation": 0.2, "recovery": "200 ms", "facilitation": "600 ms"}},
          {"from": "a", "to": "b", "rule": {"all": true}, "weight": {"uniform": ["0 mV", "1 mV"]}, "delay": "1 ms",
           "plasticity": {"rule": "pair-stdp", "bounds": ["0 mV", "1 mV"], "potentiation": "10 uV",
             "depression": "12 uV", "weightDependence": {"power": 0.4}, "pairing": "nearest",
             "coincidentSpikes": "depress", "delayLocation": "axonal"}},
          {"from": "b", "to": "a", "rule": {"fixedOutDegree": 5}, "weight": "1 mV", "delay": "1 ms",
           "receptor": "inhibitory",
           "plasticity": {"rule": "inhibitory-stdp", "bounds": ["0 mV", "5 mV"], "learningRate": "0.01 mV", "targetRate": "5 Hz"}},
          {"from": "poisson", "to": "b", "rule": "all", "weight": "1 mV", "delay": "1 ms",
           "plasticity": {"rule": "triplet-stdp", "bounds": ["0 mV", "5 mV"], "potentiation": {"pair": "0 mV", "triplet": "1 uV"},
             "depression": {"pair": "1 uV", "triplet": "0 mV"}, "slowPresynapticTimeConstant": "100 ms",
             "slowPostsynapticTimeConstant": "120 ms"}},
          {"from": "listed", "to": "b", "rule": "all", "weight": "1 mV", "delay": "1 ms",
           "plasticity": {"rule": "presynaptic-trace", "bounds": ["0 mV", "5 mV"], "learningRate": "1 uV", "exponent": 0.2}}
          """))
    #expect(file.name == "all" && file.duration == 100.ms && file.precision == .double)
    #expect(file.network.seed == .max && file.network.allProjections.count == 9)
    #expect(file.network.allProjections[0].name == "named")
    let simulation = try Simulation(file.network, precision: file.precision)
    // In units of the leak.
    let conductance = try #require(file.network.population(named: "conductance"))
    #expect(try simulation.values(of: "excitation", in: conductance) == [2, 2, 2])
    #expect(try simulation.values(of: "refractory", in: conductance) == [2, 2, 2])
    // Listed weights follow their pairs into the network's order.
    let pairs = simulation.synapses(of: file.network.allProjections[3])
    #expect(pairs.sources == [0, 3] && pairs.targets == [0, 1])
    #expect(pairs.weights == [2, 1] && pairs.delays == [2, 1])
    try simulation.run(for: 100.ms)
    let results = try simulation.results()!
    #expect(
      results.spikes.map(\.name) == [
        "a", "b", "conductance", "izhikevich", "adex", "hh", "poisson", "listed",
      ])
    #expect(zip(results.spikes[7].times, [0.001, 0.0075, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(results.recordings.map(\.name) == ["a.membrane", "a.excitation", "b.membrane", "b.excitation"])
    #expect(results.recordings[0].activity.shape == [100, 2])
    #expect(results.plastic.map(\.name) == ["a to b", "b to a", "poisson to b", "listed to b"])
    #expect(results.plastic[0].synapses.count == 400 && results.plastic[0].unit == "mV")
  }

  @Test func spikesComeFromFilesAndFromThePerson() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("network-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let trains = try SpikeTrains([[0.001, 0.01], [0.02]])
    try RecordingFile.write(trains, to: folder.appendingPathComponent("given.npz"))
    let text = Self.text(
      """
      "sources": {"given": {"spikes": "given.npz"}, "asked": {"spikes": null}}, "record": {"spikes": ["given", "asked"]}
      """)
    var options = NetworkFile.Options()
    options.spikes["asked"] = try SpikeTrains([[0.005]])
    let file = try NetworkFile(json: Data(text.utf8), named: "net.json", folder: folder, options)
    #expect(try spikes(file) == [[0.001, 0.01, 0.02], [0.005]])
    options.spikes["given"] = try SpikeTrains([[0.003]])
    #expect(
      try spikes(NetworkFile(json: Data(text.utf8), named: "net.json", folder: folder, options)) == [
        [0.003], [0.005],
      ])
  }

  @Test func resultsAreWritten() throws {
    let file = try Self.file(
      Self.text(
        "\"record\": {\"spikes\": \"a\", \"variables\": [{\"of\": \"a\", \"variables\": [\"membrane\"], \"neurons\": [2]}]}",
        connections: """
          {"from": "a", "to": "b", "name": "a/b", "rule": "all", "weight": {"uniform": ["0 mV", "1 mV"]}, "delay": "1 ms",
           "plasticity": {"rule": "pair-stdp", "bounds": ["0 mV", "1 mV"], "potentiation": "1 uV", "depression": "1 uV"}}
          """))
    let simulation = try Simulation(file.network)
    try simulation.run(for: 50.ms)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("results-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let results = try simulation.results()!
    for format in ["npz", "csv", "nwb"] {
      let files = try results.write(to: folder, format: format)
      #expect(
        files.map(\.lastPathComponent) == ["a.spikes.\(format)", "a.membrane.\(format)", "a_b.weights.csv"])
      #expect(try RecordingFile.readSpikes(files[0]).times.count == results.spikes[0].times.count)
      #expect(try RecordingFile.read(files[1]).activity.shape == [500, 1])
      let lines = try String(contentsOf: files[2], encoding: .utf8).split(separator: "\n")
      #expect(lines[0] == "source,target,weight (mV)" && lines.count == 401)
    }
  }

  /// The networks of the documentation.
  @Test(arguments: ["cuba", "coba", "stdp"]) func examplesRun(_ name: String) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../docs/examples/networks/\(name).json")
    let file = try NetworkFile(contentsOf: url)
    let trains = try {
      let simulation = try Simulation(file.network, precision: file.precision)
      try simulation.run(for: 300.ms)
      return try simulation.results()!.spikes
    }()
    let rate = trains[0].rates.reduce(0, +) / Double(trains[0].count)
    // The published activity: 5 to 6 Hz, 20 Hz, and a neuron that has not yet calmed down.
    let expected: ClosedRange<Double> = ["cuba": 4...10, "coba": 10...30, "stdp": 20...200][name]!
    #expect(expected.contains(rate), "\(rate) Hz")
  }
}
