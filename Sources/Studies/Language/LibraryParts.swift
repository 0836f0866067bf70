import StudyCore

// What a reader may take out of each study: the parts of the library that it stands on.

extension CoreNeurons {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "CoreSelection", in: "Probing",
      "which neurons are kept: alpha, beta; score signed, absolute, meanAbsolute; form of the reference code or of the paper"
    ),
    LibraryPart(
      "CoreActivity", in: "Probing",
      "activity of a text from the laboratory, or from the fast engine as tokens pass"),
    LibraryPart(
      "CoreActivityCollector", in: "Probing",
      "activity of a text from the laboratory, or from the fast engine as tokens pass"),
    LibraryPart("CoreInference", in: "Probing", "dense prompt, sparse decoding, with times and bytes"),
    LibraryPart(
      "CoreClusters", in: "Probing",
      "topics of a corpus with a core each; k-means++, the elbow's number of clusters, purity"),
    LibraryPart(
      "KMeans", in: "Statistics",
      "topics of a corpus with a core each; k-means++, the elbow's number of clusters, purity"),
    LibraryPart(
      "CoreMask", in: "Probing",
      "a dense prompt and its sparse continuation in one pass of the laboratory, or the largest neurons of every token"
    ),
    LibraryPart(
      "SparseFeedForward", in: "Probing", "gated or rectified feed-forward part with chosen neurons only"),
  ]
}

extension DragonHatchlingStudy {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "DragonHatchling", in: "Models",
      "BDH-GPU as released, or with activity as residual (Equation 8); switches for softmax, the own position, gate, shared layers, gradients through attention"
    ),
    LibraryPart(
      "DragonHatchlingSession", in: "Models",
      "the recurrent form: one byte at a time, or pieces of 64 with the state carried on; sampling"),
    LibraryPart(
      "DragonHatchlingGraph", in: "Models",
      "the graph form with local rules at edges, equal to the low-rank form without normalisation"),
    LibraryPart("SynapseTrace", in: "Models", "synapses of a text: one over time, or all between two heads"),
    LibraryPart(
      "InteractionGraph", in: "Decomposition",
      "any matrix of interactions cut to a graph: threshold above noise, degrees, modularity (Louvain), exponents"
    ),
    LibraryPart(
      "GPT", in: "Models", "the baseline: pre-LN, GELU, learned positions; with a cache of keys and values"),
    LibraryPart(
      "NextTokenTraining", in: "Models",
      "training of either on rows of bytes; texts; strings whose words repeat"),
    LibraryPart(
      "TextCorpus", in: "Datasets", "training of either on rows of bytes; texts; strings whose words repeat"),
  ]
}

extension InductionHeads {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "AttentionOnlyTransformer", in: "Models",
      "attention-only transformer for few-shot sequences, every site tapped: the laboratory"),
    LibraryPart(
      "FastAttentionOnlyTransformer", in: "Models",
      "the same in plain loops, with gradients and Adam: one network a thread"),
    LibraryPart(
      "AttentionClamp", in: "Models",
      "what is held fixed in training or measuring: heads, patterns, values, whole subcircuits"),
    LibraryPart(
      "SiteClamp", in: "Models", "replaces what passes any site, element by element, gradients and all"),
    LibraryPart("FewShotTraining", in: "Models", "trains a few-shot network with clamps"),
    LibraryPart("RankOneLearning", in: "Models", "three vectors learn a tensor: the toy model"),
    LibraryPart("FewShotFeatures", in: "Datasets", "features of classes, made or from a file"),
    LibraryPart(
      "FewShotSampler", in: "Datasets", "few-shot sequences with classes, exemplars and labels held out"),
    LibraryPart(
      "HeadStrength", in: "Probing", "induction and previous-token strength of heads from patterns"),
    LibraryPart("PhaseChange", in: "Probing", "when a loss leaves its plateau, and how abruptly"),
    LibraryPart(
      "RepeatedTokens", in: "Probing", "finds and silences induction heads in a language model"),
  ]
}

extension LanguageNeurons {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "ActivationStatistics", in: "Statistics",
      "mean, variance, extremes, share active of every neuron; in a stream, mergeable, by label"),
    LibraryPart(
      "ActivationCounter", in: "Probing",
      "active tokens by label, layer, neuron; entropy, selectivity index, preferred label"),
    LibraryPart(
      "ActivationProbabilities", in: "Probing",
      "active tokens by label, layer, neuron; entropy, selectivity index, preferred label"),
    LibraryPart("LabelSelectivity", in: "Probing", "the rule above; masks, kinds, overlaps, the sweep of λ"),
    LibraryPart("SelectiveNeurons", in: "Probing", "the rule above; masks, kinds, overlaps, the sweep of λ"),
    LibraryPart("GroupComparison", in: "Statistics", "Cohen's d, Hedges' g, d', Welch's t"),
    LibraryPart(
      "MutualInformation", in: "Statistics",
      "bits between activity and label: by threshold, equal widths, quantiles; bias taken off"),
    LibraryPart(
      "PermutationTest", in: "Statistics",
      "every neuron on its own and the maximum over neurons; groups, labels, values, paired signs, strata"),
  ]
}

extension ProjectionDecoding {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "VocabularyProjection", in: "Probing",
      "logits, softmax probabilities, cosines and z scores of any vectors, in chunks"),
    LibraryPart(
      "NeuronDecoder", in: "Probing",
      "the three vectors of every neuron, tokens of neurons and neurons of tokens, maps and their agreement"),
    LibraryPart(
      "TopTokens", in: "Probing",
      "the three vectors of every neuron, tokens of neurons and neurons of tokens, maps and their agreement"),
    LibraryPart(
      "NeuronClamp", in: "Probing", "clamps before or behind the gate, of their own for each text of a batch"),
    LibraryPart(
      "ClampTrial", in: "Probing", "clamps before or behind the gate, of their own for each text of a batch"),
    LibraryPart(
      "ClampSweep", in: "Probing", "clamps before or behind the gate, of their own for each text of a batch"),
    LibraryPart(
      "LogitLens", in: "Probing", "texts while clamps hold; the residual stream read after each block"),
  ]
}

extension RelationNeurons {
  public static let library: [LibraryPart] = [
    LibraryPart(
      "RankedResponses", in: "Statistics",
      "average precision and area under the ROC curve of every neuron, for any number of labellings, as scikit-learn has them"
    ),
    LibraryPart("RelationDataset", in: "Probing", "facts, templates, the split by entity, hard negatives"),
    LibraryPart("RelationPrompt", in: "Probing", "facts, templates, the split by entity, hard negatives"),
    LibraryPart(
      "Expertise", in: "Probing",
      "responses by last token, maximum, mean or magnitude; the most expert neurons, high and low; ties by margin"
    ),
    LibraryPart(
      "Pooling", in: "Probing",
      "responses by last token, maximum, mean or magnitude; the most expert neurons, high and low; ties by margin"
    ),
    LibraryPart(
      "ContinuationScorer", in: "Probing",
      "log probability, rank and exact match of given continuations, under any instruments"),
    LibraryPart(
      "DeactivationMatrix", in: "Probing", "sets of neurons at zero or at their mean, all groups measured"),
    LibraryPart(
      "Deactivation", in: "Probing", "sets of neurons at zero or at their mean, all groups measured"),
  ]
}
