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
      let asked = bench.concepts.prefix(3).flatMap {
        concept -> [(concept: Bench.Concept, clamp: NeuronClamp)] in
        let best = writer(concept)
        return NeuronClamp.Place.allCases.flatMap { place in
          [bench.options.clamp, 3 * bench.options.clamp].map { size in
            (concept, NeuronClamp(place, best.neuron, best.z > 0 ? size : -size))
          }
        }
      }
      let texts = try answers([[]] + asked.map { [$0.clamp] })
      table.append([.text(""), .text(""), .text("none"), .text(texts[0]), .missing])
      for ((concept, clamp), text) in zip(asked, texts.dropFirst()) {
        table.append([
          .text(concept.word), .text("\(clamp.neuron.block)/\(clamp.neuron.neuron)"),
          .text("\(clamp.place.rawValue) \(short(clamp.value))"), .text(text),
          .text(text.lowercased().contains(concept.word.lowercased()) ? "yes" : "no"),
        ])
      }
      try bench.lab.add(table)
    }

    private func writer(_ concept: Bench.Concept) -> (neuron: NeuronDecoder.Neuron, z: Double) {
      let z = bench.reader.zScores(.down, tokens: [concept.token]).flattened()
      let place = Int(z.abs().argmax(axis: 0).item)
      let neurons = bench.model.decoder.configuration.neurons
      return (.init(place / neurons, place % neurons), z[place].item)
    }

    private func answers(_ clamps: [[NeuronClamp]]) throws -> [String] {
      let stops = Set(ChatTemplate.smolLM2.stops.flatMap(bench.model.tokenizer.encode))
      let count = bench.options.generatedTokens
      let tokens = try bench.model.decoder.steeredGenerations(
        clamps.map { ClampTrial(bench.chatPrompt, $0) }, stops: stops, count: count
      ) { try bench.lab.progress("answers", $0, of: count, unit: "tokens") }
      return tokens.map {
        bench.model.tokenizer.decode($0).split(whereSeparator: \.isNewline).joined(separator: " ")
      }
    }
  }
}
