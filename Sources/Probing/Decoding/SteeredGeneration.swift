import Models
import Recordings
import Support
import Tensors

extension LanguageModel {
  /// The likeliest continuation of a text while clamps hold at every position of it and of what is generated.
  ///
  /// - Parameters:
  ///   - stops: Tokens that end the text; they are not part of the result.
  ///   - count: The most tokens that are made.
  public func steeredGeneration(
    _ prompt: [Int], clamps: [NeuronClamp], stops: Set<Int> = [], count: Int,
    afterToken: (Int) throws -> Void = { _ in }
  ) rethrows -> [Int] {
    var text = prompt
    while text.count < prompt.count + count {
      let next = withoutGradients {
        withInstruments(clamps.map(\.instrument)) {
          Int(decoder.lastLogits([text]).argmax(axis: -1).item)
        }
      }
      guard !stops.contains(next) else { break }
      text.append(next)
      try afterToken(text.count - prompt.count)
    }
    return Array(text[prompt.count...])
  }
}
