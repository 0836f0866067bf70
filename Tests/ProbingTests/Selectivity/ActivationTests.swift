import Foundation
import Probing
import Recordings
import Statistics
import Support
import Tensors
import Testing

@Suite struct ActivationTests {
  private func samples(_ rows: Int, _ neurons: Int, seed: UInt64 = 1) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor.normal([rows, neurons], mean: 100, deviation: 2, using: &generator)
  }

  @Test func statisticsMatchTheDirectOnes() {
    let all = samples(50, 7)
    var streamed = ActivationStatistics(neurons: 7, threshold: 100)
    for part in all.split(13) { streamed.add(part) }
    let exact = all.to(.float64)
    #expect(streamed.count == 50)
    for (a, b) in zip(streamed.means, exact.mean(axis: 0).doubles) { #expect(agree(a, b, 1e-12)) }
    for (a, b) in zip(streamed.variances(), exact.variance(axes: [0]).doubles) { #expect(agree(a, b, 1e-10)) }
    for (a, b) in zip(streamed.variances(correction: 0), streamed.variances()) {
      #expect(agree(a, b * 49 / 50))
    }
    #expect(streamed.minima == all.min(axes: [0]).floats && streamed.maxima == all.max(axes: [0]).floats)
    #expect(streamed.activeCounts == (all .> 100).to(.int64).sum(axis: 0).integers)
  }

  @Test func mergingIsAddingAtOnce() {
    let all = samples(40, 3)
    var whole = ActivationStatistics(neurons: 3)
    whole.add(all)
    var first = ActivationStatistics(neurons: 3)
    var second = first
    first.add(all[0..<11])
    second.add(all[11..<40])
    first.merge(second)
    first.merge(ActivationStatistics(neurons: 3))
    #expect(first.count == 40 && first.activeShares == [1, 1, 1])
    for n in 0..<3 {
      #expect(agree(first.means[n], whole.means[n], 1e-13))
      #expect(agree(first.variances()[n], whole.variances()[n], 1e-11))
    }
    let empty = ActivationStatistics(neurons: 2)
    #expect(empty.variances()[0].isNaN && empty.activeShares[0].isNaN && empty.minima[0] == .infinity)
  }

  @Test func labelsAreKeptApart() {
    let all = Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2], as: .float32)
    let groups = ActivationStatistics.byLabel(all, label: [0, 2, 0, 2], labels: 3)
    #expect(groups.map(\.count) == [2, 0, 2])
    #expect(groups[0].means == [3, 4] && groups[2].means == [5, 6])
    let comparison = groups[2].compared(with: groups[0])[1]
    #expect(comparison.difference == 2 && comparison == GroupComparison([4, 8], [2, 6]))
  }

  @Test func aValueThatIsNoNumberShows() {
    var statistics = ActivationStatistics(neurons: 2)
    statistics.add(Tensor([1, .nan, 3, 4], shape: [2, 2], as: .float32))
    #expect(statistics.means[0] == 2 && statistics.means[1].isNaN && statistics.variances()[1].isNaN)
  }

  /// Two blocks of two neurons whose gates are the tokens themselves.
  private func model(_ tokens: Tensor) -> Tensor {
    var x = tokens.to(.float32).unsqueezed(2)
    for block in 0..<2 {
      x = tap("blocks.\(block).mlp.gate", Tensor.concatenated([x, x * -1], axis: 2))[.all, .all, 0..<1] + 1
    }
    return x
  }

  @Test func activeTokensAreCountedWhereTheyCount() {
    let counter = ActivationCounter(labels: 2, blocks: 2, neurons: 2)
    // The second text is padded, its first two tokens are a prompt.
    let tokens = Tensor([5, -1, 3, -2, 2, 9, 9, 4, -7, 0], shape: [2, 5])
    _ = counter.counting([.init(label: 0, length: 5), .init(label: 1, length: 4, prompt: 2)]) {
      model(tokens)
    }
    #expect(counter.tokens == [4, 2])
    // Block 0: label 0 sees -1, 3, -2, 2; label 1 sees 9, 4 but not the prompt nor the padding... of its own.
    #expect(counter.count(label: 0, layer: 0) == [2, 2])
    #expect(counter.count(label: 1, layer: 0) == [1, 1])
    // Block 1 adds 1: 0 is not active either way.
    #expect(counter.count(label: 0, layer: 1) == [2, 1])
    #expect(counter.probabilities.values == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.5])
    let twice = ActivationCounter(labels: 2, blocks: 2, neurons: 2)
    twice.merge(counter)
    twice.merge(counter)
    #expect(twice.tokens == [8, 4] && twice.probabilities == counter.probabilities)
    // Nothing is counted outside of `counting`.
    _ = withInstruments(counter) { model(tokens) }
    #expect(counter.tokens == [4, 2] && counter.count(label: 0, layer: 0) == [2, 2])
  }

  @Test func spansLeaveOutWhatDoesNotCount() {
    typealias Text = ActivationCounter.Text
    #expect(Text(label: 0, length: 5).span == 1..<5)
    #expect(Text(label: 0, length: 5, countsFirst: true).span == 0..<5)
    #expect(Text(label: 0, length: 5, prompt: 3).span == 3..<5)
    #expect(Text(label: 0, length: 5, prompt: 5).span.isEmpty && Text(label: 0, length: 0).span.isEmpty)
  }

  @Test func recordedActivityIsCountedToo() {
    let counter = ActivationCounter(labels: 2, layers: ["cortex"], neurons: 2, threshold: 0.5)
    counter.add(Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2], as: .float32), label: [0, 1, 0])
    #expect(counter.tokens == [2, 1] && counter.probabilities.values == [1, 0, 0.5, 1])
    #expect(counter.probabilities.preferredLabels == [0, 1])
  }
}
