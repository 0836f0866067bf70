import StudyCore
import Testing
