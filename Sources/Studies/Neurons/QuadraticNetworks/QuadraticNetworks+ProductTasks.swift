import Foundation
import Support
import Tensors

extension QuadraticNetworks {
  /// Points and what is to be said about them.
  struct PointTask: Sendable {
    struct Part: Sendable {
      /// `[B, D]`.
      var inputs: Tensor
      /// `[B, 1]` for regression, class numbers `[B]` else.
      var targets: Tensor
    }

    var name: String
    var classes: Int?
    var train: Part
    /// For choosing strengths.
    var validation: Part
    var test: Part

    var dimensions: Int { train.inputs.size(1) }

    private init(
      _ name: String, classes: Int?, train: Int, validation: Int, test: Int,
      using generator: inout RandomGenerator,
      _ draw: (Int, inout RandomGenerator) -> Part
    ) {
      self.name = name
      self.classes = classes
      self.train = draw(train, &generator)
      self.validation = draw(validation, &generator)
      self.test = draw(test, &generator)
    }

    /// `x1·x2 + x3² - x4·x5` of uniform numbers in -1…1.
    static func products(using generator: inout RandomGenerator) -> PointTask {
      PointTask("products", classes: nil, train: 2000, validation: 500, test: 2000, using: &generator) {
        count, generator in
        let x = Tensor.uniform([count, 5], in: -1...1, .float32, using: &generator)
        let y = x[.all, 0] * x[.all, 1] + x[.all, 2].square() - x[.all, 3] * x[.all, 4]
        return Part(inputs: x, targets: y.unsqueezed(1))
      }
    }

    /// Two classes in three rings around the origin: inner and outer against the middle one.
    static func rings(using generator: inout RandomGenerator) -> PointTask {
      planar("rings", using: &generator) { generator in
        let ring = generator.integer(below: 3)
        let radius = Double(ring + 1) / 3 + 0.05 * generator.normal()
        let angle = 2 * Double.pi * generator.uniform()
        return ([radius * cos(angle), radius * sin(angle)], ring == 1 ? 1 : 0)
      }
    }

    /// Two spirals of one and a half turns.
    static func spirals(using generator: inout RandomGenerator) -> PointTask {
      planar("spirals", using: &generator) { generator in
        let (arm, share) = (generator.integer(below: 2), generator.uniform().squareRoot())
        let angle = 3 * Double.pi * share + Double.pi * Double(arm)
        return (
          [share * cos(angle) + 0.02 * generator.normal(), share * sin(angle) + 0.02 * generator.normal()],
          arm
        )
      }
    }

    private static func planar(
      _ name: String, using generator: inout RandomGenerator,
      _ point: @escaping (inout RandomGenerator) -> (x: [Double], label: Int)
    ) -> PointTask {
      PointTask(name, classes: 2, train: 1000, validation: 500, test: 2000, using: &generator) {
        count, generator in
        let points = (0..<count).map { _ in point(&generator) }
        return Part(
          inputs: Tensor(points.flatMap(\.x), shape: [count, 2], as: .float32),
          targets: Tensor(points.map(\.label)))
      }
    }
  }
}
