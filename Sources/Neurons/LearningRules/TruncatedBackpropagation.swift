import Support
import Tensors

/// What a recurrent or spiking model carries from step to step, and how its past is let go.
public protocol DetachableState {
  /// The same values without the graph that led to them.
  func detached() -> Self
}

extension Tensor: DetachableState {}

extension Array: DetachableState where Element: DetachableState {
  public func detached() -> [Element] { map { $0.detached() } }
}

/// Backpropagation through long sequences in windows (Williams and Peng, 1990): gradients flow back at most `window`
/// steps, so that memory does not grow with the sequence.
///
/// ```swift
/// let truncated = TruncatedBackpropagation(window: 50)
/// let (losses, end) = truncated.run(sequence, from: neurons.rest(like: sequence[0])) { chunk, steps, state in
///   let (spikes, next) = neurons(linear(chunk), from: state)
///   return (spikes.mean(), next)
/// } afterWindow: { optimiser.step(); optimiser.zeroGradients() }
/// ```
public struct TruncatedBackpropagation: Sendable, Equatable {
  /// Steps of a window; the state is detached between windows.
  public let window: Int

  public init(window: Int) {
    precondition(window > 0, "a window of \(window) steps")
    self.window = window
  }

  /// Runs over `sequence` `[T, B, …]`, gathering gradients window by window.
  ///
  /// - Parameters:
  ///   - loss: Given a window `[k, B, …]`, its steps and the state before it, the window's loss (one element) and the
  ///     state after it.
  ///   - afterWindow: Called when a window's gradients have been gathered: the place of an optimiser's step.
  /// - Returns: The losses of the windows and the state at the end.
  public func run<State: DetachableState>(
    _ sequence: Tensor, from state: State,
    loss: (_ chunk: Tensor, _ steps: Range<Int>, State) throws -> (loss: Tensor, state: State),
    afterWindow: () throws -> Void
  ) rethrows -> (losses: [Double], state: State) {
    var (state, losses) = (state.detached(), [Double]())
    let steps = sequence.size(0)
    for start in stride(from: 0, to: steps, by: window) {
      let range = start..<Swift.min(start + window, steps)
      let (value, next) = try loss(sequence[range], range, state)
      value.backward()
      losses.append(value.item)
      try afterWindow()
      state = next.detached()
    }
    return (losses, state)
  }

  /// The same with nothing between windows: gradients add up over the sequence.
  public func run<State: DetachableState>(
    _ sequence: Tensor, from state: State,
    loss: (_ chunk: Tensor, _ steps: Range<Int>, State) throws -> (loss: Tensor, state: State)
  ) rethrows -> (losses: [Double], state: State) {
    try run(sequence, from: state, loss: loss, afterWindow: {})
  }
}
