import Figures
import Neurons
import StudyCore
import Support

/// Claim 7, this study's own: the same patterns in other memories.
struct LoadPart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }
  private var options: HippocampalCAM.Options { bench.options }
  private static let density = 0.3
  /// Recalls by cue that are tried at each load, at most.
  private static let mostRecalls = 100

  private enum Kind: Int, CaseIterable {
    case spiking, willshaw, hopfield
    var name: String {
      switch self {
      case .spiking: "spiking memory"
      case .willshaw: "Willshaw"
      case .hopfield: "Hopfield"
      }
    }
  }

  /// Of one memory: contents by cue, and cues by bit where it can be asked for them.
  private struct Score: Sendable {
    var byCue = RecallScore()
    var byBit = RecallScore()
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    let (loads, count) = (options.loads, options.loadNetworks)
    // Kinds in their order, without and then with overwriting.
    let results = try bench.repeated("load", loads.count * count) { index, generator in
      try [false, true].flatMap { overwritten in
        try scores(load: loads[index / count], overwritten: overwritten, &generator)
      }
    }
    let sums = loads.indices.map { place in
      (0..<2 * Kind.allCases.count).map { kind -> Score in
        let own = results[place * count..<(place + 1) * count].map { $0[kind] }
        return Score(byCue: own.map(\.byCue).sum, byBit: own.map(\.byBit).sum)
      }
    }
    try lab.add(table(sums))
    try lab.add(figure(sums))
    lab.add(claim(sums))
  }

  private func scores(load: Int, overwritten: Bool, _ generator: inout RandomGenerator) throws -> [Score] {
    var memories = RandomMemories(
      cues: load, bits: options.loadBits, density: Self.density, using: &generator)
    var learning = memories.learning
    if overwritten {
      learning += memories.relearn(generator.subset(load / 2, of: load), Self.density, using: &generator)
    }
    let asked = generator.subset(min(load, Self.mostRecalls), of: load)
    return [
      try spiking(learning, memories, asked), try willshaw(learning, memories, asked),
      try hopfield(learning, memories, asked, &generator),
    ]
  }

  private func spiking(
    _ learning: [ContentAddressableMemory.Operation], _ memories: RandomMemories, _ asked: [Int]
  ) throws -> Score {
    let questions =
      asked.map { ContentAddressableMemory.Operation.recallByCue($0) } + memories.allBits
    let graded = try bench.graded(
      learning + questions, in: try bench.memory(memories.cues, memories.bits), .every(14))
    return Score(byCue: graded.byCue, byBit: graded.byContent)
  }

  /// Binary synapses both ways between cues and bits; one spike suffices.
  private func willshaw(
    _ learning: [ContentAddressableMemory.Operation], _ memories: RandomMemories, _ asked: [Int]
  ) throws -> Score {
    var forward = WillshawMemory(inputs: memories.cues, outputs: memories.bits)
    var backward = WillshawMemory(inputs: memories.bits, outputs: memories.cues)
    for case .learn(let cue, let content) in learning {
      let (key, value) = (try SDR([cue], of: memories.cues), try SDR(content, of: memories.bits))
      forward.store(key, with: value)
      backward.store(value, with: key)
    }
    var score = Score()
    for cue in asked {
      let recalled = forward.recall(try SDR([cue], of: memories.cues))
      score.byCue.note(recalled.indices.map(Int.init), memories.contents[cue])
    }
    for bit in 0..<memories.bits {
      let recalled = backward.recall(try SDR([bit], of: memories.bits))
      let holders = memories.contents.indices.filter { memories.contents[$0].contains(bit) }
      score.byBit.note(recalled.indices.map(Int.init), holders)
    }
    return score
  }

  /// As many neurons as the spiking memory has: a random code of half activity stands for the cue, and is held.
  private func hopfield(
    _ learning: [ContentAddressableMemory.Operation], _ memories: RandomMemories, _ asked: [Int],
    _ generator: inout RandomGenerator
  ) throws -> Score {
    let size = ContentAddressableMemory.Layer.allCases.reduce(0) {
      $0 + $1.count(cueSize: memories.cues, contentSize: memories.bits)
    }
    let (bits, address) = (memories.bits, size - memories.bits)
    var memory = HopfieldMemory(
      activities: [Double](repeating: Self.density, count: bits) + [Double](repeating: 0.5, count: address))
    let codes = (0..<memories.cues).map { _ in
      generator.subset(address / 2, of: address).map { bits + $0 }
    }
    for case .learn(let cue, let content) in learning {
      memory.store(try SDR(content + codes[cue], of: size))
    }
    let known = try SDR(bits..<size, of: size)
    var score = Score()
    for cue in asked {
      let recalled = memory.recall(try SDR(codes[cue], of: size), known: known, using: &generator).pattern
      score.byCue.note(recalled.indices.map(Int.init).filter { $0 < bits }, memories.contents[cue])
    }
    return score
  }

  private func table(_ sums: [[Score]]) -> Table {
    var table = Table(
      name: "load",
      caption:
        "Exact answers of three memories with the same patterns (\(options.loadBits) bits, density \(short(Self.density)), \(options.loadNetworks) repetitions), each cue learnt once, and with half of them learnt again. Hopfield's has as many neurons as the spiking one; single bits cannot address it.",
      columns: [
        "memories", "memory", "by cue", "by bit", "by cue, overwritten", "by bit, overwritten",
      ])
    for (place, load) in options.loads.enumerated() {
      for kind in Kind.allCases {
        let (fresh, over) = (sums[place][kind.rawValue], sums[place][kind.rawValue + Kind.allCases.count])
        func cell(_ score: RecallScore) -> Table.Cell {
          score.asked == 0 ? .missing : .number(score.exactShare)
        }
        table.append([
          .integer(load), .text(kind.name), cell(fresh.byCue), cell(fresh.byBit), cell(over.byCue),
          cell(over.byBit),
        ])
        lab.measure("load.\(load).\(kind).byCue", fresh.byCue.exactShare)
        lab.measure("load.\(load).\(kind).byCue.overwritten", over.byCue.exactShare)
      }
    }
    return table
  }

  private func figure(_ sums: [[Score]]) -> Plot {
    var plot = Plot(
      name: "load", title: "The same patterns in three memories",
      caption:
        "Share of cues that recall exactly their content, over the number of memories: each learnt once (lines), and with half of them learnt again with another content (dashed).",
      x: .init("memories", scale: .log), y: .init("exact recalls by cue", range: 0...1.04))
    for kind in Kind.allCases {
      let x = options.loads.map(Double.init)
      plot.add(.linePoints, kind.name, x: x, y: sums.map { $0[kind.rawValue].byCue.exactShare })
      plot.add(
        .dashed, "\(kind.name), overwritten", x: x,
        y: sums.map { $0[kind.rawValue + Kind.allCases.count].byCue.exactShare }, colourOf: kind.name)
    }
    return plot
  }

  private func claim(_ sums: [[Score]]) -> Claim {
    func shares(_ kind: Kind, overwritten: Bool) -> [Double] {
      sums.map { $0[kind.rawValue + (overwritten ? Kind.allCases.count : 0)].byCue.exactShare }
    }
    let own = shares(.spiking, overwritten: true)
    let others = [Kind.willshaw, .hopfield].map { shares($0, overwritten: true) }
    let atLeast = others.allSatisfy { zip(own, $0).allSatisfy { $0 >= $1 } }
    let above = others.allSatisfy { zip(own, $0).contains { $0 > $1 } }
    func text(_ kind: Kind) -> String {
      let (fresh, over) = (shares(kind, overwritten: false), shares(kind, overwritten: true))
      return
        "\(kind.name) \(MemoryBench.percent(fresh.min() ?? .nan)) to \(MemoryBench.percent(fresh.max() ?? .nan)), overwritten \(MemoryBench.percent(over.min() ?? .nan)) to \(MemoryBench.percent(over.max() ?? .nan))"
    }
    return Claim(
      "7", "Overwriting in place is what the spiking memory has over classical associative memories.",
      paper: "no comparison; this study's own",
      test:
        "\(options.loads.map(String.init).joined(separator: ", ")) memories of \(options.loadBits) bits in the spiking network, in Willshaw's binary matrix, and in Hopfield's network with as many neurons; half of the cues learnt again.",
      criterion:
        "after overwriting, exact recalls by cue are at no load fewer than in either of the others, and at some load more",
      measured: "exact recalls by cue over the loads: " + Kind.allCases.map(text).joined(separator: "; "),
      holds: atLeast && above,
      reason: atLeast && above
        ? nil : atLeast ? "no load tells them apart" : "another memory recalls more at some load")
  }
}

extension RecallScore {
  /// Counts one answer.
  mutating func note(_ recalled: [Int], _ expected: [Int]) {
    let (own, wanted) = (Set(recalled), Set(expected))
    asked += 1
    exact += own == wanted ? 1 : 0
    elements += wanted.count
    missed += wanted.subtracting(own).count
    surplus += own.subtracting(wanted).count
  }
}
