import Dom0
import Foundation
import Testing

/// Whatever a file holds, its reader answers: with what it could make of it, or with an error that names the file.
@Suite struct DamagedFileTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let path: String
    let sample: [UInt8]
    /// True when an empty file is as good as any.
    var mayBeEmpty = false
    /// Bytes no such file ever has; nil for a reader that streams.
    var tooMany: Int? = 16 << 20
    let read: @Sendable (HostSystem) throws -> Void

    init(
      _ path: String, _ sample: String, mayBeEmpty: Bool = false, tooMany: Int? = 16 << 20,
      _ read: @escaping @Sendable (HostSystem) throws -> Void
    ) {
      self.path = path
      self.sample = Array(sample.utf8)
      self.mayBeEmpty = mayBeEmpty
      self.tooMany = tooMany
      self.read = read
    }

    var testDescription: String { path }
  }

  static let readers: [Reader] = [
    Reader(Inventory.path, SampleFiles.inventory) { _ = try Inventory(of: $0).problems },
    Reader(ManagementConf.path, SampleFiles.managementConf) { host in
      let conf = try ManagementConf(of: host)
      // What nothing is said against must hold.
      if conf.problems.isEmpty { try conf.settings?.check() }
    },
    Reader(PoolConf.path, "slave:10.0.4.11") { _ = try PoolConf(of: $0).rendered() },
    Reader(NetworkConf.path, "openvswitch\n") { _ = try NetworkConf(of: $0) },
    Reader(ResetTrigger.currentPath, SampleFiles.trigger) { host in
      guard let trigger = try ResetTrigger.pending(on: host) else {
        throw HostFileError.missing(path: ResetTrigger.currentPath)
      }
      if trigger.problems.isEmpty { try trigger.settings?.check() }
    },
    Reader(NetworkdDB.path, SampleFiles.networkdDB) { _ = try NetworkdDB(of: $0).settings(ofBridge: "xapi2") },
    Reader(LocalDB.path, SampleFiles.localDB) { _ = try LocalDB(of: $0) },
    Reader(XapiDatabase.coordinatorPath, SampleFiles.stateDB, tooMany: nil) { _ = try XapiDatabase(of: $0) },
    Reader(RenameRules.staticPath, SampleFiles.staticRules, mayBeEmpty: true) { _ = try StaticRules(of: $0) },
    Reader(RenameRules.dynamicPath, SampleFiles.dynamicRules, mayBeEmpty: true) { _ = try DynamicRules(of: $0) },
    Reader(ResolvConf.path, SampleFiles.resolvConf, mayBeEmpty: true) { _ = try ResolvConf(of: $0) },
    Reader(HostsFile.path, SampleFiles.hosts, mayBeEmpty: true) { _ = try HostsFile(of: $0) },
    Reader(TimeConf.chronyPath, SampleFiles.chrony) { _ = try TimeConf(of: $0) },
    Reader("/var/lib/xcp/dhclient-xenbr0.leases", SampleFiles.leases, mayBeEmpty: true) {
      _ = try DhclientLeases(of: "xenbr0", on: $0)
    },
    Reader("/var/lib/xcp/dhclient6-xenbr0.leases", SampleFiles.leases6, mayBeEmpty: true) {
      _ = try DhclientLeases(of: "xenbr0", .ipv6, on: $0)
    },
    Reader(SysconfigNetwork.path, SampleFiles.sysconfig, mayBeEmpty: true) {
      _ = try SysconfigNetwork(of: $0).problems
    },
  ]

  /// Reads, and sees to it that an error names the file and says something.
  private func outcome(_ reader: Reader, _ host: TemporaryHost, _ what: String) -> HostFileError? {
    do {
      try reader.read(host.system)
      return nil
    } catch let error as HostFileError {
      #expect(error.path == reader.path, "\(what): \(error)")
      #expect(error.description.contains(reader.path), "\(what)")
      return error
    } catch let error as SettingError {
      Issue.record("\(what): the reader believed it, the check did not: \(error)")
      return nil
    } catch {
      Issue.record("\(what): \(error)")
      return nil
    }
  }

  @Test(arguments: readers) func theSampleIsGood(reader: Reader) throws {
    let host = try TemporaryHost()
    try host.write(reader.sample, reader.path)
    #expect(outcome(reader, host, "whole") == nil)
  }

  @Test(arguments: readers) func missing(reader: Reader) throws {
    #expect(outcome(reader, try TemporaryHost(), "missing") == .missing(path: reader.path))
  }

  @Test(arguments: readers) func emptyOrBlankOrZeros(reader: Reader) throws {
    let host = try TemporaryHost()
    for content in [[], Array(" \n\t\n".utf8)] as [[UInt8]] {
      try host.write(content, reader.path)
      let error = outcome(reader, host, "empty")
      #expect((error == nil) == reader.mayBeEmpty)
    }
    try host.write([UInt8](repeating: 0, count: 4096), reader.path)
    guard case .malformed? = outcome(reader, host, "zeros") else {
      Issue.record("a file of NUL bytes was believed")
      return
    }
  }

  @Test(arguments: readers) func aFolderInItsPlace(reader: Reader) throws {
    let host = try TemporaryHost()
    try host.makeFolder(reader.path)
    guard case .unreadable? = outcome(reader, host, "folder") else {
      Issue.record("a folder was read")
      return
    }
  }

  @Test(arguments: readers) func cutAtEveryByte(reader: Reader) throws {
    let host = try TemporaryHost()
    for count in 1..<reader.sample.count {
      try host.write(Array(reader.sample[..<count]), reader.path)
      _ = outcome(reader, host, "cut after \(count) bytes")
    }
  }

  @Test(arguments: readers) func everyByteWrong(reader: Reader) throws {
    let host = try TemporaryHost()
    var numbers = SeededNumbers(state: 7)
    for index in reader.sample.indices {
      var bytes = reader.sample
      bytes[index] = UInt8.random(in: 0...255, using: &numbers)
      try host.write(bytes, reader.path)
      _ = outcome(reader, host, "byte \(index) is \(bytes[index])")
    }
  }

  @Test(arguments: readers) func randomBytes(reader: Reader) throws {
    let host = try TemporaryHost()
    var numbers = SeededNumbers(state: 42)
    // Bytes that mean something in these files, so that the noise gets past the first check.
    let alphabet = Array("<>\"'=/{}[];:,#&%.\n\r\t eth0LABEL=1\\".utf8)
    for round in 0..<200 {
      let count = Int.random(in: 1...3000, using: &numbers)
      let bytes = (0..<count).map { _ in
        round % 2 == 0
          ? UInt8.random(in: 0...255, using: &numbers) : alphabet.randomElement(using: &numbers) ?? 0
      }
      try host.write(bytes, reader.path)
      _ = outcome(reader, host, "noise \(round)")
    }
  }

  @Test(arguments: readers) func huge(reader: Reader) throws {
    guard let tooMany = reader.tooMany else { return }
    let host = try TemporaryHost()
    try host.write(reader.sample, reader.path)
    // A hole: no bytes are written.
    try #require(truncate(host.root + reader.path, off_t(tooMany)) == 0)
    guard case .tooLarge? = outcome(reader, host, "huge") else {
      Issue.record("a huge file was read")
      return
    }
  }
}
