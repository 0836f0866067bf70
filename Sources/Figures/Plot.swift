import Foundation
import Support

/// A figure described by its data; gnuplot draws it in one house style.
///
/// ```swift
/// var plot = Plot("False positives fall with n", x: Axis("cells n"), y: Axis("rate", scale: .log))
/// plot.add(.line, "a = 64", x: cells, y: rates)
/// ```
public struct Plot: Sendable {
  public struct Axis: Sendable {
    public enum Scale: Sendable { case linear, log }
    public var label: String
    /// Shown in parentheses behind the label.
    public var unit: String?
    public var scale: Scale
    public var range: ClosedRange<Double>?
    /// Named positions, for categories.
    public var ticks: [(position: Double, label: String)]

    public init(
      _ label: String, unit: String? = nil, scale: Scale = .linear,
      range: ClosedRange<Double>? = nil, ticks: [(position: Double, label: String)] = []
    ) {
      self.label = label
      self.unit = unit
      self.scale = scale
      self.range = range
      self.ticks = ticks
    }
  }

  public struct Series: Sendable {
    public enum Style: Sendable {
      case line, dashed, points, linePoints, bars, steps
      /// Thin lines, many over each other: traces.
      case thinLine
      /// Upright strokes of 0.8 units of y: spikes in a raster.
      case strokes
      /// Bars from the lower to the upper end of the series' intervals: to be stacked.
      case spans
    }
    public var style: Style
    /// The entry in the key; empty for none.
    public var label: String
    public var x: [Double]
    /// A value that is not finite is a gap.
    public var y: [Double]
    /// Error bars: half lengths, or nil.
    public var error: [Double]?
    /// Error bars that are not symmetric, or nil.
    public var intervals: [ClosedRange<Double>]?
    /// The label of an earlier series whose colour this one takes.
    public var colourOf: String?
  }

  /// Something that is drawn across the plot: a threshold, a season.
  public enum Mark: Sendable {
    case horizontal(Double, label: String)
    case vertical(Double, label: String)
    /// A shaded band of x.
    case band(ClosedRange<Double>, label: String)
    /// Words at a place, centred: a name beside a point.
    case text(x: Double, y: Double, label: String)
  }

  /// A matrix drawn as colours, rows from the bottom up; series of the plot are drawn over it.
  public struct HeatMap: Sendable {
    /// A value that is not finite is a gap.
    public var rows: [[Double]]
    public var xRange: ClosedRange<Double>
    public var yRange: ClosedRange<Double>
    public var label: String
    /// The values at the ends of the colours, for maps that are to be compared; those of the data if nil.
    public var range: ClosedRange<Double>?
    /// Blue below and red above zero, white at zero in the middle of the scale: for values with a sign.
    public var isDiverging: Bool
    /// Whether a unit of x is as long as one of y: for pictures.
    public var keepsAspect: Bool

    public init(
      rows: [[Double]], x: ClosedRange<Double>, y: ClosedRange<Double>, label: String,
      range: ClosedRange<Double>? = nil, isDiverging: Bool = false, keepsAspect: Bool = false
    ) {
      self.rows = rows
      self.xRange = x
      self.yRange = y
      self.label = label
      self.range = range
      self.isDiverging = isDiverging
      self.keepsAspect = keepsAspect
    }
  }

  /// The file name without extension: lower case, words joined by hyphens.
  public var name: String
  public var title: String
  /// What the figure shows, in a sentence or two: printed below it and read as its alternative text.
  public var caption: String
  public var x: Axis
  public var y: Axis
  public private(set) var series: [Series] = []
  public var marks: [Mark] = []
  public var heatMap: HeatMap?
  /// Whether the axes mean nothing: none are drawn, and both have one scale, as for a diagram.
  public var isDiagram = false
  /// Of the figure, where its width is 720.
  public var height = 440

  public init(name: String, title: String, caption: String, x: Axis, y: Axis) {
    self.name = name
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
  }

  /// Adds a series of as many `y` as `x`.
  ///
  /// - Parameters:
  ///   - error: half lengths of symmetric error bars.
  ///   - intervals: the ends of error bars that are not symmetric, as of rates on a logarithmic axis; of the bars themselves
  ///     in the style `spans`, which needs them.
  ///   - colourOf: the label of an earlier series whose colour it takes: measured points on their theory's line.
  public mutating func add(
    _ style: Series.Style, _ label: String, x: [Double], y: [Double], error: [Double]? = nil,
    intervals: [ClosedRange<Double>]? = nil, colourOf: String? = nil
  ) {
    precondition(x.count == y.count, "series '\(label)': \(x.count) x but \(y.count) y")
    precondition(
      error.map { $0.count == y.count } ?? true, "series '\(label)': error bars of another length")
    precondition(
      intervals.map { $0.count == y.count } ?? true, "series '\(label)': intervals of another length")
    precondition(style != .spans || intervals != nil, "spans '\(label)' without intervals")
    series.append(
      Series(
        style: style, label: label, x: x, y: y, error: error, intervals: intervals, colourOf: colourOf))
  }
}
