import Decomposition
import Figures
import StudyCore
import Support

/// Real worms.
struct RecordingsPart {
  init(_ options: DynamicConnectome.Options, _ lab: Lab) {}
  func report() throws {}
}
