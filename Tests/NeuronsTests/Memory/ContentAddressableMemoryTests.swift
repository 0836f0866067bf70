import Foundation
import Neurons
import Support
import Testing

/// The authors' recorded runs: `Tests/Golden/hippocampal-cam.json`.
private struct RecordedRuns: Decodable {
  struct Run: Decodable {
    let name: String
    let cueSize, contentSize, duration: Int
    let cues, content: [[Int]]
    let spikes: [String: [[Int]]]

    enum CodingKeys: String, CodingKey {
      case name, cueSize, spikes
      case contentSize = "contSize"
      case duration = "simTime_ms"
      case cues = "input_spikes_cue"
      case content = "input_spikes_cont"
    }
  }
  let cases: [Run]

  static func load() throws -> [Run] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/hippocampal-cam.json")
    return try JSONDecoder().decode(RecordedRuns.self, from: Data(contentsOf: url)).cases
  }
}

@Suite struct ContentAddressableMemoryTests {
  typealias Memory = ContentAddressableMemory
  typealias Operation = Memory.Operation

  private static let keys: [(Memory.Layer, String)] = [
    (.cueCue, "cueCue"), (.contentCue, "contCue"), (.condition, "cond"), (.conditionInterneuron, "condInt"),
    (.contentContent, "contCont"), (.cueContent, "cueCont"), (.mergedCue, "mCue"), (.mergedContent, "mCont"),
    (.outputCue, "outCue"), (.outputContent, "outCont"),
  ]

