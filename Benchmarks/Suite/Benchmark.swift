import Foundation
import Support

/// One measurement of this machine: a piece of work that is timed several times, ours and a peer's alike.
public struct Benchmark: Sendable {
  /// What a round of measurements gave.
  public struct Sample: Sendable, Codable {
    /// Seconds of each repetition.
    public var seconds: [Double]
    /// The largest resident memory of the process, in bytes.
    public var peakMemory: Int
    /// What else was measured.
    public var notes: [String: Double]?
  }

  /// The name on the command line, lower case, words joined by hyphens.
  public let name: String
  /// What one repetition does.
  public let summary: String
  /// How many units of work one repetition does, and what they are: for a rate.
  public let work: (count: Double, unit: String)
  /// The Python program in `Benchmarks/peers` that does the same work, and the peer's name.
  public let peer: (script: String, name: String)?
  /// The speed asked for, as a multiple of the peer's.
  public let target: Double?
  /// As how many processes together ours is started, by `mpirun`.
  public var ranks = 1
  /// Does the work several times and gives the seconds of each.
  public let run: @Sendable () throws -> Sample

  public init(
    _ name: String, _ summary: String, work: (count: Double, unit: String),
    peer: (script: String, name: String)? = nil,
    target: Double? = nil, run: @escaping @Sendable () throws -> Sample
  ) {
    self.name = name
    self.summary = summary
    self.work = work
    self.peer = peer
    self.target = target
    self.run = run
  }
}

extension Benchmark {
  /// Times `body` after one warm-up call.
  public static func time(_ repetitions: Int, _ body: () throws -> Void) rethrows -> Sample {
    try body()
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for _ in 0..<repetitions {
      let elapsed = try clock.measure { try body() }
      seconds.append(elapsed.inSeconds)
    }
    return Sample(seconds: seconds, peakMemory: peakMemory)
  }

  /// The largest resident memory of this process so far, in bytes.
  static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1024
  }
}

/// The middle value.
public func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return sorted.count % 2 == 1
    ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}
