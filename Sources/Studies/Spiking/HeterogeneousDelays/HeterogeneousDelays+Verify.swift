import Datasets
import Neurons
import StudyCore
import Support
import Tensors

extension HeterogeneousDelays {
  /// Compares mask, motions and one worked case, from the image to the decision, with reference vectors.
  struct Reference {
    private let tolerance: Double
    private static let directions = 12

    init(_ golden: GoldenFile) throws {
      tolerance = try golden.tolerance("relative", otherwise: 1e-6)
    }

    func compare(_ golden: inout GoldenFile) throws {
      try section("mask21", in: &golden) { try mask($0, &$1) }
      try section("mask21_sum", in: &golden) { value, comparison in
        guard let sum = value.double else { throw CajalError("'mask21_sum' should be a number") }
        close(Self.mask.reduce(0, +), sum, &comparison)
      }
      for (name, values) in [
        ("phis", Self.motions.map(\.direction)), ("speeds", Self.motions.map(\.speed)),
      ] {
        try section(name, in: &golden) { value, comparison in
          let expected = try JSONValue.object([name: value]).numbers(name)
          comparison.check(values, expected, absolute: tolerance, relative: tolerance)
        }
      }
      try section("case", in: &golden) { try WorkedCase($0, tolerance).compare(&$1) }
    }

    private static let paperShape = MotifShape(classes: 1, delays: 21, height: 17, width: 17)
    private static let mask = DelayMask.cone.values(paperShape)!
    private static let motions: [Motion] = {
      let all = MotionSet(directions: directions)
      return (0..<all.count).map { all[$0] }
    }()

    private func section(
      _ name: String, in golden: inout GoldenFile, _ body: (JSONValue, inout Comparison) throws -> Void
    ) throws {
      guard let value = golden.section(name) else { return }
      var comparison = Comparison(name)
      do { try body(value, &comparison) } catch let error as CajalError {
        throw CajalError("section '\(name)': \(error.message)")
      }
      golden.report(comparison)
    }

    private func mask(_ value: JSONValue, _ comparison: inout Comparison) throws {
      guard let probes = value.object, !probes.isEmpty else {
        throw CajalError("'mask21' should map places to numbers")
      }
      let shape = Self.paperShape
      for (key, expected) in probes {
        let place = key.split(separator: ",").compactMap { Int($0) }
        guard place.count == 3, let number = expected.double, (0..<shape.delays).contains(place[0]),
          (0..<shape.height).contains(place[1]), (0..<shape.width).contains(place[2])
        else { throw CajalError("'\(key)' should be a place 'delay,row,column' of the mask, with a number") }
        close(Self.mask[(place[0] * shape.height + place[1]) * shape.width + place[2]], number, &comparison)
      }
    }

    private func close(_ measured: Double, _ expected: Double, _ comparison: inout Comparison) {
      comparison.check(measured, expected, absolute: tolerance, relative: tolerance)
    }
  }

  /// A movie of a given image, its events, and what a given kernel makes of them, in double precision.
  struct WorkedCase {
    private let value: JSONValue
    private let tolerance: Double
    private let shape: MotifShape
    private let size: Int
    private let labels: [Int]

    init(_ value: JSONValue, _ tolerance: Double) throws {
      self.value = value
      self.tolerance = tolerance
      size = try value.integer("N")
      labels = try value.integers("labels")
      let kernel = try value.integers("kernel")
      let classes = try value.integer("classes")
      guard kernel.count == 3, kernel.allSatisfy({ $0 > 0 }), kernel[1] % 2 == 1, kernel[2] % 2 == 1,
        classes > 0
      else { throw CajalError("'kernel' should be delays, rows and columns, the latter odd, not \(kernel)") }
      shape = MotifShape(classes: classes, delays: kernel[0], height: kernel[1], width: kernel[2])
      guard try value.integer("T") == labels.count, size > 0, labels.count > shape.delays else {
        throw CajalError("'T' should be the number of labels, more than there are delays")
      }
      guard labels.allSatisfy({ (0..<36).contains($0) }) else {
        throw CajalError("'labels' should be from 0 to 35")
      }
    }

