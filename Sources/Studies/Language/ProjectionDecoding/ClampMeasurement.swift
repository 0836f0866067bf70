import Probing
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// Chooses neurons for every noun by their weights, and measures what clamps of them do.
  struct ClampMeasurement {
    let bench: Bench

    /// z scores of a neuron for a noun at the gate, the linear part and the output.
    typealias Scores = (gate: Double, up: Double, down: Double)

    /// The neurons chosen for a noun, and what clamping them does.
    struct Outcome {
      let concept: Bench.Concept
      /// By what it writes, either sign.
      let writer: NeuronDecoder.Neuron
      /// Its z scores for the noun.
      let z: Scores
      /// By what its linear part reads.
      let reader: NeuronDecoder.Neuron
      let readerZ: Scores
      var inner: ClampSweep
      var up: ClampSweep
      /// The writer clamped three times as far as it was ever seen, down and up.
      var far: ClampSweep
      /// The writer, another noun's probability.
      var permuted: ClampSweep
      /// A random neuron of the same block.
      var random: ClampSweep

      /// The change in the direction in which the weights predict it, of both signs of the clamp.
      func aligned(_ sweep: ClampSweep) -> [Double] {
        zip(sweep.values, sweep.meanChanges).map { ($0 > 0) == (z.down > 0) ? $1 : -$1 }
      }
      /// What the neuron does to a noun that the stream already holds: 1 promotes, -1 suppresses.
      var product: Double { (z.gate * z.up * z.down).sign == .minus ? -1 : 1 }
    }

    /// What is chosen for a noun.
    private struct Choice {
      let writer, reader, random: NeuronDecoder.Neuron
      let z, readerZ: Scores
      /// The largest |activity| of the writer in the texts.
      var largest = 0.0
    }

    func outcomes() throws -> [Outcome] {
      let choices = try chosen()
      let questions = choices.enumerated().map { asked($1, noun: $0) }
      let sweeps = try bench.model.decoder.clampSweeps(questions.flatMap { $0 }, prompts: bench.prompts) {
        try bench.lab.progress("clamps", $0, of: $1, unit: "texts")
      }
      let each = questions[0].count
      return choices.enumerated().map { noun, choice in
        let own = Array(sweeps[noun * each..<(noun + 1) * each])
        return Outcome(
          concept: bench.concepts[noun], writer: choice.writer, z: choice.z, reader: choice.reader,
          readerZ: choice.readerZ, inner: own[0], up: own[1], far: own[2], permuted: own[3], random: own[4])
      }
    }

    /// In the order in which ``outcomes()`` takes the answers.
    private func asked(_ choice: Choice, noun: Int) -> [ClampQuestion] {
      let clamp = bench.options.clamp
      let values = Set(bench.options.values + [-clamp, clamp]).sorted()
      let own = bench.concepts[noun].variants
      let other = bench.concepts[(noun + bench.concepts.count / 2) % bench.concepts.count].variants
      let far = 3 * choice.largest
      return [
        ClampQuestion(.inner, choice.writer, values: values, concept: own),
        ClampQuestion(.up, choice.reader, values: values, concept: own),
        ClampQuestion(.inner, choice.writer, values: [-far, far], concept: own),
        ClampQuestion(.inner, choice.writer, values: [-clamp, clamp], concept: other),
        ClampQuestion(.inner, choice.random, values: [-clamp, clamp], concept: own),
      ]
    }

    private func chosen() throws -> [Choice] {
      let tokens = bench.concepts.map(\.token)
      let scores = NeuronDecoder.Site.allCases.map { bench.reader.zScores($0, tokens: tokens) }
      let writers = scores[2].abs().argmax(axis: 0).integers
      let readers = scores[1].argmax(axis: 0).integers
      let flat = scores.map(\.doubles)
      let largest = try largestActivity(writers)
      let neurons = bench.model.decoder.configuration.neurons
      var generator = bench.lab.generator("random neurons")
      return tokens.indices.map { noun in
        func neuron(_ flat: Int) -> NeuronDecoder.Neuron { .init(flat / neurons, flat % neurons) }
        func z(_ position: Int) -> Scores {
          let place = position * tokens.count + noun
          return (flat[0][place], flat[1][place], flat[2][place])
        }
        let writer = neuron(writers[noun])
        let other = (writer.neuron + 1 + generator.integer(below: neurons - 1)) % neurons
        return Choice(
          writer: writer, reader: neuron(readers[noun]), random: .init(writer.block, other),
          z: z(writers[noun]), readerZ: z(readers[noun]), largest: largest[noun])
      }
    }

    /// The largest |activity| of neurons over the study's texts, first positions left out.
    private func largestActivity(_ flat: [Int]) throws -> [Double] {
      let tokens = try ["plain-english.txt", "harbour-tale.txt"].flatMap {
        bench.model.tokenizer.encode(try StudyTexts.text($0))
      }
      let limit = bench.lab.size == .quick ? 128 : tokens.count
      let texts = stride(from: 0, to: limit, by: 64).map { Array(tokens[$0..<min($0 + 64, limit)]) }
      let pooled = try bench.model.decoder.pooledActivity(of: texts, .magnitude) {
        try bench.lab.progress("activity", $0, of: texts.count, unit: "texts")
      }
      return pooled.max(axes: [0]).selected(Tensor(flat), axis: 0).doubles
    }
  }
}
