import Models
import StudyCore
import Support

extension DragonHatchlingStudy {
  /// The parts of the study that can be run alone.
  enum Part: String, CaseIterable {
    case all, loss, sparsity, recurrent, surprise, graph, synapses, merging, ablations
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    // The model.
    var width = 64
    var neuronsPerWidth = 16
    var heads = 4
    var layers = 3
    var gptBlocks = 4
    // Training.
    var length = 96
    var batch = 16
    var steps = 300
    var learningRate = 1e-3
    var seeds = 3
    var otherWidths = [32, 96]
    var heldOutRows = 64
    // Claim 3.
    var contexts = [64, 256, 1_024, 4_096]
    // Claim 4.
    var surpriseSteps = 800
    var surpriseSeeds = 1
    var strings = 64
    // Claim 5.
    var edges = [512, 1_024, 2_048, 4_096, 8_192]
    // Claim 6.
    var sentences = 50
    var words = ""
    // Claim 7.
    var tuningSteps = 100
    // Ablations.
    var ablationSteps = 90
    // Text written in the end, bytes.
    var writes = 400
    var prompt = "And the "

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (width, layers, gptBlocks, length, batch, steps, seeds) = (32, 2, 2, 48, 8, 24, 1)
        (otherWidths, heldOutRows, contexts) = ([16], 16, [64, 128])
        (surpriseSteps, surpriseSeeds, strings) = (8, 1, 4)
        (edges, sentences, tuningSteps, ablationSteps, writes) = ([256, 512], 12, 4, 6, 40)
      case .full:
        (width, layers, gptBlocks, length, batch, steps) = (128, 4, 4, 128, 32, 3_000)
        (otherWidths, heldOutRows, contexts) = ([32, 64, 192], 256, [64, 256, 1_024, 4_096, 16_384])
        (surpriseSteps, surpriseSeeds, strings) = (3_000, 3, 256)
        (edges, tuningSteps, ablationSteps, writes) = (
          [1_024, 2_048, 4_096, 8_192, 16_384, 32_768], 500, 1_000, 1_000
        )
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text("part", \.part, oneOf: Part.allCases.map(\.rawValue), "which part of the study is run"),
      .integer("width", \.width, in: 8...4_096, "numbers of a token's vector, d"),
      .integer(
        "neuronsPerWidth", \.neuronsPerWidth, in: 1...256, "neurons of a layer for each of them: n / d"),
      .integer("heads", \.heads, in: 1...64, "heads"),
      .integer("layers", \.layers, in: 2...64, "layers of the hatchling"),
      .integer(
        "gptBlocks", \.gptBlocks, in: 1...64, "blocks of the GPT; its width follows from its parameters"),
      .integer("length", \.length, in: 16...4_096, "bytes of a text in training"),
      .integer("batch", \.batch, in: 1...512, "texts of a step"),
      .integer("steps", \.steps, in: 2...1_000_000, "steps of training"),
      .number("learningRate", \.learningRate, in: 1e-6...1, "rate of AdamW, constant"),
      .integer("seeds", \.seeds, in: 1...20, "models of each kind"),
      .integers(
        "otherWidths", \.otherWidths, in: 8...4_096,
        "claim 1: further widths that are trained, one model each"),
      .integer("heldOutRows", \.heldOutRows, in: 4...100_000, "held-out texts that losses are measured on"),
      .integers("contexts", \.contexts, in: 64...1_000_000, "claim 3: bytes read before writing is timed"),
      .integer(
        "surpriseSteps", \.surpriseSteps, in: 2...1_000_000, "claim 4: steps on strings of repeated words"),
      .integer("surpriseSeeds", \.surpriseSeeds, in: 1...20, "claim 4: models"),
      .integer("strings", \.strings, in: 2...10_000, "claim 4: fresh strings that activity is counted in"),
      .integers("edges", \.edges, in: 16...10_000_000, "claim 5: numbers of edges that graphs are cut to"),
      .integer(
        "sentences", \.sentences, in: 8...10_000, "claim 6: sentences with and without, to choose and to test"
      ),
      .text("words", \.words, "claim 6: words of a concept, joined by commas; several concepts if empty"),
      .integer(
        "tuningSteps", \.tuningSteps, in: 1...1_000_000, "claim 7: steps of fine-tuning on another text"),
      .integer("ablationSteps", \.ablationSteps, in: 2...1_000_000, "steps of the ablations' training"),
      .integer(
        "writes", \.writes, in: 0...100_000, "bytes that the trained model writes in the end; 0 for none"),
      .text("prompt", \.prompt, "what it goes on with"),
    ]

    func runs(_ part: Part) -> Bool { self.part == part.rawValue || self.part == Part.all.rawValue }

    func check() throws {
      for width in [width] + otherWidths {
        _ = try hatchling(width).checked()
        guard width * neuronsPerWidth % heads == 0 else {
          throw CajalError("\(width * neuronsPerWidth) neurons do not divide into \(heads) heads")
        }
      }
      guard !prompt.isEmpty else { throw CajalError("option prompt= is empty") }
    }

    func hatchling(_ width: Int) -> DragonHatchlingConfiguration {
      DragonHatchlingConfiguration(
        width: width, heads: heads, neuronsPerHead: width * neuronsPerWidth / heads, layers: layers,
        dropout: 0)
    }

    /// A GPT with as many parameters.
    func gpt(_ width: Int) -> GPT.Configuration {
      .matching(
        parameters: hatchling(width).parameterCount, blocks: gptBlocks, heads: 4, contextLength: length)
    }
  }
}
