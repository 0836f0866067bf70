import Figures
import Models
import Probing
import StudyCore
import Support

extension ProjectionDecoding {
  /// Answers of the chat while a neuron that stands for a noun is clamped.
  struct GenerationPart {
    let bench: Bench

    func run() throws {
      guard bench.options.generatedTokens > 0 else { return }
      var table = Table(
        name: "answers",
        caption:
          "The likeliest answer to \"\(Bench.question)\" while a neuron is clamped at every position, in the direction that promotes the noun by its output weights (behind the gate) and to the same value before the gate.",
        columns: ["noun", "neuron", "clamp", "answer", "names the noun"])
      let free = try answer([], "free")
      table.append([.text(""), .text(""), .text("none"), .text(free), .missing])
      for concept in bench.concepts.prefix(3) {
        let best = writer(concept)
        for place in NeuronClamp.Place.allCases {
          for size in [bench.options.clamp, 3 * bench.options.clamp] {
            let value = best.z > 0 ? size : -size
            let text = try answer([NeuronClamp(place, best.neuron, value)], concept.word)
            table.append([
              .text(concept.word), .text("\(best.neuron.block)/\(best.neuron.neuron)"),
              .text("\(place.rawValue) \(short(value))"), .text(text),
              .text(text.lowercased().contains(concept.word.lowercased()) ? "yes" : "no"),
            ])
          }
        }
      }
      try bench.lab.add(table)
    }

    private func writer(_ concept: Bench.Concept) -> (neuron: NeuronDecoder.Neuron, z: Double) {
      let z = bench.reader.zScores(.down, tokens: [concept.token]).flattened()
      let place = Int(z.abs().argmax(axis: 0).item)
      let neurons = bench.model.decoder.configuration.neurons
      return (.init(place / neurons, place % neurons), z[place].item)
    }

    private func answer(_ clamps: [NeuronClamp], _ name: String) throws -> String {
      let stops = Set(ChatTemplate.smolLM2.stops.flatMap(bench.model.tokenizer.encode))
      let count = bench.options.generatedTokens
      let tokens = try bench.model.steeredGeneration(
        bench.chatPrompt, clamps: clamps, stops: stops, count: count
      ) { try bench.lab.progress("answer, \(name)", $0, of: count, unit: "tokens") }
      return bench.model.tokenizer.decode(tokens).split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }
}
