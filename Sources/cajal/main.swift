import Foundation
import Support

// Results go to stdout, talk to stderr; 0 done, 1 failed, 2 wrong call, 130 interrupted.
FreedMemory.keep()
let words = CommandLine.arguments.dropFirst()
do {
  exit(try Dispatcher.run(words))
} catch let error as UsageError {
  say("cajal: \(error.message)")
  exit(2)
} catch {
  say("cajal: \(error)")
  exit(1)
}

/// Talks to the person: on stderr, behind the results so far.
func say(_ text: String) {
  fflush(nil)
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
