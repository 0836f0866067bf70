import Support

/// A trainable tensor of a module.
public final class Parameter: @unchecked Sendable {
  /// A leaf of the graph; assign to replace it.
  public var value: Tensor {
    didSet { value.requiringGradient(!isFrozen) }
  }

  /// A frozen parameter gets no gradient and no update.
  public var isFrozen = false {
    didSet { value.requiringGradient(!isFrozen) }
  }

  public init(_ value: Tensor) {
    self.value = value.detached()
    self.value.requiringGradient()
  }

  public var gradient: Tensor? {
    get { value.gradient }
    set { value.gradient = newValue }
  }
}

/// A tensor that belongs to a module's state but is not trained: running statistics, masks.
public final class Buffer: @unchecked Sendable {
  public var value: Tensor
  public init(_ value: Tensor) { self.value = value }
}

/// A part of a network with parameters, buffers and further modules, found by reflection.
///
/// Stored properties of type `Parameter`, `Buffer`, `Module`, optionals and arrays of them are part of the
/// module under the property's name; arrays add the position: `blocks.3.norm.weight`. Names are those of PyTorch's
/// state dictionaries where the layer is the same.
open class Module {
  public init() {}

  public private(set) var isTraining = true

  /// Names that differ from the property's: `["attention": "attn"]`. An empty name leaves the step out.
  open var keys: [String: String] { [:] }

  /// The name of an element of an array property; its position unless overridden.
  open func name(ofElement index: Int, in property: String) -> String { "\(index)" }

  /// Called after ``train(_:)`` changed the mode.
  open func modeDidChange() {}

  /// Switches this module and all below between training and evaluation.
  public func train(_ on: Bool = true) {
    isTraining = on
    modeDidChange()
    for (_, child) in children { child.train(on) }
  }

  /// Switches to evaluation: dropout off, running statistics used.
  public func evaluate() { train(false) }

  /// The modules directly below, by name.
  public var children: [(name: String, module: Module)] {
    members().compactMap { name, value in (value as? Module).map { (name, $0) } }
  }

  /// All parameters with their paths, in the order of declaration.
  public var parameters: [(name: String, parameter: Parameter)] { collected { $0 as? Parameter } }

  /// All buffers with their paths.
  public var buffers: [(name: String, buffer: Buffer)] { collected { $0 as? Buffer } }

  private func collected<Value>(_ pick: (Any) -> Value?) -> [(String, Value)] {
    members().flatMap { name, value -> [(String, Value)] in
      if let found = pick(value) { return [(name, found)] }
      guard let module = value as? Module else { return [] }
      return module.collected(pick).map { (Module.joined(name, $0.0), $0.1) }
    }
  }

  /// The parameters, buffers and modules among the stored properties, superclasses first.
  private func members() -> [(String, Any)] {
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    while let current = mirror, current.subjectType != Module.self {
      mirrors.append(current)
      mirror = current.superclassMirror
    }
    let keys = keys
    return mirrors.reversed().flatMap { mirror in
      mirror.children.flatMap { child in
        members(child.label ?? "", keys[child.label ?? ""] ?? child.label ?? "", child.value)
      }
    }
  }

  private func members(_ property: String, _ name: String, _ value: Any) -> [(String, Any)] {
    switch value {
    case is Parameter, is Buffer, is Module: [(name, value)]
    case let array as [Any]:
      array.enumerated().flatMap {
        members(property, Module.joined(name, self.name(ofElement: $0, in: property)), $1)
      }
    case Optional<Any>.some(let wrapped) where Mirror(reflecting: value).displayStyle == .optional:
      members(property, name, wrapped)
    default: []
    }
  }

  private static func joined(_ prefix: String, _ name: String) -> String {
    prefix.isEmpty ? name : name.isEmpty ? prefix : "\(prefix).\(name)"
  }
}

extension Module {
  /// How many numbers are trained.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.isFrozen ? 0 : $1.parameter.value.count) }
  }

  /// Freezes or thaws the parameters whose path starts with `prefix`.
  public func freeze(_ prefix: String = "", _ frozen: Bool = true) {
    for (name, parameter) in parameters where name.hasPrefix(prefix) { parameter.isFrozen = frozen }
  }

  /// Moves parameters and buffers to another element type or device.
  public func move(to type: ElementType? = nil, on device: Device? = nil) {
    func moved(_ tensor: Tensor) -> Tensor {
      let placed = device.map { tensor.to($0) } ?? tensor
      return type.map { placed.elementType.isFloatingPoint ? placed.to($0) : placed } ?? placed
    }
    for (_, parameter) in parameters { parameter.value = moved(parameter.value.detached()) }
    for (_, buffer) in buffers { buffer.value = moved(buffer.value) }
  }

  /// Forgets the gathered gradients.
  public func zeroGradients() {
    for (_, parameter) in parameters { parameter.gradient = nil }
  }

  /// Parameters and buffers by path.
  public var state: NamedTensors {
    parameters.map { ($0.name, $0.parameter.value.detached()) } + buffers.map { ($0.name, $0.buffer.value) }
  }

  /// Copies tensors into parameters and buffers.
  ///
  /// - Parameter strict: Whether every path must be given and every given path be known.
  /// - Throws: `CajalError` that names missing, unknown and wrongly shaped entries; nothing is changed then.
  public func load(_ tensors: NamedTensors, strict: Bool = true) throws {
    let given = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    let own = state
    let missing = own.map(\.name).filter { given[$0] == nil }
    let unknown = given.keys.filter { name in !own.contains { $0.name == name } }.sorted()
    if strict, !missing.isEmpty || !unknown.isEmpty {
      throw CajalError("weights do not fit: missing \(Self.listed(missing)); unknown \(Self.listed(unknown))")
    }
    for (name, tensor) in own {
      if let source = given[name], source.shape != tensor.shape {
        throw CajalError("weights do not fit: '\(name)' has shape \(source.shape), expected \(tensor.shape)")
      }
    }
    withoutGradients {
      for (name, tensor) in own { if let source = given[name] { tensor.assign(source) } }
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.isEmpty
      ? "none"
      : names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }

  /// A table of the parameters: path, shape, count.
  public var summary: String {
    let rows = parameters.map { ($0.name, "\($0.parameter.value.shape)", "\($0.parameter.value.count)") }
    let width = rows.map(\.0.count).max() ?? 0
    let middle = rows.map(\.1.count).max() ?? 0
    let lines = rows.map {
      $0.0.padded(to: width) + "  " + $0.1.padded(to: middle) + "  " + $0.2
    }
    return (lines + ["\(parameterCount) trained parameters"]).joined(separator: "\n")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension ElementType {
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }
}
