import Foundation
import Support
import Tensors

/// Made spike trains whose class lies in the relative timing of channels only, or in their counts only.
///
/// For timing, each class has a template: one time for each channel, drawn once, uniform over ``spread`` steps. A sample
/// begins after a random pause; each channel fires once at its time with jitter, some spikes are lost, and noise is added.
/// Counts are the same for all classes. For counts, each class has a rate for each channel, and times are random.
public struct SpikeMotifs: Sendable {
  public enum Code: String, Sendable { case timing, counts }

  public var code = Code.timing
  public var channels = 20
  public var classes = 10
  /// Steps of a sample.
  public var steps = 60
  /// Steps over which a template is spread.
  public var spread = 25.0
  /// The latest start of a template.
  public var latestStart = 10
  /// Standard deviation of a spike's time, in steps.
  public var jitter = 1.0
  /// How likely a spike is lost.
  public var loss = 0.1
  /// Noise spikes a channel and step.
  public var noise = 0.01
  /// The range of rates for counts, in spikes a sample.
  public var rates = 0.4...1.6

  public init() {}

  /// What the classes are: a number for each class and channel, a time or a rate, `[classes][channels]`.
  public func templates(using generator: inout RandomGenerator) -> [[Double]] {
    (0..<classes).map { _ in
      (0..<channels).map { _ in
        let share = generator.uniform()
        return code == .timing
          ? share * spread : rates.lowerBound + share * (rates.upperBound - rates.lowerBound)
      }
    }
  }

  /// Samples of classes drawn evenly: spikes `[S, T, N]`, 0 or 1, and labels.
  public func samples(_ count: Int, of templates: [[Double]], using generator: inout RandomGenerator) -> (
    spikes: Tensor, labels: [Int]
  ) {
    precondition(
      templates.count == classes && templates.allSatisfy { $0.count == channels },
      "templates of \(classes) classes and \(channels) channels are needed")
    var spikes = [UInt8](repeating: 0, count: count * steps * channels)
    let labels = generator.permutation(count).map { $0 % classes }
    for sample in 0..<count {
      let start = generator.integer(below: latestStart + 1)
      for channel in 0..<channels {
        for time in times(templates[labels[sample]][channel], start, &generator)
        where (0..<steps).contains(time) {
          spikes[(sample * steps + time) * channels + channel] = 1
        }
        for time in 0..<steps where generator.uniform() < noise {
          spikes[(sample * steps + time) * channels + channel] = 1
        }
      }
    }
    return (Tensor(spikes, shape: [count, steps, channels]), labels)
  }

  private func times(_ value: Double, _ start: Int, _ generator: inout RandomGenerator) -> [Int] {
    switch code {
    case .timing:
      let time = start + Int((value + jitter * generator.normal()).rounded())
      return generator.uniform() < loss ? [] : [time]
    case .counts:
      // Bernoulli in each step of the template's span: close to a Poisson count.
      let span = Int(spread)
      return (0..<span).filter { _ in generator.uniform() < value / Double(span) }.map { start + $0 }
    }
  }
}
