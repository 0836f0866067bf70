import Foundation
import Testing

@Suite struct HelpTests {
  let cajal = Program()

  @Test func helpListsEveryCommandAndTeaches() throws {
    let help = try cajal("--help")
    #expect(help.code == 0 && help.errors.isEmpty)
    for name in ["papers", "run", "show", "results", "gallery", "verify", "data", "bench", "completion"] {
      #expect(help.output.contains("  \(name) "))
      for line in ["help \(name)", "\(name) --help", "\(name) -h"] {
        let text = try cajal(line)
        #expect(
          text.code == 0 && text.output.contains("Usage: cajal \(name)") && text.output.contains("Examples:"))
      }
    }
    #expect(try cajal("version").output.hasPrefix("cajal "))
    #expect(try cajal("--version").output == cajal("version").output)
  }

  /// A wrong call ends with 2, says what is wrong on stderr and prints nothing.
  @Test(arguments: [
    ("", "Usage: cajal COMMAND"),
    ("rum", "there is no command 'rum'; did you mean run?"),
    ("help rum", "did you mean run?"),
    ("run", "which paper?"),
    ("run sdr-dendrite", "there is no paper 'sdr-dendrite'; did you mean sdr-dendrites?"),
    ("run sparsey", "in the reading list but does not run yet"),
    ("run sdr-dendrites --sice quick", "has no option --sice; did you mean --size?"),
    ("run sdr-dendrites --size huge", "--size is 'huge', expected one of quick, standard, full"),
    ("run sdr-dendrites --size", "--size needs a value"),
    ("run sdr-dendrites --size quick --size full", "--size is given twice"),
    ("run sdr-dendrites --seed -1", "--seed is '-1', expected a whole number"),
    ("run sdr-dendrites --set trials", "--set is 'trials', expected KEY=VALUE"),
    ("run sdr-dendrites --set nothing=1", "unknown option 'nothing'; the options are"),
    ("run sdr-dendrites --json=yes", "--json takes no value"),
    ("show", "which paper?"),
    ("show no-such-paper-at-all", "there is no paper 'no-such-paper-at-all'"),
    ("verify a b c", "expected 'cajal verify [SLUG] [FILE]'"),
    ("papers find x", "expected 'cajal papers search WORDS'"),
    ("data fetch", "expected 'cajal data list' or 'cajal data fetch NAME"),
    ("data fetch wines", "did you mean wine?"),
    ("bench epoch", "there is no benchmark 'epoch'"),
    ("completion tcsh", "expected bash, zsh or fish"),
  ])
  func wrongCalls(_ line: String, _ expected: String) throws {
    let outcome = try cajal(line)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
  }

  @Test func completionScriptsAreWellFormed() throws {
    for shell in ["bash", "zsh", "fish"] {
      let script = try cajal("completion \(shell)")
      #expect(script.code == 0 && script.output.contains("papers") && script.output.contains("size"))
    }
    // bash itself completes a command, an option, a size and a paper.
    let complete = """
      source <(cajal completion bash)
      for words in 'cajal pa' 'cajal run --si' 'cajal run --size q' 'cajal data fetch wi' 'cajal run sdr'; do
        COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _cajal; echo "${COMPREPLY[*]}"
      done
      """
    let outcome = try cajal.shell(complete)
    #expect(
      outcome.output == "papers\n--size\nquick\nwine\nsdr-dendrites\n", "\(outcome.output) \(outcome.errors)")
  }

  @Test func commandsWithoutTensorsDoNotLoadLibtorch() throws {
    for line in ["--help", "papers", "show sdr-dendrites", "results", "data", "gallery"] {
      let outcome = try cajal(line, environment: ["CAJAL_TORCH": "/nowhere/libCajalTorch.so"])
      #expect(outcome.code == 0, "\(line): \(outcome.errors)")
    }
    let needing = try cajal(
      "bench --sample one-tensor", environment: ["CAJAL_TORCH": "/nowhere/libCajalTorch.so"])
    #expect(needing.code != 0 && needing.errors.contains("libtorch could not be loaded"), "\(needing.errors)")
    #expect(needing.errors.contains("install libtorch-dev, or rebuild with LIBTORCH=/path"))
  }
}
