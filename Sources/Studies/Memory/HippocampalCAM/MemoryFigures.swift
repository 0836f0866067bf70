import Figures
import Neurons

/// Pictures of a memory.
enum MemoryFigures {
  typealias TimedOperation = ContentAddressableMemory.TimedOperation
  typealias Layer = ContentAddressableMemory.Layer

  /// An operation in a word or two.
  static func label(_ operation: ContentAddressableMemory.Operation) -> String {
    func list(_ bits: [Int]) -> String {
      bits.count <= 3 ? bits.map(String.init).joined(separator: ",") : "\(bits.count) bits"
    }
    switch operation {
    case .learn(let cue, _): return "learn \(cue)"
    case .recallByCue(let cue): return "cue \(cue)?"
    case .recallByContent(let bits): return bits.count <= 3 ? "bit \(list(bits))?" : "\(list(bits))?"
    }
  }

  /// Spikes of all populations from the input on top down to the output, operations shaded.
  ///
  /// - Parameter labelled: Whether each operation has its name above; many would run into each other.
  static func raster(
    name: String, title: String, caption: String, _ memory: ContentAddressableMemory,
    _ operations: [TimedOperation], duration: Int, layers: [Layer] = Layer.allCases, labelled: Bool = true
  ) throws -> Plot {
    let input = try memory.inputRaster()
    var groups: [(name: String, kind: String, count: Int, raster: [(time: Int, neurons: [Int])])] = [
      ("cue input", "cues", memory.cueSize, input.cues),
      ("content input", "content", memory.contentSize, input.content),
    ]
    for layer in layers {
      let kind =
        layer == .condition || layer == .conditionInterneuron
        ? "gate" : layer.isOfCues ? "cues" : "content"
      groups.append(
        (
          layer.rawValue, kind, layer.count(cueSize: memory.cueSize, contentSize: memory.contentSize),
          try memory.raster(of: layer)
        ))
    }
    let gap = 1.5
    let height = groups.reduce(0.0) { $0 + Double($1.count) + gap }
    var plot = Plot(
      name: name, title: title, caption: caption,
      x: .init("time", unit: "ms", range: -1...Double(duration)), y: .init("", range: -1...(height + 5)))
    plot.height = min(1000, Int(170 + 8 * height))
    var points: [String: (x: [Double], y: [Double])] = [:]
    var top = height
    for group in groups {
      for row in group.raster {
        for neuron in row.neurons {
          points[group.kind, default: ([], [])].x.append(Double(row.time))
          points[group.kind, default: ([], [])].y.append(top - 0.5 - Double(neuron))
        }
      }
      plot.y.ticks.append((top - Double(group.count) / 2, group.name))
      top -= Double(group.count) + gap
      plot.marks.append(.horizontal(top + gap / 2, label: ""))
    }
    for kind in ["cues", "content", "gate"] {
      if let own = points[kind] { plot.add(.strokes, kind, x: own.x, y: own.y) }
    }
    plot.marks += bands(operations, duration, labelled, height + 3)
    return plot
  }

  private static func bands(_ operations: [TimedOperation], _ duration: Int, _ labelled: Bool, _ y: Double)
    -> [Plot.Mark]
  {
    operations.indices.flatMap { index -> [Plot.Mark] in
      let start = Double(operations[index].start)
      let end = Double(index + 1 < operations.count ? operations[index + 1].start : duration)
      var marks: [Plot.Mark] = index % 2 == 0 ? [.band(start - 0.5...end - 0.5, label: "")] : []
      if labelled {
        marks.append(.text(x: (start + end) / 2, y: y, label: label(operations[index].operation)))
      }
      return marks
    }
  }
}

/// Small matrices side by side in one picture, the first row on top.
struct Mosaic {
  private var rows: [[Double]]

  var width: Int { rows[0].count }
  var height: Int { rows.count }

  init(width: Int, height: Int) {
    rows = [[Double]](repeating: [Double](repeating: .nan, count: width), count: height)
  }

  mutating func place(_ matrix: [[Double]], row: Int, column: Int) {
    for (r, values) in matrix.enumerated() {
      for (c, value) in values.enumerated() { rows[row + r][column + c] = value }
    }
  }

  /// The place of a row's middle on the plot's axis.
  func y(_ row: Double) -> Double { Double(height) - row - 0.5 }

  /// The mosaic as a figure without axes.
  func diagram(
    _ name: String, _ title: String, caption: String, label: String = "", range: ClosedRange<Double>,
    marks: [Plot.Mark], height: Int
  ) -> Plot {
    var plot = Plot(name: name, title: title, caption: caption, x: .init(""), y: .init(""))
    plot.isDiagram = true
    plot.heatMap = heatMap(label, range: range)
    plot.marks = marks
    plot.height = height
    return plot
  }

  func heatMap(_ label: String, range: ClosedRange<Double>, isDiverging: Bool = false) -> Plot.HeatMap {
    Plot.HeatMap(
      rows: rows.reversed(), x: 0...Double(width), y: 0...Double(height), label: label, range: range,
      isDiverging: isDiverging, keepsAspect: true)
  }
}
