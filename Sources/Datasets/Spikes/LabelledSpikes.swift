import Foundation
import Support

/// The spikes of one sample, in the order of the file (usually of time).
public struct SpikeSample: Sendable, Equatable {
  /// Seconds from the start of the sample.
  public var times: [Float]
  /// The channel of each spike, counted from 0.
  public var units: [Int32]

  public init(times: [Float], units: [Int32]) {
    precondition(times.count == units.count, "\(times.count) times for \(units.count) units")
    self.times = times
    self.units = units
  }
}

/// Spike trains with a class each: spoken digits from an artificial cochlea, gestures before an event camera,
/// recordings of many electrodes.
///
/// ```swift
/// let digits = try LabelledSpikes(shd: url)                       // 700 channels
/// let bins = SpikeBinning(width: 0.01, duration: 1, group: 5)     // 100 steps of 140 channels
/// let (train, test) = try digits.split(testSpeakers: [4, 5])
/// let batch = train.tensor(bins, samples: 0..<128)                // [T, B, N]
/// ```
public struct LabelledSpikes: SampleCollection, Sendable {
  /// The name under which a run records the data.
  public let name: String
  public let channelCount: Int
  /// The spikes' times in seconds, sample after sample.
  public let times: [Float]
  /// The spikes' channels, sample after sample.
  public let units: [Int32]
  /// Where the spikes of each sample begin; one more than samples, the last is the number of all spikes.
  public let starts: [Int]
  /// One class a sample, counted from 0.
  public let labels: [Int]
  public let classNames: [String]
  /// Who spoke each sample, where that is known.
  public let speakers: [Int]?
  /// SHA-256 of the file that was read, or of the settings that made the data; subsets keep it.
  public let fingerprint: String

  /// How many samples there are.
  public var count: Int { labels.count }
  public var classCount: Int { classNames.count }

  /// Checks and joins the spikes of samples.
  ///
  /// - Throws: `CajalError` naming the data and the sample when a time is negative or no number, a unit is
  ///   not below the number of channels, a label has no class, or the numbers of samples, labels and speakers
  ///   differ.
  public init(
    name: String, channelCount: Int, samples: [SpikeSample], labels: [Int], classNames: [String],
    speakers: [Int]? = nil, fingerprint: String
  ) throws {
    var starts = [0]
    starts.reserveCapacity(samples.count + 1)
    for sample in samples { starts.append(starts.last! + sample.times.count) }
    try self.init(
      name: name, channelCount: channelCount, times: samples.flatMap(\.times),
      units: samples.flatMap(\.units),
      starts: starts, labels: labels, classNames: classNames, speakers: speakers, fingerprint: fingerprint)
  }

  /// As ``init(name:channelCount:samples:labels:classNames:speakers:fingerprint:)`` with the spikes of all
  /// samples in a row.
  public init(
    name: String, channelCount: Int, times: [Float], units: [Int32], starts: [Int], labels: [Int],
    classNames: [String], speakers: [Int]? = nil, fingerprint: String
  ) throws {
    guard starts.count == labels.count + 1, speakers.map({ $0.count == labels.count }) ?? true else {
      throw CajalError(
        "\(name): \(starts.count - 1) spike trains, \(labels.count) labels and \(speakers?.count ?? 0) speakers do not match"
      )
    }
    guard times.count == units.count, starts.first == 0, starts.last == times.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw CajalError("\(name): \(times.count) times and \(units.count) units do not match the samples")
    }
    (self.name, self.channelCount, self.times, self.units) = (name, channelCount, times, units)
    (self.starts, self.labels, self.classNames) = (starts, labels, classNames)
    (self.speakers, self.fingerprint) = (speakers, fingerprint)
    try check()
  }

  private func check() throws {
    if let wrong = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw CajalError(
        "\(name): label \(labels[wrong]) of sample \(wrong) is not below the number of classes, \(classNames.count)"
      )
    }
    let channels = Int32(clamping: channelCount)
    if let wrong = units.firstIndex(where: { $0 < 0 || $0 >= channels }) {
      throw CajalError(
        "\(name): unit \(units[wrong]) in sample \(sample(ofSpike: wrong)) is not below the number of channels, \(channelCount)"
      )
    }
    if let wrong = times.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw CajalError("\(name): a spike of sample \(sample(ofSpike: wrong)) is at \(times[wrong]) s")
    }
  }

  private func sample(ofSpike index: Int) -> Int { starts.lastIndex { $0 <= index }! }

  /// The spikes of one sample.
  public subscript(index: Int) -> SpikeSample {
    let range = spikes(of: index)
    return SpikeSample(times: Array(times[range]), units: Array(units[range]))
  }

  /// Where the spikes of one sample stand in ``times`` and ``units``.
  public func spikes(of index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

  /// The time of the last spike of all, in seconds.
  public var duration: Float { times.max() ?? 0 }

  /// The mean number of spikes a sample.
  public var spikesPerSample: Double { count == 0 ? 0 : Double(times.count) / Double(count) }
}

extension LabelledSpikes {
  /// The samples at `indices`, in that order.
  public func subset(_ indices: [Int]) -> LabelledSpikes {
    precondition(
      indices.allSatisfy(labels.indices.contains), "an index beyond the \(count) samples of \(name)")
    var (chosenTimes, chosenUnits, chosenStarts) = ([Float](), [Int32](), [0])
    for index in indices {
      chosenTimes += times[spikes(of: index)]
      chosenUnits += units[spikes(of: index)]
      chosenStarts.append(chosenTimes.count)
    }
    return LabelledSpikes(
      unchecked: self, chosenTimes, chosenUnits, chosenStarts, indices.map { labels[$0] },
      speakers.map { speakers in indices.map { speakers[$0] } })
  }

  private init(
    unchecked whole: LabelledSpikes, _ times: [Float], _ units: [Int32], _ starts: [Int], _ labels: [Int],
    _ speakers: [Int]?
  ) {
    (name, channelCount, classNames, fingerprint) = (
      whole.name, whole.channelCount, whole.classNames, whole.fingerprint
    )
    (self.times, self.units, self.starts, self.labels) = (times, units, starts, labels)
    self.speakers = speakers
  }

  /// Two parts that share no speaker.
  ///
  /// - Throws: `CajalError` when speakers are not known, or one of `testSpeakers` never speaks.
  public func split(testSpeakers: Set<Int>) throws -> (train: LabelledSpikes, test: LabelledSpikes) {
    guard let speakers else { throw CajalError("\(name) does not say who speaks") }
    if let absent = testSpeakers.subtracting(speakers).min() {
      let there = Set(speakers).sorted().map(String.init).joined(separator: ", ")
      throw CajalError("\(name): speaker \(absent) never speaks; there are \(there)")
    }
    let isTest = speakers.map(testSpeakers.contains)
    return (subset(labels.indices.filter { !isTest[$0] }), subset(labels.indices.filter { isTest[$0] }))
  }
}
