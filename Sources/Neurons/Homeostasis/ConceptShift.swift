import Support

/// When and how the meaning of labels changes: two classes exchange their labels, for all samples and for
/// good.
public struct ConceptShift: Sendable, Equatable {
  /// Two labels that are exchanged after a minibatch, counted from the start of the training.
  public struct Swap: Sendable, Equatable {
    public var batch: Int
    public var first: Int
    public var second: Int

    public init(afterBatch batch: Int, _ first: Int, _ second: Int) {
      self.batch = batch
      self.first = first
      self.second = second
    }
  }

  /// A stretch of epochs with one rate of change.
  public struct Season: Sendable, Equatable {
    public var epochs: Int
    public var swapsPerEpoch: Int

    public init(epochs: Int, swapsPerEpoch: Int) {
      self.epochs = epochs
      self.swapsPerEpoch = swapsPerEpoch
    }
  }

  enum Schedule: Sendable, Equatable {
    case seasons([Season])
    case listed([Int: [Swap]])
  }

  let schedule: Schedule

  /// No change at all.
  public static let none = ConceptShift(schedule: .seasons([Season(epochs: 1, swapsPerEpoch: 0)]))

  /// Swaps of random pairs, evenly over each epoch; the last coincides with the epoch's end.
  ///
  /// - Throws: ``CajalError`` for a negative number.
  public static func perEpoch(_ swaps: Int) throws -> ConceptShift {
    try seasons([Season(epochs: 1, swapsPerEpoch: swaps)])
  }

  /// Seasons that follow one another, again and again: a change of the rate of change.
  ///
  /// - Throws: ``CajalError`` for a season without epochs or with fewer than no swaps.
  public static func seasons(_ seasons: [Season]) throws -> ConceptShift {
    guard !seasons.isEmpty, seasons.allSatisfy({ $0.epochs > 0 && $0.swapsPerEpoch >= 0 }) else {
      throw CajalError("a season needs one or more epochs and 0 or more swaps an epoch, not \(seasons)")
    }
    return ConceptShift(schedule: .seasons(seasons))
  }

  /// Exactly these swaps.
  ///
  /// - Throws: ``CajalError`` for a swap of a label with itself or a negative number.
  public static func listed(_ swaps: [Swap]) throws -> ConceptShift {
    if let wrong = swaps.first(where: { $0.first == $0.second || min($0.batch, $0.first, $0.second) < 0 }) {
      throw CajalError("a swap needs two different labels and a minibatch, not \(wrong)")
    }
    return ConceptShift(schedule: .listed(Dictionary(grouping: swaps, by: \.batch)))
  }

  /// Swaps an epoch in `epoch`; nil for a list.
  public func swapsPerEpoch(in epoch: Int) -> Int? {
    guard case .seasons(let seasons) = schedule else { return nil }
    var rest = epoch % seasons.reduce(0) { $0 + $1.epochs }
    for season in seasons {
      if rest < season.epochs { return season.swapsPerEpoch }
      rest -= season.epochs
    }
    return seasons[0].swapsPerEpoch
  }

  /// - Throws: ``CajalError`` when the swaps do not fit the stream.
  func validate(epochLength: Int, batch: Int, classes: Int) throws {
    switch schedule {
    case .seasons(let seasons):
      let most = seasons.map(\.swapsPerEpoch).max() ?? 0
      guard most * batch <= epochLength else {
        throw CajalError(
          "\(most) swaps an epoch need \(most) minibatches of \(batch); the epoch has \(epochLength) samples")
      }
      guard most == 0 || classes > 1 else { throw CajalError("a swap needs two classes, not \(classes)") }
    case .listed(let swaps):
      if let wrong = swaps.values.joined().first(where: { max($0.first, $0.second) >= classes }) {
        throw CajalError("a swap of the labels \(wrong.first) and \(wrong.second) of \(classes) classes")
      }
    }
  }

  /// The swaps that are due once the samples of an epoch up to `end` were learned.
  ///
  /// One is due at the first end of a minibatch at or after each multiple of floor(N / swaps); the paper's
  /// code skips it where the multiple lies within a minibatch. Never after the first minibatch of an epoch.
  func due(
    afterBatch batch: Int, epoch: Int, start: Int, end: Int, epochLength: Int, classes: Int,
    using generator: inout RandomGenerator
  ) -> [Swap] {
    if case .listed(let swaps) = schedule { return swaps[batch] ?? [] }
    guard let count = swapsPerEpoch(in: epoch), count > 0, start > 0 else { return [] }
    let period = epochLength / count
    guard end / period > start / period, end / period <= count else { return [] }
    let first = generator.integer(below: classes)
    let second = (first + 1 + generator.integer(below: classes - 1)) % classes
    return [Swap(afterBatch: batch, first, second)]
  }
}

/// Which label each original class carries at present.
public struct LabelMeaning: Sendable, Equatable {
  /// The label of each original class.
  public private(set) var labels: [Int]

  public init(classes: Int) { labels = Array(0..<classes) }

  public subscript(original: Int) -> Int { labels[original] }

  /// Exchanges two labels for all samples.
  public mutating func swap(_ first: Int, _ second: Int) {
    labels = labels.map { $0 == first ? second : ($0 == second ? first : $0) }
  }
}
