import Foundation

/// A surrogate derivative of one number, for kernels that are compiled once for each.
protocol SurrogateKernel: Sendable {
  func derivative(_ u: Float) -> Float
}

/// A loop over a surrogate whose kind the compiler knows, so that it is compiled for each and holds no choice.
protocol SurrogateVisitor {
  func visit<Kernel: SurrogateKernel>(_ kernel: Kernel)
}

extension SurrogateGradient {
  func visit(by visitor: some SurrogateVisitor) {
    switch self {
    case .arctan(let alpha):
      visitor.visit(ArctanKernel(height: Float(alpha / 2), slope: Float(.pi / 2 * alpha)))
    case .fastSigmoid(let slope): visitor.visit(FastSigmoidKernel(slope: Float(slope)))
    case .triangle(let width): visitor.visit(TriangleKernel(inverse: Float(1 / width)))
    case .rectangle(let width):
      visitor.visit(RectangleKernel(half: Float(width / 2), height: Float(1 / width)))
    case .gaussian(let deviation): visitor.visit(MultiGaussianKernel(deviation, height: 0, scale: 1))
    case .multiGaussian(let deviation, let height, let scale):
      visitor.visit(MultiGaussianKernel(deviation, height: height, scale: scale))
    case .sigmoid(let alpha): visitor.visit(SigmoidKernel(alpha: Float(alpha)))
    case .straightThrough: visitor.visit(StraightThroughKernel())
    }
  }
}

struct ArctanKernel: SurrogateKernel {
  let height, slope: Float
  @inline(__always) func derivative(_ u: Float) -> Float {
    let x = slope * u
    return height / (1 + x * x)
  }
}

struct FastSigmoidKernel: SurrogateKernel {
  let slope: Float
  @inline(__always) func derivative(_ u: Float) -> Float {
    let x = 1 + slope * abs(u)
    return 1 / (x * x)
  }
}

struct TriangleKernel: SurrogateKernel {
  let inverse: Float
  @inline(__always) func derivative(_ u: Float) -> Float { max(0, 1 - abs(u) * inverse) * inverse }
}

struct RectangleKernel: SurrogateKernel {
  let half, height: Float
  @inline(__always) func derivative(_ u: Float) -> Float { abs(u) < half ? height : 0 }
}

struct SigmoidKernel: SurrogateKernel {
  let alpha: Float
  @inline(__always) func derivative(_ u: Float) -> Float {
    let s = 1 / (1 + exp(-alpha * u))
    return alpha * s * (1 - s)
  }
}

struct MultiGaussianKernel: SurrogateKernel {
  let centre, side, shift, centreRate, sideRate: Float

  init(_ deviation: Double, height: Double, scale: Double) {
    let root = (2 * Double.pi).squareRoot()
    centre = Float((1 + height) / (deviation * root))
    side = Float(height / (scale * deviation * root))
    shift = Float(deviation)
    centreRate = Float(-0.5 / (deviation * deviation))
    sideRate = Float(-0.5 / (scale * scale * deviation * deviation))
  }

  @inline(__always) func derivative(_ u: Float) -> Float {
    let middle = centre * exp(centreRate * u * u)
    guard side > 0 else { return middle }
    let (left, right) = (u - shift, u + shift)
    return middle - side * (exp(sideRate * left * left) + exp(sideRate * right * right))
  }
}

struct StraightThroughKernel: SurrogateKernel {
  @inline(__always) func derivative(_ u: Float) -> Float { 1 }
}
