extension ContentAddressableMemory {
  /// The populations of the network.
  ///
  /// Names tell what fires and what made it: `contentCue` is content that a cue recalls (or that is being learnt), `cueContent` cues
  /// that content recalls.
  public enum Layer: String, Sendable, Hashable, CaseIterable, Codable {
    /// Cues while learning and in recall by cue.
    case cueCue
    /// Content while learning, and as a cue recalls it.
    case contentCue
    /// The gate of recall by content: silent for content that a cue recalls.
    case condition
    /// One neuron that helps the gate to open.
    case conditionInterneuron
    /// Content in recall by content.
    case contentContent
    /// Cues that content recalls; they inhibit each other.
    case cueContent
    /// Both ways, brought to the same moment.
    case mergedCue, mergedContent
    /// What the memory answers.
    case outputCue, outputContent

    /// Whether there is a neuron for each cue; otherwise one for each bit of content, or one alone.
    public var isOfCues: Bool {
      switch self {
      case .cueCue, .cueContent, .mergedCue, .outputCue: true
      default: false
      }
    }

    /// Neurons in a memory of this size.
    public func count(cueSize: Int, contentSize: Int) -> Int {
      self == .conditionInterneuron ? 1 : isOfCues ? cueSize : contentSize
    }
  }
}