    func compare(_ comparison: inout Comparison) throws {
      let movie = try movie()
      check(Array(movie.frame(labels.count - 1)), try value.numbers("movie_last_frame"), &comparison)
      let encoder = EventEncoder()
      check(
        [encoder.threshold(movie.frames, duration: movie.duration)], [try value.number("threshold")],
        &comparison)
      let events = encoder.events(movie)
      comparison.checkEqual(Self.list(events), try expectedEvents(), "events")
      let raster = try SpikeRaster(
        cells: events.cells, channels: 2, duration: events.duration, height: size, width: size)
      try compare(raster, &comparison)
    }

    private func movie() throws -> MotionMovie {
      let shape = try value.integers("image_shape")
      let pixels = try value.numbers("image")
      let start = try value.numbers("start")
      guard shape.count == 2, shape.allSatisfy({ $0 > 0 }), pixels.count == shape[0] * shape[1],
        start.count == 2
      else { throw CajalError("'image' should have the shape of 'image_shape', and 'start' two numbers") }
      var world = try MotionWorld(
        images: [GreyImage(height: shape[0], width: shape[1], values: pixels)],
        motions: MotionSet(directions: 12), size: size, duration: labels.count, margin: 0)
      world.noise = 0
      return world.movie(image: 0, labels: labels, from: (start[0], start[1]))
    }

    private static func list(_ events: EventMovie) -> [[Int]] {
      var all: [[Int]] = []
      for p in 0..<2 {
        for t in 0..<events.duration {
          for x in 0..<events.height {
            for y in 0..<events.width where events[p, t, x, y] { all.append([p, t, x, y]) }
          }
        }
      }
      return all
    }

    private func expectedEvents() throws -> [[Int]] {
      guard let rows = value["events"].array else { throw CajalError("'events' should be an array") }
      return try rows.map { row in
        guard let event = row.array?.compactMap(\.int), event.count == 4 else {
          throw CajalError("'events' should hold polarity, time, row and column of each")
        }
        return event
      }
    }

    private func compare(_ raster: SpikeRaster, _ comparison: inout Comparison) throws {
      let weights = try numbers("W_before_mask", count: shape.synapseCount)
      let biases = try numbers("bias", count: shape.classes)
      var unused = RandomGenerator(seed: 0)
      let layer = DelayKernelLayer(
        shape, mask: .cone, exchangesPolarities: true, .float64, using: &unused)
      layer.weight.value = Tensor(weights, shape: shape.kernel)
      layer.bias.value = Tensor(biases)
      layer.clampToMask()
      check(layer.weight.value.doubles, try value.numbers("W_after_mask"), &comparison)

      let evidence = try withoutGradients { try layer.evidence(raster) }
      // The file keeps classes before places.
      check(
        evidence[labels.count - 1].permuted(2, 0, 1).doubles, try value.numbers("logits_max_t_last"),
        &comparison)
      check(try layer.denseEvidence(raster).doubles, evidence.doubles, &comparison)
      let classes = labels.map { $0 % shape.classes }
      check([try layer.loss(raster, classes, .binary).item], [try value.number("loss_bce")], &comparison)
      let loss = try layer.loss(raster, classes)
      check([loss.item], [try value.number("loss_ce")], &comparison)
      loss.backward()
      check(layer.bias.gradient!.doubles, try value.numbers("grad_bias"), &comparison)
      check(layer.weight.gradient![0].doubles, try value.numbers("grad_W_class0"), &comparison)

      let decision = try layer.classify(raster)
      check(decision.evidence, try value.numbers("decision_evidence"), &comparison)
      comparison.checkEqual(decision.motif, try value.integer("decision"), "decision")
    }

    private func numbers(_ key: String, count: Int) throws -> [Double] {
      let numbers = try value.numbers(key)
      guard numbers.count == count else {
        throw CajalError("'\(key)' has \(numbers.count) numbers, expected \(count)")
      }
      return numbers
    }

    private func check(_ measured: [Double], _ expected: [Double], _ comparison: inout Comparison) {
      comparison.check(measured, expected, absolute: tolerance, relative: tolerance)
    }
  }
}