  @Test func everySpikeOfTheRecordedRunsComesInItsMillisecond() throws {
    for run in try RecordedRuns.load() {
      let memory = try Memory(cueSize: run.cueSize, contentSize: run.contentSize)
      for time in 0..<run.duration {
        for (neuron, times) in run.cues.enumerated() where times.contains(time) {
          try memory.schedule(cues: [neuron], at: time)
        }
        for (neuron, times) in run.content.enumerated() where times.contains(time) {
          try memory.schedule(content: [neuron], at: time)
        }
      }
      try memory.simulation.run(for: Double(run.duration).ms)
      for (layer, key) in Self.keys {
        let expected = run.spikes[key]!.map { [$0[0]] + $0.dropFirst().sorted() }
        #expect(
          try memory.raster(of: layer).map { [$0.time] + $0.neurons } == expected, "\(run.name), \(key)")
      }
    }
  }

  /// The functional test of the paper.
  private let operations: [Operation] = [
    .learn(cue: 0, content: [0, 1, 8, 9]), .learn(cue: 4, content: [1, 5, 6]),
    .learn(cue: 3, content: [4, 5, 6]), .recallByCue(0), .recallByContent([6]), .recallByContent([0, 4]),
    .learn(cue: 3, content: [1, 3, 4, 8]), .recallByCue(3), .recallByContent([6]),
  ]
  private let recalled = [
    [0, 1, 8, 9], [1, 5, 6], [4, 5, 6], [0, 1, 8, 9], [3, 4], [0, 3], [1, 3, 4, 8], [1, 3, 4, 8], [4],
  ]

  @Test func aScriptIsAnsweredAtTheLatenciesOfItsDelays() throws {
    let memory = try Memory(cueSize: 5, contentSize: 10)
    let latency = memory.parameters.latency
    #expect(latency.givenCue == 5 && latency.givenContent == 5)
    #expect(latency.recalledContent == 6 && latency.recalledCue == 6)
    let answers = try memory.script(operations)
    #expect(answers.map(\.recalled) == recalled)
    #expect(answers[3].cues == [0] && answers[4].content == [6])
    var table = AssociationTable()
    #expect(RecallScore(table.grade(answers)).exact == operations.count)
  }

  @Test func oneByOneAndStepByStepAreTheSameAsAScript() throws {
    let (script, single, stepped) = (
      try Memory(cueSize: 5, contentSize: 10), try Memory(cueSize: 5, contentSize: 10),
      try Memory(cueSize: 5, contentSize: 10)
    )
    _ = try script.script(operations)
    for operation in operations { try single.perform(operation) }
    #expect(try single.time == script.time && single.rasterText() == script.rasterText())
    var output: [(time: Int, neurons: [Int])] = []
    let timed = Memory.timed(operations, spacing: .recommended)
    for time in 0..<script.time {
      var (cues, content): ([Int], [Int]) = ([], [])
      for one in timed {
        switch one.operation {
        case .learn(let cue, let bits) where (one.start..<one.start + 3).contains(time):
          (cues, content) = ([cue], bits)
        case .recallByCue(let cue) where one.start == time: cues = [cue]
        case .recallByContent(let bits) where one.start == time: content = bits
        default: break
        }
      }
      // Reading the weights, settled or not, must not change what comes.
      _ = stepped.weights(consolidated: time % 2 == 0)
      let fired = try stepped.step(cues: cues, content: content)
      if !fired.content.isEmpty { output.append((time, fired.content)) }
    }
    #expect(try stepped.rasterText() == script.rasterText())
    #expect(stepped.weights() == script.weights())
    let expected = try script.raster(of: .outputContent)
    #expect(output.map(\.time) == expected.map(\.time) && output.map(\.neurons) == expected.map(\.neurons))
  }

  @Test func consolidatedWeightsShowAMemoryThatLooksWeak() throws {
    let memory = try Memory(cueSize: 3, contentSize: 4)
    try memory.learn(cue: 1, content: [0, 2])
    let raw = memory.weights(consolidated: false)
    // The decisive spike behind the last presynaptic one is not yet known.
    #expect(raw.cueToContent[1][0] < 3 && raw.contentToCue[2][1] < 3.4)
    let weights = memory.weights()
    for bit in 0..<4 {
      let isStored = bit == 0 || bit == 2
      #expect(isStored == (weights.cueToContent[1][bit] > 3.4))
      #expect(isStored == (weights.contentToCue[bit][1] > 3.4))
      #expect(weights.cueToContent[0][bit] == 0 && weights.contentToCue[bit][2] == 0)
    }
    // A cue fires at t + 1 and t + 3, its content too; seen a millisecond later. w = min(6, 6 exp(-1/3)) - 6 …, then
    // potentiation by the trace of both cue spikes, one step behind the second.
    let first = 6 * exp(-1.0 / 3)
    let depressed = max(0, first - 6 * exp(-1.0 / 3))
    let expected = min(6, depressed + 6 * (1 + exp(-2.0 / 3)) * exp(-1.0 / 3))
    #expect(abs(weights.cueToContent[1][0] - expected) < 1e-9)
  }

  @Test func memoriesCanBePreloadedKeptAndRead() throws {
    let weights = try Memory.Weights(
      storing: [(cue: 0, content: [1, 2]), (cue: 2, content: [0, 2])], cueSize: 3, contentSize: 3)
    let memory = try Memory(cueSize: 3, contentSize: 3, weights: weights)
    #expect(try memory.recall(cue: 0) == [1, 2])
    #expect(try memory.recall(cue: 1) == [])
    #expect(try memory.recall(content: [2]) == [0, 2])
    try memory.learn(cue: 1, content: [0])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("memory-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent("memory.json")
    try memory.configuration.write(to: url)
    let read = try Memory.Configuration(contentsOf: url)
    #expect(read == memory.configuration)
    let again = try Memory(read)
    #expect(try again.recall(content: [0]) == [1, 2])
    try again.setWeights(.init(cueSize: 3, contentSize: 3))
    #expect(try again.recall(cue: 0) == [])
  }

  @Test func randomMemoriesAreOverwrittenAndRecalledExactly() throws {
    var generator = RandomGenerator(seed: 5)
    let memory = try Memory(cueSize: 20, contentSize: 30)
    memory.spacing = .every(14)
    var operations: [Operation] = []
    for cue in (0..<20).map({ $0 }) + generator.subset(10, of: 20) {
      operations.append(.learn(cue: cue, content: generator.subset(1 + generator.integer(below: 15), of: 30)))
    }
    operations += (0..<20).map { .recallByCue($0) } + (0..<30).map { .recallByContent([$0]) }
    var table = AssociationTable()
    let graded = table.grade(try memory.script(operations))
    #expect(graded.allSatisfy { $0.isExact })
    #expect(graded.suffix(50).allSatisfy { $0.answer.isClean }, "recalls bring nothing at other times")
  }

  @Test func bitsInTurnAreExactWhereBitsTogetherAreNot() throws {
    let memory = try Memory(cueSize: 4, contentSize: 6)
    let contents = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [5]]
    for (cue, content) in contents.enumerated() { try memory.learn(cue: cue, content: content) }
    let recall = try memory.recallInTurn(content: [1, 2])
    #expect(recall.any == [0, 1, 2] && recall.all == [0, 1] && recall.all(first: 1) == [0, 1])
    #expect(Set(try memory.recall(content: [1, 2])).isSuperset(of: [0, 1, 2]))
  }

  @Test func eachMechanismIsNeeded() throws {
    func answers(_ change: (inout Memory.Parameters) -> Void) throws -> [(isExact: Bool, isClean: Bool)] {
      var parameters = Memory.Parameters()
      change(&parameters)
      let memory = try Memory(cueSize: 5, contentSize: 10, parameters: parameters)
      var table = AssociationTable()
      return table.grade(try memory.script(operations)).map { ($0.isExact, $0.answer.isClean) }
    }
    #expect(try answers { _ in }.allSatisfy { $0.isExact })
    // Depression: cue 3 keeps bits 5 and 6.
    #expect(try !answers { $0.learning.depression = 0 }[7].isExact)
    // Inhibition: learning cue 3 calls cue 4, with which it shares bits 5 and 6.
    let uninhibited = try answers {
      $0.connections.cueCueInhibition.weight = 0
      $0.connections.lateralInhibition.weight = 0
    }
    #expect(!uninhibited[2].isExact || !uninhibited[2].isClean)
  }

  @Test func aMemoryWorksWithinALargerNetwork() throws {
    var network = Network(step: 1.ms)
    let cues = network.addSpikes("cues", at: [[0, 1, 2, 30], []])
    let content = network.addSpikes("content", at: [[], [0, 1, 2], [0, 1, 2]])
    let memory = try ContentAddressableCircuit(
      cueInput: cues, contentInput: content, in: &network, name: "first ")
    let other = try ContentAddressableCircuit(
      cueInput: memory[.outputCue], contentInput: memory[.outputContent], in: &network, name: "second ")
    for population in [memory[.outputContent], other[.contentCue]] { network.recordSpikes(of: population) }
    let simulation = try Simulation(network, precision: .double)
    try simulation.run(for: 50.ms)
    #expect(memory[.outputContent].name == "first outputContent")
    #expect(
      try simulation.firings(of: memory[.outputContent], from: 30).map { [$0.step, $0.neuron] }
        == [[36, 1], [36, 2]])
    #expect(try simulation.spikeCount(of: other[.contentCue]) > 0)
  }

  @Test func operationsThatComeTooCloseAreRefusedOrNoted() throws {
    func memory(_ overlap: Memory.OverlapPolicy) throws -> Memory {
      let memory = try Memory(cueSize: 3, contentSize: 3)
      memory.overlap = overlap
      return memory
    }
    let close: [Memory.TimedOperation] = [
      .init(.learn(cue: 0, content: [1]), at: 0), .init(.learn(cue: 1, content: [2]), at: 7),
    ]
    let error = #expect(throws: CajalError.self) { _ = try memory(.refused).run(close) }
    #expect(error?.message.contains("7 ms after a learning") == true)
    let noted = try memory(.noted)
    _ = try noted.run(close)
    #expect(noted.warnings.count == 1 && noted.warnings[0].contains("1 of 2 operations"))
    let allowed = try memory(.allowed)
    #expect(try allowed.run(close).count == 2 && allowed.warnings.isEmpty)
    // Ten milliseconds are documented, fourteen recommended.
    let fast = try memory(.refused)
    fast.spacing = .every(10)
    _ = try fast.script([.learn(cue: 0, content: [1]), .recallByCue(0)])
    #expect(fast.warnings.count == 1)
    fast.spacing = .every(6)
    #expect(throws: CajalError.self) { try fast.perform(.recallByCue(0)) }
    #expect(throws: CajalError.self) {
      _ = try memory(.allowed).run([.init(.recallByCue(0), at: 5), .init(.recallByCue(1), at: 5)])
    }
    #expect(throws: CajalError.self) { _ = try fast.run([.init(.recallByCue(0), at: 0)]) }
  }

  @Test func whatCannotBeIsNamed() throws {
    let memory = try Memory(cueSize: 3, contentSize: 4)
    for (body, word): (() throws -> Void, String) in [
      ({ try memory.learn(cue: 3, content: [0]) }, "cue 3"),
      ({ try memory.learn(cue: 0, content: [4]) }, "bit 4"),
      ({ try memory.learn(cue: 0, content: []) }, "no content"),
      ({ _ = try memory.recall(content: []) }, "no content"), ({ _ = try memory.recall(cue: -1) }, "cue -1"),
      ({ _ = try Memory(cueSize: 0, contentSize: 4) }, "0 cues"),
      (
        {
          _ = try Memory(
            cueSize: 3, contentSize: 4, weights: .init(cueSize: 3, contentSize: 3))
        }, "3 rows of 4"
      ),
    ] {
      let error = #expect(throws: CajalError.self) { try body() }
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "none") for \(word)")
    }
    var network = Network(step: 0.1.ms)
    let input = network.addSpikes("input", at: [[]])
    let error = #expect(throws: CajalError.self) {
      _ = try ContentAddressableCircuit(cueInput: input, contentInput: input, in: &network)
    }
    #expect(error?.message.contains("steps of 1 ms") == true)
  }

  @Test func parametersComeFromJSON() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("parameters-\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: url) }
    func read(_ text: String) throws -> Memory.Parameters {
      try Data(text.utf8).write(to: url)
      return try Memory.Parameters(contentsOf: url)
    }
    let own = try read(#"{"learning": {"depression": 5.5}, "connections": {"cueInput": {"delay": 2}}}"#)
    #expect(own.learning.depression == 5.5 && own.learning.potentiation == 6)
    #expect(own.connections.cueInput == .init(weight: 6, delay: 2) && own.latency.givenCue == 6)
    #expect(try read("{}") == Memory.Parameters())
    let whole = String(decoding: try JSONEncoder().encode(own), as: UTF8.self)
    #expect(try read(whole) == own)
    for (text, word) in [
      (#"{"learning": {"depresion": 5}}"#, "learning.depresion"), (#"{"slow": 3}"#, "'slow'"),
      (#"{"slow": {"threshold": "high"}}"#, "slow.threshold"),
      (#"{"slow": {"threshold": true}}"#, "slow.threshold"),
      (#"{"connections": {"cueInput": {"delay": 0.5}}}"#, "cueInput.delay"),
      (#"{"fast": {"membraneTimeConstant": 0}}"#, "fast.membraneTimeConstant"), ("[1]", "parameters"),
      ("{", "not valid JSON"),
    ] {
      let error = #expect(throws: CajalError.self) { _ = try read(text) }
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "none") for \(word)")
    }
  }
}
