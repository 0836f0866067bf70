import Foundation
import Support
import Testing

@Suite struct LocatedJSONTests {
  private func read(_ text: String) throws -> LocatedJSON {
    try LocatedJSON(Data(text.utf8), document: "a.json")
  }

  @Test func valuesKnowWhereTheyStand() throws {
    let json = try read(
      "{\n  \"a\": [1, -2.5e3,\n true],\n  \"b\": {\"c\": \"é\\u00e9\\n\\ud83d\\ude00\"}, \"d\": null }")
    let object = try json.object("a thing", keys: ["a", "b", "d"])
    let list = try object.required("a").list("a list")
    #expect(try list.map(\.line) == [2, 2, 3] && list[1].number() == -2500 && list[2].bool())
    #expect(list[1].path == "a[1]")
    let c = try object.required("b").object("b", keys: ["c"]).required("c")
    #expect(c.path == "b.c" && c.line == 4 && c.string == "éé\n😀")
    #expect(try read("18446744073709551615").unsigned() == .max)
  }

  @Test(arguments: [
    ("", "line 1, column 1: the text is empty"),
    (
      "{\"a\": 1,\n}",
      "line 2, column 1: '}' where a key in double quotes was expected: the last comma is too much"
    ),
    ("[1, 2,]", "column 7: the last comma is too much"),
    ("{\"a\" 1}", "column 6: '1' where a colon after 'a' was expected"),
    ("{\"a\": 1 \"b\": 2}", "column 9: '\"' where a comma or '}' was expected"),
    ("{\"a\": 'x'}", "texts stand in double quotes"),
    ("{\"a\": ms}", "'ms' is no value; texts stand in double quotes"),
    ("{\"a\": 01}", "column 7: '01' is no number"),
    ("{\"a\": 1.}", "'1.' is no number"),
    ("[1e999]", "'1e999' is no number"),
    ("[NaN]", "'NaN' is no value"),
    ("{\n\"a\": 1,\n\"a\": 2}", "line 3, column 4: a stands twice, first on line 2"),
    ("[\"x\n\"]", "a text that does not end on its line"),
    ("[\"x", "a text that does not end"),
    ("[\"\\q\"]", "'q' is no escape"),
    ("[\"\\ud83d\"]", "half of a pair of escapes"),
    ("[1] // done", "JSON has no comments"),
    ("[1] 2", "'2' follows the end"),
    ("[", "the end of the text where a value was expected"),
    ("{a: 1}", "'a' where a key in double quotes was expected"),
  ]) func mistakesAreNamed(_ text: String, _ message: String) {
    #expect { try read(text) } throws: { error in
      let all = (error as? CajalError)?.message ?? "\(error)"
      return all.hasPrefix("a.json, line ") && all.contains(message)
        || {
          print(all)
          return false
        }()
    }
  }

  @Test func depthIsBounded() {
    #expect(throws: CajalError.self) { try read(String(repeating: "[", count: 100_000)) }
    #expect((try? read(String(repeating: "[", count: 60) + String(repeating: "]", count: 60))) != nil)
  }

  /// Whatever is cut off or changed is either read or refused, and never ends the program.
  @Test func damagedTextsAreReadOrRefused() {
    let text = Array("{\"a\": [1, -2.5e3, true, null], \"b\": {\"c\": \"\\u00e9 \\ud83d\\ude00\"}}".utf8)
    var generator = RandomGenerator(seed: 1)
    for turn in 0..<3000 {
      var damaged = text
      if turn % 3 == 0 { damaged.removeLast(generator.integer(below: text.count)) }
      for _ in 0..<generator.integer(below: 4) where !damaged.isEmpty {
        damaged[generator.integer(below: damaged.count)] = UInt8(generator.integer(below: 256))
      }
      _ = try? LocatedJSON(Data(damaged), document: "damaged")
    }
  }

  @Test func keysAndKindsAreChecked() throws {
    let json = try read("{\"neurons\": -5, \"modle\": 1}")
    #expect { try json.object("a population", keys: ["neurons", "model"]) } throws: { error in
      "\(error)".contains("modle is not known; did you mean model?; a population has neurons, model")
    }
    let object = try read("{\n\"n\": -5, \"m\": \"lfi\"}").object("x", keys: ["n", "m"])
    #expect { try object.required("n").whole(1...9) } throws: {
      "\($0)".contains("a.json, line 2: n is -5, expected a whole number from 1 to 9")
    }
    #expect { try object.required("m").choice(of: ["lif", "adex"]) } throws: {
      "\($0)".contains("m is 'lfi'; did you mean lif?; expected one of lif, adex")
    }
    #expect { try object.required("k") } throws: { "\($0)".contains("line 1: lacks 'k'") }
  }
}
