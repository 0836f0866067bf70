import Figures
import Foundation
import Models
import Recordings
import StudyCore
import Support
import Tensors

extension WormRecordings {
  /// Whether what is learned from some worms tells another one's next moment.
  struct AnimalPart {
    let bench: Bench

    private struct Outcome: Sendable {
      let held: Int
      let count: Int
      let kind: SlotSequenceModel.Kind
      let relativeError: Double
    }

    func run() throws {
      let worms = bench.native.worms.filter { $0.labelledCount >= 20 && $0.calcium.sampleCount > 130 }
        .sorted { $0.labelledCount > $1.labelledCount }
      let counts = bench.options.animalCounts.sorted().filter { $0 < worms.count }
      guard worms.count > 2, counts.count > 1 else {
        return bench.lab.add(
          Claim(
            notTestable: "4", Self.statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
            reason: "\(worms.count) recordings have 20 named neurons and enough samples; at least 3 are needed"))
      }
      let group = Array(worms.prefix(max(bench.options.heldOut, (counts.last ?? 0) + 1)))
      let outcomes = try outcomes(group, counts)
      try report(outcomes, counts)
    }

    private static let statement = "Worms share their dynamics: a network tells a worm that it never saw the better, the more others it has learned from"
    private static let paper = "the companion paper's scaling with the number of animals"
    private static let criterion = "the mean error on held-out worms falls from each number of worms to the next"
    private static let test =
      "a recurrent network over slots, trained on some worms at their own times and tried on one that it has not seen; error of the next frame over that of persistence"

    private func outcomes(_ worms: [WormRecording], _ counts: [Int]) throws -> [Outcome] {
      let animals = worms.map { worm in
        (values: worm.inSlots(\.calcium).to(.float32), mask: worm.mask)
      }
      let held = min(bench.options.heldOut, worms.count)
      let tasks = (0..<held).flatMap { held in
        counts.map { (held, $0, SlotSequenceModel.Kind.recurrent) }
          + [(held, counts.last!, SlotSequenceModel.Kind.attention)]
      }
      let generator = bench.lab.generator("networks")
      var all: [Outcome] = []
      // Several small networks at once, one a thread.
      while all.count < tasks.count {
        try bench.lab.progress("networks", all.count, of: tasks.count, unit: "networks")
        let part = tasks[all.count..<min(all.count + max(1, Threads.count), tasks.count)]
        let first = all.count
        let options = bench.options
        all += try Torch.onOneThread {
          try parallelMap(
            part.count,
            throwing: { index in
              let (held, count, kind) = part[part.startIndex + index]
              var stream = generator.split(first + index)
              // The same order of others for every number of them.
              var order = generator.split(10_000 + held)
              let others = order.permutation(animals.count).filter { $0 != held }.prefix(count)
              let model = SlotSequenceModel(
                .init(kind: kind, slots: animals[0].mask.count, hidden: options.hidden), using: &stream)
              var training = SlotSequenceModel.Training()
              // As many steps whatever the number of worms.
              training.epochs = max(1, options.epochs * counts.last! / count)
              try model.train(
                on: others.map { SlotSequenceModel.Animal(animals[$0].values, mask: animals[$0].mask) }, training,
                using: &stream)
              return Outcome(
                held: held, count: count, kind: kind,
                relativeError: model.relativeError(SlotSequenceModel.Animal(animals[held].values, mask: animals[held].mask)))
            })
        }
      }
      return all
    }

    private func report(_ outcomes: [Outcome], _ counts: [Int]) throws {
      let recurrent = counts.map { count in
        Spread(outcomes.filter { $0.count == count && $0.kind == .recurrent }.map(\.relativeError))
      }
      let attention = Spread(outcomes.filter { $0.kind == .attention }.map(\.relativeError))
      for (count, spread) in zip(counts, recurrent) {
        bench.lab.measure("animals.\(count).relativeError", spread.mean)
      }
      bench.lab.measure("animals.attention.relativeError", attention.mean)
      let falls = zip(recurrent, recurrent.dropFirst()).allSatisfy { $0.mean > $1.mean }
      bench.lab.add(
        .decided(
          "4", Self.statement, paper: Self.paper, test: Self.test, criterion: Self.criterion,
          measured: zip(counts, recurrent).map { String(format: "%d worms: %.3f ± %.3f", $0, $1.mean, $1.standardError) }
            .joined(separator: "; ") + String(format: " (%d held out); attention, %d worms: %.3f", recurrent[0].count, counts.last!, attention.mean),
          holds: falls, reason: "the networks do not gain from more worms", unless: bench.obstacle))
      var plot = Plot(
        name: "animals", title: "More worms to learn from",
        caption: "Error on a worm that the network has not seen, over that of persistence: mean and standard error over held-out worms; thin points are single worms.",
        x: .init("worms learned from"), y: .init("error relative to persistence"))
      plot.add(
        .linePoints, "recurrent", x: counts.map(Double.init), y: recurrent.map(\.mean), error: recurrent.map(\.standardError))
      let single = outcomes.filter { $0.kind == .recurrent }
      plot.add(.points, "single worms", x: single.map { Double($0.count) + 0.04 }, y: single.map(\.relativeError), colourOf: "recurrent")
      plot.add(.points, "attention", x: [Double(counts.last!) + 0.1], y: [attention.mean], error: [attention.standardError])
      plot.marks = [.horizontal(1, label: "persistence")]
      try bench.lab.add(plot)
    }
  }
}
