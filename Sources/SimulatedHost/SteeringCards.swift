import JSON

/// Wishes about the cards in the machine (see `Steering.swift`):
///
///     {"card": {"device": "eth4", "mac": "0c:c4:7a:00:00:44", "driver": "igb", "speed": 1000, "link": true,
///               "capabilities": ["fcoe"]}}
///     {"card": {"device": "eth3", "present": false}}     taken out; {"device": "eth3", "present": true} puts the same one back
///     {"card": {"device": "eth3", "present": false, "at": "boot"}}   while the machine is off for its next boot
extension SimulatedHost {
  func grantCard(_ wish: JSONValue) throws -> Int {
    guard let device = wish["device"]?.string, !device.isEmpty else { throw Refused(text: "card needs device") }
    let isAtBoot: Bool
    switch wish["at"] {
    case nil, "now": isAtBoot = false
    case "boot": isAtBoot = true
    default: throw Refused(text: "a card comes or goes at \"now\" or at \"boot\"")
    }
    if wish["present"]?.bool == false {
      guard world.nics.contains(where: { $0.host == world.thisHost && $0.device == device }) else {
        throw Refused(text: "there is no card \(device)")
      }
      setCard(CardChange(device: device, card: nil), atBoot: isAtBoot)
    } else {
      setCard(CardChange(device: device, card: try card(device, wish)), atBoot: isAtBoot)
    }
    return 1
  }

  private func card(_ device: String, _ wish: JSONValue) throws -> NIC {
    let known = (world.nics.filter { $0.host == world.thisHost } + world.removedCards).last { $0.device == device }
    guard let mac = wish["mac"]?.string ?? known?.mac else { throw Refused(text: "card needs mac") }
    let numbered = device.hasPrefix("eth") ? Int(device.dropFirst(3)) : nil
    let position = numbered ?? (world.nics.filter { $0.host == world.thisHost }.map(\.position).max() ?? -1) + 1
    var card = known.flatMap { $0.mac == mac ? $0 : nil } ?? NIC(host: world.thisHost, device: device, mac: mac, position: position)
    if let driver = wish["driver"]?.string { card.driver = driver }
    if let speed = wish["speed"]?.int { card.speed = speed }
    if let link = wish["link"]?.bool { card.carrier = link }
    if let slot = wish["pci"]?.string { card.pciPath = slot }
    if let capabilities = wish["capabilities"]?.array { card.capabilities = capabilities.compactMap(\.string) }
    if card.pciPath.isEmpty { card.pciPath = world.freeSlot(position) }
    return card
  }

  private func setCard(_ change: CardChange, atBoot: Bool) {
    guard !atBoot else { return world.cardsAtBoot.append(change) }
    world.change(change)
    try? writeFollowingFiles()
    wakeAll()
  }

  // MARK: The same for tests in this process

  /// Takes a card of this host out.
  /// - Parameter atBoot: while the machine is off for its next boot.
  public func removeCard(device: String, atBoot: Bool = false) { setCard(CardChange(device: device, card: nil), atBoot: atBoot) }
}
