import Models
import Support
import Tensors
import Testing

@Suite struct DecoderTrainingTests {
  private func decoder() -> Decoder {
    var generator = RandomGenerator(seed: 1)
    return Decoder(
      DecoderConfiguration(vocabulary: 10, width: 16, blocks: 2, heads: 2, neurons: 32), using: &generator)
  }

  /// Counting upwards, from anywhere.
  private func rows(_ random: inout RandomGenerator) -> [DecoderTraining.Row] {
    (0..<8).map { _ in
      let start = random.integer(below: 10)
      return .init(tokens: (0..<12).map { (start + $0) % 10 })
    }
  }

  @Test func learnsToCount() {
    let decoder = decoder()
    var generator = RandomGenerator(seed: 2)
    var steps = 0
    let losses = DecoderTraining(steps: 150, learningRate: 1e-2).run(decoder, using: &generator) { step, _ in
      steps = step
    } batch: {
      rows(&$0)
    }
    #expect(steps == 150 && losses.count == 150 && losses[0] > 2 && losses[149] < 0.2)
    #expect(decoder.lastLogits([[6, 7, 8]]).argmax(axis: 1).integers == [9])
  }

  @Test func onlyWhatIsToBeLearnedIs() {
    // The last token alone: what comes before is anything.
    let decoder = decoder()
    var generator = RandomGenerator(seed: 3)
    let losses = DecoderTraining(steps: 80, learningRate: 1e-2).run(decoder, using: &generator) { _, _ in
    } batch: { random in
      (0..<8).map { index in
        // Rows of different lengths are filled up.
        let body = (0..<4 + index % 2).map { _ in random.integer(below: 10) }
        return .init(tokens: body + [7], learnsFrom: body.count)
      }
    }
    #expect(losses.last! < 0.05)
  }

  @Test func sameSeedSameWeightsAndStoppingStops() {
    func trained() -> [Float] {
      let decoder = decoder()
      var generator = RandomGenerator(seed: 4)
      DecoderTraining(steps: 3).run(decoder, using: &generator) { _, _ in
      } batch: {
        rows(&$0)
      }
      return decoder.outputMatrix.floats
    }
    #expect(trained() == trained())
    var generator = RandomGenerator(seed: 4)
    #expect(throws: Interruption.self) {
      try DecoderTraining(steps: 3).run(decoder(), using: &generator) { step, _ in
        if step == 2 { throw Interruption() }
      } batch: {
        rows(&$0)
      }
    }
  }
}
