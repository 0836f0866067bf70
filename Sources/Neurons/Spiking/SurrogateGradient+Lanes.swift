extension SurrogateGradient {
  /// The derivative at sixteen distances from threshold: the formulas of ``derivative(_:)`` for kernels.
  @inline(__always) func derivative(_ u: Lanes) -> Lanes {
    // The usual one goes into the loops; with all of them there, the compiler would give up inlining.
    guard case .arctan(let alpha) = self else { return other(u) }
    let x = u * (Double.pi / 2 * alpha)
    return Lanes(repeating: alpha / 2) / (1 + x * x)
  }

  @inline(never) private func other(_ u: Lanes) -> Lanes {
    switch self {
    case .arctan: preconditionFailure("arctan is not among the others")
    case .fastSigmoid(let slope):
      let x = 1 + u.absolute() * slope
      return Lanes(repeating: 1) / (x * x)
    case .triangle(let width): return (1 - u.absolute() / width).relu() / width
    case .rectangle(let width):
      return Lanes(
        Lanes(repeating: 1 / width).values.replacing(
          with: 0, where: u.absolute().values .>= Float(width / 2)))
    case .gaussian(let deviation): return Self.normal(u, deviation)
    case .multiGaussian(let deviation, let height, let scale):
      let sides =
        Self.normal(u - deviation, scale * deviation) + Self.normal(u + deviation, scale * deviation)
      return Self.normal(u, deviation) * (1 + height) - sides * height
    case .sigmoid(let alpha):
      let s = (u * alpha).sigmoid()
      return s * (1 - s) * alpha
    case .straightThrough: return Lanes(repeating: 1)
    }
  }

  @inline(__always) private static func normal(_ u: Lanes, _ deviation: Double) -> Lanes {
    (u * u * (-0.5 / (deviation * deviation))).exp() * (1 / (deviation * (2 * Double.pi).squareRoot()))
  }
}
