import Foundation
import Support

/// Sentences of equally many units (words), to be read one after the other as a rhythm.
public struct PeriodicCorpus: Sendable, Equatable {
  /// The units of every sentence.
  public let sentences: [[String]]
  /// Units of a sentence.
  public var length: Int { sentences[0].count }

  /// - Parameter name: Of the source, for messages.
  /// - Throws: `CajalError` naming the first sentence of another length, or fewer than three units.
  public init(_ sentences: [[String]], name: String = "the corpus") throws {
    guard let first = sentences.first, sentences.count > 1 else {
      throw CajalError("\(name) has \(sentences.count) sentences, at least 2 are needed")
    }
    guard first.count > 2 else {
      throw CajalError("\(name): a sentence of \(first.count) words, at least 3 are needed")
    }
    if let other = sentences.firstIndex(where: { $0.count != first.count }) {
      throw CajalError(
        "\(name), sentence \(other + 1) ('\(sentences[other].joined(separator: " "))'): \(sentences[other].count) words where the first has \(first.count)"
      )
    }
    self.sentences = sentences
  }

  /// Reads a text with a sentence on every line; signs of punctuation do not count, and empty lines are left out.
  ///
  /// - Throws: `CajalError` naming file and sentence.
  public init(contentsOf url: URL) throws {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw CajalError("cannot read \(url.path) as text")
    }
    let kept = text.split(whereSeparator: \.isNewline).map { line in
      line.split(whereSeparator: \.isWhitespace).map { word in
        String(word.filter { $0.isLetter || $0.isNumber || $0 == "'" || $0 == "-" })
      }.filter { !$0.isEmpty }
    }.filter { !$0.isEmpty }
    try self.init(kept, name: url.path)
  }

  /// A stream of units in rhythm, or a control.
  public enum Arrangement: String, Sendable, CaseIterable {
    /// Whole sentences in random order.
    case sentences
    /// The same, with the units of every sentence permuted so that none is followed by the one that should follow it. Such orders do not
    /// put the units of a place evenly on all places: see ``brokenShares(_:)``.
    case brokenSentences
    /// The same, with the units of every sentence in any order: those of a place come evenly on all places.
    case shuffledSentences
    /// All units in random order.
    case randomUnits
    /// Whole sentences whose units are replaced by those of the same place in others: the words of a place keep their kind, no sentence
    /// stays.
    case exchangedUnits
    /// Sentences whose first half is of one, the second half of another: phrases without sentences.
    case exchangedHalves
  }

  /// The units of a stream.
  public func stream(_ arrangement: Arrangement, using generator: inout RandomGenerator) -> [String] {
    let order = generator.permutation(sentences.count).map { sentences[$0] }
    switch arrangement {
    case .sentences: return order.flatMap { $0 }
    case .brokenSentences:
      return order.flatMap { sentence in
        Self.brokenOrder(sentence.count, using: &generator).map { sentence[$0] }
      }
    case .shuffledSentences:
      return order.flatMap { sentence in generator.permutation(sentence.count).map { sentence[$0] } }
    case .randomUnits:
      var units = order.flatMap { $0 }
      generator.shuffle(&units)
      return units
    case .exchangedUnits:
      let places = (0..<length).map { place in
        generator.permutation(sentences.count).map { sentences[$0][place] }
      }
      return sentences.indices.flatMap { index in places.map { $0[index] } }
    case .exchangedHalves:
      let others = generator.permutation(sentences.count).map { sentences[$0] }
      // The halves in either order, so that nothing recurs with the period of a sentence.
      return zip(order, others).flatMap { first, second -> [String] in
        let halves = [Array(first[..<(length / 2)]), Array(second[(length / 2)...])]
        return generator.uniform() < 0.5 ? halves[0] + halves[1] : halves[1] + halves[0]
      }
    }
  }

  /// A random order in which no number is followed by its successor.
  static func brokenOrder(_ count: Int, using generator: inout RandomGenerator) -> [Int] {
    precondition(count > 1, "an order of \(count)")
    while true {
      let order = generator.permutation(count)
      if zip(order, order.dropFirst()).allSatisfy({ $1 != $0 + 1 }) { return order }
    }
  }

  /// How often the unit of each place comes to each place in broken orders of so many units, `[from][to]`; of all such orders up to
  /// six units, of many random ones beyond.
  public static func brokenShares(_ count: Int) -> [[Double]] {
    var orders: [[Int]] = []
    if count <= 6 {
      func extend(_ order: [Int]) {
        if order.count == count { orders.append(order) }
        for next in 0..<count where !order.contains(next) && next != (order.last ?? -2) + 1 {
          extend(order + [next])
        }
      }
      extend([])
    } else {
      var generator = RandomGenerator(seed: 1)
      orders = (0..<20_000).map { _ in brokenOrder(count, using: &generator) }
    }
    var shares = [[Double]](repeating: Array(repeating: 0, count: count), count: count)
    for order in orders {
      for (place, unit) in order.enumerated() { shares[unit][place] += 1 / Double(orders.count) }
    }
    return shares
  }

  /// Two corpora with every second sentence of a random order each.
  public func halves(using generator: inout RandomGenerator) throws -> [PeriodicCorpus] {
    let order = generator.permutation(sentences.count)
    return try [0, 1].map { half in
      try PeriodicCorpus(order.enumerated().filter { $0.offset % 2 == half }.map { sentences[$0.element] })
    }
  }
}

/// Makes plausible sentences of four words: an attribute, a subject, a verb and an object, by kinds of subjects.
public struct SlotGrammar: Sendable {
  /// Subjects that can do the same things.
  public struct Frame: Sendable {
    public var attributes: [String]
    public var subjects: [String]
    /// Verbs, each with the objects that it can have.
    public var actions: [(verb: String, objects: [String])]

