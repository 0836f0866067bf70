import Datasets
import Foundation
import Support

/// Tuning curves that were measured before and after a population adapted to a context.
public struct MeasuredTuning: Sendable {
  /// Preferred orientation of each neuron, or bin of neurons, in degrees `[N]`.
  public let preferred: [Double]
  /// In degrees `[S]`, ascending.
  public let stimuli: [Double]
  /// Mean responses `[N, S]`.
  public let before, after: ResponseMatrix
  /// The probabilities `[S]` of stimuli in the context adapted to, where the file says.
  public let context: [Double]?

  public init(
    preferred: [Double], stimuli: [Double], before: ResponseMatrix, after: ResponseMatrix,
    context: [Double]? = nil
  ) throws {
    for (name, responses) in [("before", before), ("after", after)]
    where responses.neurons != preferred.count || responses.stimuli != stimuli.count {
      throw CajalError(
        "responses \(name): \(responses.neurons)×\(responses.stimuli), expected \(preferred.count)×\(stimuli.count)"
      )
    }
    (self.preferred, self.stimuli) = (preferred, stimuli)
    (self.before, self.after, self.context) = (before, after, context)
  }

  private static let columns = ["preferred", "stimulus", "context", "response"]
  private static let beforeNames: Set<String> = ["before", "uniform", "pre"]
  private static let afterNames: Set<String> = ["after", "biased", "post"]

  /// Reads a table with the columns `preferred` and `stimulus` in degrees, `context` (before, uniform or pre; after, biased or post) and
  /// `response`; repeated rows are averaged. A column `probability` may give the frequency of the stimulus in the biased context.
  ///
  /// - Throws: `CajalError` naming the file and the column, line or pair that is wrong or missing.
  public init(csv url: URL) throws {
    let file = try CSVFile(contentsOf: url)
    let places = try Self.columns.map { name in
      guard let place = file.header.firstIndex(of: name) else {
        throw CajalError(
          "\(url.path) has no column '\(name)'; it has \(file.header.joined(separator: ", ")), expected \(Self.columns.joined(separator: ", "))"
        )
      }
      return place
    }
    let numbers = try file.numbers(columns: [places[0], places[1], places[3]]).map { row in
      (preferred: Self.angle(row[0]), stimulus: Self.angle(row[1]), response: row[2])
    }
    let isAfter = try file.rows.enumerated().map { line, row in
      let name = row[places[2]].trimmingCharacters(in: .whitespaces).lowercased()
      if Self.afterNames.contains(name) { return true }
      if Self.beforeNames.contains(name) { return false }
      throw CajalError("\(url.path), line \(line + 2): context '\(name)' should be 'before' or 'after'")
    }
    let (preferred, stimuli) = (
      Self.distinct(numbers.map(\.preferred)), Self.distinct(numbers.map(\.stimulus))
    )
    guard preferred.count > 1, stimuli.count > 2 else {
      throw CajalError(
        "\(url.path): \(preferred.count) preferred orientations and \(stimuli.count) stimuli, expected at least 2 and 3"
      )
    }
    func responses(_ wantsAfter: Bool) throws -> ResponseMatrix {
      var (sums, counts) = (
        [Double](repeating: 0, count: preferred.count * stimuli.count),
        [Int](repeating: 0, count: preferred.count * stimuli.count)
      )
      for (row, after) in zip(numbers, isAfter) where after == wantsAfter {
        guard row.response.isFinite else { throw CajalError("\(url.path): a response that is not finite") }
        let place =
          preferred.firstIndex(of: row.preferred)! * stimuli.count + stimuli.firstIndex(of: row.stimulus)!
        sums[place] += row.response
        counts[place] += 1
      }
      if let missing = counts.firstIndex(of: 0) {
        throw CajalError(
          "\(url.path): no response \(wantsAfter ? "after" : "before") adaptation of neurons that prefer \(preferred[missing / stimuli.count])° to \(stimuli[missing % stimuli.count])°"
        )
      }
      return ResponseMatrix(
        neurons: preferred.count, stimuli: stimuli.count, values: zip(sums, counts).map { $0 / Double($1) })
    }
    try self.init(
      preferred: preferred, stimuli: stimuli, before: responses(false), after: responses(true),
      context: Self.probabilities(file, numbers.map(\.stimulus), isAfter, stimuli, url))
  }

  private static func angle(_ degrees: Double) -> Double {
    let rest = degrees.truncatingRemainder(dividingBy: 180)
    return rest < 0 ? rest + 180 : rest
  }

  private static func distinct(_ values: [Double]) -> [Double] { Set(values).sorted() }

  private static func probabilities(
    _ file: CSVFile, _ shown: [Double], _ isAfter: [Bool], _ stimuli: [Double], _ url: URL
  ) throws -> [Double]? {
    guard let column = file.header.firstIndex(of: "probability") else { return nil }
    let given = try file.numbers(columns: [column]).map { $0[0] }
    let weights = try stimuli.map { stimulus in
      let own = Set(given.indices.filter { shown[$0] == stimulus && isAfter[$0] }.map { given[$0] })
      guard own.count == 1 else {
        throw CajalError(
          "\(url.path): column 'probability' gives \(own.sorted()) for \(stimulus)° after adaptation, expected one number"
        )
      }
      return own.first!
    }
    return try OrientationEnsemble(orientations: stimuli, weights: weights).probabilities
  }

  /// The table that ``init(csv:)`` reads.
  public var csv: String {
    var lines = [(Self.columns + (context == nil ? [] : ["probability"])).joined(separator: ",")]
    for (name, responses) in [("before", before), ("after", after)] {
      for (i, angle) in preferred.enumerated() {
        for (s, stimulus) in stimuli.enumerated() {
          let probability = context.map { ",\(name == "after" ? $0[s] : 1 / Double(stimuli.count))" } ?? ""
          lines.append("\(angle),\(stimulus),\(name),\(responses[i, s])\(probability)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a model's parameters would give, with noise: for planning and for tests of the fit.
  ///
  /// - Parameter noise: The standard deviation of a response as a share of it.
  public static func simulated(
    _ parameters: TuningFit.Parameters, preferred: [Double], stimuli: [Double], reference: [Double],
    context: [Double], noise: Double, using generator: inout RandomGenerator
  ) throws -> MeasuredTuning {
    let (before, after) = try parameters.responses(
      preferred: preferred, stimuli: stimuli, reference: reference, context: context)
    func noisy(_ responses: ResponseMatrix) -> ResponseMatrix {
      ResponseMatrix(
        neurons: responses.neurons, stimuli: responses.stimuli,
        values: responses.values.map { $0 * (1 + noise * generator.normal()) })
    }
    let measured = noisy(before)
    return try MeasuredTuning(
      preferred: preferred, stimuli: stimuli, before: measured, after: noisy(after), context: context)
  }
}
