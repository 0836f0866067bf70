import Support
import Tensors

extension DSRNeurons {
  /// One kernel forward, one backward; only the average current is kept for the way back.
  func fused(_ currents: Tensor, _ threshold: Tensor) -> Tensor {
    customGradient([currents, threshold]) { inputs in
      let z = inputs[0].contiguous()
      let (steps, count) = (z.size(0), z.count / z.size(0))
      let kernel = DSRKernel(parameters, threshold: inputs[1].item, steps: steps)
      let (outputs, rates) = (Tensor.uninitialized(z.shape), Tensor.zeros([count]))
      _ = NeuronLoop.map(count) {
        kernel.forward(
          elements(z), elements(outputs), elements(rates), count: count, $0)
      }
      return (
        [outputs],
        { gradients in
          guard let given = gradients[0]?.contiguous() else { return [nil, nil] }
          let towards = Tensor.uninitialized(z.shape)
          let sums = NeuronLoop.map(count) {
            kernel.backward(
              elements(given), elements(rates), elements(towards),
              count: count, $0)
          }
          let change = sums.reduce(0, +) * parameters.timeStep
          return [towards, Tensor.full(threshold.shape, change)]
        }
      )
    }[0]
  }
}

/// The loops of ``DSRNeurons``, over a block of neurons through all steps.
private struct DSRKernel: Sendable {
  let keep, level, threshold, height, limit, inverseTimeConstant: Float
  let weights: [Float]

  init(_ parameters: DSRParameters, threshold: Double, steps: Int) {
    keep = Float(parameters.decay)
    self.threshold = Float(threshold)
    level = Float(parameters.firingShare * threshold)
    height = Float(threshold / parameters.timeStep)
    limit = Float(threshold * parameters.timeConstant / parameters.timeStep)
    inverseTimeConstant = Float(1 / parameters.timeConstant)
    weights = parameters.weights(steps: steps).map(Float.init)
  }

  func forward(
    _ z: UnsafeMutablePointer<Float>, _ outputs: UnsafeMutablePointer<Float>,
    _ rates: UnsafeMutablePointer<Float>, count: Int, _ range: Range<Int>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { buffer in
      buffer.initialize(repeating: 0)
      let membrane = buffer.baseAddress!
      let average = rates + range.lowerBound
      for (time, weight) in weights.enumerated() {
        let xs = z + time * count + range.lowerBound
        let ys = outputs + time * count + range.lowerBound
        for i in 0..<range.count {
          let m = keep * membrane[i] + (1 - keep) * xs[i]
          let fires = m >= level
          membrane[i] = m - (fires ? threshold : 0)
          ys[i] = fires ? height : 0
          average[i] += weight * xs[i]
        }
      }
    }
  }

  /// Writes the gradient of the currents; returns the sum of `T·ĝ` over neurons above the line.
  func backward(
    _ given: UnsafeMutablePointer<Float>, _ rates: UnsafeMutablePointer<Float>,
    _ towards: UnsafeMutablePointer<Float>, count: Int, _ range: Range<Int>
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { buffer in
      buffer.initialize(repeating: 0)
      let total = buffer.baseAddress!
      for (time, weight) in weights.enumerated() {
        let gs = given + time * count + range.lowerBound
        for i in 0..<range.count { total[i] += weight * gs[i] }
      }
      let average = rates + range.lowerBound
      var saturated: Float = 0
      for i in 0..<range.count {
        saturated += average[i] > limit ? total[i] : 0
        total[i] = average[i] > 0 && average[i] < limit ? total[i] * inverseTimeConstant : 0
      }
      for time in weights.indices {
        (towards + time * count + range.lowerBound).update(from: total, count: range.count)
      }
      return Double(saturated) * Double(weights.count)
    }
  }
}
