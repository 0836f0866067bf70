import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

/// The model in 32 bits: what a perfect predictor of every token's own neurons would lose, and whether the fast engine
/// measures the same as the laboratory.
struct TokenOraclePart {
  private let bench: CoreBench
  private let windows: [(topic: Int, tokens: [Int])]

  init(_ bench: CoreBench, _ windows: [(topic: Int, tokens: [Int])]) {
    self.bench = bench
    self.windows = Array(windows.prefix(bench.options.laboratoryWindows))
  }

  /// - Parameter scores: Mean sizes of all prompts.
  /// - Returns: The ratio for every token's largest, and how much larger the engine's ratio for the prompts' cores is
  ///   than the laboratory's. Nil if no text is to pass.
  func run(_ scores: [[[Double]]]) throws -> (token: PerplexityRatio, engine: Double)? {
    guard !windows.isEmpty else { return nil }
    let options = bench.options
    let selection = options.selection(.meanAbsolute)
    let decoder = try bench.laboratory().decoder
    let start = options.promptTokens
    let reader = CoreReader(bench)
    var (token, engine) = ([Double](), [Double]())
    for (index, window) in windows.enumerated() {
      try bench.lab.progress("Foretelling in 32 bits", index, of: windows.count, unit: "texts")
      let core = NeuronSet(blocks: scores[index].map(selection.chosen(by:)))
      let dense = surprise(decoder, window.tokens, [])
      let largest = CoreMask(largest: options.beta, blocks: bench.blocks, from: start)
      token.append(surprise(decoder, window.tokens, [largest]) - dense)
      let mask = CoreMask([core], neurons: bench.neurons, blocks: bench.blocks, from: start)
      let sparse = surprise(decoder, window.tokens, [mask]) - dense
      let (prompt, rest) = (Array(window.tokens[..<start]), Array(window.tokens[start...]))
      try reader.prefill(prompt)
      let whole = try reader.surprise(rest, after: start, nil)
      engine.append(try reader.surprise(rest, after: start, core) - whole - sparse)
    }
    return (PerplexityRatio(differences: token), PerplexityRatio(differences: engine).ratio)
  }

  private func surprise(_ decoder: Models.Decoder, _ tokens: [Int], _ instruments: [any Instrument]) -> Double
  {
    let start = bench.options.promptTokens
    return withoutGradients {
      withInstruments(instruments) {
        let hidden = decoder.hidden(Models.Decoder.batch([tokens]))[0]
        let logits = decoder.logits(hidden.narrowed(0, from: start, to: tokens.count - 1))
        return logits.crossEntropy(Tensor(Array(tokens[(start + 1)...]))).item
      }
    }
  }
}
