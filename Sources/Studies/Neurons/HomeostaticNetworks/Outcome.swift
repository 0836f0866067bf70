import Neurons

extension HomeostaticNetworks {
  /// What is kept of one training.
  struct Outcome: Sendable {
    /// Prequential accuracy and mean rate of each epoch.
    let accuracy: [Double]
    let rate: [Double]
    let finalRate: Double
    /// Accuracy on the validation samples after the last epoch.
    let validation: Double
    let decisions: DecisionStatistics
    /// Mean accuracy in windows aligned on swaps, nil where no swap has the window to itself.
    let recovery: [Double?]
    /// The rate, about a thousand times over the training, and the times of swaps; both in epochs.
    let rateTrace: [(epoch: Double, rate: Double)]
    let swapTimes: [Double]
    let cpuSeconds: Double
    let batches: Int

    init(
      _ trace: OnlineTrace, recoveryWindow: Int, recoveryWindows: Range<Int>, late: Range<Int>,
      cpuSeconds: Double
    ) {
      accuracy = trace.accuracyPerEpoch
      rate = trace.ratePerEpoch
      finalRate = trace.rates.last ?? .nan
      validation = trace.validation[trace.epochs - 1] ?? .nan
      decisions = DecisionStatistics(trace.decisions)
      recovery = trace.recovery(window: recoveryWindow, windows: recoveryWindows, epochs: late)
      let perEpoch = Double(trace.batchesPerEpoch)
      rateTrace = stride(from: 0, to: trace.rates.count, by: max(1, trace.rates.count / 1000)).map {
        (Double($0) / perEpoch, trace.rates[$0])
      }
      swapTimes = trace.swaps.map { Double($0.batch + 1) / perEpoch }
      batches = trace.rates.count
      self.cpuSeconds = cpuSeconds
    }

    /// Mean prequential accuracy of some epochs.
    func accuracy(_ epochs: Range<Int>) -> Double {
      accuracy[epochs].reduce(0, +) / Double(epochs.count)
    }
  }

  /// How a homeostatic learner decided.
  struct DecisionStatistics: Sendable {
    private(set) var count = 0
    /// Both futures were equally good.
    private(set) var ties = 0
    private(set) var worse = 0
    private(set) var guessedRight = 0
    private(set) var takenWhenRight = 0
    private(set) var takenWhenWrong = 0

    init(_ decisions: [RegulationDecision] = []) {
      for decision in decisions {
        count += 1
        if decision.hitsIfStaying == decision.hitsIfTaking { ties += 1 }
        if decision.hitsIfStaying > decision.hitsIfTaking { worse += 1 }
        let right = decision.guess == decision.label
        if right { guessedRight += 1 }
        if decision.taken {
          if right { takenWhenRight += 1 } else { takenWhenWrong += 1 }
        }
      }
    }

    var taken: Int { takenWhenRight + takenWhenWrong }
    var takenShare: Double { share(taken, count) }
    var rightShare: Double { share(guessedRight, count) }
    /// Decisions in which taking would have been worse.
    var worseShare: Double { share(worse, count) }
    var tieShare: Double { share(ties, count) }
    /// Taken, among decisions with a right or a wrong guess.
    var takenShareWhenRight: Double { share(takenWhenRight, guessedRight) }
    var takenShareWhenWrong: Double { share(takenWhenWrong, count - guessedRight) }

    private func share(_ part: Int, _ whole: Int) -> Double {
      whole == 0 ? .nan : Double(part) / Double(whole)
    }
  }
}
