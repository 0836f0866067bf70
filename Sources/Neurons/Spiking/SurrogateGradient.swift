import Foundation
import Support
import Tensors

/// What stands for the derivative of a spike: the step function's own is zero almost everywhere.
///
/// `u` is the distance of the membrane from threshold. Forward a neuron spikes where `u >= 0`; backward the gradient is
/// multiplied by one of these (Neftci, Mostafa and Zenke, 2019).
public enum SurrogateGradient: Sendable, Equatable {
  /// `α/2 / (1 + (π/2 α u)²)` (Fang et al., 2021).
  case arctan(alpha: Double = 2)
  /// `1 / (1 + k|u|)²` (Zenke and Ganguli, 2018).
  case fastSigmoid(slope: Double = 25)
  /// `max(0, 1 - |u|/w) / w` (Bellec et al., 2018, with width 1).
  case triangle(width: Double = 1)
  /// `1/w` for `|u| < w/2` (Wu et al., 2018).
  case rectangle(width: Double = 1)
  /// The normal density of this deviation.
  case gaussian(deviation: Double = 0.5)
  /// A normal density with two negative ones at its sides, `(1+h) N(u; 0, σ) - h N(u; σ, sσ) - h N(u; -σ, sσ)`
  /// (Yin, Corradi and Bohté, 2021).
  case multiGaussian(deviation: Double = 0.5, height: Double = 0.15, scale: Double = 6)
  /// `α s(αu) (1 - s(αu))`, the logistic function's derivative.
  case sigmoid(alpha: Double = 4)
  /// 1 everywhere (Bengio, Léonard and Courville, 2013).
  case straightThrough

  /// The derivative at `u`, element by element.
  public func derivative(_ u: Tensor) -> Tensor {
    switch self {
    case .arctan(let alpha): (1 + (u * (.pi / 2 * alpha)).square()).reciprocal() * (alpha / 2)
    case .fastSigmoid(let slope): (1 + u.abs() * slope).square().reciprocal()
    case .triangle(let width): (1 - u.abs() / width).relu() / width
    case .rectangle(let width): (u.abs() .< width / 2).to(u.elementType) / width
    case .gaussian(let deviation): Self.normal(u, deviation)
    case .multiGaussian(let deviation, let height, let scale):
      Self.normal(u, deviation) * (1 + height)
        - (Self.normal(u - deviation, scale * deviation) + Self.normal(u + deviation, scale * deviation))
        * height
    case .sigmoid(let alpha): (u * alpha).sigmoid() * (1 - (u * alpha).sigmoid()) * alpha
    case .straightThrough: Tensor.ones(like: u)
    }
  }

  private static func normal(_ u: Tensor, _ deviation: Double) -> Tensor {
    (u / deviation).square().scaled(by: -0.5).exp() / (deviation * (2 * Double.pi).squareRoot())
  }

  /// Spikes `1` where `u >= 0`, `0` elsewhere, with this derivative.
  public func spikes(_ u: Tensor) -> Tensor {
    customGradient([u]) { inputs in
      let u = inputs[0]
      return ([(u .>= 0).to(u.elementType)], { gradients in [gradients[0].map { $0 * derivative(u) }] })
    }[0]
  }
}
