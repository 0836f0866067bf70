import CTorch
import Support

/// The errors of one scope of ``withTensorErrors(_:)``.
private final class ErrorScope: @unchecked Sendable {
  var first: CajalError?
}

private enum ErrorScopes {
  @TaskLocal static var current: ErrorScope?
}

/// Turns the mistakes of tensor operations inside `body` into a thrown error.
///
/// Outside such a scope an operation that libtorch refuses (shapes that do not fit, say) is a programmer's
/// mistake and ends the program. Use the scope where shapes come from a user.
/// - Throws: `CajalError` of the first failing operation, or what `body` throws.
public func withTensorErrors<Result>(_ body: () throws -> Result) throws -> Result {
  let scope = ErrorScope()
  let result = try ErrorScopes.$current.withValue(scope) { try body() }
  if let error = scope.first { throw error }
  return result
}

/// The one funnel through which every failure of libtorch passes.
enum TensorFailure {
  static func handle(_ operation: String, _ operands: [Tensor]) {
    let shapes = operands.map { "\($0.elementType)\($0.shape)" }.joined(separator: ", ")
    let message = "\(operation)(\(shapes)): \(String(cString: ct_error()))"
    guard let scope = ErrorScopes.current else { fatalError(message) }
    if scope.first == nil { scope.first = CajalError(message) }
  }

  /// What a failed operation yields inside ``withTensorErrors(_:)``.
  static var nothing: Tensor { Tensor.zeros([0]) }
}
