import Statistics
import Support
import Tensors

/// Two populations compared by all measures at once, each beside what chance alone would give: what `cajal compare` prints.
public struct PopulationComparison: Sendable {
  public struct Settings: Sendable {
    public var permutations = 200
    public var exchange = NullDistribution.Exchange.free
    /// Measures of matrices between samples, and those by singular values of many, see at most so many samples, evenly spaced.
    public var sampleLimit = 1_000
    public var dissimilarity = DissimilarityMatrix.Measure.correlation
    /// The share of the variance whose principal components SVCCA compares.
    public var varianceShare = 0.99
    /// Folds of the held-out prediction.
    public var folds = 5
    /// Measures by singular values cost the cube of the number of units: beyond so many they see few permutations.
    public var unitLimit = 400

    public init() {}
  }

  /// What one measure found.
  public struct Row: Sendable, Codable, Equatable {
    /// A name for programs: "linearCKA".
    public var measure: String
    /// What it says, for people.
    public var title: String
    /// How many samples it saw.
    public var samples: Int
    public var value: Double
    /// The mean over permutations of the samples.
    public var chance: Double
    /// The distance from chance in standard deviations of the permutations.
    public var z: Double
    /// How often a permutation gives as much.
    public var pValue: Double
  }

  public let rows: [Row]
  /// How well each population is predicted linearly from the other on held-out samples: the mean correlation over its units.
  public let secondFromFirst: Double
  public let firstFromSecond: Double
  public let correlations: PopulationCorrelations
  public let nearest: UnitMatching
  public let oneToOne: UnitMatching
  /// What should be known when reading the rows.
  public let remarks: [String]

  /// - Parameters:
  ///   - a: Activity `[S, N]`.
  ///   - b: Activity `[S, M]` on the same samples.
  ///   - progress: Is told the measure that comes next, how many are done and how many there are; what it throws goes on.
  /// - Throws: `CajalError` for shapes that do not fit, values that are not finite, or populations that never change.
  public init(
    _ a: Tensor, _ b: Tensor, _ settings: Settings = Settings(), using generator: inout RandomGenerator,
    progress: (String, Int, Int) throws -> Void = { _, _, _ in }
  ) throws {
    correlations = try JointMoments(a, b).correlations()
    nearest = .nearest(correlations.between)
    oneToOne = .oneToOne(correlations.between)
    let kept = Self.evenly(a.size(0), settings.sampleLimit)
    let (fewA, fewB) = (a.selected(Tensor(kept), axis: 0), b.selected(Tensor(kept), axis: 0))
    let varied = Self.varied(fewA, fewB, settings)
    let measures = Self.measures(a, b, fewA, fewB, varied, settings)
    var rows: [Row] = []
    for (name, title, make) in measures where name != "rsa" || varied.count >= Self.leastPatterns {
      try progress(title, rows.count, measures.count + 1)
      let similarity = try make()
      let seen = name == "rsa" ? varied.map { kept[$0] } : similarity.samples < a.size(0) ? kept : nil
      let exchange = Self.exchange(settings.exchange, seen)
      let permutations = Self.permutations(name, min(a.size(1), b.size(1)), settings)
      let test = similarity.test(exchange, permutations: permutations, using: &generator)
      rows.append(
        Row(
          measure: name, title: title, samples: similarity.samples, value: test.observed, chance: test.mean,
          z: test.z, pValue: test.pGreater))
    }
    self.rows = rows
    try progress("linear prediction", measures.count, measures.count + 1)
    let regression = LinearPredictivity(folds: settings.folds)
    let groups = Self.stretches(fewA.size(0), settings)
    let forth = try regression.run(fewA, fewB, groups: groups, using: &generator)
    let back = try regression.run(fewB, fewA, groups: groups, using: &generator)
    secondFromFirst = Spread(forth.correlations).mean
    firstFromSecond = Spread(back.correlations).mean
    remarks = Self.remarks(a, b, fewA, varied.count, correlations, settings)
  }

  private typealias Measure = (name: String, title: String, make: () throws -> PopulationSimilarity)

