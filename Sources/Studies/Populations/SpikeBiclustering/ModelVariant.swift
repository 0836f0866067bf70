import Decomposition
import Statistics
import StudyCore
import Support

/// The model, and what it is compared with.
enum ModelVariant: String, CaseIterable {
  case full = "full model"
  case poisson = "Poisson counts"
  case oneGroup = "one group"
  case oneState = "one state"
  case kMeansGroups = "k-means groups"
  case lds = "linear dynamical system"

  /// A name for metrics.
  var key: String {
    switch self {
    case .full: "full"
    case .poisson: "poisson"
    case .oneGroup: "oneGroup"
    case .oneState: "oneState"
    case .kMeansGroups: "kMeansGroups"
    case .lds: "lds"
    }
  }

  /// The model and how it is run.
  ///
  /// - Parameter groups: How many groups the neurons are put into by k-means, where they are.
  func setUp(states: Int, sweeps: Int, burnIn: Int, startGroups: Int, groups: Int, factors: Int = 2) -> (
    model: BiclusterModel, settings: BiclusterSettings
  ) {
    var model = BiclusterModel()
    model.states = states
    var settings = BiclusterSettings()
    (settings.sweeps, settings.burnIn) = (sweeps, burnIn)
    settings.thinning = max(1, (sweeps - burnIn) / 250)
    settings.start = .kMeans(startGroups)
    if self != .full { settings.keepsTrajectories = false }
    switch self {
    case .full: break
    case .poisson: model.likelihood = .poisson
    case .oneState: model.states = 1
    case .oneGroup:
      settings.start = .together
      settings.steps.remove(.labels)
    case .kMeansGroups:
      settings.start = .kMeans(groups)
      settings.steps.remove(.labels)
    case .lds:
      // As many numbers in the trajectory as the groups have together.
      model.states = 1
      model.factors = groups * (factors + 1) - 1
      settings.start = .together
      settings.steps.remove(.labels)
    }
    return (model, settings)
  }
}
