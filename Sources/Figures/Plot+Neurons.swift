extension Plot {
  /// Spikes as strokes, a row a unit, the first on top.
  ///
  /// - Parameters:
  ///   - spikes: Times of each unit in seconds.
  ///   - groups: Units of one group have one colour, told by the key; one colour if nil.
  public static func raster(
    name: String, title: String, caption: String, spikes: [[Double]], units: [String],
    groups: [String]? = nil,
    range: ClosedRange<Double>? = nil
  ) -> Plot {
    let count = spikes.count
    func row(_ unit: Int) -> Double { Double(count - 1 - unit) }
    var plot = Plot(
      name: name, title: title, caption: caption, x: Axis("time", unit: "s", range: range),
      y: Axis("", range: -0.7...(max(1, Double(count)) - 0.3), ticks: ticks(units, at: row)))
    plot.height = height(count)
    let names = groups ?? Array(repeating: "", count: count)
    for group in names.reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
      let members = spikes.indices.filter { names[$0] == group }
      plot.add(
        .strokes, group, x: members.flatMap { spikes[$0] },
        y: members.flatMap { unit in spikes[unit].map { _ in row(unit) } })
    }
    return plot
  }

  /// Traces of neurons one below the other, the first on top, on one scale, which a bar at the right edge shows.
  ///
  /// - Parameters:
  ///   - traces: By neuron, each as long as `time`, in seconds.
  ///   - unit: Of the traces: the length of the bar is given in it.
  public static func traces(
    name: String, title: String, caption: String, time: [Double], traces: [[Double]], neurons: [String],
    unit: String
  ) -> Plot {
    let count = traces.count
    let spans = traces.map { trace -> Double in
      let sorted = trace.filter(\.isFinite).sorted()
      guard sorted.count > 1 else { return 0 }
      return sorted[Int(0.995 * Double(sorted.count - 1))] - sorted[Int(0.005 * Double(sorted.count - 1))]
    }.sorted()
    let step = max(spans.isEmpty ? 1 : 1.6 * spans[spans.count / 2], 1e-12)
    func row(_ neuron: Int) -> Double { Double(count - 1 - neuron) }
    var plot = Plot(
      name: name, title: title, caption: caption, x: Axis("time", unit: "s"),
      y: Axis("", range: -0.8...(max(1, Double(count)) + 0.3), ticks: ticks(neurons, at: row)))
    plot.height = height(count)
    // More points than the picture is wide would not be seen.
    let stride = max(1, time.count / 1_800)
    let shown = Swift.stride(from: 0, to: time.count, by: stride).map { $0 }
    for (neuron, trace) in traces.enumerated() {
      let finite = trace.filter(\.isFinite).sorted()
      let middle = finite.isEmpty ? 0 : finite[finite.count / 2]
      plot.add(
        .thinLine, "", x: shown.map { time[$0] }, y: shown.map { row(neuron) + (trace[$0] - middle) / step })
    }
    let bar = niceLength(step * 0.8)
    if let first = time.first, let last = time.last {
      let place = last + 0.015 * (last - first)
      plot.x.range = first...(last + 0.03 * (last - first))
      plot.add(.line, "bar: \(number(bar)) \(unit)", x: [place, place], y: [-0.4, -0.4 + bar / step])
    }
    return plot
  }

  /// A square matrix of neurons, the first row on top.
  public static func neuronMatrix(
    name: String, title: String, caption: String, rows: [[Double]], neurons: [String], label: String,
    isDiverging: Bool = true, range: ClosedRange<Double>? = nil
  ) -> Plot {
    let count = rows.count
    let step = max(1, (count + 39) / 40)
    let shown = Swift.stride(from: 0, to: count, by: step)
    var plot = Plot(
      name: name, title: title, caption: caption,
      x: Axis("", ticks: count <= 40 ? shown.map { (Double($0) + 0.5, neurons[$0]) } : []),
      y: Axis("", ticks: shown.map { (Double(count - 1 - $0) + 0.5, neurons[$0]) }))
    plot.heatMap = HeatMap(
      rows: rows.reversed(), x: 0...Double(max(1, count)), y: 0...Double(max(1, count)), label: label,
      range: range,
      isDiverging: isDiverging, keepsAspect: true)
    plot.height = 640
    return plot
  }

  /// As many names as can be read, each at its row.
  private static func ticks(_ names: [String], at row: (Int) -> Double) -> [(position: Double, label: String)]
  {
    let step = max(1, (names.count + 59) / 60)
    return stride(from: 0, to: names.count, by: step).map { (row($0), names[$0]) }
  }

  private static func height(_ rows: Int) -> Int { max(300, min(1_000, 110 + 15 * rows)) }

  /// 1, 2 or 5 times a power of ten, at most `length`.
  private static func niceLength(_ length: Double) -> Double {
    var power = 1.0
    while power > length { power /= 10 }
    while power * 10 <= length { power *= 10 }
    return power * (length >= 5 * power ? 5 : length >= 2 * power ? 2 : 1)
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(value)"
  }
}
