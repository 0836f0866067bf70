import Foundation
import Neurons
import Recordings
import Support
import Testing

/// A mistake in a file is told with its line, its place and what would be right.
@Suite struct NetworkFileErrorTests {
  private func problem(_ text: String, _ options: NetworkFile.Options = .init()) -> String {
    do {
      _ = try NetworkFileTests.file(text, options)
      return "none"
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    ("{}", "net.json, line 1: lacks 'step'"),
    ("{\"step\": \"0.1 ms\"}", "lacks 'populations'"),
    ("{\"step\": \"0.1 ms\", \"populations\": {}}", "populations are none"),
    ("{\"step\": 0.1, \"populations\": {}}", "step is 0.1, expected a time such as \"20 ms\""),
    ("{\"step\": \"0.1 mV\", \"populations\": {}}", "step is '0.1 mV', a potential; expected a time"),
    ("{\"step\": \"0.1 sm\", \"populations\": {}}", "step is '0.1 sm'; did you mean"),
    ("{\"step\": \"-1 ms\", \"populations\": {}}", "step is '-1 ms', expected more than 0 ms"),
    ("{\"step\": \"fast\", \"populations\": {}}", "step is 'fast', expected a time"),
    ("{\"setp\": \"0.1 ms\"}", "setp is not known; did you mean step?"),
    ("{\"step\": \"0.1 ms\" \"populations\": {}}", "line 1, column 19: '\"' where a comma"),
    ("[1]", "is a list, expected a network"),
  ]) func theRoot(_ text: String, _ message: String) {
    #expect(problem(text).contains(message), "\(problem(text))")
  }

  @Test(arguments: [
    ("\"neurons\": 5", "line 7: populations.c lacks 'model'"),
    ("\"neurons\": 0, \"model\": \"adex\"", "populations.c.neurons is 0, expected a whole number from 1"),
    ("\"neurons\": 2.5, \"model\": \"adex\"", "is 2.5, expected a whole number"),
    (
      "\"neurons\": 5, \"model\": \"adx\"",
      "populations.c.model is 'adx'; did you mean adex?; expected one of"
    ),
    ("\"neurons\": 5, \"like\": \"z\"", "populations.c.like is 'z'"),
    ("\"neurons\": 5, \"like\": \"a\", \"model\": \"adex\"", "has a model of its own"),
    (
      "\"neurons\": 5, \"model\": \"current-lif\", \"parameters\": {\"treshold\": \"-50 mV\"}",
      "populations.c.parameters.treshold is not known; did you mean threshold?"
    ),
    (
      "\"neurons\": 5, \"model\": \"current-lif\", \"parameters\": {\"membrane\": \"0 ms\"}",
      "populations.c.parameters.membrane is '0 ms', expected more than 0 ms"
    ),
    (
      "\"neurons\": 5, \"model\": \"current-lif\", \"parameters\": {\"rest\": \"-60 ms\"}",
      "is '-60 ms', a time; expected a potential"
    ),
    (
      "\"neurons\": 5, \"model\": \"adex\", \"parameters\": {\"synapses\": \"many\"}",
      "synapses is 'many', expected \"none\""
    ),
    (
      "\"neurons\": 5, \"model\": \"izhikevich\", \"parameters\": {\"a\": \"1\"}",
      "populations.c.parameters.a is '1', expected a number"
    ),
    (
      "\"neurons\": 5, \"model\": \"adex\", \"start\": {\"voltage\": \"-60 mV\"}",
      "populations.c.start.voltage is no variable of 'adex'"
    ),
    (
      "\"neurons\": 5, \"model\": \"adex\", \"start\": {\"membrane\": {\"uniform\": [\"-50 mV\", \"-60 mV\"]}}",
      "needs two bounds, the lower one first"
    ),
    (
      "\"neurons\": 5, \"model\": \"adex\", \"start\": {\"membrane\": {\"values\": [\"-60 mV\"]}}",
      "populations.c cannot be: population 'c': the start of 'membrane': 1 values are given for 5"
    ),
    (
      "\"neurons\": 5, \"model\": \"adex\", \"start\": {\"membrane\": {\"gamma\": 1}}", "gamma is not known"
    ),
  ]) func populations(_ body: String, _ message: String) {
    let text = NetworkFileTests.text(populations: ",\n\"c\": {\(body)}")
    #expect(problem(text).contains(message), "\(problem(text))")
    #expect(problem(text).hasPrefix("net.json, line 7"), "\(problem(text))")
  }

  private static let good =
    "\"from\": \"a\", \"to\": \"b\", \"rule\": \"all\", \"weight\": \"1 mV\", \"delay\": \"1 ms\""

