import Recordings
import Statistics
import Support
import Tensors

/// How each neuron of a ``Recording`` goes with a label of its samples.
public struct RecordingSelectivity: Sendable {
  /// What the samples of a test are.
  public enum Unit: String, Sendable, CaseIterable {
    /// The mean over each text (or trial): neighbours within one depend on each other.
    case text
    /// Every sample for itself.
    case sample
  }

  public let neurons: NeuronTable
  /// Samples with and without the label.
  public let counts: (with: Int, without: Int)
  /// By neuron, in the order of the recording's columns.
  public let averagePrecision, areaUnderROC, cohensD, mutualInformation: [Double]
  /// The mean activity with and without the label.
  public let means: (with: [Double], without: [Double])
  /// Permutation tests of the difference of means: false discovery rate (Benjamini and Hochberg), and the chance of any
  /// false rejection (maximum statistic).
  public let falseDiscovery, familyP: [Double]

  /// - Parameters:
  ///   - label: The value that is asked for.
  ///   - column: The column of the samples in which labels stand; texts are told apart by the column `text`.
  ///   - permutations: Of the labels, for the tests.
  /// - Throws: `CajalError` for a column or label that the recording has not, or too few samples.
  public init(
    _ recording: Recording, label: String, column: String = "label", unit: Unit = .text,
    permutations: Int = 1_000, using generator: inout RandomGenerator
  ) throws {
    guard let labels = recording.samples[column] else {
      throw CajalError(
        "\(recording.name) has no column '\(column)'; it has \(recording.samples.names.joined(separator: ", "))"
      )
    }
    guard labels.contains(label) else {
      let known = Set(labels).sorted()
      throw CajalError(
        "no sample has the label '\(label)'; there are \(known.prefix(20).joined(separator: ", "))")
    }
    let (samples, isMember) = try Self.samples(recording, labels.map { $0 == label }, unit)
    let members = isMember.count { $0 }
    guard members > 1, isMember.count - members > 1 else {
      throw CajalError(
        "\(members) of \(isMember.count) \(unit.rawValue)s have the label '\(label)': at least two with and without it are needed"
      )
    }
    neurons = recording.neurons
    counts = (members, isMember.count - members)
    let ranked = try RankedResponses(samples)
    averagePrecision = try ranked.averagePrecision(isMember)
    areaUnderROC = try ranked.areaUnderROC(isMember)
    let groups = ActivationStatistics.byLabel(samples, label: isMember.map { $0 ? 0 : 1 }, labels: 2)
    cohensD = groups[0].compared(with: groups[1]).map(\.cohensD)
    means = (groups[0].means, groups[1].means)
    mutualInformation = MutualInformation.bits(
      samples, label: isMember.map { $0 ? 0 : 1 }, labels: 2,
      .quantiles(min(8, max(2, isMember.count / 8))), corrected: true)
    let test = PermutationTest(permutations: permutations).run(samples, isMember: isMember, using: &generator)
    falseDiscovery = MultipleComparisons.benjaminiHochberg.adjusted(test.pValues)
    familyP = test.familyPValues
  }

  /// The samples of the tests `[S, N]`, and whether each has the label.
  private static func samples(_ recording: Recording, _ isMember: [Bool], _ unit: Unit) throws -> (
    Tensor, [Bool]
  ) {
    guard unit == .text else { return (recording.activity.to(.float32), isMember) }
    guard let texts = recording.samples["text"] else {
      throw CajalError("\(recording.name) has no column 'text' by which samples could be averaged")
    }
    var rows: [Tensor] = []
    var members: [Bool] = []
    var start = 0
    // Samples of a text stand together: each is read once.
    while start < texts.count {
      let end = texts[start...].firstIndex { $0 != texts[start] } ?? texts.count
      rows.append(recording.activity.narrowed(0, from: start, to: end).to(.float32).mean(axis: 0))
      members.append(isMember[start])
      start = end
    }
    return (Tensor.stacked(rows), members)
  }

  /// The columns of the neurons that go most with the label, best first, by average precision and then effect size.
  public func best(_ count: Int) -> [Int] { ranking(averagePrecision, tieBreak: cohensD, count: count) }
}
