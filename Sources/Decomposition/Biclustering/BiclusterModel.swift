/// The model of Wei (2024): neurons of a group follow common trajectories, and periods of a state common linear dynamics.
///
/// `y[i, t] ~ NegativeBinomial(mean exp(d_i + m_t + c_i · x_t), dispersion r_i)`, with (m, x) those of neuron i's group;
/// `X[t + 1] = A_s X[t] + b_s + N(0, Q_s)` for all groups' (m, x) stacked and the state s of bin t.
public struct BiclusterModel: Sendable, Equatable, Codable {
  public enum Likelihood: String, Sendable, Codable {
    /// With a dispersion for each neuron.
    case negativeBinomial
    /// The limit of large dispersions.
    case poisson
  }

  /// Factors of a group beside its common offset: p.
  public var factors = 2
  /// The most states there can be: the weak limit L.
  public var states = 10
  public var likelihood = Likelihood.negativeBinomial
  public var clusterPrior = ClusterPrior.finiteMixture(stop: 0.2)
  /// The most groups there can be; half the neurons if nil.
  public var maximumClusters: Int?

  /// Of the hierarchical Dirichlet process: how alike rows of transitions are, how many states there are, and how long
  /// they last.
  public var transitionConcentration = 5.0
  public var stateConcentration = 5.0
  public var stickiness = 10.0

  /// Prior variances of a neuron's baseline d and of its loadings c.
  public var baselineVariance = 1.0
  public var loadingVariance = 1.0
  /// Shape and rate of the gamma prior of a dispersion r.
  public var dispersionShape = 1.0
  public var dispersionRate = 1.0
  /// Scale of the inverse Wishart prior of Q, on its diagonal.
  public var innovationScale = 0.01

  public init() {}

  /// Numbers of a group's trajectory in a bin: offset and factors.
  var blockSize: Int { factors + 1 }

  /// The dispersion that stands for "no more variable than Poisson": the variance is then `mean + mean²/1000`.
  static let poissonDispersion = 1_000.0
}
