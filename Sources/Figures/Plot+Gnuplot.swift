import Foundation
import Support

extension Plot {
  /// Draws the plot as SVG in the house style: legible in light and dark, the same bytes for the same data.
  ///
  /// - Throws: `CajalError` when gnuplot is missing, or naming a path that cannot be written.
  public func write(to url: URL) throws {
    try AtomicFile.write(svg(), to: url)
  }

  /// The plot as SVG.
  public func svg() throws -> String {
    HouseStyle.finish(try Gnuplot.run(script), title: title, caption: caption)
  }

  /// The gnuplot script with its data inline.
  var script: String {
    var lines = HouseStyle.preamble(label: name, height: height)
    lines += axis("x", x) + axis("y", y)
    lines.append("set title \(Self.quoted(title))")
    if isDiagram { lines += ["unset border", "unset tics", "unset grid", "set size ratio -1"] }
    lines += marks.enumerated().flatMap { mark($1, $0 + 1) }
    if let heatMap { return (lines + heatMapLines(heatMap)).joined(separator: "\n") + "\n" }
    let drawn = series.enumerated().map { (index: $0, series: $1, points: points($1)) }.filter {
      !$0.points.isEmpty
    }
    for entry in drawn {
      lines.append("$data\(entry.index) << EOD\n\(entry.points.joined(separator: "\n"))\nEOD")
    }
    if drawn.isEmpty {
      lines += emptyRanges()
      lines.append("set label 'no data' at graph 0.5,0.5 center")
      lines.append("plot NaN notitle")
    } else {
      if Set(drawn.map(\.series.label)).subtracting([""]).isEmpty { lines.append("unset key") }
      lines.append("plot " + drawn.flatMap { clauses($0.index, $0.series) }.joined(separator: ", \\\n  "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func axis(_ name: String, _ axis: Axis) -> [String] {
    let label = axis.unit.map { "\(axis.label) (\($0))" } ?? axis.label
    var lines = ["set \(name)label \(Self.quoted(label))"]
    if axis.scale == .log {
      lines += ["set logscale \(name) 10", "set format \(name) '10^{%L}'"]
      if name == "x" || spans(axis, name) < 1.5 { lines.append("set format \(name) '%g'") }
    } else {
      lines.append("set format \(name) '%g'")
    }
    if let range = axis.range { lines.append("set \(name)range [\(range.lowerBound):\(range.upperBound)]") }
    if !axis.ticks.isEmpty {
      let ticks = axis.ticks.map { "\(Self.quoted($0.label)) \($0.position)" }.joined(separator: ", ")
      // Long names below an axis would run into each other.
      let isLong = name == "x" && axis.ticks.reduce(0) { $0 + $1.label.count + 2 } > 80
      lines.append("set \(name)tics \(isLong ? "rotate by 35 right " : "")(\(ticks))")
    }
    return lines
  }

  /// How many powers of ten the positive values of an axis span.
  private func spans(_ axis: Axis, _ name: String) -> Double {
    let values = series.flatMap { name == "x" ? $0.x : $0.y }.filter { $0.isFinite && $0 > 0 }
    guard let low = axis.range?.lowerBound ?? values.min(), let high = axis.range?.upperBound ?? values.max(),
      low > 0
    else { return 0 }
    return log10(high / low)
  }

  private func emptyRanges() -> [String] {
    [("x", x), ("y", y)].filter { $0.1.range == nil }.map {
      "set \($0.0)range [\($0.1.scale == .log ? 1 : 0):10]"
    }
  }

  /// The rows of a series; a gap is an empty line.
  private func points(_ series: Series) -> [String] {
    var rows: [String] = []
    for i in series.x.indices {
      let (px, py) = (series.x[i], series.y[i])
      let fits =
        px.isFinite && py.isFinite && (x.scale == .linear || px > 0) && (y.scale == .linear || py > 0)
      if fits {
        let ends = ends(series, i)
        rows.append("\(px) \(py) \(ends.low) \(ends.high)")
      } else if let last = rows.last, !last.isEmpty {
        rows.append("")
      }
    }
    return rows.allSatisfy(\.isEmpty) ? [] : rows
  }

  /// Where the error bar of a point ends; on a logarithmic axis it may not reach 0.
  private func ends(_ series: Series, _ i: Int) -> (low: Double, high: Double) {
    let half = series.error.map { $0[i].isFinite ? $0[i] : 0 } ?? 0
    let range = series.intervals?[i]
    let low = range?.lowerBound ?? series.y[i] - half
    return (
      y.scale == .log && low <= 0 ? series.y[i] * 1e-3 : low, range?.upperBound ?? series.y[i] + half
    )
  }

  private func clauses(_ index: Int, _ series: Series) -> [String] {
    let model = series.colourOf.flatMap { label in self.series.firstIndex { $0.label == label } } ?? index
    let colour = "lc rgb '\(HouseStyle.colours[model % HouseStyle.colours.count])'"
    let title = series.label.isEmpty ? "notitle" : "title \(Self.quoted(series.label))"
    let shape = "pt \([7, 5, 9, 13, 11, 4, 6, 8][index % 8])"
    let data = "$data\(index)"
    let bars =
      series.style == .spans || (series.error == nil && series.intervals == nil)
      ? [] : ["\(data) using 1:2:3:4 with yerrorbars \(colour) \(shape) ps 0.4 notitle"]
    switch series.style {
    case .line: return ["\(data) using 1:2 with lines \(colour) lw 2 \(title)"] + bars
    case .thinLine: return ["\(data) using 1:2 with lines \(colour) lw 1 \(title)"] + bars
    case .strokes:
      return ["\(data) using 1:($2-0.4):(0):(0.8) with vectors nohead \(colour) lw 0.7 \(title)"]
    case .dashed: return ["\(data) using 1:2 with lines \(colour) lw 2 dt 2 \(title)"] + bars
    case .steps: return ["\(data) using 1:2 with steps \(colour) lw 2 \(title)"] + bars
    case .points: return bars + ["\(data) using 1:2 with points \(colour) \(shape) ps 0.6 \(title)"]
    case .linePoints:
      return bars + ["\(data) using 1:2 with linespoints \(colour) lw 2 \(shape) ps 0.5 \(title)"]
    case .spans:
      let box = "\(data) using 1:2:($1-0.4):($1+0.4):3:4 with boxxyerror"
      return ["\(box) \(colour) fs solid 0.75 noborder \(title)"]
    case .bars: return ["\(data) using 1:2 with boxes \(colour) fs solid 0.75 noborder \(title)"] + bars
    }
  }

  private func mark(_ mark: Mark, _ number: Int) -> [String] {
    switch mark {
    case .horizontal(let value, let label):
      [
        "set arrow \(number) from graph 0,first \(value) to graph 1,first \(value) nohead dt 3 lw 1.2 lc rgb '#888888'",
        "set label \(number) \(Self.quoted(label)) at graph 0.99,first \(value) right offset 0,0.5 font ',11'",
      ]
    case .vertical(let value, let label):
      [
        "set arrow \(number) from first \(value),graph 0 to first \(value),graph 1 nohead dt 3 lw 1.2 lc rgb '#888888'",
        "set label \(number) \(Self.quoted(label)) at first \(value),graph 0.96 left offset 0.5,0 font ',11'",
      ]
    case .text(let x, let y, let label):
      ["set label \(number) \(Self.quoted(label)) at first \(x),first \(y) center font ',10'"]
    case .band(let range, let label):
      [
        "set object \(number) rectangle from \(range.lowerBound),graph 0 to \(range.upperBound),graph 1 fc rgb '#888888' fs transparent solid 0.15 noborder behind",
        "set label \(number) \(Self.quoted(label)) at first \((range.lowerBound + range.upperBound) / 2),graph 0.96 center font ',11'",
      ]
    }
  }

  private func heatMapLines(_ map: HeatMap) -> [String] {
    let (height, width) = (map.rows.count, map.rows.first?.count ?? 0)
    guard height > 0, width > 0 else {
      return emptyRanges() + ["set label 'no data' at graph 0.5,0.5 center", "plot NaN notitle"]
    }
    let cell = (
      (map.xRange.upperBound - map.xRange.lowerBound) / Double(width),
      (map.yRange.upperBound - map.yRange.lowerBound) / Double(height)
    )
    let rows = map.rows.map { $0.map { $0.isFinite ? "\($0)" : "NaN" }.joined(separator: " ") }
    let drawn = series.enumerated().map { (index: $0, series: $1, points: points($1)) }.filter {
      !$0.points.isEmpty
    }
    let image =
      "$map matrix using (\(map.xRange.lowerBound)+($1+0.5)*\(cell.0)):(\(map.yRange.lowerBound)+($2+0.5)*\(cell.1)):3 with image pixels notitle"
    return palette(map) + [
      "set cblabel \(Self.quoted(map.label))", "unset key", "unset grid",
      "set xrange [\(map.xRange.lowerBound):\(map.xRange.upperBound)]",
      "set yrange [\(map.yRange.lowerBound):\(map.yRange.upperBound)]",
      "$map << EOD\n\(rows.joined(separator: "\n"))\nEOD",
    ] + drawn.map { "$data\($0.index) << EOD\n\($0.points.joined(separator: "\n"))\nEOD" } + [
      "plot " + ([image] + drawn.flatMap { clauses($0.index, $0.series) }).joined(separator: ", \\\n  ")
    ]
  }

  private func palette(_ map: HeatMap) -> [String] {
    let aspect = map.keepsAspect ? ["set size ratio -1"] : []
    let given = map.range.map { ["set cbrange [\($0.lowerBound):\($0.upperBound)]"] }
    guard map.isDiverging else {
      return aspect + (given ?? []) + [
        "set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')"
      ]
    }
    let largest = map.rows.joined().reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let limit = largest > 0 ? largest : 1
    return aspect + [
      "set palette defined (0 '#2166ac', 0.25 '#92c5de', 0.5 '#f7f7f7', 0.75 '#f4a582', 1 '#b2182b')"
    ] + (given ?? ["set cbrange [\(-limit):\(limit)]"])
  }

  /// A gnuplot string: the enhanced text mode's own signs are escaped.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for character in text {
      switch character {
      case "\\", "_", "^", "{", "}", "@", "&", "~": out += "\\\\\(character)"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.append(character)
      }
    }
    return out + "\""
  }
}
