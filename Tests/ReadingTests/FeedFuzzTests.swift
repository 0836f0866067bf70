import Foundation
import Reading
import Support
import Testing

/// Damaged files end in an answer, never in a crash, and in no time.
@Suite struct FeedFuzzTests {
  private static let seeds = [
    FeedTests.atom, FeedTests.rss,
    #"@string{a = {b}} @article{k, author = {A and B, C}, title = a # {\"o {\ss} \'{\i}} # "x{"}", year = 2000, month = jan # "~1"}"#,
    #"{"items": [{"title": "T\u00e9", "authors": [{"name": "A"}], "url": "https://arxiv.org/abs/2306.16922", "tags": ["x"]}]}"#,
    "2306.16922v1, arXiv:cs/0112017 # remark\nhttps://arxiv.org/abs/1601.00720v2\n",
  ]

  @Test(arguments: 0..<5)
  func damagedFilesAreAnswered(_ kind: Int) throws {
    var generator = RandomGenerator(seed: UInt64(kind + 1))
    let whole = Array(Self.seeds[kind].utf8)
    let marks = Array("<>{}[]()\"'\\@#=,&;!-/:%\n\u{0}é".utf8)
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<6, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.insert(marks.randomElement(using: &generator)!, at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeLast(bytes.count - place)
        case 4: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
        default: bytes[place] = marks.randomElement(using: &generator)!
        }
      }
      do {
        let file = try PaperFile(Data(bytes), document: "damaged")
        for reference in file.references {
          #expect(reference.title != nil || reference.arXiv != nil || reference.line != nil)
        }
      } catch let error as CajalError {
        #expect(error.message.hasPrefix("damaged"), "\(error)")
      }
    }
    #expect(clock.now - start < .seconds(20))
  }
}
