import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct TableTests {
  let scratch = Scratch()

  @Test func quotesAndSeparators() throws {
    let file = scratch.write("a.csv", Array("a,\"b \"\"x\"\", y\"\r\n1,2\r\n\"3\",4\n".utf8))
    let csv = try CSVFile(contentsOf: file)
    #expect(csv.header == ["a", "b \"x\", y"])
    #expect(try csv.numbers() == [[1, 2], [3, 4]])
    let tabs = scratch.write("t.tsv", Array("1\t2\n3\t4".utf8))
    #expect(try CSVFile(contentsOf: tabs, hasHeader: false).numbers(columns: [1]) == [[2], [4]])
  }

  @Test func mistakesNameTheLine() {
    let cases: [(String, String)] = [
      ("", "is empty"), ("a,b\n1,2\n3\n", "line 3: 1 fields where 2"),
      ("a,b\n1,x\n", "line 2, column b: 'x'"),
      ("a,b\n\"1,2\n", "a quotation without end"),
    ]
    for (text, expected) in cases {
      let file = scratch.write("bad.csv", Array(text.utf8))
      let said = message { _ = try CSVFile(contentsOf: file).numbers() }
      #expect(said.contains(expected) && said.contains("bad.csv"), "\(said)")
    }
    let binary = scratch.write("bin.csv", [0xFF, 0xFE, 0x00])
    #expect(message { _ = try CSVFile(contentsOf: binary) }.contains("not UTF-8"))
  }

  @Test func aTableOfTheUser() throws {
    let file = scratch.write("t.csv", Array("kind,x,y\ncat,1,2\ndog,3,4\ncat,5,6\n".utf8))
    let table = try LabelledTable(csv: file, label: "kind")
    #expect(
      table.labels == [0, 1, 0] && table.classNames == ["cat", "dog"] && table.columnNames == ["x", "y"])
    #expect(table.tensor().shape == [3, 2])
    #expect(message { _ = try LabelledTable(csv: file, label: "no") }.contains("no column 'no'"))
  }

  @Test func foldsTestEverySampleOnce() {
    var generator = RandomGenerator(seed: 2)
    let folds = crossValidationFolds(13, folds: 5, using: &generator)
    #expect(folds.flatMap(\.test).sorted() == Array(0..<13))
    #expect(
      folds.allSatisfy { Set($0.train).isDisjoint(with: $0.test) && $0.train.count + $0.test.count == 13 })
  }
}
