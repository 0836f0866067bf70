/// What an online training left behind, minibatch by minibatch.
public struct OnlineTrace: Sendable, Equatable {
  /// Samples a minibatch, and minibatches an epoch.
  public let batch: Int
  public let batchesPerEpoch: Int
  /// Samples of each minibatch that were guessed right before they were learned.
  public internal(set) var hits: [Int] = []
  /// Samples of each minibatch: fewer at the end of an epoch.
  public internal(set) var counts: [Int] = []
  /// The rate with which each minibatch was learned.
  public internal(set) var rates: [Double] = []
  public internal(set) var swaps: [ConceptShift.Swap] = []
  public internal(set) var decisions: [RegulationDecision] = []
  /// Share of the validation samples recognised at the end of an epoch, by epoch.
  public internal(set) var validation: [Int: Double] = [:]

  init(batch: Int, batchesPerEpoch: Int) {
    self.batch = batch
    self.batchesPerEpoch = batchesPerEpoch
  }

  public var epochs: Int { hits.count / max(batchesPerEpoch, 1) }

  /// Prequential accuracy of a range of epochs: guesses made before learning.
  public func accuracy(epochs: Range<Int>) -> Double {
    let range = (epochs.lowerBound * batchesPerEpoch)..<(epochs.upperBound * batchesPerEpoch)
    return Double(hits[range].reduce(0, +)) / Double(max(counts[range].reduce(0, +), 1))
  }

  /// Prequential accuracy of each epoch.
  public var accuracyPerEpoch: [Double] { (0..<epochs).map { accuracy(epochs: $0..<$0 + 1) } }

  /// Mean learning rate of each epoch.
  public var ratePerEpoch: [Double] {
    (0..<epochs).map { epoch in
      // Relative to the first, so that a constant rate stays exactly that.
      let part = rates[epoch * batchesPerEpoch..<(epoch + 1) * batchesPerEpoch]
      let first = part[part.startIndex]
      return first + part.reduce(0) { $0 + ($1 - first) } / Double(batchesPerEpoch)
    }
  }

  /// Mean accuracy aligned on swaps: window k holds samples `k·window ..< (k+1)·window` after a swap, windows
  /// before it have negative k. Windows that reach another swap are left out of the mean.
  ///
  /// - Parameters:
  ///   - window: samples a window, at least a minibatch.
  ///   - windows: which windows; nil stands where no swap has that window to itself.
  ///   - epochs: which swaps count, by the epoch in which they happen; all if nil.
  public func recovery(window: Int, windows: Range<Int>, epochs: Range<Int>? = nil) -> [Double?] {
    let length = max(1, window / batch)
    let places = swaps.map { $0.batch + 1 }
    return windows.map { k in
      var (right, shown) = (0, 0)
      for (index, place) in places.enumerated() {
        if let epochs, !epochs.contains((place - 1) / batchesPerEpoch) { continue }
        let range = (place + k * length)..<(place + (k + 1) * length)
        let before = index > 0 ? places[index - 1] : 0
        let after = index + 1 < places.count ? places[index + 1] : hits.count
        guard range.lowerBound >= before, range.upperBound <= after else { continue }
        right += hits[range].reduce(0, +)
        shown += counts[range].reduce(0, +)
      }
      return shown == 0 ? nil : Double(right) / Double(shown)
    }
  }
}
