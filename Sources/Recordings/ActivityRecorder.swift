import Support
import Tensors

/// Keeps the activity that passes the sites of a pattern, all neurons or chosen ones.
///
/// Each activity is flattened to samples × neurons. Memory is bounded: whenever a site holds `capacity` samples they
/// go to `sink` and are forgotten; without a sink all is kept until ``taken()``.
public final class ActivityRecorder: Instrument {
  /// Receives the samples `[S, N]` of a site in the order in which they came.
  public typealias Sink = (_ site: String, _ samples: Tensor) throws -> Void

  public let sites: SitePattern
  /// The axis along which neurons lie; -1 for `[…, N]`, 1 for images `[B, C, H, W]`.
  public let axis: Int
  /// Which neurons are kept, by position; all if nil.
  public let neurons: [Int]?
  private let capacity: Int
  private let sink: Sink?
  private var held: [String: [Tensor]] = [:]
  private var counts: [String: Int] = [:]
  /// The first error of the sink; later samples are dropped.
  public private(set) var problem: (any Error)?

  public init(
    _ sites: SitePattern, neurons: [Int]? = nil, axis: Int = -1, capacity: Int = .max, sink: Sink? = nil
  ) {
    precondition(capacity > 0, "a capacity of \(capacity) samples")
    self.sites = sites
    self.neurons = neurons
    self.axis = axis
    self.capacity = capacity
    self.sink = sink
  }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    withoutGradients {
      let last = axis == -1 || axis == activity.rank - 1
      let samples = (last ? activity : activity.transposed(axis, -1)).detached()
        .reshaped(-1, activity.size(axis))
      let chosen = neurons.map { samples.selected(Tensor($0), axis: 1) } ?? samples.cloned()
      held[site, default: []].append(chosen)
      counts[site, default: 0] += chosen.size(0)
      if sink != nil, counts[site]! >= capacity { flush(site) }
    }
    return activity
  }

  /// Sends what is held to the sink.
  ///
  /// - Throws: The first error that the sink has thrown.
  public func finish() throws {
    for site in held.keys.sorted() { flush(site) }
    if let problem { throw problem }
  }

  /// The samples `[S, N]` by site; they are forgotten here.
  public func taken() -> [String: Tensor] {
    defer { (held, counts) = ([:], [:]) }
    return held.mapValues { Tensor.concatenated($0) }
  }

  private func flush(_ site: String) {
    guard let sink, let parts = held.removeValue(forKey: site), !parts.isEmpty else { return }
    counts[site] = 0
    guard problem == nil else { return }
    do { try sink(site, Tensor.concatenated(parts)) } catch { problem = error }
  }
}
