import Foundation
import Support
import Tensors

/// Proximal policy optimisation (Schulman et al., 2017): an actor that is followed for some episodes, then improved on them in
/// steps that do not lead far away.
///
/// The objective is the clipped surrogate, advantages are generalised (λ), the critic is a perceptron on scaled observations.
///
/// ```swift
/// let learner = ProximalPolicy(actor, environment: swimmer, using: &generator)
/// for _ in 0..<20 { print(learner.advance(using: &generator)) }
/// ```
public final class ProximalPolicy<World: Environment> {
  public struct Settings: Sendable, Equatable {
    /// Episodes of a round, run side by side.
    public var episodes = 4
    public var discount = 0.99
    /// λ of generalised advantages.
    public var smoothing = 0.95
    /// How far the ratio of probabilities counts.
    public var clip = 0.2
    public var epochs = 10
    public var batch = 256
    public var learningRate = 3e-4
    public var criticRate = 1e-3
    /// Of gradients.
    public var normLimit = 0.5
    /// Hidden layers of the critic.
    public var critic = [64, 64]
    public init() {}
  }

  public let settings: Settings
  public let actor: Actor
  private let critic: Sequential
  private let actorOptimiser, criticOptimiser: Adam
  private let template: World
  private let makeWorld: (World) -> World
  private var scale: RunningScale

  /// - Parameter fresh: Gives an environment of its own; what is a value already needs nothing.
  public init(
    _ actor: Actor, environment: World, _ settings: Settings = Settings(),
    fresh: @escaping (World) -> World = { $0 }, using generator: inout RandomGenerator
  ) {
    (self.actor, self.settings, template, makeWorld) = (actor, settings, environment, fresh)
    critic = perceptron([environment.observationCount] + settings.critic + [1], using: &generator)
    actorOptimiser = Adam(actor, learningRate: settings.learningRate)
    criticOptimiser = Adam(critic, learningRate: settings.criticRate)
    scale = RunningScale(environment.observationCount)
  }

  /// What a round of episodes left: `[T B]` rows.
  private struct Experience {
    var raw: [[Double]] = []
    var scaled: [[Double]] = []
    var controls: [[Double]] = []
    var logProbabilities: [Double] = []
    var values: [Double] = []
    var rewards: [Double] = []
    var advantages: [Double] = []
    var targets: [Double] = []
  }

  /// One round: episodes, then epochs of learning. Returns the mean return of the episodes.
  @discardableResult
  public func advance(using generator: inout RandomGenerator) -> Double {
    let (experience, meanReturn) = explore(&generator)
    learn(experience, &generator)
    return meanReturn
  }

  private func matrix(_ rows: [[Double]]) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], as: .float32)
  }

  /// Log-probabilities `[B]` of controls `[B, A]`.
  private func logProbability(_ controls: Tensor, _ means: Tensor) -> Tensor {
    let logs = actor.logDeviations
    let z = (controls - means) / logs.exp()
    return -(z.square() * 0.5 + logs + 0.5 * log(2 * Double.pi)).sum(axis: -1)
  }

  private func explore(_ generator: inout RandomGenerator) -> (Experience, Double) {
    var worlds = (0..<settings.episodes).map { _ in makeWorld(template) }
    for k in worlds.indices { worlds[k].restart(using: &generator) }
    var experience = Experience()
    var total = 0.0
    var steps = 0
    while !worlds[0].isFinished {
      let raw = worlds.map(\.observations)
      for row in raw { scale.take(row) }
      let scaled = raw.map { scale.scaled($0) }
      let (controls, logs, values) = withoutGradients { () -> ([[Double]], [Double], [Double]) in
        let means = actor.means(matrix(raw), matrix(scaled))
        let noise = Tensor.normal(means.shape, using: &generator)
        let drawn = means + noise * actor.logDeviations.exp()
        let flat = drawn.doubles
        let count = means.size(1)
        return (
          (0..<worlds.count).map { Array(flat[$0 * count..<($0 + 1) * count]) },
          logProbability(drawn, means).doubles, critic(matrix(scaled)).flattened().doubles
        )
      }
      for k in worlds.indices {
        let reward = worlds[k].act(controls[k].map { max(-1, min(1, $0)) })
        experience.rewards.append(reward)
        total += reward
      }
      experience.raw += raw
      experience.scaled += scaled
      experience.controls += controls
      experience.logProbabilities += logs
      experience.values += values
      steps += 1
    }
    let last = withoutGradients {
      critic(matrix(worlds.map { scale.scaled($0.observations) })).flattened().doubles
    }
    advantages(&experience, steps: steps, after: last)
    return (experience, total / Double(worlds.count))
  }

  /// Episodes end by the clock, not by failure, so that what comes after counts as the critic expects it.
  private func advantages(_ experience: inout Experience, steps: Int, after last: [Double]) {
    let worlds = settings.episodes
    experience.advantages = [Double](repeating: 0, count: experience.rewards.count)
    for world in 0..<worlds {
      var (next, running) = (last[world], 0.0)
      for step in stride(from: steps - 1, through: 0, by: -1) {
        let k = step * worlds + world
        let surprise = experience.rewards[k] + settings.discount * next - experience.values[k]
        running = surprise + settings.discount * settings.smoothing * running
        experience.advantages[k] = running
        next = experience.values[k]
      }
    }
    experience.targets = zip(experience.advantages, experience.values).map { $0 + $1 }
    let mean = experience.advantages.reduce(0, +) / Double(experience.advantages.count)
    let square = experience.advantages.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (square / Double(experience.advantages.count)).squareRoot() + 1e-8
    experience.advantages = experience.advantages.map { ($0 - mean) / deviation }
  }

  private func learn(_ e: Experience, _ generator: inout RandomGenerator) {
    let count = e.rewards.count
    for _ in 0..<settings.epochs {
      let order = generator.permutation(count)
      for start in stride(from: 0, to: count, by: settings.batch) {
        let rows = Array(order[start..<min(count, start + settings.batch)])
        improve(e, rows)
      }
    }
  }

  private func improve(_ e: Experience, _ rows: [Int]) {
    func column(_ values: [Double]) -> Tensor {
      Tensor(rows.map { values[$0] }, shape: [rows.count], as: .float32)
    }
    let scaled = matrix(rows.map { e.scaled[$0] })
    let means = actor.means(matrix(rows.map { e.raw[$0] }), scaled)
    let ratio = (logProbability(matrix(rows.map { e.controls[$0] }), means) - column(e.logProbabilities))
      .exp()
    let advantage = column(e.advantages)
    let clipped = ratio.clamped(to: 1 - settings.clip...1 + settings.clip) * advantage
    let loss = -(ratio * advantage).minimum(clipped).mean()
    step(loss, actor, actorOptimiser)
    let error = critic(scaled).flattened() - column(e.targets)
    step(error.square().mean(), critic, criticOptimiser)
  }

  private func step(_ loss: Tensor, _ module: Module, _ optimiser: Adam) {
    optimiser.zeroGradients()
    loss.backward()
    clipGradients(module.parameters.map(\.parameter), norm: settings.normLimit)
    optimiser.step()
  }
}
