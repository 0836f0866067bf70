import Probing
import StudyCore
import Support

extension LanguageNeurons {
  public static func verify(_ golden: inout GoldenFile) throws {
    guard let reference = try Reference(&golden) else { return }
    let tolerance = reference.tolerance
    let probabilities = reference.probabilities
    func compare(_ name: String, _ values: [Double], depth: Int) throws {
      var comparison = Comparison(name)
      comparison.check(values, try flattened(reference[name], name, depth: depth), absolute: tolerance)
      golden.report(comparison)
    }
    try compare("activation_prob", probabilities.values, depth: 3)
    try compare("normalised_entropy", probabilities.entropies, depth: 2)
    try compare("norm_max", [LabelSelectivity.norm(labels: reference.labels)], depth: 0)
    try verifyCases(reference, &golden)
    try verifySweep(reference, &golden)
  }

  /// The file's counts, and the sections that are compared.
  private struct Reference {
    let probabilities: ActivationProbabilities
    let labels: Int
    let tolerance: Double
    private let sections: [String: JSONValue]

    subscript(name: String) -> JSONValue { sections[name] ?? .null }

    /// Nil where a section is missing, which is recorded.
    init?(_ golden: inout GoldenFile) throws {
      let inputs = [
        "layers", "neurons", "languages", "tokens_full", "tokens_prefix", "count_full", "count_prefix",
      ]
      let outputs = ["activation_prob", "normalised_entropy", "norm_max", "cases", "autosweep"]
      var sections: [String: JSONValue] = [:]
      for name in inputs + outputs { sections[name] = golden.section(name) }
      guard sections.count == inputs.count + outputs.count else { return nil }
      self.sections = sections
      let all = JSONValue.object(sections)
      let (layers, neurons) = (try all.integer("layers"), try all.integer("neurons"))
      labels = try all.integer("languages")
      let (tokens, prompts) = (try all.integers("tokens_full"), try all.integers("tokens_prefix"))
      let full = try LanguageNeurons.counts(sections["count_full"]!, "count_full")
      let prefix = try LanguageNeurons.counts(sections["count_prefix"]!, "count_prefix")
      guard layers > 0, neurons > 0, labels > 1 else {
        throw CajalError("'layers', 'neurons' and 'languages' should be positive, at least two languages")
      }
      for (name, count, expected) in [
        ("tokens_full", tokens.count, labels), ("tokens_prefix", prompts.count, labels),
        ("count_full", full.count, layers * neurons * labels),
        ("count_prefix", prefix.count, layers * neurons * labels),
      ] where count != expected {
        throw CajalError("'\(name)' holds \(count) numbers, expected \(expected)")
      }
      probabilities = ActivationProbabilities(
        full: full, prompts: prefix, fullTokens: tokens.map(Int64.init),
        promptTokens: prompts.map(Int64.init),
        layers: layers, neurons: neurons)
      tolerance = try golden.tolerance("absolute", otherwise: 1e-6)
      // The inputs have their part in every comparison; those without shape are compared here.
      for name in inputs {
        var comparison = Comparison(name)
        comparison.checkEqual(try LanguageNeurons.size(sections[name]!), expectedSize(name), "numbers")
        golden.report(comparison)
      }
      func expectedSize(_ name: String) -> Int {
        switch name {
        case "tokens_full", "tokens_prefix": labels
        case "count_full", "count_prefix": layers * neurons * labels
        default: 1
        }
      }
    }
  }

  private static func size(_ value: JSONValue) throws -> Int {
    guard let array = value.array else { return 1 }
    return try array.reduce(0) { $0 + (try size($1)) }
  }

  private static func counts(_ value: JSONValue, _ name: String) throws -> [Int64] {
    try flattened(value, name, depth: 3).map { number in
      guard let count = Int64(exactly: number), count >= 0 else {
        throw CajalError("'\(name)' should hold whole numbers from 0 up")
      }
      return count
    }
  }

  /// The numbers of nested arrays, row-major.
  private static func flattened(_ value: JSONValue, _ name: String, depth: Int) throws -> [Double] {
    if depth == 0 {
      guard let number = value.double else {
        throw CajalError("'\(name)' should hold numbers, \(depth) arrays deep")
      }
      return [number]
    }
    guard let array = value.array else { throw CajalError("'\(name)' should be nested arrays of numbers") }
    return try array.flatMap { try flattened($0, name, depth: depth - 1) }
  }

  private static func share(_ value: JSONValue, _ key: String) throws -> Double {
    let number = try value.number(key)
    guard (0...1).contains(number) else { throw CajalError("'\(key)' should be from 0 to 1") }
    return number
  }

  private static func verifyCases(_ reference: Reference, _ golden: inout GoldenFile) throws {
    guard let cases = reference["cases"].array, !cases.isEmpty else {
      throw CajalError("'cases' should be an array of objects")
    }
    var comparison = Comparison("cases")
    for (index, given) in cases.enumerated() {
      let rule = LabelSelectivity(
        topRate: try share(given, "top_rate"), bar: try share(given, "bar"), lambda: try given.number("lam"))
      comparison.check(
        rule.scores(reference.probabilities), try flattened(given["score"], "score", depth: 2),
        absolute: reference.tolerance)
      let found = rule.identify(reference.probabilities)
      comparison.checkEqual(
        found.selected, try given.integers("selected_flat_indices"), "selected_flat_indices of case \(index)")
      comparison.check(found.threshold, try given.number("threshold"), absolute: reference.tolerance)
      comparison.checkEqual(
        found.servedCounts, try given.integers("selected_by_number_of_languages"), "appear of case \(index)")
      for label in 0..<reference.labels {
        let layers = given["masks_lang_layer"][label].array?.map { $0.array?.compactMap(\.int) ?? [] }
        comparison.checkEqual(
          found.neurons(of: label).blocks, layers, "masks_lang_layer of case \(index), language \(label)")
      }
    }
    golden.report(comparison)
  }

  private static func verifySweep(_ reference: Reference, _ golden: inout GoldenFile) throws {
    let given = reference["autosweep"]
    let rule = LabelSelectivity(topRate: try share(given, "top_rate"), bar: try share(given, "bar"))
    let (low, high, step) = (try given.number("lo"), try given.number("hi"), try given.number("eps"))
    guard low <= high, step > 0 else { throw CajalError("'autosweep' needs lo up to hi, and eps above 0") }
    let sweep = rule.sweep(reference.probabilities, in: low...high, tolerance: step, ignoresUpperEnd: true)
    var comparison = Comparison("autosweep")
    if given["best_lambda"].isNull {
      comparison.checkEqual(sweep.lambda, nil, "best_lambda")
    } else {
      comparison.check(sweep.lambda ?? .nan, try given.number("best_lambda"), absolute: reference.tolerance)
    }
    golden.report(comparison)
  }
}
