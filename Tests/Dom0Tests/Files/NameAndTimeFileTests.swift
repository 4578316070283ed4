import Dom0
import Foundation
import Testing

@Suite struct NameAndTimeFileTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  // MARK: resolv.conf

  @Test func readsNameServers() throws {
    let conf = try ResolvConf(
      parsing: Array(
        """
        ; old style comment
        domain lost.example
        nameserver 10.0.0.1
        nameserver fe80::1%xenbr0
        nameserver ns.example
        search lab.example example
        options timeout:1 rotate
        nonsense
        """.utf8))
    #expect(conf.nameServers == ["10.0.0.1", "fe80::1%xenbr0"])
    #expect(conf.searchDomains == ["lab.example", "example"])
    #expect(conf.options == ["timeout:1", "rotate"])
    #expect(conf.problems == ["line 5: \"ns.example\" is not an address", "line 8: \"nonsense\" is not known"])
    #expect(try ResolvConf(parsing: []).problems == ["no name server is set"])
  }

  @Test func writesNameServersAsNetworkdDoes() throws {
    let bytes = try ResolvConf.rendered(
      nameServers: ["192.168.1.1", "fd00::1"], searchDomains: ["lab.example", "example"])
    #expect(text(bytes) == SampleFiles.resolvConf)
    #expect(text(try ResolvConf.rendered(nameServers: [], searchDomains: [])).isEmpty)
    #expect(throws: SettingError.self) { try ResolvConf.rendered(nameServers: ["1.1.1.1\nx"], searchDomains: []) }
  }

  // MARK: hosts and hostname

  @Test func editsOneAddressOfHosts() throws {
    let hosts = try HostsFile(parsing: Array(SampleFiles.hosts.utf8))
    #expect(hosts.entries.map(\.address) == ["127.0.0.1", "::1", "10.0.0.1"])
    #expect(hosts.address(of: "nas") == "10.0.0.1")
    #expect(hosts.address(of: "loopback") == nil)
    let changed = try hosts.setting("10.0.0.1", to: ["nas2", "nas2.lab"]).setting("10.0.0.2", to: ["new"])
      .setting("::1", to: [])
    #expect(
      text(changed.bytes)
        == "127.0.0.1 localhost localhost.localdomain # loopback\n10.0.0.1\tnas2 nas2.lab\n10.0.0.2\tnew\n")
    #expect(throws: SettingError.self) { try hosts.setting("10.0.0.1", to: ["a b"]) }
    #expect(throws: SettingError.self) { try hosts.setting("nas", to: ["a"]) }
    #expect(try HostsFile(parsing: Array("10.0.0.1\nx y\n".utf8)).problems.count == 2)
  }

  @Test func setsTheHostname() throws {
    let host = try TemporaryHost()
    try host.write("old\n", HostsFile.hostnamePath)
    try HostsFile.setHostname("xcp1.lab", on: host.system)
    #expect(try host.system.hostname() == "xcp1.lab")
    for wrong in ["", "a b", "-x", "x\ny", String(repeating: "a", count: 64)] {
      #expect(throws: HostFileError.self) { try HostsFile.setHostname(wrong, on: host.system) }
    }
    #expect(try host.system.hostname() == "xcp1.lab")
  }

  // MARK: chrony and ntpd

  @Test func setsTimeServersAndLeavesTheRest() throws {
    let conf = try TimeConf(parsing: Array(SampleFiles.chrony.utf8))
    #expect(conf.servers.map(\.host) == ["0.xcpng.pool.ntp.org", "1.xcpng.pool.ntp.org"])
    #expect(conf.servers[1].options == ["iburst", "maxpoll", "8"])
    let changed = try conf.setting(servers: ["10.0.0.1", "1.xcpng.pool.ntp.org"])
    #expect(
      text(changed.bytes)
        == "# Use public servers.\nserver 10.0.0.1 iburst\nserver 1.xcpng.pool.ntp.org iburst maxpoll 8\n"
        + "driftfile /var/lib/chrony/drift\n")
    #expect(text(try conf.setting(servers: []).bytes) == "# Use public servers.\ndriftfile /var/lib/chrony/drift\n")
    let none = try TimeConf(parsing: Array("driftfile x\n!server a\n  Server\n".utf8))
    #expect(none.servers.isEmpty)
    #expect(none.problems == ["line 3: Server without a name"])
    #expect(text(try none.setting(servers: ["a.b"]).bytes) == "driftfile x\n!server a\n  Server\nserver a.b iburst\n")
    #expect(throws: SettingError.self) { try conf.setting(servers: ["a b"]) }
  }

  @Test func takesTheFileThatExists() throws {
    let host = try TemporaryHost()
    #expect(throws: HostFileError.missing(path: TimeConf.chronyPath)) { try TimeConf(of: host.system) }
    try host.write("server 10.0.0.1\n", TimeConf.ntpPath)
    #expect(try TimeConf(of: host.system).path == TimeConf.ntpPath)
    try host.write(SampleFiles.chrony, TimeConf.chronyPath)
    #expect(try TimeConf(of: host.system).path == TimeConf.chronyPath)
  }

  @Test func serversFromDHCPHangOnOneBit() throws {
    let host = try TemporaryHost()
    #expect(throws: HostFileError.missing(path: TimeConf.dhcpHook)) { try TimeConf.usesDHCP(on: host.system) }
    try host.write("#!/bin/sh\n", TimeConf.dhcpHook)
    for uses in [true, false, true] {
      try TimeConf.setUsesDHCP(uses, on: host.system)
      #expect(try TimeConf.usesDHCP(on: host.system) == uses)
    }
    #expect(TimeConf.dhcpServers(on: host.system).isEmpty)
    try host.write("server 10.0.0.5 iburst prefer\n", TimeConf.dhcpFolder + "/xenbr0.sources")
    try host.write("server 10.0.0.6\n", TimeConf.dhcpFolder + "/xenbr0.old")
    #expect(TimeConf.dhcpServers(on: host.system).map(\.host) == ["10.0.0.5"])
  }

  // MARK: sysconfig

  @Test func readsSysconfig() throws {
    let conf = try SysconfigNetwork(parsing: Array(SampleFiles.sysconfig.utf8))
    #expect(conf.isIPv6Enabled == false)
    #expect(conf["HOSTNAME"] == "xcp1")
    #expect(
      conf.problems == [
        "line 4 does not split in two at '=': networkd loses it",
        "line 5 does not split in two at '=': networkd loses it",
      ])
    let host = try TemporaryHost()
    try host.write("", SysconfigNetwork.scripts + "/ifcfg-lo")
    try host.write("", SysconfigNetwork.scripts + "/ifcfg-eth0")
    #expect(SysconfigNetwork.rivalScripts(on: host.system) == ["ifcfg-eth0"])
  }

  @Test func linesOfTimeServersComeBackAsTheyWere() throws {
    let text = """
      # local
      pool 2.centos.pool.ntp.org iburst maxsources 4
      server 10.0.0.1 iburst
      peer 10.0.0.2 key 3
      driftfile /var/lib/chrony/drift
      sourcedir /run/chrony-dhcp
      unheard of

      """
    let conf = try TimeConf(parsing: Array(text.utf8))
    let lines = conf.servers.map(\.spelling)
    #expect(lines == ["pool 2.centos.pool.ntp.org iburst maxsources 4", "10.0.0.1", "peer 10.0.0.2 key 3"])
    #expect(conf.readsDHCPFolder)
    let other = try conf.setting(servers: ["ntp.lab.example"])
    #expect(
      String(decoding: other.bytes, as: UTF8.self)
        == "# local\nserver ntp.lab.example iburst\ndriftfile /var/lib/chrony/drift\nsourcedir /run/chrony-dhcp\nunheard of\n")
    #expect(try other.setting(servers: lines).bytes == conf.bytes)
    #expect(throws: SettingError.self) { try conf.setting(servers: ["server 10.0.0.1\nallow all"]) }
    #expect(throws: SettingError.self) { try conf.setting(servers: ["10.0.0.1 iburst"]) }
  }
}
