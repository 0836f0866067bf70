import CTorch
import Foundation
import Support

/// The weights of a stack of recurrent layers under PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`.
private func recurrentWeights(
  gates: Int, _ inputs: Int, _ hidden: Int, layers: Int, using generator: inout RandomGenerator
) -> [Parameter] {
  (0..<layers).flatMap { layer in
    [
      [gates * hidden, layer == 0 ? inputs : hidden], [gates * hidden, hidden], [gates * hidden],
      [gates * hidden],
    ].map {
      Parameter(Initialisation.uniformFanIn.tensor($0, fanIn: hidden, fanOut: hidden, using: &generator))
    }
  }
}

/// A module of recurrent layers over time-major sequences.
open class RecurrentLayers: Module {
  public let weights: [Parameter]
  public let hiddenSize: Int
  public let layerCount: Int

  init(gates: Int, _ inputs: Int, _ hidden: Int, layers: Int, using generator: inout RandomGenerator) {
    weights = recurrentWeights(gates: gates, inputs, hidden, layers: layers, using: &generator)
    hiddenSize = hidden
    layerCount = layers
  }

  open override var keys: [String: String] { ["weights": ""] }

  open override func name(ofElement index: Int, in property: String) -> String {
    let kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    return "\(kinds[index % 4])_l\(index / 4)"
  }

  fileprivate func zeros(_ x: Tensor) -> Tensor {
    .zeros([layerCount, x.size(1), hiddenSize], x.elementType, on: x.device)
  }
}

/// Long short-term memory (Hochreiter and Schmidhuber, 1997): `[T, B, in]` -> `[T, B, hidden]`.
public final class LSTM: RecurrentLayers {
  /// Hidden and cell state `[layers, B, hidden]`.
  public struct State {
    public var hidden: Tensor
    public var cell: Tensor
    public init(hidden: Tensor, cell: Tensor) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  public init(_ inputs: Int, _ hidden: Int, layers: Int = 1, using generator: inout RandomGenerator) {
    super.init(gates: 4, inputs, hidden, layers: layers, using: &generator)
  }

  public func callAsFunction(_ x: Tensor, _ state: State? = nil) -> (output: Tensor, state: State) {
    let start = state ?? State(hidden: zeros(x), cell: zeros(x))
    let all = x.several(3) { out in
      weights.map(\.value).withRaw {
        ct_lstm(
          x.raw, start.hidden.raw, start.cell.raw, $0, Int32(weights.count), 1, Int32(layerCount), 0, 0, out)
      }
    }
    return (all[0], State(hidden: all[1], cell: all[2]))
  }

  /// Chrono initialisation (Tallec and Ollivier, 2018): biases of forget gates are `log U(1, longest - 1)`, those of input gates their
  /// negatives, so that cells forget over times of up to `longest` steps; all other biases are 0.
  public func initialiseForMemory(upTo longest: Int, using generator: inout RandomGenerator) {
    precondition(longest > 2, "memory over \(longest) steps")
    for layer in 0..<layerCount {
      let forget = (0..<hiddenSize).map { _ in
        Foundation.log(1 + generator.uniform() * Double(longest - 2))
      }
      let zeros = [Double](repeating: 0, count: 2 * hiddenSize)
      // PyTorch's order of gates: input, forget, cell, output.
      let biases = Tensor(forget.map { -$0 } + forget + zeros, as: .float32)
      withoutGradients {
        weights[4 * layer + 2].value.assign(biases)
        weights[4 * layer + 3].value.fill(0)
      }
    }
  }
}

/// Gated recurrent unit (Cho et al., 2014): `[T, B, in]` -> `[T, B, hidden]`.
public final class GRU: RecurrentLayers {
  public init(_ inputs: Int, _ hidden: Int, layers: Int = 1, using generator: inout RandomGenerator) {
    super.init(gates: 3, inputs, hidden, layers: layers, using: &generator)
  }

  public func callAsFunction(_ x: Tensor, _ state: Tensor? = nil) -> (output: Tensor, state: Tensor) {
    let start = state ?? zeros(x)
    let both = x.several(2) { out in
      weights.map(\.value).withRaw {
        ct_gru(x.raw, start.raw, $0, Int32(weights.count), 1, Int32(layerCount), 0, 0, out)
      }
    }
    return (both[0], both[1])
  }
}
