import Datasets
import Support
import Tensors

/// Leaky sums of weighted events on the branches of a neuron: `b[t] = κ b[t-1] + Σ w x[t]` over the synapses of a branch.
///
/// Only events are touched, forward and backward; nothing but the events and the result is kept in between.
enum BranchTraces {
  /// - Parameters:
  ///   - weights: `[N]`, one a synapse.
  ///   - start: `[B, J]`.
  ///   - dense: The tensor that the events came from, where gradients with respect to it are wanted.
  /// - Returns: `[T, B, J]`.
  static func run(
    _ events: SynapticEvents, _ fan: SynapticFan, weights: Tensor, start: Tensor, decay: Double,
    dense: Tensor? = nil
  ) -> Tensor {
    precondition(
      events.inputs == fan.inputs, "events of \(events.inputs) inputs for synapses of \(fan.inputs)")
    return customGradient([weights, start] + (dense.map { [$0] } ?? [])) { inputs in
      let pass = BranchTracePass(
        events: events, fan: fan, weights: inputs[0].contiguous(), decay: Float(decay))
      let output = pass.forward(inputs[1].contiguous())
      return (
        [output],
        { gradients in
          guard let given = gradients[0] else { return inputs.map { _ in nil } }
          let (ofWeights, ofStart, ofDrive) = pass.backward(given.contiguous())
          return [ofWeights, ofStart] + (dense == nil ? [] : [pass.towardsInput(ofDrive)])
        }
      )
    }[0]
  }
}

/// One pass over a batch; sequences are independent and run side by side.
private struct BranchTracePass: @unchecked Sendable {
  let events: SynapticEvents
  let fan: SynapticFan
  let weights: Tensor
  let decay: Float

  /// Calls `body` for every event of a row with its value and the range of its synapses in the fan.
  @inline(__always)
  private func forEachEvent(
    _ row: Int, _ starts: UnsafePointer<Int32>, _ indices: UnsafePointer<Int32>,
    _ values: UnsafePointer<Float>, _ body: (Float, Int, Int) -> Void
  ) {
    var event = Int(starts[row])
    let end = Int(starts[row &+ 1])
    while event < end {
      let input = Int(indices[event])
      body(values[event], Int(fan.first[input]), Int(fan.first[input &+ 1]))
      event &+= 1
    }
  }

  private func withEvents(
    _ body: (UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Float>) -> Void
  ) {
    events.starts.withUnsafeBufferPointer { starts in
      events.indices.withUnsafeBufferPointer { indices in
        events.values.withUnsafeBufferPointer { values in
          // Arrays without elements may have no address; it is never read then.
          let none = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
          defer { none.deallocate() }
          body(
            starts.baseAddress!, indices.baseAddress ?? UnsafePointer(none),
            values.baseAddress
              ?? UnsafeRawPointer(none).assumingMemoryBound(to: Float.self))
        }
      }
    }
  }

  /// The weights in the order of the fan.
  private func orderedWeights() -> UnsafeMutablePointer<Float> {
    let ordered = UnsafeMutablePointer<Float>.allocate(capacity: max(fan.count, 1))
    let source = elements(weights)
    for place in 0..<fan.count { ordered[place] = source[Int(fan.synapses[place])] }
    return ordered
  }

  func forward(_ start: Tensor) -> Tensor {
    let (steps, batch, branches) = (events.steps, events.batch, fan.branches)
    let output = Tensor.uninitialized([steps, batch, branches])
    let ordered = orderedWeights()
    defer { ordered.deallocate() }
    let addresses = (SendableAddress(elements(output)), SendableAddress(elements(start)))
    let own = SendableAddress(ordered)
    let (targets, decay) = (SendableAddress(fan.targets), decay)
    withExtendedLifetime((output, start)) {
      withEvents { starts, indices, values in
        let (s, i, v) = (ReadAddress(starts), ReadAddress(indices), ReadAddress(values))
        parallelFor(batch) { b in
          withoutSubnormals {
            let (weights, branchOf) = (own.pointer!, targets.pointer!)
            var before = UnsafePointer(addresses.1.pointer! + b * branches)
            for t in 0..<steps {
              let row = addresses.0.pointer! + (t &* batch &+ b) &* branches
              for j in 0..<branches { row[j] = decay * before[j] }
              forEachEvent(b &* steps &+ t, s.pointer, i.pointer, v.pointer) { value, first, end in
                var place = first
                while place < end {
                  row[Int(branchOf[place])] += value * weights[place]
                  place &+= 1
                }
              }
              before = UnsafePointer(row)
            }
          }
        }
      }
    }
    return output
  }