  @Test(arguments: [
    ("\"to\": \"b\"", "\"to\": \"c\"", "connections[0].to is 'c'"),
    ("\"from\": \"a\"", "\"from\": []", "connections[0].from names no population"),
    ("\"all\"", "\"al\"", "connections[0].rule is 'al'; did you mean all?"),
    ("\"all\"", "{\"fixedProbability\": 2}", "fixedProbability is 2, expected a probability from 0 to 1"),
    ("\"all\"", "{\"fixedInDegree\": 41}", "fixedInDegree is 41, expected a whole number from 0 to 40"),
    ("\"all\"", "\"oneToOne\"", "connections[0] cannot be: projection 'a to b' is one to one"),
    ("\"all\"", "{\"toSelf\": true}", "connections[0].rule needs one of"),
    ("\"all\"", "{\"pairs\": [[0, 10]]}", "rule.pairs[0][1] is 10, expected a whole number from 0 to 9"),
    ("\"all\"", "{\"pairs\": [[0, 1], [0, 1]]}", "rule.pairs cannot be: synapse 1, from 0 to 1, comes twice"),
    ("\"all\"", "{\"smallWorld\": {\"neighbours\": 4, \"rewiring\": 0}}", "needs as many targets as sources"),
    ("\"1 mV\"", "\"1 nS\"", "connections[0].weight is '1 nS', a conductance; expected a potential"),
    ("\"1 mV\"", "\"-1 mV\"", "connections[0] cannot be: projection 'a to b': a weight of -1.0 mV"),
    ("\"1 mV\"", "{\"values\": [\"1 mV\"]}", "1 values are given for 400"),
    ("\"1 ms\"", "\"0.05 ms\"", "a delay of 0.05 ms is shorter than the step"),
    ("\"1 ms\"", "\"0.15 ms\"", "is not a whole number of steps"),
    (
      "\"1 ms\"", "\"1 ms\", \"receptor\": \"soma\"",
      "connections[0].receptor is 'soma'; expected one of excitatory"
    ),
    ("\"1 ms\"", "\"1 ms\", \"plasticity\": {}", "connections[0].plasticity lacks 'rule': pair-stdp"),
    (
      "\"1 ms\"", "\"1 ms\", \"plasticity\": {\"rule\": \"pair-stdp\", \"bounds\": [\"1 mV\", \"0 mV\"]}",
      "plasticity.bounds needs two weights, the least one first"
    ),
    (
      "\"1 ms\"",
      "\"1 ms\", \"plasticity\": {\"rule\": \"pair-stdp\", \"bounds\": [\"0 mV\", \"1 mV\"], \"potentiation\": 1}",
      "plasticity.potentiation is 1, expected a potential"
    ),
    (
      "\"1 ms\"", "\"1 ms\", \"shortTerm\": {\"utilisation\": 2}",
      "utilisation is 2, expected a share from 0 to 1"
    ),
  ]) func connections(_ good: String, _ bad: String, _ message: String) {
    let text = NetworkFileTests.text(
      connections: "{\(Self.good.replacing(good, with: bad, maxReplacements: 1))}")
    #expect(problem(text).contains(message), "\(problem(text))")
    #expect(problem(NetworkFileTests.text(connections: "{\(Self.good)}")) == "none")
  }

  @Test(arguments: [
    ("\"sources\": {\"a\": {\"spikes\": []}}", "sources.a has the name of a population"),
    ("\"sources\": {\"s\": {}}", "sources.s needs 'poisson' or 'spikes'"),
    (
      "\"sources\": {\"s\": {\"poisson\": {\"count\": 1, \"rate\": \"-1 Hz\"}}}",
      "sources.s cannot be: population 's'"
    ),
    ("\"sources\": {\"s\": {\"spikes\": [[\"-1 ms\"]]}}", "sources.s.spikes[0][0] is '-1 ms'"),
    ("\"sources\": {\"s\": {\"spikes\": null}}", "are to be given where the network is run: --data s=FILE"),
    (
      "\"sources\": {\"s\": {\"spikes\": \"/nowhere.npz\"}}",
      "sources.s.spikes cannot be read: there is no file"
    ),
    ("\"inputs\": [{\"to\": \"a\"}]", "inputs[0] needs one of current, noise, poisson"),
    (
      "\"inputs\": [{\"to\": \"a\", \"current\": \"1 nA\"}]",
      "inputs[0].current is '1 nA', a current; expected a potential"
    ),
    (
      "\"inputs\": [{\"to\": \"a\", \"current\": \"1 mV\", \"during\": [\"2 ms\", \"1 ms\"]}]",
      "the earlier one first"
    ),
    (
      "\"inputs\": [{\"to\": \"a\", \"noise\": {\"deviation\": \"-1 mV\"}}]",
      "inputs[0].noise cannot be: the stimulus of 'a'"
    ),
    ("\"record\": {\"spikes\": \"z\"}", "record.spikes is 'z'; did you mean a?"),
    (
      "\"record\": {\"variables\": [{\"of\": \"a\", \"variables\": [\"mebrane\"]}]}", "did you mean membrane?"
    ),
    (
      "\"record\": {\"variables\": [{\"of\": \"a\", \"variables\": [\"membrane\"], \"neurons\": [40]}]}",
      "from 0 to 39"
    ),
    (
      "\"record\": {\"variables\": [{\"of\": \"a\", \"variables\": [\"membrane\"], \"every\": \"0.25 ms\"}]}",
      "is not a whole number of steps"
    ),
    ("\"precision\": \"half\"", "precision is 'half'; expected one of single, double"),
    ("\"seed\": -1", "seed is -1, expected a whole number from 0 on"),
    ("\"duration\": \"0 s\"", "duration is '0 s', expected more than 0 ms"),
  ]) func theRest(_ body: String, _ message: String) {
    let text = NetworkFileTests.text(body)
    #expect(problem(text).contains(message), "\(problem(text))")
    #expect(problem(text).hasPrefix("net.json, line 9"), "\(problem(text))")
  }

  @Test func dataNeedASource() throws {
    var options = NetworkFile.Options()
    options.spikes["x"] = try SpikeTrains([[0.1]])
    #expect(problem(NetworkFileTests.text(), options).contains("no source of given spikes called 'x'"))
    options.spikes = [:]
    options.onlySpikes = try SpikeTrains([[0.1]])
    #expect(problem(NetworkFileTests.text(), options).contains("there is none"))
    let two = "\"sources\": {\"s\": {\"spikes\": null}, \"t\": {\"spikes\": null}}"
    #expect(problem(NetworkFileTests.text(two), options).contains("there are s, t"))
    #expect(throws: CajalError.self) { try NetworkFile(contentsOf: URL(fileURLWithPath: "/nowhere.json")) }
  }
}
