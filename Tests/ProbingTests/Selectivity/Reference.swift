import Foundation
import Statistics

/// Reference values of `Tests/Golden`, decoded by what a test asks for.
enum Reference {
  static func decoded<Value: Decodable>(_ name: String, _ type: Value.Type = Value.self) throws -> Value {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/\(name).json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(contentsOf: folder))
  }

  /// The file `selectivity.json`, made by SciPy and scikit-learn.
  struct Selectivity: Decodable {
    struct Groups: Decodable {
      var first, second: [Double]
      var cohensD, hedgesG, margin, welchT, welchDf, welchP: Double
    }
    struct Series: Decodable {
      var x, y, ranks: [Double]
      var pearson, pearsonP, low, high, spearman, spearmanP: Double
    }
    struct Adjusted: Decodable { var p, bonferroni, holm, benjaminiHochberg, benjaminiYekutieli: [Double] }
    struct Distributions: Decodable {
      struct Beta: Decodable { var x, a, b, value: [Double] }
      struct Student: Decodable { var t, df, p: [Double] }
      struct Quantile: Decodable { var p, z: [Double] }
      struct Sign: Decodable {
        var positive, negative: Int
        var greater, twoSided: Double
      }
      var beta: Beta
      var student: Student
      var quantile: Quantile
      var sign: [Sign]
    }
    struct Information: Decodable {
      var label: [Int]
      var activity: [[Float]]
      var threshold: Float
      var byThreshold, equalWidth5, quantiles4: [Double]
    }
    struct Permutations: Decodable {
      struct Exact: Decodable { var twoSided, greater, less, family: [Double] }
      var activity: [[Float]]
      var member: [Int]
      var exact: Exact
      var statistic: [Double]
    }
    struct Bootstrap: Decodable { var values, bca, percentile: [Double] }
    var twoGroups: [Groups]
    var correlations: [Series]
    var adjusted: Adjusted
    var distributions: Distributions
    var information: Information
    var permutations: Permutations
    var bootstrap: Bootstrap
  }

  static let selectivity = Result { try decoded("selectivity", Selectivity.self) }
}

/// Whether two numbers agree within a relative error.
func agree(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
  a == b || abs(a - b) <= tolerance * max(abs(a), abs(b))
}
