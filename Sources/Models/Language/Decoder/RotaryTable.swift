import Foundation
import Support
import Tensors

/// Rotary positions (Su et al., 2021): pairs of a head's numbers are turned by an angle that grows with the position.
final class RotaryTable: @unchecked Sendable {
  private let frequencies: [Double]
  private let pairing: DecoderConfiguration.RotaryPairing
  private let width: Int

  init(_ shape: DecoderConfiguration) {
    (frequencies, pairing, width) = (shape.rotaryFrequencies, shape.rotaryPairing, shape.headWidth)
  }

  /// Cosines and sines of the first positions.
  func upTo(_ length: Int) -> Part {
    var (cosines, sines): ([Float], [Float]) = ([], [])
    for position in 0..<length {
      for frequency in frequencies {
        cosines.append(Float(cos(Double(position) * frequency)))
        sines.append(Float(sin(Double(position) * frequency)))
      }
    }
    return Part(cosines: cosines, sines: sines, pairing: pairing, width: width)
  }

  struct Part: Sendable {
    /// `[T, E/2]`.
    let cosines, sines: [Float]
    let pairing: DecoderConfiguration.RotaryPairing
    let width: Int

    /// Turns `[B, T, heads, E]`.
    func rotate(_ x: Tensor) -> Tensor {
      customGradient([x]) { inputs in
        ([turned(inputs[0], 1)], { gradients in [gradients[0].map { turned($0, -1) }] })
      }[0]
    }

    private func turned(_ x: Tensor, _ direction: Float) -> Tensor {
      let source = x.contiguous()
      let result = Tensor.uninitialized(x.shape)
      let (length, heads, half) = (x.size(1), x.size(2), width / 2)
      source.withUnsafeElements(of: Float.self) { from in
        result.withUnsafeMutableElements(of: Float.self) { to in
          let (from, to) = (
            SendableAddress(UnsafeMutablePointer(mutating: from.baseAddress)), SendableAddress(to.baseAddress)
          )
          parallelFor(x.size(0) * length) { row in
            let angle = row % length * half
            for head in 0..<heads {
              let place = (row * heads + head) * width
              turn(from.pointer! + place, to.pointer! + place, angle: angle, direction)
            }
          }
        }
      }
      return result
    }

    @inline(__always)
    private func turn(
      _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, angle: Int, _ direction: Float
    ) {
      let half = width / 2
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          switch pairing {
          case .halves:
            for i in 0..<half {
              let (c, s) = (cosines[angle + i], sines[angle + i] * direction)
              let (a, b) = (from[i], from[i + half])
              to[i] = a * c - b * s
              to[i + half] = a * s + b * c
            }
          case .adjacent:
            for i in 0..<half {
              let (c, s) = (cosines[angle + i], sines[angle + i] * direction)
              let (a, b) = (from[2 * i], from[2 * i + 1])
              to[2 * i] = a * c - b * s
              to[2 * i + 1] = a * s + b * c
            }
          }
        }
      }
    }
  }
}
