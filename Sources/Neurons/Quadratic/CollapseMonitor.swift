import Recordings
import Tensors

/// Watches the size of the activity at each site and notes when numbers stop being finite.
///
/// Attach it with `withInstruments(monitor) { … }`; it changes nothing. A network whose quadratic terms explode shows it
/// here, layer by layer, before its loss is lost.
public final class CollapseMonitor: Instrument {
  public let sites: SitePattern
  /// Root mean square of the activity, by site, one for each pass.
  public private(set) var norms: [String: [Double]] = [:]
  /// The first site, and its pass counted from 0, at which an activity was not finite.
  public private(set) var firstCollapse: (site: String, pass: Int)?
  /// The sites in the order in which they were first passed.
  public private(set) var order: [String] = []

  public init(_ sites: SitePattern = "**") { self.sites = sites }

  /// Whether any activity was infinite or not a number.
  public var hasCollapsed: Bool { firstCollapse != nil }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let norm = withoutGradients { activity.detached().to(.float64).square().mean().sqrt().item }
    if norms[site] == nil { order.append(site) }
    norms[site, default: []].append(norm)
    if !norm.isFinite, firstCollapse == nil { firstCollapse = (site, norms[site]!.count - 1) }
    return activity
  }

  /// The norms of one pass over the sites in order; the last pass unless given.
  public func profile(pass: Int? = nil) -> [Double] {
    order.compactMap { site in
      let all = norms[site]!
      let index = pass ?? all.count - 1
      return all.indices.contains(index) ? all[index] : nil
    }
  }
}
