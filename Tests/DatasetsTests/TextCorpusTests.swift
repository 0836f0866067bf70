import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

@Suite struct TextCorpusTests {
  @Test func theBibleHasItsVerses() throws {
    let corpus = try TextCorpus.kingJamesBible()
    #expect(corpus.units.count == 31_102)
    #expect(corpus.units[0] == "In the beginning God created the heaven and the earth.")
    #expect(corpus.units[31_101] == "The grace of our Lord Jesus Christ be with you all. Amen.")
    #expect(try corpus == .kingJamesBible())
    let missing = #expect(throws: CajalError.self) {
      try TextCorpus.kingJamesBible(program: "/nowhere/bible")
    }
    #expect(missing?.message.contains("bible-kjv") == true)
  }

  @Test func fortunesAndLicencesAreSingleLines() throws {
    for corpus in [try TextCorpus.fortunes(), try TextCorpus.licences()] {
      #expect(corpus.units.count > 500)
      #expect(corpus.units.allSatisfy { !$0.isEmpty && !$0.contains("\n") && !$0.contains("  ") })
    }
    #expect(throws: CajalError.self) { try TextCorpus.fortunes(folder: "/nowhere") }
    #expect(throws: CajalError.self) { try TextCorpus.licences(folder: "/nowhere") }
  }

  @Test func stretchesPartTheTextAndRowsComeFromThem() {
    let corpus = TextCorpus(name: "made", units: (0..<400).map { "unit number \($0)" })
    let (training, heldOut) = corpus.stretches(of: 200)
    #expect(training.joined().count + heldOut.joined().count == 400)
    #expect(Set(training.joined()).isDisjoint(with: heldOut.joined()))
    #expect(abs(Double(heldOut.joined().count) / 400 - 0.1) < 0.05)
    let split = corpus.split(stretch: 200)
    #expect(split.training.byteCount + split.heldOut.byteCount == corpus.bytes.count)
    var generator = RandomGenerator(seed: 1)
    let text = String(decoding: split.training.stretches.joined(), as: UTF8.self)
    let rows = split.training.rows(20, length: 30, using: &generator)
    #expect(rows.shape == [20, 30])
    for row in 0..<20 {
      #expect(text.contains(String(decoding: rows[row].integers.map { UInt8($0) }, as: UTF8.self)))
    }
    let spread = split.heldOut.spreadRows(4, length: 30)
    #expect(spread.shape == [4, 30] && Set((0..<4).map { spread[$0].integers }).count == 4)
    #expect(split.heldOut.spreadRows(10_000, length: 30).size(0) < 10_000)
  }

  @Test func filesAreReadByLine() throws {
    let scratch = Scratch()
    let file = scratch.url.appendingPathComponent("text.txt")
    try "one\n\ntwo\r\nthree".write(to: file, atomically: true, encoding: .utf8)
    #expect(try TextCorpus(contentsOf: file).units == ["one", "two", "three"])
    try Data([0xFF, 0xFE, 0x00]).write(to: file)
    #expect(throws: CajalError.self) { try TextCorpus(contentsOf: file) }
    try "\n\n".write(to: file, atomically: true, encoding: .utf8)
    #expect(throws: CajalError.self) { try TextCorpus(contentsOf: file) }
  }

  @Test func repeatedWordsRepeat() {
    var generator = RandomGenerator(seed: 2)
    let words = RepeatedWords()
    let text = words.string(using: &generator)
    #expect(text.count == 77 && Array(text.prefix(13)) == Array(0..<13))
    #expect((21..<77).allSatisfy { text[$0] == text[$0 - 8] })
    #expect(words.repetition(at: 12) == nil && words.repetition(at: 13) == 0 && words.repetition(at: 76) == 7)
    #expect(words.rows(3, using: &generator).shape == [3, 78])
  }
}
