import Foundation
import Support

/// How results over seeds are written.
extension Spread {
  /// "+4.3 ± 0.5 points": a difference of accuracies with its standard error.
  package var points: String {
    sign + "\(digits(abs(mean) * 100, 1)) ± \(digits(standardError * 100, 1)) points"
  }

  /// "71.3 ± 0.5 %": an accuracy with its standard error.
  package var percent: String { "\(digits(mean * 100, 1)) ± \(digits(standardError * 100, 1)) %" }

  /// "+12 ± 3 %": a relative change with its standard error.
  package var wholePercent: String {
    sign + "\(digits(abs(mean) * 100, 0)) ± \(digits(standardError * 100, 0)) %"
  }

  /// "71.3 % (standard deviation 1.2)".
  package var percentAndDeviation: String {
    "\(digits(mean * 100, 1)) % (standard deviation \(digits(deviation * 100, 1)))"
  }

  /// "0.8512 ± 0.0031": a mean with its standard deviation.
  package func text(_ places: Int = 4) -> String { "\(digits(mean, places)) ± \(digits(deviation, places))" }

  /// "0.971 ± 0.00502": mean and standard deviation by significant digits.
  package var significant: String { "\(short(mean)) ± \(short(deviation))" }

  private var sign: String { mean < 0 ? "-" : "+" }
  private func digits(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
}

/// A number as a reader wants it: three digits, powers of ten where needed.
package func short(_ value: Double) -> String {
  if value == 0 { return "0" }
  if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
  return String(format: "%.3g", value)
}
