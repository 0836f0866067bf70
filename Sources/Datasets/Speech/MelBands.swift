import Foundation
import Support

/// Energies of a sound in bands that are equally wide on the mel scale: the usual front end of speech
/// recognition.
///
/// Frames of Hann's window every `hop` seconds; their power spectra are gathered by triangles between 1 and
/// half the sampling rate and given in decibels or natural logarithms. With 140 bands of 25 ms every 10 ms it
/// is the front end of the learned-delays networks on Google's Speech Commands (Hammouamri et al., 2023).
public struct MelBands: Sendable, Equatable {
  public enum Scale: Sendable, Equatable {
    /// The energy itself.
    case power
    /// ln(energy + 10⁻⁶)
    case logarithm
    /// 10 log₁₀(energy), no more than 80 below the loudest.
    case decibels
  }

  public let bands: Int
  public let sampleRate: Double
  /// Seconds a frame.
  public let window: Double
  /// Seconds from frame to frame.
  public let hop: Double
  /// Frequencies that the bands cover, in Hz.
  public let range: ClosedRange<Double>
  public let scale: Scale

  /// - Parameter range: 50 Hz to half the sampling rate if nil.
  public init(
    bands: Int = 140, sampleRate: Double, window: Double = 0.025, hop: Double = 0.01,
    range: ClosedRange<Double>? = nil, scale: Scale = .logarithm
  ) {
    precondition(bands > 0 && window > 0 && hop > 0, "\(bands) bands of \(window) s every \(hop) s")
    self.bands = bands
    self.sampleRate = sampleRate
    self.window = window
    self.hop = hop
    self.range = range ?? 50...sampleRate / 2
    self.scale = scale
  }

  /// How many frames a sound of so many samples has: as many windows as fit, at least one.
  public func frames(of samples: Int) -> Int {
    let (window, hop) = (Int(window * sampleRate), Int(hop * sampleRate))
    return samples <= window ? 1 : (samples - window) / hop + 1
  }

  /// The bands of a sound, row-major `[T, N]`; a sound shorter than a window is filled up with silence.
  public func values(_ samples: [Float]) -> [Float] {
    let count = frames(of: samples.count)
    let (width, step) = (max(1, Int(window * sampleRate)), max(1, Int(hop * sampleRate)))
    // Finer than the window asks for, so that the lowest triangles meet several frequencies.
    let fft = BatchedFFT(length: BatchedFFT.length(atLeast: 2 * width))
    let turn = 2 * Double.pi / Double(width)
    let hann = (0..<width).map { place -> Float in Float(0.5 - 0.5 * cos(turn * (Double(place) + 0.5))) }
    let triangles = self.triangles(fft)
    var values = [Float](repeating: 0, count: count * bands)
    fft.withRoom { buffer, scratch in
      for first in stride(from: 0, to: count, by: 16) {
        let starts = (first..<min(first + 16, count)).map { $0 * step }
        fft.load(samples, from: starts, count: width, into: buffer, window: hann)
        fft.forward(buffer, scratch: scratch)
        for (band, triangle) in triangles.enumerated() {
          let energy = triangle.energy(buffer)
          for lane in starts.indices { values[(first + lane) * bands + band] = energy[lane] }
        }
      }
    }
    return scaled(values)
  }

  private func scaled(_ values: [Float]) -> [Float] {
    switch scale {
    case .power: return values
    case .logarithm: return values.map { log($0 + 1e-6) }
    case .decibels:
      let floor = max(values.max() ?? 0, 1e-10) * 1e-8
      return values.map { 10 * log10(max($0, floor)) }
    }
  }

  /// The weights of each band over the frequencies of a spectrum (O'Shaughnessy's mel scale, peaks of one).
  private func triangles(_ fft: BatchedFFT) -> [Triangle] {
    func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
    let (low, high) = (mel(range.lowerBound), mel(range.upperBound))
    let edges = (0..<bands + 2).map { index in
      700 * (pow(10, (low + (high - low) * Double(index) / Double(bands + 1)) / 2595) - 1)
    }
    return (0..<bands).map { band in
      let (left, peak, right) = (edges[band], edges[band + 1], edges[band + 2])
      let weights = (0..<fft.bins).map { bin in
        let hertz = Double(bin) * sampleRate / Double(fft.length)
        return Float(max(0, min((hertz - left) / (peak - left), (right - hertz) / (right - peak))))
      }
      let start = weights.firstIndex { $0 > 0 } ?? 0
      let end = weights.lastIndex { $0 > 0 } ?? 0
      return Triangle(start: start, weights: Array(weights[start...max(start, end)]))
    }
  }
}

/// The weights of one band, from the frequency numbered `start` on.
private struct Triangle {
  let start: Int
  let weights: [Float]

  /// The weighted power of sixteen spectra.
  func energy(_ spectra: UnsafeMutablePointer<SIMD16<Float>>) -> SIMD16<Float> {
    var energy = SIMD16<Float>.zero
    for (offset, weight) in weights.enumerated() {
      let (real, imaginary) = (spectra[2 * (start + offset)], spectra[2 * (start + offset) + 1])
      energy += weight * (real * real + imaginary * imaginary)
    }
    return energy
  }
}
