import Models
import Statistics
import Support
import Tensors

/// How expert each neuron is in each relation: the average precision with which its response tells the relation's prompts from all others
/// (Suau et al. 2020, Liu et al. 2025).
public struct Expertise: Sendable {
  /// Which of equally expert neurons come first.
  public enum TieBreak: String, Sendable, CaseIterable {
    /// Those of lower position, hence of earlier blocks.
    case position
    /// Those whose responses lie farther apart, by ``rankingMargin(_:labels:_:)``.
    case margin
  }

  public let blocks: Int
  /// Neurons of a block.
  public let neurons: Int
  /// By relation and neuron `block · neurons + neuron`.
  public let averagePrecision: [[Double]]
  /// The same for negated responses: neurons that are low for the relation.
  public let negatedAveragePrecision: [[Double]]
  private let margins: [[Double]]
  private let negatedMargins: [[Double]]

  /// - Parameters:
  ///   - responses: `[S, L · N]`, as ``Models/Decoder/pooledActivity(of:at:_:from:tokensPerBatch:afterBatch:)`` gives them.
  ///   - relation: The relation of each sample, from 0; nil for one that is negative for all, such as a hard negative.
  /// - Throws: `CajalError` when a relation has no sample, or no other one has.
  public init(_ responses: Tensor, relation: [Int?], relations: Int, blocks: Int) throws {
    guard responses.rank == 2, relation.count == responses.size(0), responses.size(1) % blocks == 0 else {
      throw CajalError(
        "responses of the shape \(responses.shape) for \(relation.count) prompts and \(blocks) blocks")
    }
    (self.blocks, neurons) = (blocks, responses.size(1) / blocks)
    let ranked = try RankedResponses(responses)
    let labels = (0..<relations).map { wanted in relation.map { $0 == wanted } }
    averagePrecision = try labels.map { try ranked.averagePrecision($0) }
    negatedAveragePrecision = try labels.map { try ranked.averagePrecision($0, .low) }
    margins = try labels.map { try rankingMargin(responses, labels: $0) }
    negatedMargins = try labels.map { try rankingMargin(responses, labels: $0, .low) }
  }

  /// The `count` neurons of highest average precision for a relation.
  ///
  /// - Parameter both: As many neurons of lowest response are added: those of highest average precision of the negated response.
  public func topExperts(_ count: Int, for relation: Int, both: Bool = false, tieBreak: TieBreak = .margin)
    -> NeuronSet
  {
    var flat = order(relation, .high, count, tieBreak)
    if both { flat += order(relation, .low, count, tieBreak) }
    return NeuronSet(flat: flat, blocks: blocks, neurons: neurons)
  }

  /// Positions of neurons from the most expert down.
  public func order(
    _ relation: Int, _ direction: ResponseDirection = .high, _ count: Int? = nil,
    _ tieBreak: TieBreak = .margin
  ) -> [Int] {
    let (scores, margins) =
      direction == .high
      ? (averagePrecision[relation], margins[relation])
      : (negatedAveragePrecision[relation], negatedMargins[relation])
    return ranking(scores, tieBreak: tieBreak == .margin ? margins : nil, count: count)
  }
}
