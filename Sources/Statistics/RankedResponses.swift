import Support
import Tensors

/// Which samples a neuron is asked to rank first: those of its high responses, or those of its low ones.
public enum ResponseDirection: String, Sendable, Codable, CaseIterable { case high, low }

/// Responses `[S, N]` of S samples and N neurons, sorted once, to be asked with any number of labellings.
///
/// ```swift
/// let ranked = try RankedResponses(responses)
/// let precision = try ranked.averagePrecision(isCapital)          // N numbers
/// let area = try ranked.areaUnderROC(isCapital)
/// ```
/// Memory: four bytes a response.
public struct RankedResponses: Sendable {
  /// S
  public let samples: Int
  /// N
  public let neurons: Int
  /// By neuron, from the highest response down: `sample · 2`, plus 1 where the next response is a lower one.
  let order: [UInt32]

  /// - Throws: `CajalError` unless `responses` is a matrix with samples and without not-a-number.
  public init(_ responses: Tensor) throws {
    guard responses.rank == 2, responses.count > 0 else {
      throw CajalError("responses have the shape \(responses.shape), expected samples x neurons")
    }
    guard responses.isNaN().any(axis: 1).any(axis: 0).item == 0 else {
      throw CajalError("responses hold not-a-number")
    }
    (samples, neurons) = (responses.size(0), responses.size(1))
    let columns = responses.detached().transposed().contiguous()
    order =
      columns.elementType == .float32
      ? Self.sorted(columns, Float.self)
      : Self.sorted(columns.to(.float64), Double.self)
  }

  private static func sorted<Value: TensorElement & BinaryFloatingPoint>(_ columns: Tensor, _: Value.Type)
    -> [UInt32]
  {
    let (neurons, samples) = (columns.size(0), columns.size(1))
    return columns.withUnsafeElements(of: Value.self) { values in
      [UInt32](unsafeUninitializedCapacity: values.count) { order, initialized in
        let target = SendableAddress(order.baseAddress)
        let source = SendableAddress(UnsafeMutablePointer(mutating: values.baseAddress))
        let chunk = 256
        parallelFor((neurons + chunk - 1) / chunk) { part in
          var entries = [(value: Value, sample: UInt32)](repeating: (0, 0), count: samples)
          for neuron in part * chunk..<min(neurons, (part + 1) * chunk) {
            sort(source.pointer! + neuron * samples, &entries, into: target.pointer! + neuron * samples)
          }
        }
        initialized = values.count
      }
    }
  }

  /// Sorts the responses of one neuron; equal ones stay in the order of their samples.
  private static func sort<Value: BinaryFloatingPoint>(
    _ responses: UnsafePointer<Value>, _ entries: inout [(value: Value, sample: UInt32)],
    into order: UnsafeMutablePointer<UInt32>
  ) {
    for sample in entries.indices { entries[sample] = (responses[sample], UInt32(sample)) }
    entries.sort { $0.value > $1.value }
    for rank in entries.indices {
      let ends = rank + 1 == entries.count || entries[rank + 1].value < entries[rank].value
      order[rank] = entries[rank].sample << 1 | (ends ? 1 : 0)
    }
  }

  /// A number for every neuron, from its order and the labels, in parallel.
  func map(
    _ labels: [Bool], _ body: @Sendable (UnsafeBufferPointer<UInt32>, UnsafePointer<UInt8>) -> Double
  ) throws -> [Double] {
    guard labels.count == samples else {
      throw CajalError("\(labels.count) labels for \(samples) samples")
    }
    let positives = labels.count { $0 }
    guard positives > 0, positives < samples else {
      throw CajalError("\(positives) of \(samples) samples are positive, expected some of either kind")
    }
    let flags = labels.map { $0 ? UInt8(1) : 0 }
    return parallelMap(neurons) { neuron in
      order.withUnsafeBufferPointer { all in
        flags.withUnsafeBufferPointer { flags in
          body(
            UnsafeBufferPointer(rebasing: all[neuron * samples..<(neuron + 1) * samples]), flags.baseAddress!)
        }
      }
    }
  }
}
