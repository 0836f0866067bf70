import CMuJoCo
import Datasets
import Foundation
import Support

/// A body for MuJoCo, the physics engine: any MJCF model.
///
/// The library is loaded on first use: `MUJOCO=/path/to/libmujoco.so`, or what `cajal data fetch mujoco` brought.
public final class MuJoCoModel: @unchecked Sendable {
  fileprivate let handle: UnsafeMutableRawPointer
  /// Numbers of a position, a velocity and a control.
  public let positions, velocities, controls: Int

  /// Whether the library can be loaded here.
  public static var isAvailable: Bool { (try? load()) != nil }

  /// The library's version: `4.0.0`.
  public static func version() throws -> String {
    try load()
    return String(cString: cm_mujoco_version())
  }

  /// - Parameter mjcf: The model as XML.
  /// - Throws: `CajalError` if the library is not here, or the model is wrong, with MuJoCo's own words.
  public init(mjcf: String) throws {
    try Self.load()
    var error = [CChar](repeating: 0, count: 1024)
    guard let model = cm_mujoco_model(mjcf, &error, 1024) else {
      throw CajalError(
        "MuJoCo refuses the model: \(String(decoding: error.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))"
      )
    }
    handle = model
    positions = Int(cm_mujoco_size(model, Part.positions.bit))
    velocities = Int(cm_mujoco_size(model, Part.velocities.bit))
    controls = Int(cm_mujoco_size(model, Part.controls.bit))
  }

  deinit { cm_mujoco_free_model(handle) }

  private static func load() throws {
    let named = ProcessInfo.processInfo.environment["MUJOCO"]
    let path = named ?? PackagedData.mujoco.folder().appendingPathComponent("libmujoco.so.4.0.0").path
    guard FileManager.default.fileExists(atPath: path) else {
      throw CajalError(
        named == nil
          ? "MuJoCo is not here: 'cajal data fetch mujoco', or MUJOCO=/path/to/libmujoco.so"
          : "MUJOCO names \(path), which is not there")
    }
    if let problem = cm_mujoco_load(path) {
      throw CajalError("\(path) could not be loaded as MuJoCo: \(String(cString: problem))")
    }
  }

  fileprivate enum Part {
    case positions, velocities, controls
    /// Of MuJoCo's `mjtState`.
    var bit: Int32 {
      switch self {
      case .positions: 1 << 1
      case .velocities: 1 << 2
      case .controls: 1 << 6
      }
    }
  }

  /// The number of a site, or nil.
  public func site(_ name: String) -> Int? {
    let id = cm_mujoco_id(handle, 6, name)
    return id < 0 ? nil : Int(id)
  }
}

/// A body of a ``MuJoCoModel`` in motion.
public final class MuJoCoState: @unchecked Sendable {
  public let model: MuJoCoModel
  private let handle: UnsafeMutableRawPointer

  /// At the model's reference position.
  public init(_ model: MuJoCoModel) {
    self.model = model
    handle = cm_mujoco_data(model.handle)
  }

  deinit { cm_mujoco_free_data(handle) }

  public func reset() { cm_mujoco_reset(model.handle, handle) }

  public var positions: [Double] {
    get { get(.positions, model.positions) }
    set { set(newValue, .positions, model.positions) }
  }
  public var velocities: [Double] {
    get { get(.velocities, model.velocities) }
    set { set(newValue, .velocities, model.velocities) }
  }
  public var controls: [Double] {
    get { get(.controls, model.controls) }
    set { set(newValue, .controls, model.controls) }
  }

  private func get(_ part: MuJoCoModel.Part, _ count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { cm_mujoco_get(model.handle, handle, buffer.baseAddress!, part.bit) }
      initialized = count
    }
  }

  private func set(_ values: [Double], _ part: MuJoCoModel.Part, _ count: Int) {
    precondition(values.count == count, "\(values.count) numbers for \(count)")
    if count > 0 { cm_mujoco_set(model.handle, handle, values, part.bit) }
  }

  /// Lets time pass: so many of the model's steps with the controls as they are.
  public func step(_ count: Int = 1) { cm_mujoco_step(model.handle, handle, Int32(count)) }

  /// Brings everything that follows from positions and velocities up to date.
  public func forward() { cm_mujoco_forward(model.handle, handle) }

  /// The velocity of a site in its own frame, as of the last step or ``forward()``.
  public func velocity(ofSite site: Int) -> (rotational: SIMD3<Double>, linear: SIMD3<Double>) {
    var v = [Double](repeating: 0, count: 6)
    cm_mujoco_velocity(model.handle, handle, 6, Int32(site), &v)
    return (SIMD3(v[0], v[1], v[2]), SIMD3(v[3], v[4], v[5]))
  }
}
