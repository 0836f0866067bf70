import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension AdaptiveGainControl {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "GainNetwork", in: "Circuits",
      "a recurrent network of rates with a gain for each neuron: steady states, stability, courses in time"),
    LibraryPart(
      "GainObjective", in: "Circuits",
      "fidelity against activity with its exact gradient; optimal gains of a context, the closed form, optimal synapses"
    ),
    LibraryPart("OnlineGainRule", in: "Circuits", "gains that follow stimuli one by one"),
    LibraryPart("OnlineWeightRule", in: "Circuits", "synapses that do the same, as a baseline"),
    LibraryPart(
      "AdaptationReport", in: "Circuits",
      "responses before and after: equalisation, ratios, correlations, factors of neuron and stimulus"),
    LibraryPart(
      "TuningShifts", in: "Circuits", "where tuning curves went, to a fraction of the stimuli's spacing"),
    LibraryPart("MeasuredTuning", in: "Circuits", "tuning before and after adaptation from a CSV file"),
    LibraryPart("TuningFit", in: "Circuits", "the gain model fitted to measured tuning"),
    LibraryPart("OrientationTuning", in: "Circuits", "von Mises drive of orientation-tuned neurons"),
    LibraryPart("OrientationWeights", in: "Circuits", "recurrent weights by the difference of preferences"),
    LibraryPart("OrientationEnsemble", in: "Circuits", "contexts: uniform, biased, or with any weights"),
    LibraryPart("OrientationHistogram", in: "Circuits", "the orientations of edges in pictures"),
    LibraryPart("ResponseMatrix", in: "Circuits", "tuning curves, also from a recording"),
    LibraryPart(
      "BoundedMinimiser", in: "Statistics",
      "the least value of any smooth function within bounds, by a limited-memory quasi-Newton method"),
  ]
}
