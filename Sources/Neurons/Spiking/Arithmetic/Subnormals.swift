import CVector

/// Runs a body for which numbers below 1e-38 are zero, on this thread.
///
/// What decays for long ends among them, and every product with one costs a hundred others.
@inline(__always) func withoutSubnormals<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = cajal_flush_subnormals()
  defer { cajal_restore_subnormals(before) }
  return try body()
}
