import Support
import Tensors
import Testing

@Test func matrixProductHasItsShape() {
  #expect(Tensor.ones([2, 3]).matmul(Tensor.ones([3, 4])).shape == [2, 4])
}
