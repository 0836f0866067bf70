import Datasets
import Foundation
import Models
import StudyCore
import Support

/// What the commands on language models have in common.
enum ModelArguments {
  /// The place of the model: `--model`, or SmolLM2, fetched if it is not here.
  static func url(_ arguments: Arguments) throws -> URL {
    if let path = arguments.value("model") { return URL(fileURLWithPath: path) }
    if !PackagedData.smolLM2.isPresent() {
      say("fetching SmolLM2-135M-Instruct, \(NumberText.bytes(PackagedData.smolLM2.size)), once")
    }
    return try LanguageModel.smolLM2File()
  }

  static func whole(_ arguments: Arguments, _ name: String, _ standard: Int, in range: ClosedRange<Int>)
    throws
    -> Int
  {
    guard let text = arguments.value(name) else { return standard }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        "--\(name) is '\(text)', expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  static func number(
    _ arguments: Arguments, _ name: String, _ standard: Double, in range: ClosedRange<Double>
  ) throws -> Double {
    guard let text = arguments.value(name) else { return standard }
    guard let value = Double(text), range.contains(value) else {
      throw UsageError(
        "--\(name) is '\(text)', expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  static func seed(_ arguments: Arguments) throws -> RandomGenerator {
    RandomGenerator(seed: UInt64(try whole(arguments, "seed", 1, in: 0...Int.max)))
  }

  static func sampler(_ arguments: Arguments, temperature: Double) throws -> Sampler {
    Sampler(
      temperature: try number(arguments, "temperature", temperature, in: 0...100),
      topK: try whole(arguments, "top-k", 0, in: 0...1_000_000),
      topP: try number(arguments, "top-p", 1, in: 1e-9...1),
      minP: try number(arguments, "min-p", 0, in: 0...1),
      repetitionPenalty: try number(arguments, "repetition", 1, in: 0.01...100))
  }

  /// `29/1113`: a block and a neuron in it.
  static func neuron(_ text: String) throws -> (block: Int, neuron: Int) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard parts.count == 2, parts.allSatisfy({ $0 >= 0 }) else {
      throw UsageError("'\(text)' is no neuron: expected BLOCK/NEURON, 29/1113 say")
    }
    return (parts[0], parts[1])
  }

  /// The neurons of `--neurons 29/1113,29/44` in a model.
  static func neurons(_ text: String, in shape: DecoderConfiguration) throws -> [(block: Int, neuron: Int)] {
    try text.split(separator: ",").map { part in
      let found = try neuron(String(part))
      guard found.block < shape.blocks, found.neuron < shape.neurons else {
        throw UsageError(
          "neuron \(part) is not in the model, which has blocks 0 to \(shape.blocks - 1) of neurons 0 to \(shape.neurons - 1)"
        )
      }
      return found
    }
  }

  /// Text with what cannot be seen made visible.
  static func visible(_ text: String) -> String {
    text.replacingOccurrences(of: "\n", with: "\\n").replacingOccurrences(of: "\t", with: "\\t")
  }
}
