import Foundation
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct RunnerTests {
  let scratch = Scratch()
  let study = AnyStudy(ToyStudy.self)

  private func request(_ settings: [(String, String)] = [], seed: UInt64 = 1) -> StudyRunner.Request {
    var request = StudyRunner.Request()
    request.size = .quick
    request.seed = seed
    request.settings = settings.map { (key: $0.0, value: $0.1) }
    return request
  }

  @Test func aRunIsKeptWithAllThatRepeatsIt() throws {
    let store = try RunStore(home: scratch.url)
    let record = try StudyRunner(store).run(study, request([("bias", "0.6"), ("coin", "foul")], seed: 7))
    #expect(record.state == .finished && record.seed == 7 && record.size == .quick)
    #expect(record.options.map(\.value) == ["100", "0.6", "false", "2,6", "0.5", "foul"])
    #expect(record.data.map(\.name) == ["coins"] && record.data[0].fingerprint == "abc")
    #expect(record.peakMemory > 1 << 20 && record.duration > 0 && record.machine.contains("cores"))
    #expect(record.command.hasPrefix("cajal run toy --size quick --seed 7 --set throws=100 --set bias=0.6"))
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder).sorted()
    #expect(files == ["report.html", "share.svg", "shares.csv"])
    let kept = try #require(try RunStore(home: scratch.url).last(of: "toy"))
    #expect(
      kept.findings.metrics == record.findings.metrics && kept.findings.claims == record.findings.claims)
    #expect(kept.findings.tables == record.findings.tables && kept.id == record.id)
  }

  @Test func sameSeedSameMetrics() throws {
    let runner = StudyRunner(try RunStore(home: scratch.url))
    let runs = try [3, 3, 4].map { try runner.run(study, request(seed: $0)).findings.metrics }
    #expect(runs[0] == runs[1] && runs[0] != runs[2])
  }

  @Test func anInterruptionKeepsWhatWasMeasured() throws {
    let store = try RunStore(home: scratch.url)
    let holder = LabHolder()
    let record = try StudyRunner(store).run(
      study, request(), onStart: { holder.lab = $0 },
      reporter: { report in if report.completed == 80 { holder.lab?.interrupt() } })
    #expect(record.state == .partial && record.findings.metrics.map(\.name) == ["half"])
    #expect(try store.last(of: "toy")?.state == .partial)
    let page = try String(contentsOfFile: record.folder + "/report.html", encoding: .utf8)
    #expect(page.contains("This run was interrupted"))
  }

  private final class LabHolder: @unchecked Sendable { var lab: Lab? }

  @Test func aFailureIsRecordedWithItsReason() throws {
    let store = try RunStore(home: scratch.url)
    let record = try StudyRunner(store).run(study, request([("failing", "true")]))
    #expect(record.state == .failed && record.problem == "the coin rolled away")
    #expect(try store.runs(of: "toy").first?.problem == "the coin rolled away")
    #expect(try store.last(of: "toy") == nil)
  }

  @Test func wrongOptionsListTheRightOnes() throws {
    let runner = StudyRunner(try RunStore(home: scratch.url))
    let cases: [(String, String, String)] = [
      ("throw", "5", "unknown option 'throw'; the options are throws, bias, failing, sides, rates, coin"),
      ("throws", "many", "option throws='many' is not a whole number from 1 to 1000000"),
      ("throws", "0", "option throws='0' is not a whole number from 1 to 1000000"),
      ("bias", "2", "option bias='2' is not a number from 0.0 to 1.0"),
      ("bias", "nan", "option bias='nan' is not a number from 0.0 to 1.0"),
      ("failing", "yes", "option failing='yes' is not true or false"),
      ("sides", "2,,6", "option sides='2,,6' is not whole numbers from 2 to 20, joined by commas"),
      ("rates", "", "option rates='' is not numbers from 0.0 to 1.0, joined by commas"),
      ("coin", "gold", "option coin='gold' is not one of fair, foul"),
    ]
    for (key, value, expected) in cases {
      #expect(message { _ = try runner.run(study, request([(key, value)])) } == expected)
    }
    #expect(try RunStore(home: scratch.url).runs().isEmpty)
  }

  @Test func aFolderThatCannotBeWrittenStopsBeforeMeasuring() throws {
    let store = try RunStore(home: scratch.url)
    var request = request()
    request.folder = URL(fileURLWithPath: "/proc/none/out")
    let said = message { _ = try StudyRunner(store).run(study, request) }
    #expect(said.contains("cannot write /proc/none/out"), "\(said)")
    #expect(try store.runs().isEmpty)
  }
}
