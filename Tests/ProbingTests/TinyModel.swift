import Models
import Support
import Tensors

/// A small model of bytes with random weights, large enough that neurons matter.
func tinyDecoder(seed: UInt64 = 1, feedForward: DecoderConfiguration.FeedForward = .swiGLU) -> Decoder {
  var generator = RandomGenerator(seed: seed)
  let decoder = Decoder(
    DecoderConfiguration(
      vocabulary: 256, width: 16, blocks: 3, heads: 2, neurons: 24, feedForward: feedForward,
      contextLength: 64),
    using: &generator)
  withoutGradients {
    for (_, parameter) in decoder.parameters where parameter.value.rank == 2 {
      parameter.value = parameter.value.detached() * 12
    }
  }
  decoder.freeze()
  return decoder
}

func bytes(_ text: String) -> [Int] { ByteTokenizer().encode(text) }
