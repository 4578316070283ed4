import JSON
import Testing

@testable import SimulatedHost

/// Cards that come and go, and VIFs that move.
@Suite struct CardTests {
  private func card(_ device: String, _ world: World, mac: String = "0c:c4:7a:00:00:44") -> NIC {
    var card = NIC(host: world.thisHost, device: device, mac: mac, position: 4)
    card.pciPath = "0000:3b:00.4"
    return card
  }

  @Test func aRecordStaysWhenItsCardGoes() throws {
    var lab = Lab()
    let pif = lab.pif("eth3")
    lab.world.change(CardChange(device: "eth3", card: nil))
    try lab.call("PIF.scan", .string(lab.world.thisHost))
    #expect(lab.pif("eth3") == pif)
    #expect(!lab.flag("PIF_metrics", lab.text("PIF", pif, "metrics"), "carrier"))
    try lab.call("PIF.forget", .string(pif))
    try lab.call("PIF.scan", .string(lab.world.thisHost))
    #expect(lab.pif("eth3") == "none", "the card is not there to be found again")
  }

  @Test func aScanLooksAtKnownCardsAnew() throws {
    var lab = Lab()
    lab.world.change(CardChange(device: "eth3", card: card("eth3", lab.world)))
    try lab.call("PIF.scan", .string(lab.world.thisHost))
    #expect(lab.text("PIF", lab.pif("eth3"), "MAC") == "0c:c4:7a:00:00:44")
  }

  @Test func aCardOfAnotherNameHasABridgeOfThatName() throws {
    var lab = Lab()
    lab.world.change(CardChange(device: "lan9", card: card("lan9", lab.world)))
    try lab.call("PIF.scan", .string(lab.world.thisHost))
    #expect(lab.text("network", lab.text("PIF", lab.pif("lan9"), "network"), "bridge") == "brlan9")
  }

  @Test func cardsChangeWhileTheMachineIsOff() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.removeCard(device: "eth3", atBoot: true)
    #expect(await host.world.nics.contains { $0.device == "eth3" })
    await host.boot()
    #expect(await !host.world.nics.contains { $0.device == "eth3" })
  }

  @Test func steering() async throws {
    let host = SimulatedHost(scenario: .standalone)
    #expect(try await host.grantForHost("card", ["device": "eth4", "mac": "0c:c4:7a:00:00:44", "driver": "tg3", "speed": 25_000]) == 1)
    let card = try #require(await host.world.nics.first { $0.device == "eth4" })
    #expect(card.driver == "tg3" && card.speed == 25_000 && card.position == 4 && !card.pciPath.isEmpty)
    _ = try await host.grantForHost("card", ["device": "eth4", "present": false])
    // The same card comes back.
    _ = try await host.grantForHost("card", ["device": "eth4", "present": true])
    #expect(await host.world.nics.first { $0.device == "eth4" }?.mac == card.mac)
    for wish: JSONValue in [["device": ""], ["device": "eth9"], ["device": "eth8", "present": false], ["device": "eth4", "at": "noon"]] {
      await #expect(throws: SimulatedHost.Refused.self, "\(wish)") { try await host.grantForHost("card", wish) }
    }
  }

  // MARK: VIFs

  @Test func vifsMoveLive() throws {
    var lab = Lab()
    let vm = lab.world.database.find("VM", "name_label", "jenkins")[0]
    let vif = lab.set("VM", vm, "VIFs")[0]
    let network = lab.text("PIF", lab.pif("eth3"), "network")
    try lab.call("PIF.unplug", .string(lab.pif("eth3")))
    try lab.call("VIF.move", .string(vif), .string(network))
    #expect(lab.text("VIF", vif, "network") == network && lab.flag("VIF", vif, "currently_attached"))
    #expect(lab.flag("PIF", lab.pif("eth3"), "currently_attached"), "the network is brought up for it")
    #expect(lab.set("network", network, "VIFs").contains(vif))
    // What it has left is free.
    try lab.call("PIF.unplug", .string(lab.pif("eth1")))
  }

  @Test func vifsDoNotMoveToWhatTheHostDoesNotHave() throws {
    var lab = Lab(.pool)
    let vm = lab.world.database.find("VM", "name_label", "web-01")[0]
    let vif = lab.set("VM", vm, "VIFs")[0]
    let member = lab.text("PIF", lab.pif("eth0"), "network")
    #expect(lab.failure("VIF.move", .string(vif), .string(member)) == ["HOST_CANNOT_ATTACH_NETWORK", lab.world.thisHost, member])
    // Nobody runs it: it may go anywhere.
    let halted = lab.set("VM", lab.world.database.find("VM", "name_label", "ci-runner")[0], "VIFs")[0]
    try lab.call("VIF.move", .string(halted), .string(member))
  }

  @Test func pluggingVIFs() throws {
    var lab = Lab()
    let vm = lab.world.database.find("VM", "name_label", "jenkins")[0]
    let vif = lab.set("VM", vm, "VIFs")[0]
    #expect(lab.failure("VIF.plug", .string(vif)) == ["DEVICE_ALREADY_ATTACHED", vif])
    try lab.call("VIF.unplug", .string(vif))
    #expect(lab.failure("VIF.unplug", .string(vif)) == ["DEVICE_ALREADY_DETACHED", vif])
    try lab.call("VIF.plug", .string(vif))
    let halted = lab.world.database.find("VM", "name_label", "old-erp")[0]
    let other = lab.set("VM", halted, "VIFs")[0]
    #expect(lab.failure("VIF.plug", .string(other)) == ["VM_BAD_POWER_STATE", halted, "running", "halted"])
  }

  @Test func storageOverFCoEKeepsItsCard() throws {
    var lab = Lab()
    let pif = lab.pif("eth3")
    lab.world.database.set("PIF", pif, "capabilities", ["fcoe"])
    let sr = lab.world.create("SR", ["type": "lvmofcoe"])
    let pbd = lab.world.create("PBD", ["SR": .string(sr), "host": .string(lab.world.thisHost), "currently_attached": true])
    #expect(lab.failure("PIF.unplug", .string(pif)) == ["PIF_HAS_FCOE_SR_IN_USE", pif, sr])
    lab.world.database.set("PBD", pbd, "currently_attached", false)
    try lab.call("PIF.unplug", .string(pif))
  }
}
