import Figures
import Neurons
import StudyCore
import Support

/// Pictures by their address, addresses by a lit pixel, and a picture from a fragment of itself.
struct PicturePart {
  private let bench: MemoryBench
  private var lab: Lab { bench.lab }

  /// A picture found by some of its pixels.
  private struct Completion {
    let stored, fragment, recalled: [Int]
    /// Pictures that hold all pixels so far, pixel after pixel.
    let candidates: [Int]
  }

  init(_ bench: MemoryBench) { self.bench = bench }

  func run() throws {
    try lab.progress("pictures", 0, of: 1)
    let thumbnails = try Thumbnails(bench)
    let (contents, bits) = (thumbnails.contents, Thumbnails.side * Thumbnails.side)
    let memory = try bench.memory(contents.count, bits)
    let questions =
      contents.indices.map { MemoryBench.Operation.recallByCue($0) }
      + (0..<bits).map { .recallByContent([$0]) }
    let graded = try bench.graded(
      contents.indices.map { .learn(cue: $0, content: contents[$0]) } + questions, in: memory, .recommended)
    bench.realData.add("\(thumbnails.name), \(contents.count) pictures by address", graded.byCue)
    bench.realData.add("\(thumbnails.name), addresses by \(bits) pixels", graded.byContent)
    lab.measure("pictures.byAddress", graded.byCue.exactShare)
    lab.measure("pictures.byPixel", graded.byContent.exactShare)
    var generator = lab.generator("fragments of pictures")
    let completions = try contents.map { try complete($0, contents, memory, &generator) }
    try lab.add(figure(completions, thumbnails))
    report(completions, thumbnails)
  }

  /// Gives some lit pixels one after the other, then recalls the picture whose address answered to all of them.
  private func complete(
    _ stored: [Int], _ contents: [[Int]], _ memory: ContentAddressableMemory,
    _ generator: inout RandomGenerator
  ) throws -> Completion {
    let count = min(bench.options.fragmentPixels, stored.count)
    let order = generator.permutation(stored.count).prefix(count).map { stored[$0] }
    let turns = try memory.recallInTurn(content: order)
    let candidates = (1...count).map { turns.all(first: $0).count }
    let recalled = try turns.all.first.map { try memory.recall(cue: $0) } ?? []
    return Completion(stored: stored, fragment: order, recalled: recalled, candidates: candidates)
  }

  private func report(_ completions: [Completion], _ thumbnails: Thumbnails) {
    let unique = completions.filter { $0.candidates.last == 1 }
    let right = completions.count { $0.recalled == $0.stored }
    lab.measure("pictures.uniqueByFragment", Double(unique.count))
    lab.measure("pictures.completed", Double(right))
    lab.note(
      "\(thumbnails.name): \(bench.options.fragmentPixels) lit pixels, given one after the other, leave a single picture in \(unique.count) of \(completions.count) cases; the first picture left was the right one, whole, in \(right)."
    )
  }

  private func figure(_ completions: [Completion], _ thumbnails: Thumbnails) -> Plot {
    let side = Thumbnails.side
    // Pictures that the fragment tells apart from all others, of several classes.
    let shown = Array(completions.filter { $0.candidates.last == 1 }.prefix(5))
    let step = side + 2
    var mosaic = Mosaic(width: max(1, 7 + shown.count * step), height: 3 * step + 2)
    var marks: [Plot.Mark] = []
    for (row, label) in ["fragment", "recalled", "stored"].enumerated() {
      marks.append(.text(x: 3, y: mosaic.y(Double(row * step) + 3.5 + (row > 0 ? 2 : 0)), label: label))
    }
    for (index, one) in shown.enumerated() {
      let column = 7 + index * step
      for (row, content) in [one.fragment, one.recalled, one.stored].enumerated() {
        mosaic.place(Thumbnails.picture(content), row: row * step + (row > 0 ? 2 : 0), column: column)
      }
      marks.append(
        .text(
          x: Double(column) + Double(side) / 2, y: mosaic.y(Double(side) + 1),
          label: "left: \(Self.thinned(one.candidates))"))
    }
    return mosaic.diagram(
      "recalled-pictures", "Pictures recalled from a few of their pixels",
      caption:
        "\(bench.options.fragmentPixels) lit pixels of a stored picture are given one after the other; below them how many of the \(completions.count) pictures hold all so far. The address that is left then recalls the whole picture.",
      range: 0...1, marks: marks, height: 460)
  }

  /// Numbers of pictures left, each once.
  private static func thinned(_ counts: [Int]) -> String {
    counts.reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }.map(String.init).joined(
      separator: ", ")
  }
}
