import Datasets
import Foundation
import Support
import TestSupport
import Testing

@Suite struct SpeechTests {
  let scratch = Scratch()

  private struct Golden: Decodable {
    struct Membrane: Decodable {
      let hertz: [Double]
      let channels: [Int]
      let magnitude: [[Double]]
    }
    struct Mel: Decodable {
      let frames: Int
      let sum: Double
      let row20: [Double]
    }
    let membrane: Membrane
    let mel: Mel
  }

  private func golden() throws -> Golden {
    try JSONDecoder().decode(Golden.self, from: Data(contentsOf: fixture("hdf5/speech.json")))
  }

  private func tone(_ hertz: Double, _ seconds: Double, rate: Double, loudness: Double = 0.1) -> [Float] {
    (0..<Int(seconds * rate)).map { Float(loudness * sin(2 * .pi * hertz * Double($0) / rate)) }
  }

  @Test func theMembraneAnswersAsItsEquationsSay() throws {
    let expected = try golden().membrane
    let ear = Cochlea(sampleRate: 22_050, loudness: nil)
    for (hertz, magnitudes) in zip(expected.hertz, expected.magnitude) {
      let velocities = ear.membraneVelocities(tone(hertz, 0.8, rate: 22_050))
      for (channel, magnitude) in zip(expected.channels, magnitudes) {
        // The steady part, away from the fades; the root mean square has no error of sampling.
        let part = velocities[channel][8000..<14_000]
        let square = part.reduce(0) { $0 + Double($1) * Double($1) } / Double(part.count)
        let measured = (2 * square).squareRoot() / 0.1
        #expect(abs(measured - magnitude) < 0.02 * magnitude + 0.05, "\(hertz) Hz, channel \(channel)")
      }
    }
  }

  @Test func channelsGoFromHighToDeepAndDelaysAreCausal() {
    let ear = Cochlea(channels: 64, sampleRate: 16_000, loudness: nil)
    let best = ear.bestFrequencies
    #expect(zip(best, best.dropFirst()).allSatisfy { $0 >= $1 } && best[63] < 150 && best[20] > 2000)
    // A click reaches high channels first.
    var click = [Float](repeating: 0, count: 8000)
    click[4000] = 1
    let peaks = ear.membraneVelocities(click).map { velocities in
      velocities.indices.max { abs(velocities[$0]) < abs(velocities[$1]) }! - 4000
    }
    #expect(peaks[30] >= 0 && peaks[63] > 280 && peaks[63] > peaks[50] && peaks[50] > peaks[35], "\(peaks)")
    let velocities = ear.membraneVelocities(click)[50]
    let before = velocities[..<3990].map(abs).max()!
    #expect(before < 0.02 * velocities.map(abs).max()!)
  }

  @Test func aToneExcitesItsPlaceInStepWithItsWaves() {
    let ear = Cochlea(channels: 128, sampleRate: 22_050)
    var generator = RandomGenerator(seed: 3)
    let spikes = ear.spikes(tone(500, 0.5, rate: 22_050), using: &generator)
    var counts = [Int](repeating: 0, count: 128)
    for unit in spikes.units { counts[Int(unit)] += 1 }
    let best = ear.bestFrequencies
    let place = best.indices.min { abs(best[$0] - 500) < abs(best[$1] - 500) }!
    let peak = counts.indices.max { counts[$0] < counts[$1] }!
    #expect(abs(peak - place) < 20 && counts[place] > 15 && counts[10] < 5, "\(counts)")
    // Vector strength of the spikes at the place of the tone.
    let there = zip(spikes.times, spikes.units).filter { $0.1 == place }
    let phases = there.map { (time, _) -> Double in 2 * Double.pi * 500 * Double(time) }
    let c: Double = phases.map(cos).reduce(0, +)
    let s: Double = phases.map(sin).reduce(0, +)
    #expect((c * c + s * s).squareRoot() / Double(phases.count) > 0.8)
    #expect(zip(spikes.times, spikes.times.dropFirst()).allSatisfy { $0 <= $1 })
    // No cell fires twice within its refractory time.
    var last = [Float](repeating: -1, count: 128)
    for (time, unit) in zip(spikes.times, spikes.units) {
      #expect(time - last[Int(unit)] > 0.00099)
      last[Int(unit)] = time
    }
    var again = RandomGenerator(seed: 3)
    #expect(ear.spikes(tone(500, 0.5, rate: 22_050), using: &again) == spikes)
    #expect(ear.spikes([], using: &again).times.isEmpty)
  }

