import Foundation
import Support

extension ContentAddressableMemory {
  /// Every constant of the network: neurons, connections and the learning rule, as published (Casanueva-Morato et al., 2024).
  ///
  /// Potentials are in millivolts, currents and weights in nanoamperes, capacitances in nanofarads, times in milliseconds; delays are
  /// whole milliseconds. As JSON, keys are the names of the properties; what is left out keeps its default.
  public struct Parameters: Sendable, Codable, Equatable {
    /// A leaky integrate-and-fire neuron with exponential currents, integrated as sPyNNaker does.
    public struct Neuron: Sendable, Codable, Equatable {
      public var capacitance: Double
      public var membraneTimeConstant: Double
      public var threshold: Double
      public var excitatoryTimeConstant = 0.3
      public var inhibitoryTimeConstant = 0.3
      public var rest = -60.0
      public var reset = -60.0
      public var refractoryPeriod = 1.0

      public init(capacitance: Double, membraneTimeConstant: Double, threshold: Double) {
        self.capacitance = capacitance
        self.membraneTimeConstant = membraneTimeConstant
        self.threshold = threshold
      }
    }

    /// Synapses that stay as they are; with a weight of zero there are none.
    public struct Connection: Sendable, Codable, Equatable {
      public var weight: Double
      public var delay: Double

      public init(weight: Double, delay: Double) { (self.weight, self.delay) = (weight, delay) }
    }

    /// Pair-based plasticity of `cueCue → contentCue` and `contentContent → cueContent`, every neuron to every neuron.
    public struct Learning: Sendable, Codable, Equatable {
      /// A₊ and A₋, in nanoamperes a pair of spikes.
      public var potentiation = 6.0
      public var depression = 6.0
      public var potentiationTimeConstant = 3.0
      public var depressionTimeConstant = 3.0
      public var leastWeight = 0.0
      public var mostWeight = 6.0
      /// Of the synapse, which is dendritic for learning.
      public var delay = 1.0

      public init() {}
    }

    /// One to one, unless said otherwise.
    public struct Connections: Sendable, Codable, Equatable {
      public var cueInput = Connection(weight: 6, delay: 1)
      public var contentInput = Connection(weight: 6, delay: 1)
      public var cueCueToCueContent = Connection(weight: 6, delay: 2)
      /// Every cue to all other cues of `cueContent`, inhibitory; the weight is a bit of content's share.
      public var cueCueInhibition = Connection(weight: 6, delay: 3)
      /// Within `cueContent`, to all others, inhibitory; the weight is a bit of content's share.
      public var lateralInhibition = Connection(weight: 6, delay: 2)
      /// Every cue to every bit, inhibitory: shuts the gate.
      public var cueCueToCondition = Connection(weight: 6, delay: 2)
      public var contentCueToCondition = Connection(weight: 9, delay: 1)
      public var contentCueToInterneuron = Connection(weight: 6, delay: 1)
      public var interneuronToCondition = Connection(weight: 2, delay: 1)
      public var conditionToContentContent = Connection(weight: 6, delay: 1)
      public var cueCueToMergedCue = Connection(weight: 6, delay: 3)
      public var cueContentToMergedCue = Connection(weight: 6, delay: 1)
      public var contentCueToMergedContent = Connection(weight: 6, delay: 3)
      public var contentContentToMergedContent = Connection(weight: 6, delay: 1)
      public var mergedToOutput = Connection(weight: 6, delay: 1)

      public init() {}
    }

    /// `cueCue`, `contentCue`, `contentContent` and the merging layers.
    public var slow = Neuron(capacitance: 0.27, membraneTimeConstant: 3, threshold: -57)
    /// `cueContent`, `condition` and its interneuron.
    public var fast = Neuron(capacitance: 0.14, membraneTimeConstant: 0.5, threshold: -57)
    public var output = Neuron(capacitance: 0.27, membraneTimeConstant: 3, threshold: -57.5)
    public var connections = Connections()
    public var learning = Learning()

    public init() {}

    /// Reads JSON; what it does not say keeps its default.
    ///
    /// - Throws: `CajalError` naming the file, and the parameter that does not exist or cannot be.
    public init(contentsOf url: URL) throws {
      guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
      let own: Any
      do { own = try JSONSerialization.jsonObject(with: data) } catch {
        throw CajalError("\(url.path) is not valid JSON: \(error.localizedDescription)")
      }
      try self.init(json: own, what: url.path)
    }

    /// - Parameter json: As `JSONSerialization` gives it.
    init(json: Any, what: String) throws {
      let defaults = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Self()))
      let merged = try Self.merged(defaults, json, what, path: [])
      self = try JSONDecoder().decode(Self.self, from: JSONSerialization.data(withJSONObject: merged))
      do { try validate() } catch let error as CajalError { throw CajalError("\(what): \(error.message)") }
    }

    private static func merged(_ base: Any, _ own: Any, _ what: String, path: [String]) throws -> Any {
      let name = path.joined(separator: ".")
      guard let base = base as? [String: Any] else {
        guard let number = own as? NSNumber, String(cString: number.objCType) != "c" else {
          throw CajalError("\(what): '\(name)' should be a number")
        }
        return number
      }
      guard let own = own as? [String: Any] else {
        throw CajalError(
          "\(what): \(name.isEmpty ? "the parameters" : "'\(name)'") should be an object with \(base.keys.sorted().joined(separator: ", "))"
        )
      }
      var result = base
      for (key, value) in own.sorted(by: { $0.key < $1.key }) {
        guard let inner = base[key] else {
          throw CajalError(
            "\(what): there is no parameter '\((path + [key]).joined(separator: "."))'; there are \(base.keys.sorted().joined(separator: ", "))"
          )
        }
        result[key] = try merged(inner, value, what, path: path + [key])
      }
      return result
    }
  }
}

