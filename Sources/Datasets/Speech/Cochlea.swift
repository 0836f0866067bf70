import Foundation
import Support

/// An artificial inner ear: sound in, spikes of bushy cells out.
///
/// Follows Cramer, Stradmann, Schemmel and Zenke (2022), whose cochlea made the Spiking Heidelberg Digits:
/// the sound is scaled to a common loudness and faded in and out, filtered by a hydrodynamic model of the
/// basilar membrane, turned into releases of transmitter by hair cells, and gathered from forty fibres by one
/// bushy cell a channel. Channel 0 is the highest (base), the last one the deepest.
///
/// Differences: velocities are taken at the sound's own sampling rate, where the authors' program takes every
/// second sample; fades last 30 ms, where that program by default fades over the whole sound; and delays
/// along the membrane are causal (its filters are conjugated).
///
/// ```swift
/// let sound = try Waveform(contentsOf: url)
/// let ear = Cochlea(sampleRate: sound.sampleRate)
/// var generator = RandomGenerator(seed: 1)
/// let spikes = ear.spikes(sound.samples, using: &generator)
/// ```
public struct Cochlea: Sendable {
  public let channels: Int
  /// Samples a second of the sounds it takes.
  public let sampleRate: Double
  /// The root mean square that sounds are scaled to; nil leaves them as they are.
  public let loudness: Float?
  /// Seconds of fading at both ends (half of Hann's window each).
  public let fade: Double
  private let membrane: BasilarMembrane

  /// Prepares the filters, which takes some tenths of a second.
  ///
  /// - Parameter channels: Places along the membrane, at equal distances; 700 as in the Spiking Heidelberg
  ///   Digits.
  public init(channels: Int = 700, sampleRate: Double, loudness: Float? = 0.3, fade: Double = 0.03) {
    precondition(channels > 0, "a cochlea of \(channels) channels")
    precondition((4_000...200_000).contains(sampleRate), "a sampling rate of \(sampleRate) Hz")
    self.channels = channels
    self.sampleRate = sampleRate
    self.loudness = loudness
    self.fade = fade
    membrane = BasilarMembrane(channels: channels, sampleRate: sampleRate)
  }

  /// The frequency to which each channel answers most strongly, in Hz.
  public var bestFrequencies: [Double] {
    let tried = (0..<400).map { 20 * pow(sampleRate / 40, Double($0) / 399) }
    let responses = tried.map { BasilarMembrane.response(2 * .pi * $0, channels: channels).map(\.magnitude) }
    return (0..<channels).map { channel in
      tried[tried.indices.max { responses[$0][channel] < responses[$1][channel] }!]
    }
  }

  /// The spikes that a sound evokes, in order of time, then channel.
  ///
  /// - Parameter samples: One channel of sound, about -1...1.
  public func spikes(_ samples: [Float], using generator: inout RandomGenerator) -> SpikeSample {
    let spectra = membrane.spectra(prepared(samples))
    let constants = HairCells.Constants()
    let history = UnsafeMutablePointer<SIMD16<Float>>.allocate(
      capacity: HairCells.historyCount(constants, sampleRate: sampleRate))
    defer { history.deallocate() }
    // Step and channel in one number, so that sorting is by time.
    var events: [UInt64] = []
    membrane.fft.withRoom { buffer, scratch in
      for group in 0..<membrane.groups {
        var cells = HairCells(constants, sampleRate: sampleRate, history: history, using: &generator)
        for (block, spectrum) in spectra.enumerated() {
          membrane.filter(spectrum, group: group, into: buffer, scratch: scratch)
          let start = block * membrane.advance
          let steps = min(membrane.advance, samples.count - start)
          record(buffer + membrane.overlap, steps, from: start, group, &cells, &events)
        }
      }
    }
    events.sort()
    return SpikeSample(
      times: events.map { Float(Double($0 >> 32) / sampleRate) },
      units: events.map { Int32(truncatingIfNeeded: $0 & 0xFFFF_FFFF) })
  }

  /// Steps sixteen channels through a block.
  private func record(
    _ velocities: UnsafeMutablePointer<SIMD16<Float>>, _ steps: Int, from start: Int, _ group: Int,
    _ cells: inout HairCells, _ events: inout [UInt64]
  ) {
    let lanes = min(16, channels - group * 16)
    // A copy of their own, which the loop keeps in registers.
    var local = cells
    defer { cells = local }
    for step in 0..<steps {
      let fires = local.step(velocities[step])
      guard any(fires) else { continue }
      for lane in 0..<lanes where fires[lane] {
        events.append(UInt64(start + step) << 32 | UInt64(group * 16 + lane))
      }
    }
  }

  /// The velocities of the membrane `[channel][step]`, before the hair cells.
  public func membraneVelocities(_ samples: [Float]) -> [[Float]] {
    let spectra = membrane.spectra(prepared(samples))
    var velocities = [[Float]](repeating: [], count: membrane.groups * 16)
    membrane.fft.withRoom { buffer, scratch in
      for group in 0..<membrane.groups {
        for (block, spectrum) in spectra.enumerated() {
          membrane.filter(spectrum, group: group, into: buffer, scratch: scratch)
          let steps = min(membrane.advance, samples.count - block * membrane.advance)
          for lane in 0..<16 {
            velocities[group * 16 + lane] += (0..<steps).map { buffer[membrane.overlap + $0][lane] }
          }
        }
      }
    }
    return Array(velocities.prefix(channels))
  }

  /// The sound at the common loudness, faded in and out.
  private func prepared(_ samples: [Float]) -> [Float] {
    var sound = samples
    let square = samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(samples.count, 1))
    if let loudness, square > 0 {
      let scale = loudness / Float(square.squareRoot())
      for index in sound.indices { sound[index] *= scale }
    }
    let ramp = min(Int(fade * sampleRate), samples.count / 2)
    for index in 0..<ramp {
      let gain = Float(0.5 - 0.5 * cos(.pi * (Double(index) + 0.5) / Double(ramp)))
      sound[index] *= gain
      sound[sound.count - 1 - index] *= gain
    }
    return sound
  }
}
