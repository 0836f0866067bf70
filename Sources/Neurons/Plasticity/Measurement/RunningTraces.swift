import Foundation

/// The traces of one neuron, kept from spike to spike.
struct RunningTraces {
  private let traces: [PlasticityTrace]
  private(set) var values = TraceValues<Double>(0)

  init(_ traces: [PlasticityTrace]) {
    precondition(traces.count <= 2, "\(traces.count) traces, at most two")
    self.traces = traces
  }

  mutating func decay(by elapsed: Double) {
    if traces.count > 0 { values.first *= exp(-elapsed / traces[0].timeConstant) }
    if traces.count > 1 { values.second *= exp(-elapsed / traces[1].timeConstant) }
  }

  mutating func spike() {
    if traces.count > 0 { values.first = Self.raised(values.first, traces[0]) }
    if traces.count > 1 { values.second = Self.raised(values.second, traces[1]) }
  }

  private static func raised(_ value: Double, _ trace: PlasticityTrace) -> Double {
    trace.pairing == .all ? value + 1 : 1
  }
}