    public init(attributes: [String], subjects: [String], actions: [(verb: String, objects: [String])]) {
      (self.attributes, self.subjects, self.actions) = (attributes, subjects, actions)
    }
  }

  public var frames: [Frame]

  public init(_ frames: [Frame]) { self.frames = frames }

  /// Different sentences, of the frames in turn; none shares its first two or its last two words with another.
  ///
  /// - Throws: `CajalError` when the words do not make so many.
  public func corpus(_ count: Int, using generator: inout RandomGenerator) throws -> PeriodicCorpus {
    var (sentences, used): ([[String]], Set<String>) = ([], [])
    var attempts = 0
    while sentences.count < count {
      attempts += 1
      guard attempts < 1_000 * count else {
        throw CajalError("the grammar makes \(sentences.count) different sentences, not \(count)")
      }
      let frame = frames[sentences.count % frames.count]
      let action = frame.actions[generator.integer(below: frame.actions.count)]
      func pick(_ words: [String]) -> String { words[generator.integer(below: words.count)] }
      let sentence = [pick(frame.attributes), pick(frame.subjects), action.verb, pick(action.objects)]
      let halves = [sentence[..<2], sentence[2...]].map { $0.joined(separator: " ") }
      guard used.isDisjoint(with: halves) else { continue }
      used.formUnion(halves)
      sentences.append(sentence)
    }
    return try PeriodicCorpus(sentences)
  }

  /// English of words that are one token for most tokenizers.
  public static let english = SlotGrammar([
    Frame(
      attributes: [
        "old", "young", "tall", "kind", "wise", "poor", "rich", "brave", "busy", "quiet", "strong",
      ],
      subjects: [
        "man", "woman", "boy", "girl", "king", "queen", "doctor", "teacher", "nurse", "artist", "writer",
        "student", "judge", "chef", "uncle", "lady", "mother", "father", "farmer", "worker",
      ],
      actions: [
        ("reads", ["books", "letters", "news", "poems", "stories", "papers"]),
        ("writes", ["books", "letters", "poems", "stories", "songs", "notes"]),
        ("eats", ["bread", "fish", "rice", "meat", "cheese", "fruit", "eggs"]),
        ("drinks", ["water", "tea", "milk", "wine", "beer", "coffee"]),
        ("cooks", ["fish", "rice", "meat", "soup", "eggs", "food"]),
        ("buys", ["bread", "cars", "shoes", "clothes", "flowers", "tools"]),
        ("sells", ["cheese", "houses", "boats", "shoes", "fruit", "maps"]),
        ("paints", ["walls", "doors", "boxes", "houses", "flowers", "trees"]),
        ("opens", ["doors", "boxes", "windows", "letters"]),
        ("builds", ["houses", "walls", "bridges", "boats", "tables"]),
        ("cleans", ["rooms", "floors", "windows", "shoes", "tables"]),
        ("plays", ["games", "cards", "chess", "music"]),
        ("fixes", ["cars", "clocks", "roofs", "chairs", "engines"]),
        ("teaches", ["math", "music", "chess"]), ("loves", ["music", "books", "cats", "flowers"]),
        ("sings", ["songs", "poems"]), ("holds", ["coins", "cards", "books", "tools"]),
      ]),
    Frame(
      attributes: ["fat", "small", "big", "wild", "brown", "black", "white", "grey", "hungry", "old"],
      subjects: [
        "dog", "cat", "bird", "horse", "cow", "bear", "wolf", "fox", "rat", "duck", "lion", "snake", "tiger",
        "pig", "hen", "frog",
      ],
      actions: [
        ("eats", ["grass", "corn", "leaves", "nuts", "seeds", "worms", "insects"]),
        ("hunts", ["birds", "mice", "sheep", "fish", "insects"]),
        ("catches", ["mice", "fish", "birds", "worms"]),
        ("fears", ["dogs", "people", "snow", "cats"]), ("sees", ["birds", "people", "trees", "cats"]),
        ("hears", ["music", "people", "dogs", "birds"]), ("bites", ["people", "bones", "shoes", "dogs"]),
        ("smells", ["food", "flowers", "cheese", "meat"]), ("finds", ["bones", "nuts", "seeds", "eggs"]),
        ("follows", ["people", "sheep", "dogs"]), ("hides", ["bones", "nuts", "eggs"]),
        ("drinks", ["water", "milk"]), ("watches", ["birds", "mice", "people"]),
        ("wants", ["food", "water", "meat"]),
      ]),
    Frame(
      attributes: ["new", "huge", "long", "fast", "heavy", "red", "blue", "local", "big", "old"],
      subjects: ["ship", "train", "truck", "boat", "plane", "car", "bus", "wagon", "ferry", "van"],
      actions: [
        ("carries", ["coal", "people", "wood", "goods", "mail", "oil"]),
        ("brings", ["food", "people", "goods", "mail", "stone"]),
        ("moves", ["goods", "sand", "stone", "cargo"]),
        ("pulls", ["boats", "cars", "stone", "wood"]), ("loads", ["coal", "cargo", "sugar", "grain"]),
        ("burns", ["oil", "coal", "wood"]), ("needs", ["oil", "engines", "coal"]),
        ("delivers", ["mail", "food", "sugar", "salt"]), ("stores", ["water", "oil", "food", "grain"]),
        ("takes", ["passengers", "people", "cargo"]), ("spills", ["oil", "sand", "salt"]),
        ("lifts", ["stone", "steel", "boxes", "iron"]),
      ]),
  ])
}
