import Support

// Sums over all axes but one, of arrays that have one entry for every long row of the tensor.
extension CPWorkspace {
  /// `products[r] = outer product of the r-th columns along all axes but the last`.
  func combineFactors() {
    for r in 0..<rank { combine(0..<shape.count - 1, r, into: products + r * rows) }
  }

  /// The outer product of the r-th columns along some axes.
  func combine(_ axes: Range<Int>, _ r: Int, into out: Values) {
    out[0] = 1
    var count = 1
    for axis in axes {
      let (size, column) = (shape[axis], factors[axis] + r * shape[axis])
      // From behind, so that nothing is overwritten before it is read.
      for left in stride(from: count - 1, through: 0, by: -1) {
        let (value, row) = (out[left], out + left * size)
        for index in stride(from: size - 1, through: 0, by: -1) { row[index] = value * column[index] }
      }
      count *= size
    }
  }

  /// Sums `array` (axes `first..<shape.count - 1`) with the r-th columns of all those axes but `axis`, into `out`, which is as
  /// long as that axis.
  func contract(_ array: Values, _ r: Int, from first: Int, to axis: Int, into out: Values, adding: Bool) {
    var (source, count) = (array, shape[first..<shape.count - 1].reduce(1, *))
    var buffers = scratch
    for other in stride(from: shape.count - 2, to: axis, by: -1) {
      let (size, column) = (shape[other], factors[other] + r * shape[other])
      count /= size
      for left in 0..<count { buffers.0[left] = VectorLoops.dot(source + left * size, column, size) }
      source = buffers.0
      swap(&buffers.0, &buffers.1)
    }
    for other in first..<axis {
      let (size, column) = (shape[other], factors[other] + r * shape[other])
      count /= size
      for right in 0..<count { buffers.0[right] = 0 }
      for index in 0..<size {
        VectorLoops.add(source + index * count, times: column[index], count, to: buffers.0)
      }
      source = buffers.0
      swap(&buffers.0, &buffers.1)
    }
    if adding {
      for index in 0..<shape[axis] { out[index] += source[index] }
    } else {
      for index in 0..<shape[axis] { out[index] = source[index] }
    }
  }
}
