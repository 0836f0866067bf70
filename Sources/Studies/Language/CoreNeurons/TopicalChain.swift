import Support

/// Endless text with topics: in each, words follow one another as they do in its passages.
struct TopicalChain: Sendable {
  /// By topic all words in their order; sentences keep their signs.
  private let words: [[Substring]]
  /// By topic and word the positions behind its occurrences.
  private let followers: [[Substring: [Int]]]

  var topics: Int { words.count }

  init(_ corpus: TopicalCorpus) {
    let corpus = corpus.topics.map { topic in corpus.passages.filter { $0.topic == topic } }
    words = corpus.map { $0.flatMap { $0.text.split(separator: " ") } }
    followers = words.map { words in
      Dictionary(grouping: words.indices.dropLast().map { $0 + 1 }) { words[$0 - 1] }
    }
  }

  /// `count` bytes of a text; of a random topic unless given.
  func bytes(_ count: Int, topic: Int? = nil, using generator: inout RandomGenerator) -> [Int] {
    let topic = topic ?? generator.integer(below: topics)
    var place = generator.integer(below: words[topic].count)
    var bytes: [Int] = []
    while bytes.count < count {
      let word = words[topic][place]
      bytes += word.utf8.map(Int.init) + [32]
      let next = followers[topic][word] ?? []
      place =
        next.isEmpty
        ? generator.integer(below: words[topic].count) : next[generator.integer(below: next.count)]
    }
    return Array(bytes[..<count])
  }
}
