import Support
import Tensors

extension Recording {
  /// On a grid of `step` seconds from the first time on, up to but without the last, on the lines between samples.
  ///
  /// A grid finer than the samples makes them easier to predict than they were: compare at the rate of the recording.
  /// - Throws: `CajalError` without times, or with less than two samples.
  public func resampled(step: Double) throws -> Recording {
    let time = try requiredTime(for: "another rate")
    guard step > 0, step.isFinite, time.count > 1 else {
      throw CajalError("\(name): \(time.count) samples on a grid of \(step) s")
    }
    let stamps = time.values
    let count = Self.gridCount(from: stamps[0], to: stamps[stamps.count - 1], step)
    let grid = TimeAxis(start: stamps[0], rate: 1 / step, count: count)
    let places = Self.places(of: (0..<count).map { stamps[0] + Double($0) * step }, in: stamps)
    let values = mapSeries(length: count) { input, output in
      for index in output.indices {
        let (before, share) = places[index]
        output[index] =
          share == 0 ? input[before] : input[before] + share * (input[before + 1] - input[before])
      }
    }
    return resampled(activity: values, time: grid, samples: interpolatedTable(places))
  }

  /// Samples averaged over blocks of `step` seconds: first on a finer grid, then the mean of each whole block, which carries the
  /// time of its first sample.
  ///
  /// - Parameter fine: Seconds of the finer grid.
  public func averaged(step: Double, fine: Double = 0.1) throws -> Recording {
    let size = Int((step / fine + 1e-9).rounded(.down))
    guard size > 0 else { throw CajalError("\(name): blocks of \(step) s on a grid of \(fine) s") }
    let finer = try resampled(step: fine)
    let blocks = finer.sampleCount / size
    guard blocks > 0 else { throw CajalError("\(name) is shorter than one block of \(step) s") }
    let values = finer.activity.narrowed(0, from: 0, to: blocks * size)
      .reshaped([blocks, size, neuronCount]).mean(axis: 1)
    let time = TimeAxis(
      start: finer.time![0], rate: 1 / (Double(size) * fine), count: blocks)
    let samples = SampleTable(
      finer.samples.columns.map { name, column in
        guard case .numbers(let all) = column else {
          let texts = column.texts
          return (name, .texts((0..<blocks).map { texts[$0 * size] }))
        }
        return (name, .numbers((0..<blocks).map { all[$0 * size..<($0 + 1) * size].reduce(0, +) / Double(size) }))
      })
    return resampled(activity: values, time: time, samples: samples)
  }

  /// How many steps a grid has from `start` up to but without `end`, as NumPy's `arange` counts them.
  static func gridCount(from start: Double, to end: Double, _ step: Double) -> Int {
    max(0, Int(((end - start) / step).rounded(.up)))
  }

  /// For each time of a grid the sample before it, and which share of the way to the next it lies.
  private static func places(of grid: [Double], in stamps: [Double]) -> [(before: Int, share: Double)] {
    var before = 0
    return grid.map { time in
      while before + 1 < stamps.count - 1, stamps[before + 1] <= time { before += 1 }
      let share = (time - stamps[before]) / (stamps[before + 1] - stamps[before])
      return (before, max(0, min(1, share)))
    }
  }

  /// What is known about the samples: numbers on the line, texts as at the sample before.
  private func interpolatedTable(_ places: [(before: Int, share: Double)]) -> SampleTable {
    SampleTable(
      samples.columns.map { name, column in
        guard let numbers = column.numbers else {
          let texts = column.texts
          return (name, .texts(places.map { texts[$0.before] }))
        }
        return (
          name,
          .numbers(
            places.map { before, share in
              share == 0
                ? numbers[before] : numbers[before] + share * (numbers[before + 1] - numbers[before])
            })
        )
      })
  }
}
