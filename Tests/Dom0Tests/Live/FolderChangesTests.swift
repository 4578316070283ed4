import Dom0
import Testing

@Suite struct FolderChangesTests {
  /// The next ring, or nil when none comes in a time that is generous for a busy machine.
  private func ring(_ changes: FolderChanges) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await _ in changes.rings { return true }
        return false
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(10))
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
  }

  @Test func aFolderThatDoesNotExistYetIsSeenWithWhatIsInIt() async throws {
    let host = try TemporaryHost()
    let changes = try #require(FolderChanges(in: "/var/lib/program/pending", on: host.system))
    try host.system.makeFolder("/var/lib/program/pending")
    #expect(await ring(changes))
    let written = try #require(FolderChanges(in: "/var/lib/program/pending", on: host.system))
    try host.system.replace("/var/lib/program/pending/change.json", with: Array("{}".utf8))
    #expect(await ring(written))
    let removed = try #require(FolderChanges(in: "/var/lib/program/pending", on: host.system))
    try host.system.remove("/var/lib/program/pending/change.json")
    #expect(await ring(removed))
  }

  @Test(.timeLimit(.minutes(1))) func oneListenerHearsAFolderComeAndThenItsFiles() async throws {
    let host = try TemporaryHost()
    let changes = try #require(FolderChanges(in: "/a/b/c", on: host.system, settle: .zero))
    var bells = changes.rings.makeAsyncIterator()
    try host.system.makeFolder("/a/b/c")
    await bells.next()
    // Rings that belong to the folders' making may still be on their way: each is one change at the most.
    try await Task.sleep(for: .milliseconds(200))
    try host.system.replace("/a/b/c/file", with: [1])
    await bells.next()
    #expect(try host.system.read("/a/b/c/file") == [1])
  }
}
