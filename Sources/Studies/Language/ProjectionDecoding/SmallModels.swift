import Models
import Probing
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// Two small models of bytes, trained apart on the same text: what agreement is worth where nothing is shared.
  struct SmallModels {
    let bench: Bench

    /// The agreement of their maps, with that of a map and itself in another order of neurons, and the loss they reach.
    func agreement() throws -> (agreement: Double, chance: Double, loss: Double) {
      let trained = try ["first", "second"].map(train)
      let maps = trained.map { NeuronDecoder($0.decoder).map(.up) { _ in } }
      var shifted = maps[0]
      shifted.tokens = Array(shifted.tokens.dropFirst()) + shifted.tokens.prefix(1)
      return (
        maps[0].agreement(with: maps[1]), maps[0].agreement(with: shifted),
        Spread(trained.map(\.loss)).mean
      )
    }

    private func train(_ name: String) throws -> (decoder: Decoder, loss: Double) {
      var generator = bench.lab.generator("small model, \(name)")
      let decoder = Decoder(
        DecoderConfiguration(
          vocabulary: 256, width: 64, blocks: 2, heads: 4, neurons: 192, contextLength: 64),
        using: &generator)
      let text = ByteTokenizer().encode(try StudyTexts.text("harbour-tale.txt"))
      let steps = bench.options.smallSteps
      let losses = try DecoderTraining(steps: steps).run(decoder, using: &generator) { step, _ in
        try bench.lab.progress("small model, \(name)", step, of: steps, unit: "steps")
      } batch: {
        AgreementPart.windows(text, count: 16, length: 32, &$0)
      }
      return (decoder, Spread(Array(losses.suffix(20))).mean)
    }
  }
}
