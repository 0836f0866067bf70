import Models
import Recordings
import Support
import Tensors
import Testing

/// The laboratory against logits and activities that two other implementations agree on.
struct DecoderGoldenTests {
  @Test(arguments: Golden.vectors.forward.map(\.prompt))
  func laboratoryGivesTheReferenceLogitsAndActivity(prompt: String) throws {
    let decoder = try Golden.decoder.get()
    let golden = Golden.vectors.forward.first { $0.prompt == prompt }!
    let recorder = ActivityRecorder("blocks.*.mlp")
    let stream = ActivityRecorder("blocks.*.residual")
    let logits = withoutGradients {
      withInstruments(recorder, stream) {
        decoder(Tensor([golden.ids].flatMap { $0 }, shape: [1, golden.ids.count]))
      }
    }
    let last = logits[0, -1].doubles
    let order = last.indices.sorted { last[$0] > last[$1] }
    #expect(Array(order.prefix(10)) == golden.top10Ids)
    for (id, value) in zip(golden.top10Ids, golden.top10Logits) { #expect(abs(last[id] - value) < 2e-3) }
    #expect(abs(logits[0, -1].logSumExp(axes: [0]).item - golden.logsumexp) < 2e-3)
    let likelihoods = decoder.logLikelihoods([golden.ids])[0]
    let loss = -likelihoods.reduce(0, +) / Double(max(1, likelihoods.count))
    #expect(abs(loss - golden.meanNllOfPrompt) < 2e-3)
    let (neurons, residual) = (recorder.taken(), stream.taken())
    for (block, values) in golden.mlpInnerFirst8Lastpos {
      let ours = neurons["blocks.\(block).mlp"]![-1][..<8].doubles
      for (a, b) in zip(ours, values) { #expect(abs(a - b) < 1e-3 * max(1, abs(b))) }
    }
    for (block, values) in golden.residNormThenFirst6LastposAfterBlock {
      let row = residual["blocks.\(block).residual"]![-1]
      let ours = [row.norm().item] + row[..<6].doubles
      for (a, b) in zip(ours, values) { #expect(abs(a - b) < 1e-3 * max(1, abs(b))) }
    }
  }

  @Test func greedyContinuationIsTheReference() throws {
    let decoder = try Golden.decoder.get()
    let golden = Golden.vectors.forward[0]
    var ids = golden.ids
    withoutGradients {
      for _ in 0..<8 { ids.append(decoder.lastLogits([ids])[0].argmax(axis: 0).integers[0]) }
    }
    #expect(Array(ids.suffix(8)) == golden.greedyNext8Ids)
  }

  @Test func storedBlocksDecodeToTheReference() throws {
    let file = try Golden.file.get()
    for golden in Golden.vectors.dequant {
      let entry = try file.entry(golden.tensor)
      var row = [Float](repeating: 0, count: entry.rowLength)
      row.withUnsafeMutableBufferPointer { file.decode(entry, row: golden.row, into: $0.baseAddress!) }
      for (ours, theirs) in zip(row, golden.first32) {
        #expect(abs(ours - theirs) <= 1e-6 * max(1, abs(theirs)))
      }
      #expect(abs(row.reduce(0) { $0 + Double($1) } - golden.rowSum) < 1e-3)
      #expect(abs(row.reduce(0) { $0 + Double($1 * $1) }.squareRoot() - golden.rowNorm) < 1e-4)
    }
  }
}
