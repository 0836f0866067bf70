import Foundation
import Support

extension ContentAddressableMemory {
  /// The two matrices that hold what was learnt, in nanoamperes.
  public struct Weights: Sendable, Codable, Equatable {
    /// By cue, then bit of content.
    public var cueToContent: [[Double]]
    /// By bit of content, then cue.
    public var contentToCue: [[Double]]

    public init(cueToContent: [[Double]], contentToCue: [[Double]]) {
      (self.cueToContent, self.contentToCue) = (cueToContent, contentToCue)
    }

    /// Nothing stored.
    public init(cueSize: Int, contentSize: Int) {
      self.init(
        cueToContent: [[Double]](repeating: [Double](repeating: 0, count: contentSize), count: cueSize),
        contentToCue: [[Double]](repeating: [Double](repeating: 0, count: cueSize), count: contentSize))
    }

    /// Memories as if they had been learnt long ago: all their synapses at `weight`.
    ///
    /// - Throws: `CajalError` naming a cue or bit that does not exist.
    public init(
      storing memories: [(cue: Int, content: [Int])], cueSize: Int, contentSize: Int, weight: Double = 6
    ) throws {
      self.init(cueSize: cueSize, contentSize: contentSize)
      for memory in memories {
        for bit in memory.content {
          guard (0..<cueSize).contains(memory.cue), (0..<contentSize).contains(bit) else {
            throw CajalError(
              "a memory joins cue \(memory.cue) and bit \(bit); there are \(cueSize) cues and \(contentSize) bits"
            )
          }
          cueToContent[memory.cue][bit] = weight
          contentToCue[bit][memory.cue] = weight
        }
      }
    }

    /// - Throws: `CajalError` naming the matrix of another size, or the weight out of bounds.
    func validate(cueSize: Int, contentSize: Int, learning: Parameters.Learning) throws {
      for (name, rows, count, width) in [
        ("cueToContent", cueToContent, cueSize, contentSize),
        ("contentToCue", contentToCue, contentSize, cueSize),
      ] {
        guard rows.count == count, rows.allSatisfy({ $0.count == width }) else {
          throw CajalError("weights '\(name)' should be \(count) rows of \(width) numbers")
        }
        for (row, values) in rows.enumerated() {
          let bounds = learning.leastWeight...learning.mostWeight
          if let wrong = values.firstIndex(where: { !($0 == 0 || bounds.contains($0)) }) {
            throw CajalError(
              "weights '\(name)': \(values[wrong]) nA in row \(row), column \(wrong), expected \(learning.leastWeight) to \(learning.mostWeight)"
            )
          }
        }
      }
    }
  }

  /// The weights now.
  ///
  /// - Parameter consolidated: Synapses learn of the spikes behind them when their cue or bit fires next, so that a memory just
  ///   learnt looks weak: the decisive potentiation is still to come. Consolidated weights have learnt of all spikes so far, which
  ///   changes nothing in what they do next.
  public func weights(consolidated: Bool = true) -> Weights {
    func rows(_ projection: Projection, _ count: Int) -> [[Double]] {
      let list = simulation.synapses(of: projection, settled: consolidated)
      let width = list.count / count
      return (0..<count).map { Array(list.weights[$0 * width..<($0 + 1) * width]) }
    }
    return Weights(
      cueToContent: rows(circuit.cueToContent, cueSize),
      contentToCue: rows(circuit.contentToCue, contentSize))
  }

  /// Replaces what is stored.
  ///
  /// - Throws: `CajalError` as at the beginning of a memory.
  public func setWeights(_ weights: Weights) throws {
    try weights.validate(cueSize: cueSize, contentSize: contentSize, learning: parameters.learning)
    try simulation.setWeights(weights.cueToContent.flatMap { $0 }, of: circuit.cueToContent)
    try simulation.setWeights(weights.contentToCue.flatMap { $0 }, of: circuit.contentToCue)
  }
}

extension ContentAddressableMemory {
  /// A memory as a file keeps it: sizes, parameters, and what was learnt.
  public struct Configuration: Sendable, Equatable {
    public var cueSize, contentSize: Int
    public var parameters = Parameters()
    public var weights: Weights?

    public init(
      cueSize: Int, contentSize: Int, parameters: Parameters = Parameters(), weights: Weights? = nil
    ) {
      (self.cueSize, self.contentSize) = (cueSize, contentSize)
      (self.parameters, self.weights) = (parameters, weights)
    }

    private struct Sizes: Decodable {
      let cueSize, contentSize: Int
      let weights: Weights?
    }

    /// Reads JSON: `cueSize`, `contentSize`, and if given `parameters` and `weights`.
    ///
    /// - Throws: `CajalError` naming the file and what is wrong in it.
    public init(contentsOf url: URL) throws {
      guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
      guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any],
        let sizes = try? JSONDecoder().decode(Sizes.self, from: data)
      else {
        throw CajalError(
          "\(url.path) should be a JSON object with whole numbers 'cueSize' and 'contentSize', and if there are any 'parameters' and 'weights'"
        )
      }
      self.init(cueSize: sizes.cueSize, contentSize: sizes.contentSize, weights: sizes.weights)
      if let own = object["parameters"] {
        parameters = try Parameters(json: own, what: "\(url.path), parameters")
      }
    }

    /// Writes JSON that ``init(contentsOf:)`` reads.
    public func write(to url: URL) throws {
      struct Whole: Encodable {
        let cueSize, contentSize: Int
        let parameters: Parameters
        let weights: Weights?
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let whole = Whole(
        cueSize: cueSize, contentSize: contentSize, parameters: parameters, weights: weights)
      try AtomicFile.write(try encoder.encode(whole), to: url)
    }
  }

  /// The memory as it is, to be kept: what was learnt, without what is under way.
  public var configuration: Configuration {
    Configuration(
      cueSize: cueSize, contentSize: contentSize, parameters: parameters, weights: weights())
  }
}
