import Foundation

extension HomeostaticNetworks {
  /// A quantity over seeds.
  struct SeedSpread {
    let values: [Double]

    init(_ values: [Double]) { self.values = values }

    var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// Sample standard deviation.
    var deviation: Double {
      guard values.count > 1 else { return 0 }
      let mean = mean
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
    }

    var standardError: Double { deviation / Double(values.count).squareRoot() }

    /// "+4.3 ± 0.5 points": a difference of accuracies with its standard error.
    var points: String {
      (mean < 0 ? "-" : "+") + "\(rounded(abs(mean) * 100, 1)) ± \(rounded(standardError * 100, 1)) points"
    }

    /// "71.3 ± 0.5 %": an accuracy with its standard error.
    var percent: String { "\(rounded(mean * 100, 1)) ± \(rounded(standardError * 100, 1)) %" }

    /// "+12 ± 3 %": a relative change with its standard error.
    var wholePercent: String {
      (mean < 0 ? "-" : "+") + "\(rounded(abs(mean) * 100, 0)) ± \(rounded(standardError * 100, 0)) %"
    }

    /// "71.3 % (standard deviation 1.2)".
    var percentAndDeviation: String {
      "\(rounded(mean * 100, 1)) % (standard deviation \(rounded(deviation * 100, 1)))"
    }
  }

  /// A number with some digits behind the point.
  static func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
