import Foundation
import Support

/// The membrane of the inner ear that spreads a sound into its frequencies: velocities at places along it.
///
/// The hydrodynamic model of Sieroka, Dosch and Rupp (Journal of the Acoustical Society of America 120, 297,
/// 2006), in shallow water, solved in the frequency domain as Cramer et al. (2022) use it for the Spiking
/// Heidelberg Digits. With ω the angular frequency and x the place (cm from the base):
/// - stiffness S = C₀ e^{-αx} - a, damping R = δ √(C₀ m) e^{-αx/2}, ξ = S - m ω² - i ω R;
/// - local wave number g = ω √(ρ / (h ξ)), phase G(x) = 2 g(0)/α + ∫₀ˣ g;
/// - pressure p ∝ √(G/g) H₀⁽¹⁾(G), velocity v = 2 ω/ξ · p(x)/p(0) · z with the ear's input impedance z.
///
/// The equations belong to waves e^{-iωt}. Here the filters are conjugated for the transform's e^{+iωt}, so
/// that deep channels answer later, as in the ear; the authors' published program does not do that, and its
/// deep channels answer earlier by the same time.
struct BasilarMembrane: Sendable {
  /// Base of the membrane's parameters, in units of cm, g and s.
  enum Constants {
    static let length = 3.5
    static let alpha = 3.0
    static let stiffness = 1e9
    static let offset = 3500.0
    static let mass = 0.05
    static let height = 0.1
    static let density = 1.0
    static let damping = 0.15
  }

  let channels: Int
  let fft: BatchedFFT
  /// Groups of sixteen channels.
  var groups: Int { (channels + 15) / 16 }
  /// Samples that a block adds; the rest overlaps with the block before, as long as the membrane rings.
  var advance: Int { fft.length - overlap }
  let overlap: Int
  /// The filters `[group, bin, (real, imaginary)]`, with the transform's scale.
  private let filters: [SIMD16<Float>]

  init(channels: Int, sampleRate: Double) {
    let fft = BatchedFFT(length: BatchedFFT.length(atLeast: Int(0.3 * sampleRate)))
    let groups = (channels + 15) / 16
    self.channels = channels
    self.fft = fft
    // Deep channels ring for 20 ms after a delay of 30 ms.
    overlap = min(fft.length / 2, Int(0.1 * sampleRate) & ~15)
    var filters = [SIMD16<Float>](repeating: .zero, count: groups * fft.bins * 2)
    filters.withUnsafeMutableBufferPointer { buffer in
      let base = SendableAddress(buffer.baseAddress)
      parallelFor(fft.bins - 1) { index in
        let bin = index + 1
        let response = Self.response(
          2 * .pi * Double(bin) * sampleRate / Double(fft.length), channels: channels)
        for (channel, value) in response.enumerated() {
          let place = base.pointer! + ((channel / 16) * fft.bins + bin) * 2
          place[0][channel % 16] = Float(value.real * 2 / Double(fft.length))
          place[1][channel % 16] = Float(-value.imaginary * 2 / Double(fft.length))
        }
      }
    }
    self.filters = filters
  }

  /// The velocities at all channels for a wave of frequency `omega` (radians a second).
  static func response(_ omega: Double, channels: Int) -> [ComplexNumber] {
    typealias C = Constants
    let step = channels > 1 ? C.length / Double(channels - 1) : 0
    let first = waveNumber(omega, 0).g
    var phase = (2 / C.alpha) * first
    let start = (phase / first).squareRoot * phase.hankel
    let impedance = inputImpedance(omega)
    var last = first
    return (0..<channels).map { channel in
      let (xi, g) = waveNumber(omega, Double(channel) * step)
      if channel > 0 {
        // Simpson's rule over the step.
        let middle = waveNumber(omega, (Double(channel) - 0.5) * step).g
        phase = phase + (step / 6) * (last + 4 * middle + g)
      }
      last = g
      let pressure = (phase / g).squareRoot * phase.hankel / start
      return 2 * omega * (pressure * impedance / xi)
    }
  }

  /// ξ and g at a place.
  private static func waveNumber(_ omega: Double, _ x: Double) -> (xi: ComplexNumber, g: ComplexNumber) {
    typealias C = Constants
    let stiffness = C.stiffness * exp(-C.alpha * x) - C.offset
    let damping = C.damping * (C.stiffness * C.mass).squareRoot() * exp(-C.alpha * x / 2)
    let xi = ComplexNumber(stiffness - C.mass * omega * omega, -omega * damping)
    return (xi, omega * (ComplexNumber(C.density / C.height) / xi).squareRoot)
  }

  /// z: Hankel's functions of order zero over one, at the base.
  private static func inputImpedance(_ omega: Double) -> ComplexNumber {
    typealias C = Constants
    let k = 2 * omega / C.alpha * (2 / (C.height * C.stiffness)).squareRoot()
    return (2 * C.stiffness / C.height).squareRoot()
      * (ComplexNumber(y0(k), j0(k)) / ComplexNumber(j1(k), -y1(k)))
  }

  /// Filters one block for sixteen channels: `spectrum` holds the bins' real and imaginary parts; `buffer`
  /// gets `length` samples.
  func filter(
    _ spectrum: [SIMD2<Float>], group: Int, into buffer: UnsafeMutablePointer<SIMD16<Float>>,
    scratch: UnsafeMutablePointer<SIMD16<Float>>
  ) {
    filters.withUnsafeBufferPointer { filters in
      spectrum.withUnsafeBufferPointer { spectrum in
        let filter = filters.baseAddress! + group * fft.bins * 2
        for bin in 0..<fft.bins {
          let (real, imaginary) = (filter[2 * bin], filter[2 * bin + 1])
          let x = spectrum[bin]
          buffer[2 * bin] = real * x.x - imaginary * x.y
          buffer[2 * bin + 1] = real * x.y + imaginary * x.x
        }
      }
    }
    fft.inverse(buffer, scratch: scratch)
  }

  /// The spectra of overlapping blocks of a sound; block k holds the samples from `k · advance - overlap` on.
  func spectra(_ samples: [Float]) -> [[SIMD2<Float>]] {
    let blocks = (samples.count + advance - 1) / advance
    return fft.withRoom { buffer, scratch in
      // Sixteen blocks share a transform, one in each lane.
      stride(from: 0, to: blocks, by: 16).flatMap { first in
        let starts = (first..<min(first + 16, blocks)).map { $0 * advance - overlap }
        fft.load(samples, from: starts, count: fft.length, into: buffer)
        fft.forward(buffer, scratch: scratch)
        return starts.indices.map { lane in
          (0..<fft.bins).map { SIMD2(buffer[2 * $0][lane], buffer[2 * $0 + 1][lane]) }
        }
      }
    }
  }
}
