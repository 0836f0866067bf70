import Foundation
import Support

/// How results over seeds are written.
extension Spread {
  /// "+4.3 ± 0.5 points": a difference of accuracies with its standard error.
  package var points: String {
    sign + "\(fixed(abs(mean) * 100, 1)) ± \(fixed(standardError * 100, 1)) points"
  }

  /// "71.3 ± 0.5 %": an accuracy with its standard error.
  package var percent: String { "\(fixed(mean * 100, 1)) ± \(fixed(standardError * 100, 1)) %" }

  /// "+12 ± 3 %": a relative change with its standard error.
  package var wholePercent: String {
    sign + "\(fixed(abs(mean) * 100, 0)) ± \(fixed(standardError * 100, 0)) %"
  }

  /// "71.3 % (standard deviation 1.2)".
  package var percentAndDeviation: String {
    "\(fixed(mean * 100, 1)) % (standard deviation \(fixed(deviation * 100, 1)))"
  }

  /// "0.8512 ± 0.0031": a mean with its standard deviation.
  package func text(_ places: Int = 4) -> String { "\(fixed(mean, places)) ± \(fixed(deviation, places))" }

  /// "0.971 ± 0.00502": mean and standard deviation by significant digits.
  package var significant: String { "\(short(mean)) ± \(short(deviation))" }

  private var sign: String { mean < 0 ? "-" : "+" }
}

/// A number with so many places: "0.50"; what rounds to 0 has no sign.
package func fixed(_ value: Double, _ places: Int) -> String {
  let text = String(format: "%.\(places)f", value)
  return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
}

/// A number as a reader wants it: three digits, powers of ten where needed.
package func short(_ value: Double) -> String {
  if value == 0 { return "0" }
  if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
  return String(format: "%.3g", value)
}
