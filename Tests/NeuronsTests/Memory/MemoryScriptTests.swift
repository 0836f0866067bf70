import Foundation
import Neurons
import Support
import Testing

@Suite struct MemoryScriptTests {
  private func read(_ text: String, _ name: String) throws -> MemoryScript {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())-\(name)")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(text.utf8).write(to: url)
    return try MemoryScript(contentsOf: url)
  }

  private func answers(_ script: MemoryScript) throws -> [[String]] {
    try script.memory().script(script.operations).filter { !$0.operation.isLearning }.map {
      script.names($0.recalled, of: $0.operation)
    }
  }

  @Test func rowsAreLearntAndAsked() throws {
    let script = try read(
      """
      operation,cue,content
      learn,kitchen,table lamp
      learn,study,"lamp;old books"
      recall,,lamp
      recall,study,
      learn,kitchen,stove
      recall,kitchen,
      recall,,table
      """, "rooms.csv")
    #expect(script.cues == ["kitchen", "study"] && script.bits == ["table", "lamp", "old books", "stove"])
    #expect(try answers(script) == [["kitchen", "study"], ["lamp", "old books"], ["stove"], []])
    #expect(script.text(script.operations[1]) == "learn study: lamp, old books")
  }

  @Test func withoutOperationsEverythingIsAsked() throws {
    let script = try read("cue,content\n0,1 2\n7,2\n", "pairs.csv")
    #expect(script.operations.count == 2 + 2 + 2)
    #expect(try answers(script) == [["1", "2"], ["2"], ["0"], ["0", "7"]])
  }

  @Test func jsonSaysTheSame() throws {
    let script = try read(
      #"{"memories": [{"cue": "a", "content": [1, "two"]}, {"cue": "b", "content": ["two"]}], "queries": [{"content": ["two"]}, {"cue": "a"}], "parameters": {"learning": {"mostWeight": 5.9}}}"#,
      "own.json")
    #expect(try answers(script) == [["a", "b"], ["1", "two"]])
    #expect(script.parameters.learning.mostWeight == 5.9)
    let operations = try read(
      #"{"operations": [{"operation": "learn", "cue": 1, "content": [3]}, {"operation": "recall", "cue": 1}]}"#,
      "own.json")
    #expect(try answers(operations) == [["3"]])
  }

  @Test(arguments: [
    ("operation,cue,content\nlearn,a,\n", "csv", "line 2"),
    ("operation,cue,content\nlearn,a,b\nrecall,a,b\n", "csv", "line 3"),
    ("operation,cue,content\nforget,a,b\n", "csv", "forget"), ("name,value\na,b\n", "csv", "columns"),
    ("operation,cue,content\nrecall,a,\n", "csv", "learns nothing"), ("", "csv", "empty"),
    ("[]", "json", "JSON object"), (#"{"memory": []}"#, "json", "'memory'"),
    (#"{"memories": [{"cue": "a", "contents": ["b"]}]}"#, "json", "memories[0]"),
    (#"{"memories": [{"cue": "a", "content": "b"}]}"#, "json", "array"),
    (#"{"memories": [{"cue": 1.5, "content": ["b"]}]}"#, "json", "whole number"),
    (#"{"memories": [{"cue": "a", "content": ["b"]}], "parameters": {"slows": 1}}"#, "json", "slows"),
  ])
  func whatIsWrongIsNamed(_ text: String, _ kind: String, _ word: String) throws {
    let error = #expect(throws: CajalError.self) { _ = try read(text, "own.\(kind)") }
    #expect(error?.message.contains(word) == true, "\(error?.message ?? "none")")
  }
}
