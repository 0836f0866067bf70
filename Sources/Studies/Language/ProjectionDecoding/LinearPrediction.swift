import Foundation
import Models
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// What a clamp in the last block does to a logit, by a straight line: `(c - a) (E_t · gamma) · d / rms(x)`, a the activity and x the
  /// stream without the clamp, d what the neuron writes. The change of the rms itself is neglected.
  struct LinearPrediction {
    let bench: Bench
    private static let value = 10.0

    /// Pearson's correlation of predicted and measured changes of the nouns' logits, at a clamp that is small against the stream; not a
    /// number if fewer than two nouns have their neuron in the last block.
    func correlation(_ outcomes: [ClampMeasurement.Outcome]) throws -> Double {
      let decoder = bench.model.decoder
      let last = decoder.blocks.count - 1
      let late = outcomes.filter { $0.writer.block == last }
      guard late.count > 1 else { return .nan }
      let prompts = bench.prompts
      let stream = residuals(prompts, at: "residual", block: last, width: decoder.configuration.width)
      let activity = residuals(prompts, at: "mlp", block: last, width: decoder.configuration.neurons)
      let before = decoder.clampedLogits(prompts.map { ClampTrial($0) }) { _ in }
      var (predicted, measured): ([Double], [Double]) = ([], [])
      for value in [-Self.value, Self.value] {
        for outcome in late {
          let after = try decoder.clampedLogits(
            prompts.map { ClampTrial($0, [NeuronClamp(.inner, outcome.writer, value)]) }
          ) { _ in
            try bench.lab.progress("linear prediction", measured.count, of: 2 * late.count * prompts.count)
          }
          let slope = slope(outcome)
          for row in prompts.indices {
            let scale = (Spread(stream[row].map { $0 * $0 }).mean + decoder.configuration.normEpsilon)
              .squareRoot()
            predicted.append((value - activity[row][outcome.writer.neuron]) * slope / scale)
            measured.append(
              after[row, outcome.concept.token].item - before[row, outcome.concept.token].item)
          }
        }
      }
      return Correlation.pearson(predicted, measured).coefficient
    }

    /// `(E_t · gamma) · d`.
    private func slope(_ outcome: ClampMeasurement.Outcome) -> Double {
      withoutGradients {
        let row =
          bench.model.decoder.outputMatrix[outcome.concept.token] * bench.model.decoder.norm.weight.value
        let written = bench.model.decoder.blocks[outcome.writer.block].feedForward.down.value[
          .all, outcome.writer.neuron]
        return row.dot(written).item
      }
    }

    /// The activity at the last position of each prompt in one block.
    private func residuals(_ prompts: [[Int]], at site: String, block: Int, width: Int) -> [[Double]] {
      let all = bench.model.decoder.pooledActivity(of: prompts, at: site, .last) { _ in }
      let part = all.narrowed(1, from: block * width, to: (block + 1) * width).doubles
      return prompts.indices.map { Array(part[$0 * width..<($0 + 1) * width]) }
    }
  }
}
