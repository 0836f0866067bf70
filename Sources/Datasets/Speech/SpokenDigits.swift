import Foundation
import Support

/// Spoken digits of two languages as spikes: what the Spiking Heidelberg Digits are, with synthetic speakers.
///
/// `espeak-ng` speaks the digits zero to nine in English and German with the voices of twelve speakers, at
/// different speeds and pitches; ``Cochlea`` turns each utterance into spikes of 700 channels. Whole speakers
/// are held out for the test, as in SHD. Everything follows from the seed; what was made is kept in Cajal's
/// folder and read again as long as the settings are the same.
///
/// ```swift
/// var digits = SpokenDigits()
/// digits.takes = 20
/// let (train, test) = try digits.load()
/// ```
public struct SpokenDigits: Sendable {
  public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case german = "de"

    /// The digits from zero to nine.
    public var digits: [String] {
      switch self {
      case .english: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
      case .german: ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
      }
    }
  }

  /// One thing said.
  public struct Utterance: Sendable, Equatable {
    public let text: String
    /// Language and variant, as espeak-ng takes them.
    public let voice: String
    /// Words a minute.
    public let speed: Int
    public let pitch: Int
    /// The class: digits of the first language, then of the next.
    public let label: Int
    /// The place of the variant in ``voices``.
    public let speaker: Int
  }

  /// Their digits are the classes, language after language.
  public var languages: [Language] = [.english, .german]
  /// Variants of espeak-ng; each is a speaker.
  public var voices = ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5"]
  /// The speakers that are kept for the test.
  public var testVoices = ["m4", "f3"]
  /// How often each speaker says each digit, every time at another speed and pitch.
  public var takes = 20
  /// Words a minute.
  public var speed = 100...160
  public var pitch = 30...70
  public var channels = 700
  public var seed: UInt64 = 1
  /// The program that speaks; looked for on the PATH if nil.
  public var program: URL?

  public init() {}

  /// The names of the classes.
  public var classNames: [String] { languages.flatMap(\.digits) }

  /// Everything that is said, in order of speaker, digit and take.
  public var utterances: [Utterance] {
    let generator = RandomGenerator(seed: seed)
    var said: [Utterance] = []
    for (speaker, voice) in voices.enumerated() {
      for (place, language) in languages.enumerated() {
        for (digit, text) in language.digits.enumerated() {
          for _ in 0..<takes {
            var own = generator.split(said.count)
            said.append(
              Utterance(
                text: text, voice: "\(language.rawValue)+\(voice)",
                speed: speed.lowerBound + own.integer(below: speed.count),
                pitch: pitch.lowerBound + own.integer(below: pitch.count), label: 10 * place + digit,
                speaker: speaker))
          }
        }
      }
    }
    return said
  }

  /// Speaks one utterance, without the silence around it.
  public func sound(of utterance: Utterance, by synthesiser: SpeechSynthesiser) throws -> Waveform {
    try synthesiser.speak(
      utterance.text, voice: utterance.voice, speed: utterance.speed, pitch: utterance.pitch
    ).trimmed()
  }

  /// Speaks and hears everything, over all cores.
  ///
  /// - Parameter progress: Is told how many utterances of how many are done, from time to time; what it
  ///   throws stops the work.
  /// - Throws: `CajalError` when espeak-ng is missing or does not know a voice.
  public func make(progress: (Int, Int) throws -> Void = { _, _ in }) throws -> LabelledSpikes {
    try check()
    let synthesiser = try SpeechSynthesiser(program: program)
    try checkVoices(synthesiser)
    let utterances = self.utterances
    let first = try sound(of: utterances[0], by: synthesiser)
    let ear = Cochlea(channels: channels, sampleRate: first.sampleRate)
    let generator = RandomGenerator(seed: seed ^ 0x5EED_0EA7)
    var samples: [SpikeSample] = []
    for start in stride(from: 0, to: utterances.count, by: 64) {
      try progress(start, utterances.count)
      let count = min(64, utterances.count - start)
      samples += try parallelMap(
        count,
        throwing: { offset in
          let sound = try sound(of: utterances[start + offset], by: synthesiser)
          var own = generator.split(start + offset)
          return ear.spikes(sound.samples, using: &own)
        })
    }
    try progress(utterances.count, utterances.count)
    return try LabelledSpikes(
      name: "spoken-digits", channelCount: channels, samples: samples, labels: utterances.map(\.label),
      classNames: classNames, speakers: utterances.map(\.speaker), fingerprint: fingerprint(synthesiser))
  }

  /// The utterances as mel bands, `[T, N]` row-major each, in the order of ``utterances``; real numbers
  /// instead of spikes.
  public func makeBands(_ count: Int = 140, window: Double = 0.025, hop: Double = 0.01) throws -> [[Float]] {
    try check()
    let synthesiser = try SpeechSynthesiser(program: program)
    try checkVoices(synthesiser)
    let utterances = self.utterances
    return try parallelMap(
      utterances.count,
      throwing: { index in
        let sound = try sound(of: utterances[index], by: synthesiser)
        return MelBands(bands: count, sampleRate: sound.sampleRate, window: window, hop: hop).values(
          sound.samples)
      })
  }

  /// The digits from the cache, made first where they are not there yet; training and test share no speaker.
  ///
  /// - Parameter home: The folder of the cache.
  /// - Throws: `CajalError` when espeak-ng is missing, a voice is unknown or the folder cannot be written.
  public func load(home: URL = CajalHome.folder, progress: (Int, Int) throws -> Void = { _, _ in }) throws
    -> (
      train: LabelledSpikes, test: LabelledSpikes
    )
  {
    try check()
    let url = try file(home: home)
    if !FileManager.default.fileExists(atPath: url.path) { try make(progress: progress).write(shd: url) }
    return try LabelledSpikes(shd: url).split(testSpeakers: testSpeakers)
  }

  /// Where ``load(home:progress:)`` keeps the digits of these settings.
  public func file(home: URL = CajalHome.folder) throws -> URL {
    let key = fingerprint(try SpeechSynthesiser(program: program)).prefix(16)
    return home.appendingPathComponent("data/spoken-digits/\(key).h5")
  }

  /// The numbers of the speakers that are kept for the test.
  public var testSpeakers: Set<Int> { Set(testVoices.compactMap { voices.firstIndex(of: $0) }) }

  /// SHA-256 of all that the spikes follow from. The number at the start changes with the cochlea's
  /// equations.
  private func fingerprint(_ synthesiser: SpeechSynthesiser) -> String {
    let settings: [Any] = [
      1, synthesiser.version, languages.map(\.rawValue), voices, takes, speed, pitch, channels, seed,
    ]
    return Fingerprint.of(Data(settings.map { "\($0)" }.joined(separator: "\n").utf8))
  }

  private func checkVoices(_ synthesiser: SpeechSynthesiser) throws {
    let known = try synthesiser.variants()
    if let unknown = voices.first(where: { !known.contains($0) }) {
      throw CajalError(
        "espeak-ng has no variant '\(unknown)'; it has \(known.sorted().joined(separator: ", "))")
    }
  }

  private func check() throws {
    guard !languages.isEmpty, !voices.isEmpty, takes > 0, (1...65_536).contains(channels) else {
      throw CajalError(
        "spoken digits need languages, voices, takes and channels, not \(languages.count), \(voices.count), \(takes) and \(channels)"
      )
    }
    guard (80...450).contains(speed.lowerBound), speed.upperBound <= 450, (0...99).contains(pitch.lowerBound),
      pitch.upperBound <= 99
    else {
      throw CajalError(
        "espeak-ng speaks at speeds of 80...450 and pitches of 0...99, not \(speed) and \(pitch)")
    }
    if let unknown = testVoices.first(where: { !voices.contains($0) }) {
      throw CajalError("the test voice '\(unknown)' is none of the voices \(voices.joined(separator: ", "))")
    }
  }
}
