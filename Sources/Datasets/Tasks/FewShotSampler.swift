import Support

/// Sequences of a few-shot task: exemplars each followed by a label, and in the end a query without.
public struct FewShotBatch: Sendable, Equatable {
  /// P: pairs of an exemplar and a label before the query.
  public let contextPairs: Int
  /// `[B, P + 1]`, rows of the features; the last of a sequence is the query.
  public let exemplars: [Int]
  /// `[B, P]`, the label that follows each exemplar.
  public let labels: [Int]
  /// `[B]`, which pair has the query's class.
  public let matches: [Int]

  /// - Precondition: The lengths belong to each other.
  public init(contextPairs: Int, exemplars: [Int], labels: [Int], matches: [Int]) {
    precondition(
      contextPairs > 0 && exemplars.count == matches.count * (contextPairs + 1)
        && labels.count == matches.count * contextPairs && matches.allSatisfy((0..<contextPairs).contains),
      "\(exemplars.count) exemplars and \(labels.count) labels of \(matches.count) sequences with \(contextPairs) pairs"
    )
    (self.contextPairs, self.exemplars, self.labels, self.matches) = (
      contextPairs, exemplars, labels, matches
    )
  }

  /// B: how many sequences.
  public var count: Int { matches.count }
  /// T: tokens of a sequence, `2 P + 1`.
  public var length: Int { 2 * contextPairs + 1 }
  /// `[B]`, the label of the query.
  public var targets: [Int] { matches.enumerated().map { labels[$0 * contextPairs + $1] } }
  /// The place of the label that answers the query, in tokens.
  public func answerPosition(_ sequence: Int) -> Int { 2 * matches[sequence] + 1 }
}

/// Draws few-shot sequences whose labels are dealt anew every time, so that only the context tells the answer (Singh et al.,
/// 2024, section 3): exemplar, label, exemplar, label, query.
///
/// Classes, exemplars and sets of labels are each divided: what was trained on, and what was held out.
public struct FewShotSampler: Sendable {
  /// What a sequence is made of.
  public enum Split: String, Sendable, CaseIterable, Codable {
    /// The first exemplar of each class of training, with sets of labels of training.
    case training
    /// Other exemplars of the classes of training; those of one class may differ in a sequence.
    case newExemplars
    /// Classes that were held out.
    case newClasses
    /// Sets of labels that were held out.
    case newLabels
  }

  public let features: FewShotFeatures
  /// K.
  public let labels: Int
  public let contextPairs: Int
  public let trainingClasses, testClasses: [Int]
  /// Unordered sets of as many labels as there are pairs; all orders are used.
  public let trainingLabels, heldOutLabels: [[Int]]

  /// Divides classes and sets of labels at random; a fifth of the sets is held out, as 2 of 10 pairs of five labels.
  ///
  /// - Throws: `CajalError` when there are too few classes or labels.
  public init(
    _ features: FewShotFeatures, labels: Int = 5, contextPairs: Int = 2, trainingClasses: Int = 50,
    testClasses: Int = 100, using generator: inout RandomGenerator
  ) throws {
    guard contextPairs >= 2, trainingClasses >= contextPairs, testClasses >= contextPairs else {
      throw CajalError(
        "\(contextPairs) pairs from \(trainingClasses) classes of training and \(testClasses) held out: two pairs or more, and as many classes, are needed"
      )
    }
    guard features.classes >= trainingClasses + testClasses else {
      throw CajalError(
        "\(features.classes) classes, but \(trainingClasses) for training and \(testClasses) held out were asked for"
      )
    }
    guard labels > contextPairs, labels <= 64 else {
      throw CajalError(
        "\(labels) labels for \(contextPairs) pairs, expected from \(contextPairs + 1) to 64")
    }
    (self.features, self.labels, self.contextPairs) = (features, labels, contextPairs)
    let order = generator.permutation(features.classes)
    self.trainingClasses = order.prefix(trainingClasses).sorted()
    self.testClasses = order[trainingClasses..<trainingClasses + testClasses].sorted()
    var sets = Self.sets(contextPairs, of: labels)
    generator.shuffle(&sets)
    let heldOut = max(1, Int((Double(sets.count) / 5).rounded()))
    heldOutLabels = Array(sets.prefix(heldOut))
    trainingLabels = Array(sets.dropFirst(heldOut))
  }

  /// All ascending sets of `count` numbers below `bound`.
  private static func sets(_ count: Int, of bound: Int, from first: Int = 0) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return (first..<max(first, bound)).flatMap { number in
      sets(count - 1, of: bound, from: number + 1).map { [number] + $0 }
    }
  }

  /// How many different sequences training can meet: ordered classes, ordered labels, the query.
  public var trainingSequences: Int {
    let classes = (0..<contextPairs).reduce(1) { $0 * (trainingClasses.count - $1) }
    return classes * trainingLabels.count * (1...contextPairs).reduce(1, *) * contextPairs
  }

  public func batch(
    _ count: Int, from split: Split = .training, using generator: inout RandomGenerator
  ) -> FewShotBatch {
    let classes = split == .newClasses ? testClasses : trainingClasses
    let sets = split == .newLabels ? heldOutLabels : trainingLabels
    var (exemplars, dealt, matches): ([Int], [Int], [Int]) = ([], [], [])
    for _ in 0..<count {
      var chosen = generator.subset(contextPairs, of: classes.count).map { classes[$0] }
      generator.shuffle(&chosen)
      var set = sets[generator.integer(below: sets.count)]
      generator.shuffle(&set)
      let match = generator.integer(below: contextPairs)
      for kind in chosen + [chosen[match]] {
        let exemplar =
          split == .newExemplars && features.exemplars > 1
          ? 1 + generator.integer(below: features.exemplars - 1) : 0
        exemplars.append(kind * features.exemplars + exemplar)
      }
      dealt += set
      matches.append(match)
    }
    return FewShotBatch(contextPairs: contextPairs, exemplars: exemplars, labels: dealt, matches: matches)
  }
}
