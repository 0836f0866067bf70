import CVector
import Foundation
import Support

/// The few loops of a sentence encoder, sixteen numbers at a time.
enum EncoderKernels {
  static let lanes = 16
  /// Outputs that a thread takes at once: their weights stay in its caches while all tokens pass.
  private static let block = 32

  @inline(__always)
  private static func load(_ start: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(start).loadUnaligned(as: SIMD16<Float>.self)
  }

  /// `y = x Wᵀ + b`, where `x` has rows for a multiple of four tokens.
  static func multiply(
    _ x: UnsafePointer<Float>, _ tokens: Int, _ product: EncoderProduct, into y: UnsafeMutablePointer<Float>
  ) { multiply(x, tokens, product, y, adding: false) }

  /// `y += x Wᵀ + b`
  static func multiply(
    _ x: UnsafePointer<Float>, _ tokens: Int, _ product: EncoderProduct,
    addingTo y: UnsafeMutablePointer<Float>
  ) { multiply(x, tokens, product, y, adding: true) }

  private static func multiply(
    _ x: UnsafePointer<Float>, _ tokens: Int, _ product: EncoderProduct, _ y: UnsafeMutablePointer<Float>,
    adding: Bool
  ) {
    let (source, target) = (SendableAddress(UnsafeMutablePointer(mutating: x)), SendableAddress(y))
    parallelFor((product.outputs + block - 1) / block) { index in
      let (x, y) = (UnsafePointer(source.pointer!), target.pointer!)
      let last = min(product.outputs, (index + 1) * block)
      for token in stride(from: 0, to: tokens, by: 4) {
        for output in stride(from: index * block, to: last, by: 4) {
          tile(x + token * product.inputs, product, output, y + token * product.outputs, adding)
        }
      }
    }
  }

  /// Sums of four tokens in registers.
  private struct Quad {
    var s0 = SIMD16<Float>.zero
    var s1 = SIMD16<Float>.zero
    var s2 = SIMD16<Float>.zero
    var s3 = SIMD16<Float>.zero

    @inline(__always)
    mutating func add(_ x: Quad, _ weight: SIMD16<Float>) {
      s0 = cajal_fused(s0, x.s0, weight)
      s1 = cajal_fused(s1, x.s1, weight)
      s2 = cajal_fused(s2, x.s2, weight)
      s3 = cajal_fused(s3, x.s3, weight)
    }
  }

  /// Four tokens by four outputs.
  @inline(__always)
  private static func tile(
    _ x: UnsafePointer<Float>, _ product: EncoderProduct, _ output: Int, _ y: UnsafeMutablePointer<Float>,
    _ adding: Bool
  ) {
    let inputs = product.inputs
    let w = product.weight + output * inputs
    var (a, b, c, d) = (Quad(), Quad(), Quad(), Quad())
    var column = 0
    while column < inputs {
      let place = x + column
      let quad = Quad(
        s0: load(place), s1: load(place + inputs), s2: load(place + 2 * inputs), s3: load(place + 3 * inputs))
      a.add(quad, load(w + column))
      b.add(quad, load(w + inputs + column))
      c.add(quad, load(w + 2 * inputs + column))
      d.add(quad, load(w + 3 * inputs + column))
      column += lanes
    }
    @inline(__always) func put(_ sums: Quad, _ offset: Int) {
      let bias = product.bias[output + offset]
      var place = y + output + offset
      @inline(__always) func next(_ sum: SIMD16<Float>) {
        place.pointee = (adding ? place.pointee : 0) + HatchlingProducts.sum(sum) + bias
        place += product.outputs
      }
      next(sums.s0)
      next(sums.s1)
      next(sums.s2)
      next(sums.s3)
    }
    put(a, 0)
    put(b, 1)
    put(c, 2)
    put(d, 3)
  }

  /// Every query over all keys, head by head.
  static func attend(_ activity: EncoderActivity, heads: Int) {
    let (tokens, width) = (activity.tokens, activity.width)
    let size = width / heads
    let scale = 1 / Float(size).squareRoot()
    let scores = activity.scores
    for head in 0..<heads {
      for token in 0..<tokens {
        let query = UnsafePointer(activity.query + token * width + head * size)
        var highest = -Float.infinity
        for other in 0..<tokens {
          let key = UnsafePointer(activity.key + other * width + head * size)
          var sum = SIMD16<Float>.zero
          for lane in stride(from: 0, to: size, by: lanes) {
            sum = cajal_fused(sum, load(query + lane), load(key + lane))
          }
          scores[other] = HatchlingProducts.sum(sum) * scale
          highest = max(highest, scores[other])
        }
        var total: Float = 0
        for other in 0..<tokens {
          scores[other] = expf(scores[other] - highest)
          total += scores[other]
        }
        for lane in stride(from: 0, to: size, by: lanes) {
          var sum = SIMD16<Float>.zero
          for other in 0..<tokens {
            let value = UnsafePointer(activity.value + other * width + head * size + lane)
            sum = cajal_fused(sum, load(value), SIMD16(repeating: scores[other]))
          }
          let place = activity.mixed + token * width + head * size + lane
          HatchlingProducts.store(sum / total, place)
        }
      }
    }
  }

  /// Every row to mean 0 and variance 1, then scaled and shifted; BERT's epsilon.
  static func norm(_ x: UnsafeMutablePointer<Float>, tokens: Int, _ norm: EncoderNorm) {
    let width = norm.width
    for token in 0..<tokens {
      let row = x + token * width
      var sum = SIMD16<Float>.zero
      for column in stride(from: 0, to: width, by: lanes) { sum += load(row + column) }
      let mean = HatchlingProducts.sum(sum) / Float(width)
      var squares = SIMD16<Float>.zero
      for column in stride(from: 0, to: width, by: lanes) {
        let centred = load(row + column) - mean
        squares = cajal_fused(squares, centred, centred)
      }
      let scale = 1 / (HatchlingProducts.sum(squares) / Float(width) + 1e-12).squareRoot()
      for column in 0..<width {
        row[column] = (row[column] - mean) * scale * norm.weight[column] + norm.bias[column]
      }
    }
  }

  /// The exact form, with the error function.
  static func gelu(_ x: UnsafeMutablePointer<Float>, count: Int) {
    for place in 0..<count { x[place] *= 0.5 * (1 + erff(x[place] * 0.707_106_77)) }
  }
}
