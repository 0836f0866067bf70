import Neurons
import StudyCore
import Support
import Tensors

extension HebbianOrthogonalProjection {
  /// Follows what becomes of the first task.
  struct Follower {
    let trainer: ContinualTrainer
    let tasks: [ContinualTask]
    let isOn: Bool
    private var course: [Double] = []
    private var subspaces: [SubspaceQuality] = []
    private var settled: [SubspaceQuality] = []
    /// Presynaptic activity on the first task's test inputs and what the weights made of it, by layer.
    private var responses: [(activity: Tensor, currents: Tensor)] = []

    init(trainer: ContinualTrainer, tasks: [ContinualTask], isOn: Bool) {
      (self.trainer, self.tasks, self.isOn) = (trainer, tasks, isOn)
    }

    /// The first task's training inputs, no more than their activity at every step leaves room for in memory.
    private var seen: Tensor {
      let inputs = tasks[0].trainInputs
      return inputs[0..<min(3000, inputs.size(0))]
    }

    mutating func epochEnded() {
      if isOn { course.append(trainer.accuracy(tasks[0], index: 0)) }
    }

    mutating func firstTaskEnded() {
      guard isOn else { return }
      subspaces = trainer.subspaceQualities(seen, index: 0)
      settled = settledSubspaces()
      responses = currents().map { ($0.activity, $0.currents) }
    }

    /// How near the rows come when the weights rest and they go on learning, twenty times over the task's images.
    private func settledSubspaces() -> [SubspaceQuality] {
      let (network, inputs) = (trainer.network, trainer.settings.prepare(seen))
      return zip(network.layers(head: 0), network.presynapticActivity(inputs, head: 0)).compactMap {
        layer, activity in
        guard let learned = layer.subspace as? HebbianSubspace else { return nil }
        var subspace = HebbianSubspace(inputs: learned.inputs, settings: learned.settings)
        subspace.add(learned.rows)
        let batches = activity.split(trainer.settings.batchSize)
        for _ in 0..<20 { for batch in batches { subspace.observe(batch) } }
        return SubspaceQuality(rows: subspace.rows, activity: activity)
      }
    }

    private var longestRow: Double {
      let rows = trainer.network.layers(head: 0).compactMap { $0.subspace?.protected }
      let lengths = rows.map { $0.to(.float64).norm(axes: [1]).max().item }
      return lengths.contains { !$0.isFinite } ? .infinity : lengths.max() ?? 0
    }

    private func currents() -> [(activity: Tensor, currents: Tensor)] {
      let tested = tasks[0].testInputs
      let inputs = trainer.settings.prepare(tested[0..<min(2000, tested.size(0))])
      let network = trainer.network
      return zip(network.layers(head: 0), network.presynapticActivity(inputs, head: 0)).map {
        layer, activity in
        (activity, activity.linear(layer.weight.value.detached()))
      }
    }

    func trial() -> Trial {
      var trial = Trial(outcome: trainer.outcome, firstTask: course, subspaces: subspaces)
      trial.settledSubspaces = settled
      trial.longestRow = longestRow
      guard !responses.isEmpty else { return trial }
      let now = currents()
      for (index, layer) in trainer.network.layers(head: 0).enumerated() {
        let (activity, before) = responses[index]
        let after = activity.linear(layer.weight.value.detached())
        trial.drift.append((after - before).norm().item / before.norm().item)
        trial.wholeDrift.append((now[index].currents - before).norm().item / before.norm().item)
      }
      return trial
    }
  }
}