  private static func measures(
    _ a: Tensor, _ b: Tensor, _ fewA: Tensor, _ fewB: Tensor, _ varied: [Int], _ settings: Settings
  ) -> [Measure] {
    func patterns(_ x: Tensor) -> Tensor { x.selected(Tensor(varied), axis: 0) }
    return [
      ("matching", "best one-to-one pairs, mean correlation", { try .matching(a, b) }),
      (
        "rsa", "representational similarity, Spearman of \(settings.dissimilarity.rawValue) distances",
        {
          try .representational(
            DissimilarityMatrix(patterns(fewA), settings.dissimilarity),
            DissimilarityMatrix(patterns(fewB), settings.dissimilarity))
        }
      ),
      ("linearCKA", "centred kernel alignment, linear", { try .linearCKA(a, b) }),
      ("unbiasedCKA", "centred kernel alignment, linear, unbiased", { try .unbiasedCKA(fewA, fewB) }),
      ("gaussianCKA", "centred kernel alignment, Gaussian", { try .gaussianCKA(fewA, fewB) }),
      ("cca", "canonical correlations, mean", { try .canonicalCorrelation(a, b) }),
      (
        "svcca", "canonical correlations of principal components",
        { try .svcca(a, b, share: settings.varianceShare) }
      ),
      ("pwcca", "canonical correlations, weighted by projection", { try .pwcca(a, b) }),
      ("procrustes", "Procrustes, 1 - d²/2", { try .procrustes(a, b) }),
    ]
  }

  /// The samples that measures of matrices between samples see.
  private static func evenly(_ samples: Int, _ limit: Int) -> [Int] {
    samples <= limit ? Array(0..<samples) : (0..<limit).map { $0 * samples / limit }
  }

  /// The samples whose patterns have a distance: those that do not vary over units have no direction.
  private static func varied(_ a: Tensor, _ b: Tensor, _ settings: Settings) -> [Int] {
    guard [.correlation, .cosine].contains(settings.dissimilarity) else { return Array(0..<a.size(0)) }
    let (first, second) = (
      DissimilarityMatrix.directions(a, settings.dissimilarity).norms,
      DissimilarityMatrix.directions(b, settings.dissimilarity).norms
    )
    return first.indices.filter { first[$0] > 0 && second[$0] > 0 }
  }

  /// The same exchange for fewer samples; nil for all.
  private static func exchange(_ exchange: NullDistribution.Exchange, _ kept: [Int]?)
    -> NullDistribution.Exchange
  {
    guard let kept, let last = kept.last else { return exchange }
    switch exchange {
    case .free: return .free
    case .within(let strata): return .within(kept.map { strata[$0] })
    case .circular(let least):
      return .circular(least: max(1, min(kept.count / 2, least * kept.count / (last + 1))))
    }
  }

  /// The number of permutations that a measure can afford.
  private static func permutations(_ measure: String, _ units: Int, _ settings: Settings) -> Int {
    let isCostly = ["cca", "svcca", "pwcca", "procrustes"].contains(measure) && units > settings.unitLimit
    return isCostly ? min(few, settings.permutations) : settings.permutations
  }
  private static let few = 19
  /// Below this representational similarity is left out.
  private static let leastPatterns = 4

  /// Stretches of neighbouring samples for series, single samples otherwise.
  private static func stretches(_ samples: Int, _ settings: Settings) -> [Int]? {
    guard case .circular = settings.exchange else { return nil }
    return (0..<samples).map { $0 * settings.folds / samples }
  }

  private static func remarks(
    _ a: Tensor, _ b: Tensor, _ few: Tensor, _ varied: Int, _ correlations: PopulationCorrelations,
    _ settings: Settings
  ) -> [String] {
    var remarks: [String] = []
    let (samples, units) = (a.size(0), a.size(1) + b.size(1))
    if samples <= units {
      remarks.append(
        "canonical correlations need many more samples than units: \(samples) samples of \(units) units give high values by chance; compare with the column 'chance'"
      )
    }
    if min(a.size(1), b.size(1)) > settings.unitLimit, settings.permutations > Self.few {
      remarks.append("canonical correlations and Procrustes of so many units saw \(Self.few) permutations")
    }
    if few.size(0) < samples {
      remarks.append("measures between samples saw \(few.size(0)) of the \(samples) samples, evenly spaced")
    }
    if varied < few.size(0) {
      remarks.append(
        "\(few.size(0) - varied) samples whose pattern is constant have no distance and are left out of RSA")
    }
    for (name, silent) in [("first", correlations.silentFirst), ("second", correlations.silentSecond)]
    where !silent.isEmpty {
      remarks.append("\(silent.count) units of the \(name) population never change and match nothing")
    }
    return remarks
  }
}
