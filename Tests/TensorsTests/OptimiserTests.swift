import Foundation
import Support
import Tensors
import Testing

@Suite struct OptimiserTests {
  static let rules: [(String, @Sendable ([Parameter]) -> Optimiser)] = [
    ("sgd", { SGD([.init($0, learningRate: 0.1)]) }),
    ("momentum", { SGD([.init($0, learningRate: 0.1, weightDecay: 0.01)], momentum: 0.9) }),
    ("nesterov", { SGD([.init($0, learningRate: 0.1)], momentum: 0.9, nesterov: true) }),
    ("adam", { Adam([.init($0, learningRate: 0.05, weightDecay: 0.02)]) }),
    ("adamw", { Adam([.init($0, learningRate: 0.05, weightDecay: 0.02)], decoupled: true) }),
    ("rmsprop", { RMSprop([.init($0, learningRate: 0.05)], momentum: 0.5) }),
    ("adadelta", { Adadelta([.init($0, learningRate: 1)]) }),
  ]

  /// Seven steps on the problem of make_tensors.py.
  func trajectory(_ type: ElementType, _ make: ([Parameter]) -> Optimiser, resumeAt pause: Int? = nil) throws
    -> [Double]
  {
    let w = Parameter(wave([6], 0.3).to(type))
    let target = wave([6], 1.1).to(type)
    let weights = wave([6], 2).abs().to(type)
    var optimiser = make([w])
    for step in 0..<7 {
      if step == pause {
        let kept = optimiser.state
        optimiser = make([w])
        try optimiser.load(kept)
      }
      optimiser.zeroGradients()
      ((w.value - target).square() * weights).sum().backward()
      optimiser.step()
    }
    return w.value.doubles
  }

  @Test(arguments: rules.map(\.0))
  func stepsAgreeWithPyTorch(_ name: String) throws {
    let make = Self.rules.first { $0.0 == name }!.1
    let entry = (try golden("tensors")["optimisers"] as! [String: Any])[name] as! [String: Any]
    let expected = (entry["data"] as! [NSNumber]).map(\.doubleValue)
    for type in [ElementType.float32, .float64] {  // fused, and through tensor operations
      let found = try trajectory(type, make)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 5e-6 }, "\(type): \(found)")
    }
    #expect(try trajectory(.float32, make, resumeAt: 3) == trajectory(.float32, make))
  }

  @Test func lbfgsSolvesRosenbrock() {
    let w = Parameter(Tensor([-1.2, 1.0]))
    let history = LBFGS([w]).minimise(iterations: 100) {
      let (x, y) = (w.value[0], w.value[1])
      return (1 - x).square() + (y - x.square()).square() * 100
    }
    #expect(history.last! < 1e-10 && history.count < 60)
    #expect(zip(history, history.dropFirst()).allSatisfy(>))
  }

  @Test func schedulesFollowTheirFormulas() throws {
    let expected = (try golden("tensors")["oneCycle"] as! [NSNumber]).map(\.doubleValue)
    let cycle = Schedule.oneCycle(over: 20)
    for (step, value) in expected.enumerated() { #expect(abs(cycle(step) - value) < 1e-8) }
    let steps = Schedule.step(every: 10, by: 0.1)
    #expect(steps(9) == 1 && abs(steps(10) - 0.1) < 1e-15)
    #expect(abs(Schedule.cosine(over: 10)(5) - 0.5) < 1e-12)
    #expect(Schedule.warmUp(4)(0) == 0.25 && Schedule.warmUp(4)(4) == 1)
    #expect(abs(Schedule.milestones([100, 150], by: 0.1)(160) - 0.01) < 1e-15)
  }

  @Test func clippingAndAveraging() {
    let a = Parameter(Tensor([3.0]))
    let b = Parameter(Tensor([4.0]))
    (a.value * 3 + b.value * 4).sum().backward()
    #expect(clipGradients([a, b], norm: 1) == 5)
    #expect(abs(a.gradient!.item - 0.6) < 1e-12)
    let average = WeightAverage([a], decay: 0.5)
    a.value = Tensor([5.0])
    average.update()
    #expect(average.whileApplied { a.value.item } == 4 && a.value.item == 5)
  }
}
