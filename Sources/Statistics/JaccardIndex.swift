/// What two sets share: `|A ∩ B| / |A ∪ B|` (Jaccard, 1901).
public enum JaccardIndex {
  /// 1 for equal sets, 0 for sets without a common element; not a number where both are empty.
  public static func of<Element: Hashable>(_ a: Set<Element>, _ b: Set<Element>) -> Double {
    let shared = a.intersection(b).count
    return Double(shared) / Double(a.count + b.count - shared)
  }

  /// What two sets of `first` and `second` elements share when they are drawn at random from `total`: the mean of the
  /// intersection over that of the union.
  public static func expected(_ first: Int, _ second: Int, of total: Int) -> Double {
    let shared = Double(first) * Double(second) / Double(total)
    return shared / (Double(first + second) - shared)
  }
}
