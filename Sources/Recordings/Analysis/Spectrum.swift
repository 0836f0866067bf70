import Foundation
import Support
import Tensors

/// Power and coherence of neurons or channels by several windows that are orthogonal to each other (multitaper; Thomson, 1982).
public struct Multitaper: Sendable {
  /// Half the bandwidth, in frequencies of one over the duration: the product NW.
  public var halfBandwidth: Double
  /// How many windows; twice the product less one at most keeps them well concentrated.
  public var tapers: Int
  /// Seconds of each piece into which a series is cut; nil for one piece.
  public var segment: Double?

  public init(halfBandwidth: Double = 4, tapers: Int? = nil, segment: Double? = nil) {
    precondition(halfBandwidth >= 1, "a half bandwidth of \(halfBandwidth)")
    self.halfBandwidth = halfBandwidth
    self.tapers = tapers ?? max(1, Int(2 * halfBandwidth) - 1)
    self.segment = segment
  }

  /// Power by frequency.
  public struct Spectrum: Sendable {
    /// In Hz, F of them.
    public let frequencies: [Double]
    /// The one-sided density, in squared units per Hz, `[F, N]`.
    public let power: Tensor
    /// The cross-spectra, complex `[F, N, N]`; only where they were asked for.
    public let cross: Tensor?

    /// How far two channels keep step at each frequency, 0...1, `[F, N, N]`; nil without cross-spectra.
    public var coherence: Tensor? {
      guard let cross else { return nil }
      let pairs = cross.realPairs()
      let squared = (pairs * pairs).sum(axis: 3)
      let (f, n) = (power.size(0), power.size(1))
      let product = power.reshaped([f, n, 1]) * power.reshaped([f, 1, n])
      return squared / product
    }
  }

  /// The Slepian sequences of unit norm, `[K, T]`: eigenvectors of the tridiagonal matrix that commutes with concentration.
  public static func sequences(count: Int, halfBandwidth: Double, tapers: Int) -> Tensor {
    let w = halfBandwidth / Double(count)
    var matrix = [Double](repeating: 0, count: count * count)
    for t in 0..<count {
      let middle = (Double(count - 1) - 2 * Double(t)) / 2
      matrix[t * count + t] = middle * middle * cos(2 * Double.pi * w)
      if t > 0 {
        let side = Double(t) * Double(count - t) / 2
        matrix[t * count + t - 1] = side
        matrix[(t - 1) * count + t] = side
      }
    }
    let vectors = Tensor(matrix, shape: [count, count]).eigh().vectors.transposed(0, 1).doubles
    var chosen: [Double] = []
    for taper in 0..<tapers {
      let row = count - 1 - taper
      var sequence = Array(vectors[row * count..<(row + 1) * count])
      // Even ones have a positive sum, odd ones begin upwards.
      let sign = taper % 2 == 0 ? sequence.reduce(0, +) : sequence[0..<(count / 2)].reduce(0, +)
      if sign < 0 { sequence = sequence.map { -$0 } }
      chosen += sequence
    }
    return Tensor(chosen, shape: [tapers, count])
  }

  /// - Throws: `CajalError` when the recording has no times or is shorter than a piece, or a piece too long.
  public func callAsFunction(_ recording: Recording, cross isCross: Bool = false) throws -> Spectrum {
    let rate = try recording.requiredTime(for: "a spectrum").rate
    let length = segment.map { Int(($0 * rate).rounded()) } ?? recording.sampleCount
    guard length > 2 * tapers, length <= recording.sampleCount, length <= 4_096 else {
      throw CajalError(
        "\(recording.name): pieces of \(length) of \(recording.sampleCount) samples; \(2 * tapers + 1) to 4096 are possible, choose a segment")
    }
    let windows = Self.sequences(count: length, halfBandwidth: halfBandwidth, tapers: tapers)
    let n = recording.neuronCount
    var (power, products): (Tensor?, Tensor?) = (nil, nil)
    let pieces = recording.sampleCount / length
    for piece in 0..<pieces {
      let part = recording.activity.narrowed(0, from: piece * length, to: (piece + 1) * length).to(.float64)
      let centred = (part - part.mean(axis: 0)).transposed(0, 1)
      // [K, N, T]
      let tapered = windows.reshaped([tapers, 1, length]) * centred.reshaped([1, n, length])
      let transform = tapered.realFFT()
      let pairs = transform.realPairs()
      let squared = (pairs * pairs).sum(axis: 3).sum(axis: 0)
      power = power.map { $0 + squared } ?? squared
      if isCross {
        let spectra = transform.permuted([2, 1, 0])
        let own = spectra.matmul(spectra.conjugate().transposed(1, 2))
        products = products.map { $0 + own } ?? own
      }
    }
    let bins = length / 2 + 1
    let scale = 1 / (rate * Double(tapers * pieces))
    // All but 0 and the highest of an even number stand for two.
    let sides = (0..<bins).map { $0 == 0 || (length % 2 == 0 && $0 == bins - 1) ? scale : 2 * scale }
    let weights = Tensor(sides)
    return Spectrum(
      frequencies: (0..<bins).map { Double($0) * rate / Double(length) },
      power: (power! * weights.reshaped([1, bins])).transposed(0, 1).contiguous(),
      cross: products.map { $0 * weights.reshaped([bins, 1, 1]) })
  }
}
