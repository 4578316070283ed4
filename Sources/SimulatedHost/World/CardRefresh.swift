import JSON

extension World {
  /// What XAPI's records of NICs get from the cards that have their names now, at its start and at every scan (notes on XAPI
  /// §3.1): address, card and capabilities. A record whose name no card has stays as it is.
  mutating func refreshCards(of host: String) {
    for pif in database.strings("host", host, "PIFs") where database.bool("PIF", pif, "physical") {
      let device = database.string("PIF", pif, "device")
      guard let card = nics.first(where: { $0.host == host && $0.device == device }) else { continue }
      let fields: JSONObject = [
        "MAC": .string(card.mac), "PCI": .string(card.pci), "capabilities": .array(card.capabilities.map { .string($0) }),
      ]
      for (field, value) in fields where database.get("PIF", pif, field) != value { database.set("PIF", pif, field, value) }
    }
  }
}
