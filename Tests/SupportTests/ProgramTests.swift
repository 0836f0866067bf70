import Foundation
import Support
import Testing

@Suite struct ProgramTests {
  @Test func whatAProgramSaysAndHowItEndsIsKept() throws {
    let result = try Program.run("sh", ["-c", "cat; echo oh >&2; exit 3"], input: Data("some text".utf8))
    #expect(result.status == 3 && result.complaint == "oh\n" && !result.isMissing)
    #expect(String(decoding: result.output, as: UTF8.self) == "some text")
    // Without input there is nothing to wait for.
    #expect(try Program.run("/bin/cat").output.isEmpty)
  }

  @Test func nothingWaitsForAFullPipe() throws {
    let input = Data(repeating: 65, count: 1 << 20)
    let result = try Program.run("sh", ["-c", "head -c 1048576 /dev/zero >&2; cat"], input: input)
    #expect(result.output == input && result.complaint.utf8.count == 1 << 20)
  }

  @Test func aProgramThatReadsNothingEndsOnlyItself() throws {
    let result = try Program.run("true", input: Data(repeating: 65, count: 1 << 22))
    #expect(result.status == 0 && result.output.isEmpty)
  }

  @Test func whatIsNotThereIsNamed() throws {
    #expect(try Program.run("cajal-has-no-such-program").isMissing)
    #expect { try Program.run("/nowhere/at/all") } throws: { "\($0)".contains("/nowhere/at/all") }
  }
}
