import CTorch
import Support

extension Tensor {
  /// The matrix product over the last two axes, batched and broadcast over the others.
  public func matmul(_ other: Tensor) -> Tensor { Tensor(ct_matmul(raw, other.raw), #function, self, other) }

  /// The scalar product of two vectors.
  public func dot(_ other: Tensor) -> Tensor { Tensor(ct_dot(raw, other.raw), #function, self, other) }

  /// The outer product of two vectors `[n]`, `[m]` -> `[n, m]`.
  public func outer(_ other: Tensor) -> Tensor { Tensor(ct_outer(raw, other.raw), #function, self, other) }
  public func kronecker(_ other: Tensor) -> Tensor { Tensor(ct_kron(raw, other.raw), #function, self, other) }

  /// A sum of products named by letters: `Tensor.einsum("bij,bjk->bik", a, b)`.
  public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
    precondition(!operands.isEmpty, "einsum '\(equation)' without operands")
    return operands.withRaw {
      Tensor(
        ct_einsum(equation, $0, Int32(operands.count)), "einsum", operands[0], operands[operands.count - 1])
    }
  }

  /// `x W^T + b` with weights `[out, in]` and bias `[out]`.
  public func linear(_ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    Tensor(ct_linear(raw, weight.raw, bias?.raw), #function, self, weight)
  }

  /// `bias + self · other` in one step, for matrices.
  public func matmul(_ other: Tensor, adding bias: Tensor) -> Tensor {
    Tensor(ct_addmm(bias.raw, raw, other.raw), #function, bias, self, other)
  }

  /// X of `self · X = b`.
  public func solve(_ b: Tensor) -> Tensor { Tensor(ct_linalg_solve(raw, b.raw), #function, self, b) }
  public func solveTriangular(_ b: Tensor, upper: Bool) -> Tensor {
    Tensor(ct_triangular_solve(raw, b.raw, upper ? 1 : 0), #function, self, b)
  }
  /// X of the least `‖self · X - b‖`.
  public func leastSquares(_ b: Tensor) -> Tensor { Tensor(ct_linalg_lstsq(raw, b.raw), #function, self, b) }
  public func inverse() -> Tensor { Tensor(ct_inverse(raw), #function, self) }
  public func pseudoInverse() -> Tensor { Tensor(ct_linalg_pinv(raw), #function, self) }
  public func determinant() -> Tensor { Tensor(ct_linalg_det(raw), #function, self) }
  public func matrixExponential() -> Tensor { Tensor(ct_linalg_matrix_exp(raw), #function, self) }
  public func trace() -> Tensor { Tensor(ct_trace(raw), #function, self) }
  /// The lower factor L of `L L^T`.
  public func cholesky() -> Tensor { Tensor(ct_linalg_cholesky(raw), #function, self) }

  public func qr() -> (q: Tensor, r: Tensor) {
    let both = several(2) { ct_linalg_qr(raw, $0) }
    return (both[0], both[1])
  }

  /// The thin singular value decomposition `U diag(S) Vh`, singular values descending.
  public func svd() -> (u: Tensor, s: Tensor, vh: Tensor) {
    let all = several(3) { ct_linalg_svd(raw, $0) }
    return (all[0], all[1], all[2])
  }

  /// Eigenvalues ascending and eigenvectors (columns) of a symmetric matrix.
  public func eigh() -> (values: Tensor, vectors: Tensor) {
    let both = several(2) { ct_linalg_eigh(raw, $0) }
    return (both[0], both[1])
  }

  public func eigenvaluesSymmetric() -> Tensor { Tensor(ct_linalg_eigvalsh(raw), #function, self) }

  public func signAndLogDeterminant() -> (sign: Tensor, logarithm: Tensor) {
    let both = several(2) { ct_linalg_slogdet(raw, $0) }
    return (both[0], both[1])
  }

  /// The Euclidean distances between the rows of two matrices `[n, d]`, `[m, d]` -> `[n, m]`.
  public func distances(to other: Tensor) -> Tensor {
    Tensor(ct_cdist(raw, other.raw), #function, self, other)
  }

  public func cosineSimilarity(_ other: Tensor, axis: Int = -1) -> Tensor {
    Tensor(ct_cosine_similarity(raw, other.raw, Int64(axis)), #function, self, other)
  }
}

// Fourier transforms along an axis; complex results.
extension Tensor {
  public func fft(axis: Int = -1) -> Tensor { Tensor(ct_fft_fft(raw, Int64(axis)), #function, self) }
  public func inverseFFT(axis: Int = -1) -> Tensor { Tensor(ct_fft_ifft(raw, Int64(axis)), #function, self) }
  /// Of a real signal of n samples: the n/2+1 frequencies that are not negative.
  public func realFFT(axis: Int = -1) -> Tensor { Tensor(ct_fft_rfft(raw, Int64(axis)), #function, self) }
  /// The real signal of `count` samples.
  public func inverseRealFFT(count: Int, axis: Int = -1) -> Tensor {
    Tensor(ct_fft_irfft(raw, Int64(count), Int64(axis)), #function, self)
  }
  /// Complex elements as pairs of real ones along a new last axis.
  public func realPairs() -> Tensor { Tensor(ct_view_as_real(raw), #function, self) }
}