  /// Gradients of weights `[N]`, start `[B, J]` and what the branches are given at every step, `[T, B, J]`.
  func backward(_ given: Tensor) -> (weights: Tensor, start: Tensor, drive: Tensor) {
    let (steps, batch, branches) = (events.steps, events.batch, fan.branches)
    let drive = Tensor.uninitialized([steps, batch, branches])
    let ofStart = Tensor.uninitialized([batch, branches])
    // A row of its own for every sequence, so that sums have one order.
    let rows = Tensor.zeros([batch, max(fan.count, 1)])
    let addresses = (
      SendableAddress(elements(given)), SendableAddress(elements(drive)), SendableAddress(elements(ofStart)),
      SendableAddress(elements(rows))
    )
    let (targets, decay, width) = (SendableAddress(fan.targets), decay, max(fan.count, 1))
    withExtendedLifetime((given, drive, ofStart, rows)) {
      withEvents { starts, indices, values in
        let (s, i, v) = (ReadAddress(starts), ReadAddress(indices), ReadAddress(values))
        parallelFor(batch) { b in
          withoutSubnormals {
            let (sums, branchOf) = (addresses.3.pointer! + b * width, targets.pointer!)
            let carry = addresses.2.pointer! + b * branches
            for j in 0..<branches { carry[j] = 0 }
            for t in stride(from: steps - 1, through: 0, by: -1) {
              let place = (t &* batch &+ b) &* branches
              let (source, row) = (addresses.0.pointer! + place, addresses.1.pointer! + place)
              for j in 0..<branches {
                row[j] = source[j] + carry[j]
                carry[j] = decay * row[j]
              }
              forEachEvent(b &* steps &+ t, s.pointer, i.pointer, v.pointer) { value, first, end in
                var place = first
                while place < end {
                  sums[place] += value * row[Int(branchOf[place])]
                  place &+= 1
                }
              }
            }
          }
        }
      }
    }
    return (ofWeights(rows.sum(axis: 0)), ofStart, drive)
  }

  private func ofWeights(_ ordered: Tensor) -> Tensor {
    let result = Tensor.zeros([weights.count])
    let (source, target) = (elements(ordered), elements(result))
    withExtendedLifetime((ordered, result)) {
      for place in 0..<fan.count { target[Int(fan.synapses[place])] = source[place] }
    }
    return result
  }

  /// The gradient of a dense input `[T, B, N]`.
  func towardsInput(_ drive: Tensor) -> Tensor {
    let (rows, inputs, branches) = (events.steps * events.batch, events.inputs, fan.branches)
    let result = Tensor.uninitialized([events.steps, events.batch, inputs])
    let ordered = orderedWeights()
    defer { ordered.deallocate() }
    let addresses = (SendableAddress(elements(drive)), SendableAddress(elements(result)))
    let own = SendableAddress(ordered)
    withExtendedLifetime((drive, result)) {
      parallelFor(rows) { row in
        let (from, to) = (addresses.0.pointer! + row * branches, addresses.1.pointer! + row * inputs)
        for input in 0..<inputs {
          var sum: Float = 0
          for place in Int(fan.first[input])..<Int(fan.first[input &+ 1]) {
            sum += own.pointer![place] * from[Int(fan.targets[place])]
          }
          to[input] = sum
        }
      }
    }
    return result
  }
}

/// A pointer for reading on several threads.
private struct ReadAddress<Pointee>: @unchecked Sendable {
  let pointer: UnsafePointer<Pointee>
  init(_ pointer: UnsafePointer<Pointee>) { self.pointer = pointer }
}
