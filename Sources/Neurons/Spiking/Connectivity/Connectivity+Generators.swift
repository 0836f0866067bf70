import Foundation
import Support

extension Connectivity {
  /// Everyone to everyone; without synapses to oneself if told so.
  public static func all(_ sources: Int, _ targets: Int, toSelf: Bool = true) -> Connectivity {
    Connectivity(
      targets: targets,
      reached: (0..<sources).map { s in toSelf ? Array(0..<targets) : (0..<targets).filter { $0 != s } })
  }

  /// Neuron i to neuron i.
  public static func oneToOne(_ count: Int) -> Connectivity {
    Connectivity(targets: count, reached: (0..<count).map { [$0] })
  }

  /// Each pair with the same probability (Erdős and Rényi). Time and memory grow with the synapses, not with the pairs.
  public static func fixedProbability(
    _ sources: Int, _ targets: Int, _ probability: Double, toSelf: Bool = true,
    using generator: inout RandomGenerator
  ) -> Connectivity {
    precondition((0...1).contains(probability), "a probability of \(probability)")
    let rows = (0..<sources).map { source -> [Int] in
      var reached: [Int] = []
      // Pairs without synapse are skipped at once: their number is geometric.
      var place = -1
      while probability > 0 {
        if probability < 1 {
          let skip = log(1 - generator.uniform()) / log(1 - probability)
          guard skip < Double(targets) else { break }
          place += 1 + Int(skip)
        } else {
          place += 1
        }
        guard place < targets else { break }
        if toSelf || place != source { reached.append(place) }
      }
      return reached
    }
    return Connectivity(targets: targets, reached: rows)
  }

  /// Each source reaches this many targets.
  public static func fixedOutDegree(
    _ sources: Int, _ targets: Int, _ degree: Int, toSelf: Bool = true, using generator: inout RandomGenerator
  ) -> Connectivity {
    let there = toSelf ? targets : targets - 1
    precondition((0...there).contains(degree), "\(degree) of \(there) targets")
    let rows = (0..<sources).map { source in
      generator.subset(degree, of: there).map { toSelf || $0 < source ? $0 : $0 + 1 }
    }
    return Connectivity(targets: targets, reached: rows)
  }

  /// Each target is reached by this many sources.
  public static func fixedInDegree(
    _ sources: Int, _ targets: Int, _ degree: Int, toSelf: Bool = true, using generator: inout RandomGenerator
  ) -> Connectivity {
    fixedOutDegree(targets, sources, degree, toSelf: toSelf, using: &generator).transposed
  }

  /// Neurons at places; a pair is connected with a probability that falls with its distance.
  ///
  /// - Parameters:
  ///   - places: Of each neuron, in any number of dimensions.
  ///   - period: The extent of a torus in every dimension; nil for open space.
  ///   - probability: Of a distance, for example `{ 0.4 * exp(-$0 * $0 / (2 * width * width)) }`.
  public static func distanceDependent(
    _ places: [[Double]], period: Double? = nil, using generator: inout RandomGenerator,
    probability: (Double) -> Double
  ) -> Connectivity {
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { sum, pair in
        var gap = abs(pair.0 - pair.1)
        if let period {
          gap = min(
            gap.truncatingRemainder(dividingBy: period), period - gap.truncatingRemainder(dividingBy: period))
        }
        return sum + gap * gap
      }.squareRoot()
    }
    let rows = places.indices.map { s in
      places.indices.filter { t in
        t != s && generator.uniform() < probability(distance(places[s], places[t]))
      }
    }
    return Connectivity(targets: places.count, reached: rows)
  }

  /// A ring in which everyone reaches the nearest `neighbours` (even), each synapse led elsewhere with a probability (Watts
  /// and Strogatz, 1998, directed): short paths, high clustering.
  public static func smallWorld(
    _ count: Int, neighbours: Int, rewiring: Double, using generator: inout RandomGenerator
  ) -> Connectivity {
    precondition(
      neighbours % 2 == 0 && neighbours > 0 && neighbours < count && (0...1).contains(rewiring),
      "\(neighbours) neighbours of \(count), rewired with probability \(rewiring)")
    let rows = (0..<count).map { source -> [Int] in
      var reached = Set(
        (1...neighbours / 2).flatMap { [(source + $0) % count, (source + count - $0) % count] })
      for target in reached.sorted() where generator.uniform() < rewiring && reached.count < count - 1 {
        var other = generator.integer(below: count)
        while other == source || reached.contains(other) { other = generator.integer(below: count) }
        reached.remove(target)
        reached.insert(other)
      }
      return Array(reached)
    }
    return Connectivity(targets: count, reached: rows)
  }

  /// Clusters of equal size, dense within and sparse between (Litwin-Kumar and Doiron, 2012).
  public static func clustered(
    _ count: Int, clusters: Int, within: Double, between: Double, using generator: inout RandomGenerator
  ) -> Connectivity {
    precondition(
      clusters > 0 && count % clusters == 0 && (0...1).contains(within) && (0...1).contains(between),
      "\(count) neurons in \(clusters) clusters, probabilities \(within) and \(between)")
    let size = count / clusters
    let rows = (0..<count).map { s in
      (0..<count).filter { t in
        t != s && generator.uniform() < (s / size == t / size ? within : between)
      }
    }
    return Connectivity(targets: count, reached: rows)
  }
}
