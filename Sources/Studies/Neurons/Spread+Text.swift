import Foundation
import Support

/// How results over seeds are written.
extension Spread {
  /// "+4.3 ± 0.5 points": a difference of accuracies with its standard error.
  var points: String { sign + "\(digits(abs(mean) * 100, 1)) ± \(digits(standardError * 100, 1)) points" }

  /// "71.3 ± 0.5 %": an accuracy with its standard error.
  var percent: String { "\(digits(mean * 100, 1)) ± \(digits(standardError * 100, 1)) %" }

  /// "+12 ± 3 %": a relative change with its standard error.
  var wholePercent: String { sign + "\(digits(abs(mean) * 100, 0)) ± \(digits(standardError * 100, 0)) %" }

  /// "71.3 % (standard deviation 1.2)".
  var percentAndDeviation: String {
    "\(digits(mean * 100, 1)) % (standard deviation \(digits(deviation * 100, 1)))"
  }

  /// "0.8512 ± 0.0031": a mean with its standard deviation.
  func text(_ places: Int = 4) -> String { "\(digits(mean, places)) ± \(digits(deviation, places))" }

  /// "0.971 ± 0.00502": mean and standard deviation by significant digits.
  var significant: String { "\(short(mean)) ± \(short(deviation))" }

  private var sign: String { mean < 0 ? "-" : "+" }
  private func digits(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
}
