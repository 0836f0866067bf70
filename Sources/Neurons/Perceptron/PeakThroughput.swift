/// What one core can do at most, for comparison.
public enum PeakThroughput {
  /// Fused multiply-adds of `Float` in registers, in GFLOP/s: ten independent chains of 16 numbers.
  ///
  /// Takes about `seconds`; the best of several rounds counts.
  public static func singleThread(seconds: Double = 0.2) -> Double {
    let clock = ContinuousClock()
    let operations = 1_000_000
    var best = 0.0
    let start = clock.now
    repeat {
      var sink: Float = 0
      let time = clock.measure { sink = chains(operations) }
      precondition(sink.isFinite)
      best = max(best, Double(operations * 10 * 16 * 2) / (time / .seconds(1)) / 1e9)
    } while clock.now - start < .seconds(seconds)
    return best
  }

  @inline(never)
  private static func chains(_ count: Int) -> Float {
    var (left, right) = (FiveRows<Float>(), FiveRows<Float>())
    let factors = UnsafeMutablePointer<Float>.allocate(capacity: 16)
    defer { factors.deallocate() }
    for i in 0..<16 { factors[i] = Float(i) * 1e-7 }
    let vector = Vector16.load(UnsafePointer(factors))
    for _ in 0..<count {
      left.add(factors, 1, vector)
      right.add(factors + 5, 1, vector)
    }
    return left.sum + right.sum
  }
}
