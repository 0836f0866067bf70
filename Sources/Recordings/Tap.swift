import Support
import Synchronization
import Tensors

/// Something that watches or changes activity at the sites of a model.
public protocol Instrument: AnyObject {
  /// The sites that it is for.
  var sites: SitePattern { get }
  /// Sees the activity at a site and returns what the model goes on with.
  func apply(_ site: String, _ activity: Tensor) -> Tensor
}

/// The one call through which a model shows the activity at a site; recording and perturbing both happen there.
///
/// Models call it where they have neurons: `h = tap("blocks.\(index).mlp", h)`. With no instrument attached anywhere
/// it costs one relaxed atomic read; the name is not even built.
@inline(__always)
public func tap(_ site: @autoclosure () -> String, _ activity: Tensor) -> Tensor {
  guard Instruments.attached.load(ordering: .relaxed) > 0 else { return activity }
  return Instruments.apply(site(), activity)
}

/// Attaches instruments to every tap that `body` passes, in this task and those it starts.
///
/// Scopes nest: outer instruments act first, and within a scope in the order given, so a recorder inside a clamp's
/// scope sees the clamped activity and one outside it the original.
public func withInstruments<Result>(_ instruments: any Instrument..., body: () throws -> Result) rethrows
  -> Result
{
  try withInstruments(instruments, body: body)
}

public func withInstruments<Result>(_ instruments: [any Instrument], body: () throws -> Result) rethrows
  -> Result
{
  Instruments.attached.wrappingAdd(1, ordering: .relaxed)
  defer { Instruments.attached.wrappingSubtract(1, ordering: .relaxed) }
  let scope = InstrumentScope(InstrumentScope.current?.instruments ?? [], adding: instruments)
  return try InstrumentScope.$current.withValue(scope) { try body() }
}

/// Whether any instrument is attached in this task: models with kernels that show no activity take their open way then.
public var isObserved: Bool {
  Instruments.attached.load(ordering: .relaxed) > 0 && InstrumentScope.current?.instruments.isEmpty == false
}

/// The attached instruments.
@usableFromInline
enum Instruments {
  /// How many scopes are open in the whole program.
  @usableFromInline static let attached = Atomic<Int>(0)

  @usableFromInline
  static func apply(_ site: String, _ activity: Tensor) -> Tensor {
    guard let scope = InstrumentScope.current else { return activity }
    return scope.matching(site).reduce(activity) { $1.apply(site, $0) }
  }
}

/// The instruments of one task, outermost first.
private final class InstrumentScope: @unchecked Sendable {
  @TaskLocal static var current: InstrumentScope?
  let instruments: [any Instrument]
  /// Which instruments are for a site, remembered: patterns are matched once.
  private let known = Mutex<[String: [Int]]>([:])

  init(_ outer: [any Instrument], adding inner: [any Instrument]) { instruments = outer + inner }

  func matching(_ site: String) -> [any Instrument] {
    let indices = known.withLock { known in
      if let found = known[site] { return found }
      let found = instruments.indices.filter { instruments[$0].sites.matches(site) }
      known[site] = found
      return found
    }
    return indices.map { instruments[$0] }
  }
}
