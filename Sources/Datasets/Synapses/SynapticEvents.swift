import Support
import Tensors

/// Events at the synapses of a neuron, step by step, for a batch of sequences: a tensor `[T, B, N]` without its zeros.
///
/// ```swift
/// let events = try SynapticEvents(steps: 3, inputs: 4, sequences: [[(time: 0, input: 2, value: 1)]])
/// let dense = events.tensor      // [3, 1, 4]
/// ```
public struct SynapticEvents: Sendable, Equatable {
  /// T, B and N.
  public let steps, batch, inputs: Int
  /// Where the events of step t of sequence b begin, at `b · T + t`; one more number than steps of all sequences.
  public let starts: [Int32]
  /// The input of each event, counted from 0.
  public let indices: [Int32]
  public let values: [Float]

  public var count: Int { indices.count }

  /// - Parameters: as the properties of the same names.
  /// - Throws: `CajalError` when lengths do not match, starts descend or an input is not below `inputs`.
  public init(
    steps: Int, batch: Int, inputs: Int, starts: [Int32], indices: [Int32], values: [Float]
  ) throws {
    guard steps > 0, batch > 0, inputs > 0, starts.count == steps * batch + 1, starts[0] == 0,
      indices.count == values.count, Int(starts[starts.count - 1]) == indices.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw CajalError(
        "events of \(batch) sequences of \(steps) steps need \(steps * batch + 1) ascending starts that end at the number of events, \(indices.count)"
      )
    }
    if let wrong = indices.first(where: { $0 < 0 || Int($0) >= inputs }) {
      throw CajalError("an event is at input \(wrong), expected 0..<\(inputs)")
    }
    self.init(unchecked: steps, batch, inputs, starts, indices, values)
  }

  package init(
    unchecked steps: Int, _ batch: Int, _ inputs: Int, _ starts: [Int32], _ indices: [Int32],
    _ values: [Float]
  ) {
    (self.steps, self.batch, self.inputs) = (steps, batch, inputs)
    (self.starts, self.indices, self.values) = (starts, indices, values)
  }

  /// Lists of events, a list a sequence, in any order.
  ///
  /// - Throws: `CajalError` naming the sequence of an event that lies outside.
  public init(
    steps: Int, inputs: Int, sequences: [[(time: Int, input: Int, value: Float)]]
  ) throws {
    var (starts, indices, values): ([Int32], [Int32], [Float]) = ([0], [], [])
    for (number, sequence) in sequences.enumerated() {
      if let wrong = sequence.first(where: {
        !(0..<steps).contains($0.time) || !(0..<inputs).contains($0.input)
      }) {
        throw CajalError(
          "sequence \(number): an event at step \(wrong.time), input \(wrong.input), expected 0..<\(steps) and 0..<\(inputs)"
        )
      }
      var byTime = [[(Int32, Float)]](repeating: [], count: steps)
      for event in sequence { byTime[event.time].append((Int32(event.input), event.value)) }
      for events in byTime {
        indices += events.map(\.0)
        values += events.map(\.1)
        starts.append(Int32(indices.count))
      }
    }
    try self.init(
      steps: steps, batch: sequences.count, inputs: inputs, starts: starts, indices: indices, values: values)
  }

  /// What is not zero in `[T, B, N]`.
  public init(_ dense: Tensor) {
    precondition(dense.rank == 3, "events are taken from [T, B, N], not from \(dense.shape)")
    let (steps, batch, inputs) = (dense.size(0), dense.size(1), dense.size(2))
    let plain = dense.detached().to(.float32).contiguous()
    let found = plain.withUnsafeElements(of: Float.self) { x -> [SequenceEvents] in
      let base = SendableAddress(UnsafeMutablePointer(mutating: x.baseAddress))
      return parallelMap(batch) { sequence in
        var events = SequenceEvents()
        for t in 0..<steps {
          events.append(base.pointer! + (t * batch + sequence) * inputs, inputs)
        }
        return events
      }
    }
    self.init(joining: found, steps: steps, inputs: inputs)
  }

  package init(joining sequences: [SequenceEvents], steps: Int, inputs: Int) {
    var (starts, indices, values): ([Int32], [Int32], [Float]) = ([0], [], [])
    starts.reserveCapacity(sequences.count * steps + 1)
    for sequence in sequences {
      let base = Int32(indices.count)
      starts += sequence.ends.map { base + $0 }
      indices += sequence.indices
      values += sequence.values
    }
    self.init(unchecked: steps, sequences.count, inputs, starts, indices, values)
  }

  /// The events as `[T, B, N]`; several at one place add up.
  public var tensor: Tensor {
    let dense = Tensor.zeros([steps, batch, inputs])
    dense.withUnsafeMutableElements(of: Float.self) { target in
      for row in 0..<steps * batch {
        let start = (row % steps * batch + row / steps) * inputs
        for event in Int(starts[row])..<Int(starts[row + 1]) {
          target[start + Int(indices[event])] += values[event]
        }
      }
    }
    return dense
  }
}

/// The events of one sequence, while they are gathered.
package struct SequenceEvents: Sendable {
  package var ends: [Int32] = []
  package var indices: [Int32] = []
  package var values: [Float] = []

  package init() {}

  /// Adds a step: what is not zero in `count` numbers.
  fileprivate mutating func append(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
    let width = 16
    var place = 0
    while place + width <= count {
      let lanes = UnsafeRawPointer(row + place).loadUnaligned(as: SIMD16<Float>.self)
      if any(lanes .!= SIMD16<Float>(repeating: 0)) { scan(row, place..<place + width) }
      place += width
    }
    scan(row, place..<count)
    ends.append(Int32(indices.count))
  }

  private mutating func scan(_ row: UnsafeMutablePointer<Float>, _ range: Range<Int>) {
    for place in range where row[place] != 0 {
      indices.append(Int32(place))
      values.append(row[place])
    }
  }
}
