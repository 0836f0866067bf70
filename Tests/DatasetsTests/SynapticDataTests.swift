import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

@Suite struct SynapticDataTests {
  private let scratch = Scratch()
  private static let files = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Golden/files/neuronio").standardizedFileURL

  /// What Python 2 and two protocols of Python 3 wrote (`Tests/Golden/make_neuronio.py`).
  @Test(arguments: ["python2.p", "protocol2.p", "protocol5.p"])
  func neuronIOIsRead(_ name: String) throws {
    let recordings = try SynapticRecordings(neuronIO: [Self.files.appendingPathComponent(name)])
    #expect(recordings.count == 2 && recordings.inputs == 6 && recordings.name == name)
    for (delay, recording) in recordings.recordings.enumerated() {
      #expect(recording.steps == 40)
      #expect(recording.spikes.indices.filter { recording.spikes[$0] } == [7 + delay, 31 + delay])
      #expect(recording.voltage == (0..<40).map { Float(-70) + Float($0) / 2 })
      let x = recording.events.tensor
      var expected = [Float](repeating: 0, count: 240)
      for i in 0..<3 {
        expected[(i + delay) * 6 + i] += 1
        expected[(10 * i + 3 + delay) * 6 + i] += 1
        expected[(2 * i + 1 + delay) * 6 + 3 + i] -= 1
      }
      #expect(x.floats == expected)
    }
  }

  @Test func foldersAreReadAndDamageIsNamed() throws {
    let all = try SynapticRecordings(neuronIO: Self.files.path)
    #expect(all.count == 6)
    let bytes = Array(try Data(contentsOf: Self.files.appendingPathComponent("protocol2.p")))
    for length in stride(from: 1, to: bytes.count, by: 7) {
      let cut = scratch.write("cut.p", Array(bytes[..<length]))
      #expect(throws: CajalError.self) { _ = try SynapticRecordings(neuronIO: [cut]) }
    }
    var g = RandomGenerator(seed: 1)
    for _ in 0..<300 {
      var changed = bytes
      changed[g.integer(below: bytes.count)] = UInt8(g.integer(below: 256))
      // Read or refused, but never a trap.
      _ = try? SynapticRecordings(neuronIO: [scratch.write("changed.p", changed)])
    }
    let said = message { _ = try SynapticRecordings(neuronIO: "/nowhere") }
    #expect(said.contains("/nowhere"))
    let empty = Scratch()
    #expect(message { _ = try SynapticRecordings(neuronIO: empty.url.path) }.contains("no pickle"))
  }

  @Test func windowsAreStretches() throws {
    let recordings = try SynapticRecordings(neuronIO: [Self.files.appendingPathComponent("protocol2.p")])
    let windows = try recordings.windows([(0, 5), (1, 20)], of: 12)
    #expect(windows.events.batch == 2 && windows.events.steps == 12)
    let whole = recordings.recordings[1].events.tensor
    #expect(windows.events.tensor[.all, 1].floats == whole[20..<32, 0].floats)
    #expect(windows.spikes[.all, 0].doubles.enumerated().filter { $0.element == 1 }.map(\.offset) == [2])
    let targets = windows.voltage[.all, 1].doubles
    for (t, target) in targets.enumerated() {
      let wanted: Double = (min(-60 + Double(t) / 2, -55) + 67.7) / 10
      #expect(abs(target - wanted) < 1e-5)
    }
    #expect(throws: CajalError.self) { _ = try recordings.windows([(0, 30)], of: 12) }
    var g = RandomGenerator(seed: 1)
    #expect(throws: CajalError.self) { _ = try recordings.windows(2, of: 30, ignoring: 20, using: &g) }
    #expect(try recordings.windows(5, of: 20, ignoring: 20, using: &g).events.batch == 5)
  }

  @Test func eventsAreChecked() throws {
    #expect(
      message { _ = try SynapticEvents(steps: 3, inputs: 2, sequences: [[(3, 0, 1)]]) }.contains("step 3"))
    #expect(
      message {
        _ = try SynapticEvents(steps: 1, batch: 1, inputs: 2, starts: [0, 1], indices: [2], values: [1])
      }.contains("input 2"))
    #expect(
      message {
        _ = try SynapticEvents(steps: 2, batch: 1, inputs: 2, starts: [0, 2, 1], indices: [0], values: [1])
      }.contains("ascending"))
    let twice = try SynapticEvents(steps: 1, inputs: 1, sequences: [[(0, 0, 1), (0, 0, 0.5)]])
    #expect(twice.tensor.floats == [1.5])
  }

  @Test func ratesWanderWithinTheirRange() throws {
    var input = FluctuatingRates()
    (input.excitatory, input.inhibitory) = (301, 200)
    (input.excitatoryRates, input.inhibitoryRates) = (0.02...0.02, 0...0)
    var g = RandomGenerator(seed: 1)
    let steady = input.events(steps: 2000, using: &g)
    #expect(steady.indices.allSatisfy { $0 < 301 } && steady.values.allSatisfy { $0 == 1 })
    // 12,040 are expected, with a deviation of 109.
    #expect(abs(steady.count - 12_040) < 550)
    input.excitatoryRates = 0...0.05
    let wandering = input.events(steps: 20_000, using: &g)
    let counts: [Double] = (0..<100).map { window in
      let events = wandering.starts[200 * (window + 1)] - wandering.starts[200 * window]
      return Double(events) / (200 * 301)
    }
    let (least, most): (Double, Double) = (counts.min()!, counts.max()!)
    #expect(least >= 0 && least < 0.015)
    #expect(most > 0.035 && most < 0.052)
  }

  @Test func sumsOfDigits() throws {
    let samples = (0..<20).map { label in
      SpikeSample(times: [Float(label) * 0.01 + 0.001, 0.5], units: [Int32(label), 0])
    }
    let digits = try LabelledSpikes(
      name: "made", channelCount: 20, samples: samples, labels: Array(0..<20),
      classNames: (0..<20).map { "\($0)" }, fingerprint: "made")
    let sums = try DigitAddition(digits, binning: SpikeBinning(width: 0.01, duration: 0.3))
    #expect(sums.steps == 60 && sums.channels == 20)
    var g = RandomGenerator(seed: 1)
    let batch = sums.batch(50, using: &g)
    let x = batch.events.tensor
    for b in 0..<50 {
      let places = x[.all, b].nonzero().integers
      // Time and channel of both utterances, which say what they are; the later spikes lie behind the binning.
      #expect(places.count == 4)
      let (first, second) = (places[1], places[3])
      #expect(places[0] == first && places[2] == 30 + second)
      #expect(batch.labels[b] == first % 10 + second % 10)
    }
    #expect(batch.sums.integers == batch.labels && batch.labels.allSatisfy { $0 < DigitAddition.classCount })
    #expect(sums.batch(50, dropout: 0.5, using: &g).events.count < 80)
  }
}
