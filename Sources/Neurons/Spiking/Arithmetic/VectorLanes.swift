import CVector

/// Neurons side by side in one vector register.
public protocol VectorLanes: NeuronArithmetic {
  associatedtype Scalar: SIMDScalar & BinaryFloatingPoint
  static var width: Int { get }
  init(repeating value: Double)
  /// Reads a vector's width of neurons.
  init(reading source: UnsafePointer<Scalar>)
  func write(to target: UnsafeMutablePointer<Scalar>)
  /// One bit for each lane above one half, the first lane in the lowest.
  var fired: UInt32 { get }
}

extension Lanes: VectorLanes {
  @inline(__always) public init(reading source: UnsafePointer<Float>) {
    values = UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
  }
  @inline(__always) public func write(to target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: values, as: Vector.self)
  }
  @inline(__always) public var fired: UInt32 { cajal_above_half_single(values) }
}
