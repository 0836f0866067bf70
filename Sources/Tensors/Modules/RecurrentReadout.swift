import Support

/// An LSTM with a linear readout at every step: `[T, B, in]` -> `[T, B, out]`.
public final class RecurrentReadout: Layer {
  public let recurrent: LSTM
  public let readout: Linear

  /// - Parameter memory: Steps over which gates are made to remember at first (chrono initialisation); PyTorch's weights if nil.
  public init(
    _ inputs: Int, hidden: Int, _ outputs: Int, layers: Int = 1, memory: Int? = nil,
    using generator: inout RandomGenerator
  ) {
    recurrent = LSTM(inputs, hidden, layers: layers, using: &generator)
    readout = Linear(hidden, outputs, using: &generator)
    super.init()
    if let memory { recurrent.initialiseForMemory(upTo: memory, using: &generator) }
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { readout(recurrent(x).output) }

  /// How many numbers a network of one layer trains.
  public static func parameterCount(_ inputs: Int, hidden: Int, _ outputs: Int) -> Int {
    4 * hidden * (inputs + hidden + 2) + (hidden + 1) * outputs
  }
}