extension ContentAddressableMemory.Parameters {
  /// - Throws: `CajalError` naming the parameter that cannot be.
  public func validate() throws {
    for (name, neuron) in [("slow", slow), ("fast", fast), ("output", output)] {
      let positive = [
        ("capacitance", neuron.capacitance), ("membraneTimeConstant", neuron.membraneTimeConstant),
        ("excitatoryTimeConstant", neuron.excitatoryTimeConstant),
        ("inhibitoryTimeConstant", neuron.inhibitoryTimeConstant),
      ]
      for (field, value) in positive where !(value > 0 && value.isFinite) {
        throw CajalError("\(name).\(field) is \(value), expected a number above 0")
      }
      guard neuron.refractoryPeriod >= 0, neuron.refractoryPeriod.isFinite else {
        throw CajalError("\(name).refractoryPeriod is \(neuron.refractoryPeriod) ms, expected 0 or more")
      }
      guard neuron.rest.isFinite, neuron.reset < neuron.threshold, neuron.rest < neuron.threshold else {
        throw CajalError("\(name): the threshold of \(neuron.threshold) mV should be above rest and reset")
      }
    }
    for (name, connection) in connections.named {
      guard connection.weight >= 0, connection.weight.isFinite else {
        throw CajalError("connections.\(name).weight is \(connection.weight) nA, expected 0 or more")
      }
      try Self.checkDelay("connections.\(name).delay", connection.delay)
    }
    try Self.checkDelay("learning.delay", learning.delay)
    for (name, value) in [("potentiation", learning.potentiation), ("depression", learning.depression)]
    where !(value >= 0 && value.isFinite) {
      throw CajalError("learning.\(name) is \(value) nA, expected 0 or more")
    }
    guard learning.potentiationTimeConstant > 0, learning.depressionTimeConstant > 0 else {
      throw CajalError("the time constants of learning should be above 0")
    }
    guard learning.leastWeight >= 0, learning.leastWeight <= learning.mostWeight, learning.mostWeight.isFinite
    else {
      throw CajalError(
        "learnt weights from \(learning.leastWeight) to \(learning.mostWeight) nA; expected 0 ≤ least ≤ most")
    }
  }

  private static func checkDelay(_ name: String, _ delay: Double) throws {
    guard (1...1000).contains(delay), delay == delay.rounded() else {
      throw CajalError("\(name) is \(delay) ms, expected a whole number from 1 to 1000")
    }
  }

  var rule: PairSTDP {
    .spiNNaker(
      potentiation: learning.potentiation, depression: learning.depression,
      potentiationTimeConstant: learning.potentiationTimeConstant,
      depressionTimeConstant: learning.depressionTimeConstant,
      bounds: learning.leastWeight...learning.mostWeight)
  }

  /// When the output answers, in milliseconds after the first spike of an operation.
  public struct Latency: Sendable, Equatable {
    /// Of a cue that is given, and of content that is given.
    public let givenCue, givenContent: Int
    /// Of content that a cue recalls, and of cues that content recalls.
    public let recalledContent, recalledCue: Int
    public var shortest: Int { min(givenCue, givenContent, recalledContent, recalledCue) }
    public var longest: Int { max(givenCue, givenContent, recalledContent, recalledCue) }
  }

  /// By the delays on the way: 5 ms for what is given, 6 for what is recalled.
  public var latency: Latency {
    let c = connections
    let contentOut = c.contentCueToMergedContent.delay + c.mergedToOutput.delay
    let inward =
      c.contentInput.delay + c.contentCueToCondition.delay + c.conditionToContentContent.delay
      + learning.delay
    return Latency(
      givenCue: Int(c.cueInput.delay + c.cueCueToMergedCue.delay + c.mergedToOutput.delay),
      givenContent: Int(c.contentInput.delay + contentOut),
      recalledContent: Int(c.cueInput.delay + learning.delay + contentOut),
      recalledCue: Int(inward + c.cueContentToMergedCue.delay + c.mergedToOutput.delay))
  }
}

extension ContentAddressableMemory.Parameters.Connections {
  /// All of them, by the names that JSON has.
  var named: [(name: String, connection: ContentAddressableMemory.Parameters.Connection)] {
    [
      ("cueInput", cueInput), ("contentInput", contentInput), ("cueCueToCueContent", cueCueToCueContent),
      ("cueCueInhibition", cueCueInhibition), ("lateralInhibition", lateralInhibition),
      ("cueCueToCondition", cueCueToCondition), ("contentCueToCondition", contentCueToCondition),
      ("contentCueToInterneuron", contentCueToInterneuron),
      ("interneuronToCondition", interneuronToCondition),
      ("conditionToContentContent", conditionToContentContent), ("cueCueToMergedCue", cueCueToMergedCue),
      ("cueContentToMergedCue", cueContentToMergedCue),
      ("contentCueToMergedContent", contentCueToMergedContent),
      ("contentContentToMergedContent", contentContentToMergedContent), ("mergedToOutput", mergedToOutput),
    ]
  }
}
