import Datasets
import Foundation
import Neurons
import Support
import Testing

@Suite struct PredictionTaskTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trials-\(UUID())")

  private func file(_ text: String) throws -> URL {
    let url = folder.appendingPathComponent("\(UUID()).csv")
    try AtomicFile.write(text, to: url)
    return url
  }

  @Test func trialsFollowTheContingencies() {
    let task = PredictionTask([
      .init(
        "first", trials: 4_000, cues: [.init(probabilities: [0.6, 0.3], latencies: [200, 400], jitter: 20)]),
      .init("second", trials: 1_000, cues: [.init(probabilities: [1, 0], latency: 300)]),
    ])
    var generator = RandomGenerator(seed: 1)
    let trials = task.trials(using: &generator)
    #expect(trials.count == 5_000 && task.starts == [0, 4_000] && task.outcomeCount == 2)
    func share(_ outcome: Int?) -> Double {
      Double(trials[..<4_000].filter { $0.outcome == outcome }.count) / 4_000
    }
    #expect(abs(share(0) - 0.6) < 0.03 && abs(share(1) - 0.3) < 0.03 && abs(share(nil) - 0.1) < 0.02)
    let late = trials[..<4_000].filter { $0.outcome == 1 }.map(\.latency)
    #expect(abs(Spread(late).mean - 400) < 3 && abs(Spread(late).deviation - 20) < 2)
    #expect(trials[4_000...].allSatisfy { $0.outcome == 0 && $0.latency == 300 })
    var again = RandomGenerator(seed: 1)
    #expect(task.trials(using: &again) == trials)
  }

  @Test func signalsAreBells() {
    let timing = TrialTiming()
    let trial = PredictionTrial(cue: 0, outcome: 1, latency: 300, expectedLatencies: [300, 300])
    let events = timing.events(trial)
    #expect(events[0].allSatisfy { $0 == 0 } && events[1][400] == 1 && events[1].max() == 1)
    #expect(abs(events[1][425] - exp(-0.5)) < 1e-12)
    #expect(abs(events[1].reduce(0, +) - timing.bellSum) < 1e-6)
    let omitted = PredictionTrial(cue: 0, outcome: nil, latency: 300, expectedLatencies: [300, 300])
    #expect(timing.events(omitted).joined().allSatisfy { $0 == 0 })
  }

  @Test func ownTrialsAreRead() throws {
    let url = try file(
      "subject,cue,outcome,latency\n1,tone,food,0.5\n1,light,none,\n1,tone,water,0.25\n1,tone,,\n")
    let recorded = try RecordedTrials(csv: url)
    #expect(recorded.cues == ["tone", "light"] && recorded.outcomes == ["food", "water"])
    #expect(recorded.observations[1].outcome == nil && recorded.fingerprint.count == 64)
    let scale = recorded.scale(longest: 500)
    #expect(scale == 1_000)
    let trials = recorded.trials(scale: scale)
    #expect(trials[0].latency == 500 && trials[0].outcome == 0 && trials[0].expectedLatencies == [500, 250])
    #expect(trials[3].outcome == nil && trials[1].cue == 1)
  }

  @Test(arguments: [
    ("cue,outcome\na,b\n", "no column 'latency'"),
    ("cue,outcome,latency\n,b,1\n", "line 2: the cue is empty"),
    ("cue,outcome,latency\na,b,1\na,b,soon\n", "line 3: latency 'soon'"),
    ("cue,outcome,latency\na,b,1\na,b,-1\n", "line 3: latency '-1'"),
    ("cue,outcome,latency\na,b,1\na,b\n", "line 3"),
    ("cue,outcome,latency\na,none,\na,none,\n", "0 outcomes"),
    ("", "empty"),
  ])
  func badTrialsAreNamed(_ text: String, _ expected: String) throws {
    let url = try file(text)
    do {
      _ = try RecordedTrials(csv: url)
      Issue.record("'\(text)' was read")
    } catch let error as CajalError {
      let isNamed =
        error.message.contains(expected) || (expected == "0 outcomes" && error.message.contains("outcome"))
      #expect(isNamed, "\(error.message)")
    }
  }

  @Test func chainsAreTrials() throws {
    let chain = try RecordedTrials.chain(name: "x", kinds: ["a", "b", "a"], intervals: [1, 2])
    #expect(chain.observations.map(\.cue) == ["a", "b"] && chain.observations.map(\.latency) == [1, 2])
    #expect(chain.observations[1].outcome == "a")
    #expect(throws: CajalError.self) {
      _ = try RecordedTrials.chain(name: "x", kinds: ["a", "b", "a"], intervals: [1])
    }
  }

  @Test(.enabled(if: PackagedData.oldFaithful.isPresent()))
  func oldFaithfulAlternates() throws {
    let geyser = try RecordedTrials.oldFaithful()
    let short = geyser.observations.filter { $0.cue == "short" }
    #expect(geyser.observations.count == 271 && short.count == 97)
    #expect(short.filter { $0.outcome == "long" }.count == 91)
  }

  /// A course on a small reservoir: the peak comes to its time, and follows it.
  @Test func aCourseLearnsAndFollows() {
    var generator = RandomGenerator(seed: 2)
    let reservoir = IzhikevichReservoir(.init(size: 200), using: &generator)
    let features = CueFeatures(reservoir, using: &generator)
    func block(_ latency: Double) -> PredictionTask.Block {
      .init(trials: 30, cues: [.init(probabilities: [1, 0], latency: latency)])
    }
    let trials = PredictionTask([block(300), block(400)]).trials(using: &generator)
    let course = WhatWhenCourse.run(
      trials, features, readout: WhatWhenReadout(features: features.count, outcomes: 2), keeping: [29],
      using: &generator)
    #expect(course.records[0].peak == nil && course.records[0].amplitudes == [0, 0])
    #expect(course.trialsToTime(0..<30, latency: 300) != nil)
    let adapted = course.trialsToTime(30..<60, latency: 400)
    #expect(adapted != nil && adapted! < 20)
    #expect(course.trialsToTime(0..<30, latency: 600) == nil)
    #expect(course.records[59].amplitudes[0] > 0.6 && abs(course.records[59].amplitudes[1]) < 1e-12)
    #expect(course.records[29].masses[0] > 0.6 && course.predictions[29]?.what.count == 2)
    #expect(course.peakErrors(25..<30).allSatisfy { ($0 ?? 100) <= 30 })
  }
}
