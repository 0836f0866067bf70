/// What a quantity measures; its unit is the one that values are kept in.
public protocol PhysicalDimension: Sendable {
  static var unit: String { get }
}

/// A number with a unit, which the compiler checks: `20.ms`, `-60.mV`, `1.5.nS`.
///
/// Times are kept in milliseconds, potentials in millivolts, currents in nanoamperes, conductances in nanosiemens, capacitances
/// in nanofarads, resistances in megaohms, rates in hertz: with these, `R I` is in millivolts and `R C` in milliseconds.
public struct Quantity<Dimension: PhysicalDimension>: Sendable, Hashable, Comparable, CustomStringConvertible
{
  /// In the unit of the dimension.
  public var value: Double
  public init(_ value: Double) { self.value = value }

  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
  public static prefix func - (a: Self) -> Self { Self(-a.value) }
  public var description: String { "\(value) \(Dimension.unit)" }
}

public enum TimeDimension: PhysicalDimension { public static let unit = "ms" }
public enum VoltageDimension: PhysicalDimension { public static let unit = "mV" }
public enum CurrentDimension: PhysicalDimension { public static let unit = "nA" }
public enum ConductanceDimension: PhysicalDimension { public static let unit = "nS" }
public enum CapacitanceDimension: PhysicalDimension { public static let unit = "nF" }
public enum ResistanceDimension: PhysicalDimension { public static let unit = "MΩ" }
public enum FrequencyDimension: PhysicalDimension { public static let unit = "Hz" }
/// A pure number: inputs of models whose equations have no units.
public enum NumberDimension: PhysicalDimension { public static let unit = "1" }

public typealias Time = Quantity<TimeDimension>
public typealias Voltage = Quantity<VoltageDimension>
public typealias Current = Quantity<CurrentDimension>
public typealias Conductance = Quantity<ConductanceDimension>
public typealias Capacitance = Quantity<CapacitanceDimension>
public typealias Resistance = Quantity<ResistanceDimension>
public typealias Frequency = Quantity<FrequencyDimension>
public typealias Number = Quantity<NumberDimension>

extension Double {
  public var us: Time { Time(self * 1e-3) }
  public var ms: Time { Time(self) }
  public var s: Time { Time(self * 1e3) }
  public var mV: Voltage { Voltage(self) }
  public var pA: Current { Current(self * 1e-3) }
  public var nA: Current { Current(self) }
  public var nS: Conductance { Conductance(self) }
  public var uS: Conductance { Conductance(self * 1e3) }
  public var pF: Capacitance { Capacitance(self * 1e-3) }
  public var nF: Capacitance { Capacitance(self) }
  public var megaohm: Resistance { Resistance(self) }
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public var Hz: Frequency { Frequency(self) }
  public var kHz: Frequency { Frequency(self * 1e3) }
  public var number: Number { Number(self) }
}

extension Int {
  public var us: Time { Double(self).us }
  public var ms: Time { Double(self).ms }
  public var s: Time { Double(self).s }
  public var mV: Voltage { Double(self).mV }
  public var pA: Current { Double(self).pA }
  public var nA: Current { Double(self).nA }
  public var nS: Conductance { Double(self).nS }
  public var uS: Conductance { Double(self).uS }
  public var pF: Capacitance { Double(self).pF }
  public var nF: Capacitance { Double(self).nF }
  public var megaohm: Resistance { Double(self).megaohm }
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public var Hz: Frequency { Double(self).Hz }
  public var kHz: Frequency { Double(self).kHz }
  public var number: Number { Double(self).number }
}
