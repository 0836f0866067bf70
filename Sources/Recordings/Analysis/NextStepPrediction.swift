import Statistics
import Support
import Tensors

/// How well the next sample of neurons is told by those before: what every model of dynamics has to beat.
///
/// Sequences are `[T, N]`, from one animal each; only neurons that were recorded count.
public enum NextStepPrediction {
  /// A sequence, and which of its neurons count.
  public struct Sequence: Sendable {
    /// `[T, N]`
    public let values: Tensor
    /// N of them.
    public let mask: [Bool]

    public init(_ values: Tensor, mask: [Bool]) {
      precondition(values.rank == 2 && values.size(1) == mask.count, "\(mask.count) masks for \(values.shape)")
      self.values = values.to(.float64)
      self.mask = mask
    }

    /// The neurons that count, `[T, n]`.
    public var known: Tensor {
      values.selected(Tensor(mask.indices.filter { mask[$0] }), axis: 1)
    }

    /// The samples of a range.
    public func part(_ range: Range<Int>) -> Sequence {
      Sequence(values.narrowed(0, from: range.lowerBound, to: range.upperBound), mask: mask)
    }

    /// The first share of the samples, and the rest.
    public func split(_ share: Double) -> (first: Sequence, rest: Sequence) {
      let count = Int((share * Double(values.size(0))).rounded())
      return (part(0..<count), part(count..<values.size(0)))
    }
  }

  /// The mean squared error of a prediction `horizon` samples ahead, over all samples that have `from` before them, and all
  /// neurons that count.
  public static func error(
    _ sequence: Sequence, horizon: Int = 1, from first: Int = 0, _ predict: (Tensor) -> Tensor
  ) -> Double {
    let known = sequence.known
    let count = known.size(0)
    precondition(count > first + horizon, "\(count) samples, \(horizon) ahead from \(first) on")
    let target = known.narrowed(0, from: first + horizon, to: count)
    let predicted = predict(known).narrowed(0, from: first, to: count - horizon)
    let distance = predicted - target
    return (distance * distance).mean().item
  }

  /// That everything stays as it is.
  public static func persistence(_ sequence: Sequence, horizon: Int = 1) -> Double {
    error(sequence, horizon: horizon) { $0 }
  }

  /// One linear rule of the last samples, the same for all neurons.
  public struct SharedAutoregression: Sendable {
    /// The weights of the last sample, the one before, …
    public let weights: [Double]

    /// Least squares over all neurons of all sequences.
    public init(_ sequences: [Sequence], lags: Int) {
      precondition(lags > 0 && !sequences.isEmpty, "\(lags) lags of \(sequences.count) sequences")
      var (gram, moment) = (Tensor.zeros([lags, lags], .float64), Tensor.zeros([lags, 1], .float64))
      for sequence in sequences {
        let known = sequence.known
        let (features, target) = Self.lagged(known, lags)
        gram = gram + features.transposed(0, 1).matmul(features)
        moment = moment + features.transposed(0, 1).matmul(target)
      }
      // A trace of the mean power keeps constant sequences from failing.
      let floor = max(gram.trace().item / Double(lags), 1) * 1e-12
      weights = (gram + Tensor.eye(lags, nil, .float64) * floor).solve(moment).doubles
    }

    /// `[samples · n, lags]` with the last sample first, and what followed, `[samples · n, 1]`.
    private static func lagged(_ known: Tensor, _ lags: Int) -> (Tensor, Tensor) {
      let count = known.size(0)
      precondition(count > lags, "\(lags) lags in \(count) samples")
      let columns = (0..<lags).map { lag in
        known.narrowed(0, from: lags - 1 - lag, to: count - 1 - lag).reshaped([-1])
      }
      return (
        Tensor.stacked(columns, axis: 1), known.narrowed(0, from: lags, to: count).reshaped([-1, 1])
      )
    }

    /// The error `horizon` samples ahead, each step fed with the ones predicted before.
    public func error(_ sequence: Sequence, horizon: Int = 1) -> Double {
      let lags = weights.count
      return NextStepPrediction.error(sequence, horizon: horizon, from: lags - 1) { known in
        let count = known.size(0)
        // The last `lags` samples at every time from `lags - 1` on.
        var recent = (0..<lags).map { known.narrowed(0, from: lags - 1 - $0, to: count - $0) }
        for _ in 0..<horizon {
          let next = zip(weights, recent).map { $1 * $0 }.reduce(Tensor.zeros(like: recent[0])) { $0 + $1 }
          recent = [next] + recent.dropLast()
        }
        return Tensor.concatenated([Tensor.zeros([lags - 1, known.size(1)], .float64), recent[0]])
      }
    }
  }

  /// Every neuron from all neurons of the same animal, one sample back: the whole map, or its best part of a low rank (reduced
  /// rank regression).
  public struct LinearMap: Sendable {
    /// `[n, n]`, for neurons that count.
    public let weights: Tensor

    public init(_ sequence: Sequence, alpha: Double = 1, rank: Int? = nil) {
      let known = sequence.known
      let count = known.size(0)
      let x = known.narrowed(0, from: 0, to: count - 1)
      let full = RidgeRegression(x, known.narrowed(0, from: 1, to: count), alpha: alpha, hasIntercept: false)
        .weights
      guard let rank, rank < full.size(1) else {
        weights = full
        return
      }
      let directions = x.matmul(full).svd().vh.narrowed(0, from: 0, to: rank)
      weights = full.matmul(directions.transposed(0, 1)).matmul(directions)
    }

    public func error(_ sequence: Sequence, horizon: Int = 1) -> Double {
      NextStepPrediction.error(sequence, horizon: horizon) { known in
        (0..<horizon).reduce(known) { state, _ in state.matmul(weights) }
      }
    }
  }
}
