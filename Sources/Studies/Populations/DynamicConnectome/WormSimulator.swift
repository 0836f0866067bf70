import Decomposition
import Foundation
import Support

/// Worms whose neurons join motifs for some seconds at a time, seen through calcium: traces with a known truth.
///
/// Within a motif's windows its members follow one random drive, each with a gain and a lag of its own; otherwise each has a noise of
/// its own. Drive and noise are Ornstein-Uhlenbeck processes; calcium follows with an exponential kernel.
struct WormSimulator: Sendable {
  var neurons = 40
  var animals = 12
  /// Seconds.
  var duration = 240.0
  /// Hertz.
  var samplingRate = 4.0
  var motifs = 4
  var members = 5...9
  var windows = 1...3
  /// Seconds.
  var windowLength = 10.0...20.0
  /// In which share of the animals a motif is.
  var animalShare = 0.4...1.0
  /// How many neurons the first two motifs have in common.
  var shared = 3
  /// Seconds.
  var driveTime = 2.0
  var calciumTime = 1.5
  var largestLag = 0.5
  /// Of a trace's standard deviation.
  var observationNoise = 0.1
  /// The share of neurons that is not found in an animal.
  var dropped = 0.2

  struct Motif: Sendable {
    var members: [Int]
    var gains: [Double]
    /// Samples.
    var lags: [Int]
    /// Seconds.
    var windows: [ClosedRange<Double>]
    var animals: [Bool]
  }

  /// A population of worms and what is planted in it.
  struct Truth: Sendable {
    var motifs: [Motif]
    /// `[W][N]`
    var isPresent: [[Bool]]
  }

  var samples: Int { Int((duration * samplingRate).rounded()) }

  func truth(using generator: inout RandomGenerator) -> Truth {
    var motifs: [Motif] = []
    for index in 0..<self.motifs {
      let count = members.lowerBound + generator.integer(below: members.count)
      let common = index == 1 ? Array(motifs[0].members.prefix(shared)) : []
      let free = (0..<neurons).filter {
        !common.contains($0) && (index != 1 || !motifs[0].members.contains($0))
      }
      let chosen = generator.subset(count - common.count, of: free.count).map { free[$0] }
      let share =
        animalShare.lowerBound + generator.uniform() * (animalShare.upperBound - animalShare.lowerBound)
      let active = Set(generator.subset(max(1, Int((share * Double(animals)).rounded())), of: animals))
      let own = common + chosen
      motifs.append(
        Motif(
          members: own, gains: own.map { _ in 0.7 + 0.6 * generator.uniform() },
          lags: own.map { _ in generator.integer(below: max(1, Int(largestLag * samplingRate))) },
          windows: drawnWindows(&generator), animals: (0..<animals).map(active.contains)))
    }
    return Truth(
      motifs: motifs,
      isPresent: (0..<animals).map { _ in
        let lost = Set(generator.subset(Int(dropped * Double(neurons)), of: neurons))
        return (0..<neurons).map { !lost.contains($0) }
      })
  }

  /// Windows of one motif, apart from one another.
  private func drawnWindows(_ generator: inout RandomGenerator) -> [ClosedRange<Double>] {
    let count = windows.lowerBound + generator.integer(below: windows.count)
    var drawn: [ClosedRange<Double>] = []
    while drawn.count < count {
      let length =
        windowLength.lowerBound + generator.uniform() * (windowLength.upperBound - windowLength.lowerBound)
      let start = 2 + generator.uniform() * (duration - length - 4)
      let window = start...(start + length)
      if drawn.allSatisfy({ $0.upperBound + 5 < window.lowerBound || window.upperBound + 5 < $0.lowerBound })
      {
        drawn.append(window)
      }
    }
    return drawn.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Calcium of every animal, `[W][N]`, nil for neurons that are not found.
  ///
  /// - Parameter silenced: A neuron without any activity.
  func traces(_ truth: Truth, silenced: Int? = nil, using generator: RandomGenerator) -> [[[Double]?]] {
    parallelMap(animals) { animal in
      var stream = generator.split(animal)
      let calcium = self.calcium(truth, animal, silenced, &stream)
      return calcium.enumerated().map { neuron, trace in
        let noise = observationNoise * standardDeviation(trace)
        let seen = trace.map { $0 + noise * stream.normal() }
        return truth.isPresent[animal][neuron] ? seen : nil
      }
    }
  }

  /// Calcium of all neurons of an animal, without noise of observation.
  func calcium(
    _ truth: Truth, _ animal: Int, _ silenced: Int?, _ generator: inout RandomGenerator
  ) -> [[Double]] {
    var activity = (0..<neurons).map { _ in process(&generator) }
    for motif in truth.motifs {
      for window in motif.windows {
        // Drawn for every animal, so that the others do not change with who is in.
        let drive = process(&generator)
        guard motif.animals[animal] else { continue }
        impose(drive, motif, window, on: &activity, truth)
      }
    }
    if let silenced { activity[silenced] = activity[silenced].map { _ in 0 } }
    return activity.map(filtered)
  }

  /// Members follow the drive within a window; where two motifs meet in a neuron their drives add up.
  private func impose(
    _ drive: [Double], _ motif: Motif, _ window: ClosedRange<Double>, on activity: inout [[Double]],
    _ truth: Truth
  ) {
    let range = Int(window.lowerBound * samplingRate)..<min(samples, Int(window.upperBound * samplingRate))
    for (index, member) in motif.members.enumerated() {
      for time in range {
        let follows = motif.gains[index] * drive[max(0, time - motif.lags[index])]
        let isShared = truth.motifs.contains { other in
          other.members != motif.members && other.members.contains(member)
            && other.windows.contains { $0.contains(Double(time) / samplingRate) }
        }
        activity[member][time] = isShared ? activity[member][time] + follows : follows
      }
    }
  }

  /// An Ornstein-Uhlenbeck process of unit variance.
  private func process(_ generator: inout RandomGenerator) -> [Double] {
    let decay = exp(-1 / (driveTime * samplingRate))
    let kick = (1 - decay * decay).squareRoot()
    var value = generator.normal()
    return (0..<samples).map { _ in
      value = decay * value + kick * generator.normal()
      return value
    }
  }

  private func filtered(_ activity: [Double]) -> [Double] {
    let decay = exp(-1 / (calciumTime * samplingRate))
    var value = 0.0
    return activity.map {
      value = decay * value + (1 - decay) * $0
      return value
    }
  }

  private func standardDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }
}

extension WormSimulator.Motif {
  /// Whether a bin of time lies in a window.
  func course(_ times: [Double]) -> [Double] {
    times.map { time in windows.contains { $0.contains(time) } ? 1 : 0 }
  }

  /// Whether both neurons of a pair are members.
  func isPair(_ pairs: NeuronPairs) -> [Bool] {
    let own = Set(members)
    return pairs.all.map { own.contains($0.0) && own.contains($0.1) }
  }
}

extension WormSimulator.Truth {
  /// The motifs as a decomposition: windows, animals, pairs.
  func factors(_ times: [Double], _ pairs: NeuronPairs) -> CPFactors {
    CPFactors(columns: [
      motifs.map { $0.course(times) }, motifs.map { $0.animals.map { $0 ? 1 : 0 } },
      motifs.map { $0.isPair(pairs).map { $0 ? 1 : 0 } },
    ])
  }
}
