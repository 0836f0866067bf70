/// What a network computed for up to `capacity` samples: activations forward, deltas backward.
final class LayerPass<Scalar: KernelScalar> {
  /// Inputs, hidden activations, class probabilities: `[capacity, size of the layer]` each.
  var activations: [PaddedMatrix<Scalar>]
  /// Derivatives of the loss by the inputs of each layer's neurons, one matrix a weight layer.
  let deltas: [PaddedMatrix<Scalar>]
  /// How many rows are in use.
  var count = 0
  private(set) var guesses: [Int]

  init(sizes: [Int], capacity: Int) {
    activations = sizes.map { PaddedMatrix(rows: capacity, columns: $0) }
    deltas = sizes.dropFirst().map { PaddedMatrix(rows: capacity, columns: $0) }
    guesses = Array(repeating: 0, count: capacity)
  }

  /// Turns the net inputs of the last layer into probabilities, and notes the likeliest class.
  @inline(__always) func classify() {
    let output = activations[activations.count - 1]
    for row in 0..<count { guesses[row] = Pointwise.softmax(output.row(row), output.columns) }
  }

  /// Sets the last deltas to those of the cross-entropy: probability minus one for the label.
  @inline(__always) func setOutputDeltas(labels: [Int]) {
    precondition(labels.count == count, "\(labels.count) labels for \(count) samples")
    let (output, delta) = (activations[activations.count - 1], deltas[deltas.count - 1])
    delta.base.update(from: output.base, count: count * output.stride)
    for (row, label) in labels.enumerated() {
      precondition(label >= 0 && label < output.columns, "label \(label) of \(output.columns) classes")
      delta.row(row)[label] -= 1
    }
  }
}

/// Functions of single numbers, vector by vector, and of single rows.
enum Pointwise {
  /// The exponential linear unit with slope 1, in place: x above zero, exp(x) - 1 below.
  @inline(__always)
  static func elu<Scalar: KernelScalar>(_ values: UnsafeMutablePointer<Scalar>, _ count: Int) {
    var i = 0
    while i < count {
      let x = Vector16.load(values + i)
      let below = Scalar.nonPositivePart(x)
      Vector16.store((x - below) + (Scalar.exponential(ofNonPositive: below) - 1), values + i)
      i &+= 16
    }
  }

  /// Multiplies deltas by the slope of the exponential linear unit, told by its outputs.
  @inline(__always)
  static func multiplyByEluSlope<Scalar: KernelScalar>(
    _ deltas: UnsafeMutablePointer<Scalar>, outputs: UnsafePointer<Scalar>, _ count: Int
  ) {
    var i = 0
    while i < count {
      let slope = Scalar.nonPositivePart(Vector16.load(outputs + i)) + 1
      Vector16.store(Vector16.load(deltas + i) * slope, deltas + i)
      i &+= 16
    }
  }

  /// `target = source · factor`.
  @inline(__always)
  static func scale<Scalar: KernelScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ source: UnsafePointer<Scalar>, by factor: Scalar,
    _ count: Int
  ) {
    for i in stride(from: 0, to: count, by: 16) {
      Vector16.store(Vector16.load(source + i) * factor, target + i)
    }
  }

  /// `target += source`.
  @inline(__always)
  static func add<Scalar: KernelScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ source: UnsafePointer<Scalar>, _ count: Int
  ) {
    for i in stride(from: 0, to: count, by: 16) {
      Vector16.store(Vector16.load(target + i) + Vector16.load(source + i), target + i)
    }
  }

  /// `target += number`.
  @inline(__always)
  static func add<Scalar: KernelScalar>(
    _ number: Scalar, to target: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { target[i] += number }
  }

  /// `target = a + b · factor`.
  @inline(__always)
  static func sum<Scalar: KernelScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
    times factor: Scalar, _ count: Int
  ) {
    let factors = SIMD16(repeating: factor)
    for i in stride(from: 0, to: count, by: 16) {
      Vector16.store(Vector16.load(a + i).addingProduct(Vector16.load(b + i), factors), target + i)
    }
  }

  /// The position of the largest number, the first of equals.
  @inline(__always)
  static func largest<Scalar: KernelScalar>(_ row: UnsafePointer<Scalar>, _ count: Int) -> Int {
    var best = 0
    for i in 1..<max(count, 1) where row[i] > row[best] { best = i }
    return best
  }

  /// Softmax of a row in place, its padding zero; returns the likeliest class.
  @inline(__always)
  static func softmax<Scalar: KernelScalar>(
    _ row: UnsafeMutablePointer<Scalar>, _ count: Int
  ) -> Int {
    let best = largest(row, count)
    let top = SIMD16(repeating: row[best])
    let padded = (count + 15) / 16 * 16
    for i in stride(from: 0, to: padded, by: 16) {
      let x = Scalar.nonPositivePart(Vector16.load(row + i) - top)
      Vector16.store(Scalar.exponential(ofNonPositive: x), row + i)
    }
    for i in count..<padded { row[i] = 0 }
    var sum: Scalar = 0
    for i in 0..<count { sum += row[i] }
    for i in 0..<count { row[i] /= sum }
    return best
  }
}
