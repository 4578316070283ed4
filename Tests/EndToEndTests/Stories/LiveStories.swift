import EndToEndSupport
import JSON
import Testing

extension Stories {
  /// What changes on the host changes on the screen, without a key. Times are printed, not judged.
  @Suite struct Live {
    @Test(arguments: Screen.all)
    func aCableIsPulledAndPutBack(_ screen: Screen) async throws {
      let scene = try Scene("standalone", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.seesRow("eth2", "up")
      try scene.host.steer(["carrier": ["device": "eth2", "up": false]])
      let took = try await console.seesRow("eth2", "DOWN")
      print("a pulled cable was on the screen after \(took) (\(screen))")
      try scene.host.steer(["carrier": ["device": "eth2", "up": true]])
      try await console.seesRow("eth2", "up")
    }

    @Test(arguments: Screen.sizes)
    func theManagementCableIsPulled(_ screen: Screen) async throws {
      let scene = try Scene("standalone", screen)
      let console = scene.console
      try await console.sees("nothing to look at", "10.0.4.11 eth0 up")
      try scene.host.steer(["carrier": ["device": "eth0", "up": false]])
      try await console.sees("10.0.4.11 eth0 NO LINK", "eth0 (management) has no link.")
      try scene.host.steer(["carrier": ["device": "eth0", "up": true]])
      try await console.sees("nothing to look at", "10.0.4.11 eth0 up")
    }

    /// Somebody else works on the pool, through XAPI.
    @Test(arguments: Screen.sizes)
    func aNetworkComesIsRenamedAndGoes(_ screen: Screen) async throws {
      let scene = try Scene("standalone", screen)
      let (console, host) = (scene.console, scene.host)
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks, VLANs and bonds: 5")
      let session = try host.login()
      let record: JSONValue = ["name_label": "A new one", "name_description": "", "other_config": [:], "tags": []]
      let network = try host.call("network.create", [session, record])
      try await console.seesRow("A new one", "private")
      try await console.sees("Networks, VLANs and bonds: 6")
      try host.call("network.set_name_label", [session, network, "Ätzend 東京"])
      try await console.seesRow("Ätzend 東京", "private")
      try await console.loses("A new one")
      try host.call("network.destroy", [session, network])
      try await console.loses("Ätzend")
      try await console.sees("Networks, VLANs and bonds: 5")
    }

    /// XAPI forgets to tell of deletions; they are noticed all the same.
    @Test func aDeletionThatNobodyTells() async throws {
      let scene = try Scene("pool")
      let (console, host) = (scene.console, scene.host)
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks, VLANs and bonds: 19")
      try await console.seesRow("Heartbeat", "VLAN 4000")
      try host.steer(["destroy": ["class": "network", "match": ["name_label": "Heartbeat"], "silent": true]])
      // It is told with the next thing that happens.
      try host.steer(["carrier": ["device": "eth2", "up": false]])
      try await console.loses("Heartbeat")
      try await console.sees("Networks, VLANs and bonds: 18")
    }

    /// The screen that shows a thing says so when it is gone.
    @Test func whatIsLookedAtGoes() async throws {
      let scene = try Scene("standalone")
      let (console, host) = (scene.console, scene.host)
      try await console.sees("XAPI ok")
      let session = try host.login()
      let record: JSONValue = ["name_label": "Doomed", "name_description": "", "other_config": [:], "tags": []]
      let network = try host.call("network.create", [session, record])
      try console.press("/")
      try console.type("doomed")
      try await console.seesRow(">network", "Doomed")
      try console.press("Enter", "Enter")
      try await console.sees("UUID")
      try host.call("network.destroy", [session, network])
      try await console.sees("Doomed is gone: XAPI no longer knows it.")
      try console.press("Escape")
      try await console.sees("Networks, VLANs and bonds: 5")
    }
  }
}
