import Support

/// Groups of near vectors: k-means from the best of several seeded starts (k-means++; Arthur and Vassilvitskii, 2007).
public struct KMeans: Sendable, Equatable {
  /// `[k][F]`.
  public let centroids: [[Double]]
  /// The group of each vector.
  public let labels: [Int]
  /// The sum of squared distances to the own centroid.
  public let inertia: Double

  /// - Parameters:
  ///   - vectors: All of the same length; at least one.
  ///   - count: How many groups; at most as many as vectors.
  public static func fit(
    _ vectors: [[Double]], count: Int, restarts: Int = 10, iterations: Int = 100,
    using generator: inout RandomGenerator
  ) -> KMeans {
    precondition(count > 0 && count <= vectors.count, "\(count) groups of \(vectors.count) vectors")
    let own = generator
    _ = generator.next()
    let fits = parallelMap(restarts) { start in
      var stream = own.split(start)
      return fitOnce(vectors, count, iterations, &stream)
    }
    return fits.min { $0.inertia < $1.inertia }!
  }

  /// The position of the centroid that is nearest; the lower of equals.
  public static func nearest(_ vector: [Double], _ centroids: [[Double]]) -> Int {
    let distances = centroids.map { squaredDistance($0, vector) }
    return distances.indices.min { (distances[$0], $0) < (distances[$1], $1) }!
  }

  /// The number of groups at the bend of the curve of inertia over 1, 2, … groups: where its second difference is largest,
  /// at least `least` (CoreInfer's rule).
  public static func elbow(_ inertia: [Double], least: Int = 4) -> Int {
    guard inertia.count > 2 else { return least }
    let steps: [Double] = zip(inertia, inertia.dropFirst()).map { $1 - $0 }
    let bends: [Double] = zip(steps, steps.dropFirst()).map { $1 - $0 }
    let largest = bends.indices.max { (bends[$0], $1) < (bends[$1], $0) }!
    return max(least, largest + 2)
  }

  private static func fitOnce(
    _ vectors: [[Double]], _ count: Int, _ iterations: Int, _ generator: inout RandomGenerator
  ) -> KMeans {
    var centroids = start(vectors, count, &generator)
    var labels = vectors.map { nearest($0, centroids) }
    for _ in 0..<iterations {
      for group in 0..<count {
        let members = vectors.indices.filter { labels[$0] == group }
        // An empty group keeps its centroid.
        if !members.isEmpty { centroids[group] = mean(members.map { vectors[$0] }) }
      }
      let renewed = vectors.map { nearest($0, centroids) }
      if renewed == labels { break }
      labels = renewed
    }
    let inertia = zip(vectors, labels).reduce(0) { $0 + squaredDistance($1.0, centroids[$1.1]) }
    return KMeans(centroids: centroids, labels: labels, inertia: inertia)
  }

  /// The first at random, each further one with a probability that grows with its distance from those before it.
  private static func start(
    _ vectors: [[Double]], _ count: Int, _ generator: inout RandomGenerator
  ) -> [[Double]] {
    var centroids = [vectors[generator.integer(below: vectors.count)]]
    var distances = vectors.map { squaredDistance($0, centroids[0]) }
    while centroids.count < count {
      var left = generator.uniform() * distances.reduce(0, +)
      let chosen = distances.firstIndex {
        left -= $0
        return left < 0
      }
      let next = vectors[chosen ?? generator.integer(below: vectors.count)]
      centroids.append(next)
      for index in vectors.indices {
        distances[index] = min(distances[index], squaredDistance(vectors[index], next))
      }
    }
    return centroids
  }

  package static func mean(_ vectors: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: vectors[0].count)
    for vector in vectors { for index in sum.indices { sum[index] += vector[index] } }
    return sum.map { $0 / Double(vectors.count) }
  }

  private static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for index in 0..<a.count { sum += (a[index] - b[index]) * (a[index] - b[index]) }
      }
    }
    return sum
  }
}

extension KMeans {
  /// The share of vectors whose group is led by their own true label.
  public static func purity(_ groups: [Int], labels: [Int]) -> Double {
    precondition(groups.count == labels.count, "\(groups.count) groups for \(labels.count) labels")
    let led = Dictionary(grouping: groups.indices) { groups[$0] }.values.map { members in
      Dictionary(grouping: members) { labels[$0] }.values.map(\.count).max()!
    }
    return Double(led.reduce(0, +)) / Double(groups.count)
  }
}