  @Test func melBandsAgreeWithNumPy() throws {
    let expected = try golden().mel
    let sound = (0..<8000).map { index -> Float in
      let t = Double(index) / 16_000
      return Float(0.5 * sin(2 * .pi * (200 * t + 3000 * t * t)))
    }
    let bands = MelBands(sampleRate: 16_000)
    let values = bands.values(sound)
    #expect(bands.frames(of: 8000) == expected.frames && values.count == expected.frames * 140)
    for (measured, value) in zip(values[20 * 140..<21 * 140], expected.row20) {
      #expect(abs(Double(measured) - value) < 2e-3 + 1e-3 * abs(value))
    }
    #expect(abs(values.reduce(0) { $0 + Double($1) } / expected.sum - 1) < 1e-3)
    #expect(bands.values([0.1]).count == 140)
    let decibels = MelBands(sampleRate: 16_000, scale: .decibels).values(sound)
    #expect(abs(decibels.max()! - decibels.min()!) <= 80.01)
  }

  @Test func soundsGoInAndOutOfFiles() throws {
    let sound = Waveform(samples: tone(440, 0.01, rate: 8000), sampleRate: 8000)
    let url = scratch.url.appendingPathComponent("a.wav")
    try sound.write(to: url)
    let read = try Waveform(contentsOf: url)
    #expect(read.sampleRate == 8000 && zip(read.samples, sound.samples).allSatisfy { abs($0 - $1) < 1e-4 })
    let good = try [UInt8](Data(contentsOf: url))
    var (streamed, wrong) = (good, good)
    streamed.replaceSubrange(40..<44, with: [0, 0xF0, 0xFF, 0x7F])
    #expect(try Waveform(contentsOf: scratch.write("s.wav", streamed)).samples == read.samples)
    wrong[34] = 12
    let cases: [([UInt8], String)] = [
      (Array("RIFX".utf8), "is no WAV file"), (Array(good.prefix(100)), "ends at byte 100, inside the sound"),
      (Array(good.prefix(30)), "is cut off"), (wrong, "format 1 with 12 bits"),
      (Array(good.prefix(12)), "holds no sound"),
    ]
    for (bytes, expected) in cases {
      let said = message { _ = try Waveform(contentsOf: scratch.write("bad.wav", bytes)) }
      #expect(said.contains("bad.wav") && said.contains(expected), "\(said)")
    }
    let padded = Waveform(samples: [0, 0, 0.5, 0, -0.5, 0.001], sampleRate: 8000)
    #expect(padded.trimmed().samples == [0.5, 0, -0.5])
  }

  @Test func digitsAreSpokenHeardAndKept() throws {
    var digits = SpokenDigits()
    (digits.voices, digits.testVoices, digits.takes, digits.channels) = (["m2", "f1"], ["f1"], 1, 96)
    digits.languages = [.german]
    let (train, test) = try digits.load(home: scratch.url)
    #expect(train.count == 10 && test.count == 10 && train.labels == Array(0..<10))
    #expect(
      train.classNames[5] == "fünf" && train.channelCount == 96
        && test.speakers == .init(repeating: 1, count: 10))
    #expect((0..<10).allSatisfy { train[$0].times.count > 100 })
    #expect(train.duration > 0.2 && train.duration < 2)
    let kept = try digits.file(home: scratch.url)
    #expect(FileManager.default.fileExists(atPath: kept.path))
    let again = try digits.make()
    #expect(again.count == 20 && again.subset(Array(0..<10)).times == train.times)
    digits.seed = 2
    #expect(try digits.file(home: scratch.url) != kept)
    let bands = try digits.makeBands(40)
    #expect(bands.count == 20 && bands.allSatisfy { $0.count > 40 * 10 && $0.count % 40 == 0 })
  }

  @Test func wrongSettingsAreNamed() {
    var digits = SpokenDigits()
    digits.program = URL(fileURLWithPath: "/nowhere/espeak-ng")
    #expect(message { _ = try digits.make() }.contains("apt-get install espeak-ng"))
    digits = SpokenDigits()
    digits.voices.append("zz9")
    #expect(message { _ = try digits.make() }.contains("no variant 'zz9'; it has"))
    digits = SpokenDigits()
    digits.testVoices = ["x"]
    #expect(
      message { _ = try digits.load(home: scratch.url) }.contains("the test voice 'x' is none of the voices"))
    digits.testVoices = []
    digits.pitch = 0...120
    #expect(message { _ = try digits.make() }.contains("pitches of 0...99"))
    #expect(message { _ = try SpeechSynthesiser().speak("a", voice: "xx") }.contains("does not exist"))
  }
}
