import Foundation
import Testing

/// Ranks that `mpirun` starts: two processes of the built program.
@Suite(.enabled(if: MPIRun.isThere, "mpirun is not here: 'make setup' installs openmpi-bin"))
struct RanksTests {
  let cajal = Program()

  @Test(arguments: [1, 2, 3]) func whatRanksTellEachOtherArrives(_ count: Int) throws {
    let outcome = try cajal.onRanks(count, "bench --sample ranks")
    #expect(outcome.code == 0, "\(outcome.errors)")
    // One speaks for all.
    let sample = try #require(outcome.json as? [String: Any], "\(outcome.output)")
    #expect((sample["seconds"] as? [Double])?.count == 5)
  }

  @Test func aRankThatFailsEndsAll() throws {
    let start = ContinuousClock.now
    let outcome = try cajal.onRanks(2, "bench --sample ranks-failing")
    #expect(outcome.code != 0 && outcome.errors.contains("rank 1 fails on purpose"))
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func aloneThereAreNoRanks() throws {
    let outcome = try cajal("bench --sample ranks")
    #expect(outcome.code == 1 && outcome.errors.contains("start it with mpirun"))
  }

  /// The mark of another MPI, whose processes Open MPI cannot join.
  @Test func anotherMPIIsNamed() throws {
    let outcome = try cajal("bench --sample ranks", environment: ["PMI_SIZE": "2", "PMI_RANK": "0"])
    #expect(outcome.code == 1 && outcome.errors.contains("mpirun of Open MPI"), "\(outcome.errors)")
  }
}

enum MPIRun {
  static let path = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first(where: FileManager.default.fileExists)
  static var isThere: Bool { path != nil }
}
