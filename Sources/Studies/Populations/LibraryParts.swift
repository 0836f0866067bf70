import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension ConvergentLearning {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "JointMoments", in: "Alignment",
      "means, covariances and correlations within and between two populations, streamed and merged; silent units named; random rotations"
    ),
    LibraryPart(
      "PopulationCorrelations", in: "Alignment",
      "means, covariances and correlations within and between two populations, streamed and merged; silent units named; random rotations"
    ),
    LibraryPart(
      "UnitMatching", in: "Alignment",
      "most similar and one-to-one partners, signed or absolute, any two sizes; exact"),
    LibraryPart(
      "LinearAssignment", in: "Statistics",
      "most similar and one-to-one partners, signed or absolute, any two sizes; exact"),
    LibraryPart(
      "MutualInformationMatrix", in: "Alignment",
      "the same without straight lines: bins of equal mass, zeros on their own, bias corrected"),
    LibraryPart(
      "SparseRegression", in: "Alignment",
      "lasso of all targets from covariances alone, whole path of penalties; error of the best 1, 2, … inputs"
    ),
    LibraryPart(
      "LinearPredictivity", in: "Alignment",
      "ridge regression held out by groups, penalties by leave-one-out; reliability of repeats by split halves"
    ),
    LibraryPart(
      "NoiseCeiling", in: "Alignment",
      "ridge regression held out by groups, penalties by leave-one-out; reliability of repeats by split halves"
    ),
  ]
}

extension DynamicConnectome {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "NamedPopulation", in: "Decomposition", "the same named neurons of several recordings on one clock"),
    LibraryPart(
      "DifferentialAffinity", in: "Decomposition",
      "affinities geometric, product, min, riseOnly; smoothing, lag tolerance, removal of the global signal"),
    LibraryPart(
      "AffinityTensor", in: "Decomposition",
      "time × animal × pair over whole recordings or around events; held or computed on the fly"),
    LibraryPart(
      "NonNegativeCP", in: "Decomposition",
      "non-negative decomposition of tensors of any number of axes (matrices too), whole, with pairs missing all the time, or with any entries missing; parallel restarts"
    ),
    LibraryPart(
      "NonNegativeTensor", in: "Decomposition",
      "non-negative decomposition of tensors of any number of axes (matrices too), whole, with pairs missing all the time, or with any entries missing; parallel restarts"
    ),
    LibraryPart(
      "RankScan", in: "Decomposition", "error, drop, agreement of restarts by rank; factor match score"),
    LibraryPart(
      "CPFactors", in: "Decomposition", "error, drop, agreement of restarts by rank; factor match score"),
    LibraryPart(
      "MotifCommunities", in: "Decomposition",
      "communities over several thresholds; peaks, stimulus overlap, animals taking part, hubs"),
  ]
}

extension FrequencyTaggingStudy {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "FrequencyTagging", in: "Probing",
      "spectra, amplitudes at the tags, permutation test, contrast, z over all or by layer, peak over its neighbours"
    ),
    LibraryPart(
      "PeriodicCorpus", in: "Probing",
      "sentences of equal length from a file or a grammar; streams in order, broken, shuffled, exchanged, random"
    ),
    LibraryPart(
      "SlotGrammar", in: "Probing",
      "sentences of equal length from a file or a grammar; streams in order, broken, shuffled, exchanged, random"
    ),
    LibraryPart(
      "StreamReader", in: "Probing",
      "a language model's activity word by word; averages over streams and groups of them, two series in memory"
    ),
    LibraryPart(
      "TaggedResponse", in: "Probing",
      "a language model's activity word by word; averages over streams and groups of them, two series in memory"
    ),
    LibraryPart("InterTrialCoherence", in: "Probing", "agreement of phases over trials [R, T, C]"),
    LibraryPart("DissimilarityMatrix", in: "Alignment", "the comparison of model and channels"),
  ]
}

extension SpikeBiclustering {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "SpikeCounts", in: "Decomposition",
      "counts with bin width and mask; from spike times or CSV; hides entries for prediction"),
    LibraryPart(
      "BiclusterModel", in: "Decomposition",
      "priors, likelihood (negative binomial or Poisson), prior of groups (mixture of finite mixtures or Dirichlet process); sweeps, starts, what is drawn and what is given"
    ),
    LibraryPart(
      "BiclusterSettings", in: "Decomposition",
      "priors, likelihood (negative binomial or Poisson), prior of groups (mixture of finite mixtures or Dirichlet process); sweeps, starts, what is drawn and what is given"
    ),
    LibraryPart(
      "BiclusterChain", in: "Decomposition", "kept draws and the point reached; written, read, gone on with"),
    LibraryPart(
      "BiclusterPosterior", in: "Decomposition",
      "similarities, maxPEAR partitions, numbers of groups and states, bands, prediction, split R-hat and effective sample size"
    ),
    LibraryPart(
      "TrajectoryBands", in: "Decomposition",
      "similarities, maxPEAR partitions, numbers of groups and states, bands, prediction, split R-hat and effective sample size"
    ),
    LibraryPart("BiclusterSimulation", in: "Decomposition", "the published generator, with its knobs"),
    LibraryPart(
      "NegativeBinomialRegression", in: "Decomposition",
      "Laplace's approximation; log probabilities of counts; what mean rates predict"),
  ]
}

extension WormRecordings {
  public static let library: [LibraryPart] = [
    LibraryPart("WormFile", in: "Recordings", "recordings of worms, read from the laboratories' files"),
    LibraryPart("WormHomogeniser", in: "Recordings", "one order of neurons, one rate, one normalisation"),
    LibraryPart("WormCorpus", in: "Recordings", "many homogenised worms, written and read"),
    LibraryPart("FunctionalConnectivity", in: "Recordings", "which named neurons go together"),
    LibraryPart("WormConnectomes", in: "Recordings", "nine versions of the wiring as graphs"),
    LibraryPart("WormAtlas", in: "Recordings", "which neuron answers which"),
    LibraryPart("StructureFunction", in: "Recordings", "what wiring says about signals"),
  ]
}
